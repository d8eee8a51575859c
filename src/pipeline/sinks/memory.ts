import type { Patch } from '../../core/encoding.ts';
import type { Sink } from '../../core/sink.ts';

/** Collects the file in memory, as parts of a Blob: for small results, and where nothing else exists. */
export class MemorySink implements Sink {
  #parts: Uint8Array<ArrayBuffer>[] = [];

  write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    for (const chunk of chunks) this.#parts.push(chunk.slice());
    return Promise.resolve();
  }

  patch(patches: readonly Patch[]): Promise<void> {
    for (const { position, bytes } of patches) this.#overwrite(position, bytes);
    return Promise.resolve();
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  abort(): Promise<void> {
    this.#parts = [];
    return Promise.resolve();
  }

  /** The finished file. */
  blob(mime: string): Blob {
    return new Blob(this.#parts, { type: mime });
  }

  #overwrite(position: number, bytes: Uint8Array): void {
    let start = 0;
    for (const part of this.#parts) {
      const from = Math.max(position, start);
      const to = Math.min(position + bytes.length, start + part.length);
      if (from < to) part.set(bytes.subarray(from - position, to - position), from - start);
      start += part.length;
    }
  }
}
