import type { instantiate } from './generated/kernels.js';

/** The functions of the module; their addresses and lengths are plain numbers. */
export type KernelExports = Awaited<ReturnType<typeof instantiate>>;

const PAGE = 65536;

/**
 * Memory of a kernels instance, given out by moving a mark: what is allocated later is freed first. Growing the memory
 * detaches every view made before, so make views after the last allocation of a step.
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  #top: number;

  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#top = base;
  }

  /** Address of `bytes` fresh bytes, aligned to 64. The content is undefined. */
  alloc(bytes: number): number {
    const address = (this.#top + 63) & ~63;
    const end = address + bytes;
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#top = end;
    return address;
  }

  /** The present mark, for `release`. */
  mark(): number {
    return this.#top;
  }

  /** Frees everything allocated since the mark was taken. */
  release(mark: number): void {
    this.#top = mark;
  }
}

/** One instance of the WebAssembly module with its own memory. Not shared between threads. */
export class Kernels {
  readonly exports: KernelExports;
  readonly arena: Arena;

  constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as KernelExports;
    this.arena = new Arena(this.exports.memory, this.exports.heapBase());
  }

  static async instantiate(module: WebAssembly.Module): Promise<Kernels> {
    const abort = (): never => {
      throw new Error('the kernels module aborted');
    };
    return new Kernels(await WebAssembly.instantiate(module, { env: { abort } }));
  }

  /** A view of memory; valid until the next allocation grows it. */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer, address, length);
  }

  /** The address of bytes that lie in this memory; null for others. */
  find(data: Uint8Array): number | null {
    return data.buffer === this.exports.memory.buffer ? data.byteOffset : null;
  }

  /**
   * The address of bytes that already lie in this memory, or of a copy in newly allocated memory (which the caller
   * frees by the arena's mark): lets one stage hand its result to the next without a copy.
   */
  addressOf(data: Uint8Array): number {
    const found = this.find(data);
    if (found !== null) return found;
    const address = this.arena.alloc(data.byteLength);
    this.bytes(address, data.byteLength).set(data);
    return address;
  }
}
