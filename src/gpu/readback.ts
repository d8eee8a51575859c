import type { BufferPool, PooledBuffer } from './pool.ts';

/** Lets a bounded number of tasks run at a time, in the order of asking. */
export class Turnstile {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/**
 * Waits until the GPU has filled a readback buffer, hands its bytes to `take`, which must be done with them when it returns, and
 * gives the buffer back. Rejects when the device or the buffer is gone.
 */
export async function readBuffer<T>(
  device: GPUDevice,
  pool: BufferPool,
  pooled: PooledBuffer,
  bytes: number,
  take: (mapped: Uint8Array<ArrayBuffer>) => T,
): Promise<T> {
  const { buffer } = pooled;
  // A buffer for which there was no memory cannot be mapped; that is this job's failure and not the device's.
  device.pushErrorScope('validation');
  const mapped = buffer.mapAsync(GPUMapMode.READ, 0, bytes);
  device.popErrorScope().catch(() => undefined);
  await mapped;
  try {
    return take(new Uint8Array(buffer.getMappedRange(0, bytes)));
  } finally {
    buffer.unmap();
    pool.release(pooled);
  }
}
