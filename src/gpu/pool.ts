import { AppError } from '../core/errors.ts';
import type { GpuLimits } from './device.ts';
import { sizeClass } from './plan.ts';

/** What a buffer is for: worked on by passes, read by the host, or parameters of passes. */
export type BufferRole = 'storage' | 'readback' | 'uniform';

/** A buffer out of the pool; `size` is at least what was asked for. */
export interface PooledBuffer {
  /** Unique in the pool; bind groups are remembered by it. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly size: number;
  readonly role: BufferRole;
}

/** The only place that creates and destroys buffers. Released ones are kept for the next request of their size class. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #limits: GpuLimits;
  readonly #live = new Map<number, PooledBuffer>();
  readonly #free = new Map<string, PooledBuffer[]>();
  #bytes = 0;
  #peakBytes = 0;
  #nextId = 1;
  #isClosed = false;

  constructor(device: GPUDevice, limits: GpuLimits) {
    this.#device = device;
    this.#limits = limits;
  }

  /** Buffers that exist, in use or waiting. */
  get liveBuffers(): number {
    return this.#live.size;
  }

  /** Bytes of all buffers that exist. */
  get bytes(): number {
    return this.#bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /**
   * A buffer of at least `bytes`, its content undefined. Throws `engine-failed` beyond the device's limits; that memory has run
   * out is told by the error scopes around the job (`Recorder`).
   */
  acquire(bytes: number, role: BufferRole, label: string): PooledBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#limits;
    const most = role === 'storage' ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (this.#isClosed) throw new AppError('engine-failed', 'The GPU engine was closed.');
    if (bytes > most) {
      throw new AppError('engine-failed', `The GPU would need a buffer of ${bytes} bytes; its limit is ${most}.`, {
        values: { bytes, limit: most, buffer: label },
      });
    }
    const size = Math.min(sizeClass(bytes), most - (most % 16));
    const waiting = this.#free.get(`${role} ${size}`)?.pop();
    if (waiting) return waiting;
    const buffer = this.#device.createBuffer({ label, size, usage: usageOf(role) });
    const pooled: PooledBuffer = { id: this.#nextId++, buffer, size, role };
    this.#live.set(pooled.id, pooled);
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return pooled;
  }

  /** Gives a buffer back. Passes already recorded may still use it: what is recorded later runs later. */
  release(pooled: PooledBuffer): void {
    if (!this.#live.has(pooled.id)) return;
    const key = `${pooled.role} ${pooled.size}`;
    const list = this.#free.get(key) ?? [];
    list.push(pooled);
    this.#free.set(key, list);
  }

  /** Destroys the buffers that are not in use. */
  trim(): void {
    const waiting = [...this.#free.values()].flat();
    this.#free.clear();
    for (const pooled of waiting) this.#destroy(pooled);
  }

  /** Destroys every buffer, those in use too: reads of them reject. No more can be had. */
  close(): void {
    this.#isClosed = true;
    this.#free.clear();
    for (const pooled of this.#live.values()) this.#destroy(pooled);
  }

  #destroy(pooled: PooledBuffer): void {
    pooled.buffer.destroy();
    this.#live.delete(pooled.id);
    this.#bytes -= pooled.size;
  }
}

function usageOf(role: BufferRole): GPUBufferUsageFlags {
  switch (role) {
    case 'storage':
      return GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    case 'readback':
      return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    case 'uniform':
      return GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    default:
      return role satisfies never;
  }
}
