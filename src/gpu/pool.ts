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

/** Most bytes of buffers that wait for the next engine, and milliseconds that they do; the smallest, up to so many bytes, wait longer. */
const SPARE_BYTES = 512 << 20;
const SPARE_MS = 5000;
const SMALL_BYTES = 128 << 20;
const SMALL_MS = 60_000;

/**
 * Buffers of an engine that was closed, for the next one on the same device: to make them and to touch them for the first time takes half of
 * the GPU's time for a job of 100 megapixels. They are destroyed when none has used them for a while.
 */
export class SpareBuffers {
  #buffers: readonly PooledBuffer[] = [];
  /** When an engine last had use of them; milliseconds. */
  readonly #used = new WeakMap<GPUBuffer, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  take(): readonly PooledBuffer[] {
    clearTimeout(this.#timer);
    const buffers = this.#buffers;
    this.#buffers = [];
    return buffers;
  }

  /**
   * Keeps buffers that an engine leaves, and those that it took from here and did not need, as long as there is room: a queue may hold small and
   * large pictures in turn. Destroys what is too much, and what was not needed for too long.
   */
  keep(used: readonly PooledBuffer[], unused: readonly PooledBuffer[]): void {
    const now = performance.now();
    for (const { buffer } of used) this.#used.set(buffer, now);
    this.#buffers = [...this.take(), ...used, ...unused].sort((a, b) => a.size - b.size);
    this.#drop(now);
    this.#timer = setTimeout(() => {
      this.#drop(performance.now());
      if (this.#buffers.length > 0) this.#timer = setTimeout(() => this.clear(), SMALL_MS);
    }, SPARE_MS);
  }

  #drop(now: number): void {
    const kept: PooledBuffer[] = [];
    let bytes = 0;
    for (const pooled of this.#buffers) {
      const most = bytes + pooled.size <= SMALL_BYTES ? SMALL_MS : SPARE_MS;
      const isOld = now - (this.#used.get(pooled.buffer) ?? now) >= most;
      if (isOld || bytes + pooled.size > SPARE_BYTES) {
        pooled.buffer.destroy();
        continue;
      }
      bytes += pooled.size;
      kept.push(pooled);
    }
    this.#buffers = kept;
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
    this.#makeRoom(size);
    return this.#add(this.#device.createBuffer({ label, size, usage: usageOf(role) }), size, role);
  }

  #add(buffer: GPUBuffer, size: number, role: BufferRole): PooledBuffer {
    const pooled: PooledBuffer = { id: this.#nextId++, buffer, size, role };
    this.#live.set(pooled.id, pooled);
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return pooled;
  }

  /** Those of another kind of job shall not take the room that this one needs; the largest go first. */
  #makeRoom(size: number): void {
    if (this.#bytes + size <= SPARE_BYTES) return;
    for (const pooled of [...this.#unused].sort((a, b) => b.size - a.size)) {
      if (this.#bytes + size <= SPARE_BYTES) return;
      const key = `${pooled.role} ${pooled.size}`;
      this.#free.set(
        key,
        this.#free.get(key)!.filter((other) => other !== pooled),
      );
      this.#unused.delete(pooled);
      this.#destroy(pooled);
    }
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
    const waiting = leave && this.#spare !== null ? [...this.#free.values()].flat() : [];
    const unused = waiting.filter((pooled) => this.#unused.has(pooled));
    const used = waiting.filter((pooled) => !this.#unused.has(pooled));
    this.#free.clear();
    this.#unused.clear();
    for (const pooled of waiting) this.#forget(pooled);
    for (const pooled of this.#live.values()) this.#destroy(pooled);
    if (waiting.length > 0) this.#spare?.keep(used, unused);
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
