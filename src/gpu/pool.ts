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

/** Most bytes of buffers that wait for the next engine, and milliseconds that they do. */
const SPARE_BYTES = 512 << 20;
const SPARE_MS = 5000;

/**
 * Buffers of an engine that was closed, for the next one on the same device: to make them and to touch them for the first time takes half of
 * the GPU's time for a job of 100 megapixels. They are destroyed when none comes soon.
 */
export class SpareBuffers {
  #buffers: readonly PooledBuffer[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  take(): readonly PooledBuffer[] {
    clearTimeout(this.#timer);
    const buffers = this.#buffers;
    this.#buffers = [];
    return buffers;
  }

  /** Keeps buffers that nobody uses, and destroys what is too much. */
  keep(buffers: readonly PooledBuffer[]): void {
    const kept: PooledBuffer[] = [];
    let bytes = 0;
    for (const pooled of [...this.take(), ...buffers].sort((a, b) => a.size - b.size)) {
      bytes += pooled.size;
      if (bytes <= SPARE_BYTES) kept.push(pooled);
      else pooled.buffer.destroy();
    }
    this.#buffers = kept;
    this.#timer = setTimeout(() => this.clear(), SPARE_MS);
  }

  clear(): void {
    for (const { buffer } of this.take()) buffer.destroy();
  }
}

/** The only place that creates and destroys buffers. Released ones are kept for the next request of their size class. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #limits: GpuLimits;
  readonly #live = new Map<number, PooledBuffer>();
  readonly #free = new Map<string, PooledBuffer[]>();
  readonly #spare: SpareBuffers | null;
  /** Spare buffers that were not asked for yet. */
  readonly #unused = new Set<PooledBuffer>();
  #bytes = 0;
  #peakBytes = 0;
  #nextId = 1;
  #isClosed = false;

  /** Begins with the spare buffers where there are any, and leaves its own to them. */
  constructor(device: GPUDevice, limits: GpuLimits, spare: SpareBuffers | null = null) {
    this.#device = device;
    this.#limits = limits;
    this.#spare = spare;
    for (const { buffer, size, role } of spare?.take() ?? []) {
      const pooled = this.#add(buffer, size, role);
      this.#unused.add(pooled);
      this.release(pooled);
    }
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
    if (waiting) {
      this.#unused.delete(waiting);
      return waiting;
    }
    // Those of another kind of job shall not take the room that this one needs.
    if (this.#bytes + size > SPARE_BYTES) this.#destroyUnused();
    return this.#add(this.#device.createBuffer({ label, size, usage: usageOf(role) }), size, role);
  }

  #add(buffer: GPUBuffer, size: number, role: BufferRole): PooledBuffer {
    const pooled: PooledBuffer = { id: this.#nextId++, buffer, size, role };
    this.#live.set(pooled.id, pooled);
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return pooled;
  }

  #destroyUnused(): void {
    for (const [key, buffers] of this.#free) {
      this.#free.set(
        key,
        buffers.filter((pooled) => !this.#unused.has(pooled)),
      );
    }
    for (const pooled of this.#unused) this.#destroy(pooled);
    this.#unused.clear();
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
    this.#unused.clear();
    for (const pooled of waiting) this.#destroy(pooled);
  }

  /** Destroys every buffer, those in use too: reads of them reject. No more can be had. With `leave`, those not in use become spare ones. */
  close(leave = false): void {
    this.#isClosed = true;
    this.#destroyUnused();
    const waiting = leave && this.#spare !== null ? [...this.#free.values()].flat() : [];
    this.#free.clear();
    for (const pooled of waiting) this.#forget(pooled);
    for (const pooled of this.#live.values()) this.#destroy(pooled);
    if (waiting.length > 0) this.#spare?.keep(waiting);
  }

  #destroy(pooled: PooledBuffer): void {
    pooled.buffer.destroy();
    this.#forget(pooled);
  }

  #forget({ id, size }: PooledBuffer): void {
    this.#live.delete(id);
    this.#bytes -= size;
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
