import type { Patch } from '../../core/encoding.ts';
import type { Sink } from '../../core/sink.ts';
import { Gatherer } from './gatherer.ts';
import { writeError } from './write-error.ts';

/** Bytes in one write. */
const PIECE_BYTES = 4 << 20;

/**
 * Writes through FileSystemWritableFileStream: the only way to a file that the user sees. The browser writes to a swap file
 * and puts it in place at `close`, so an abort leaves the old content; `remove` also takes away a file made for this job.
 */
export class FileStreamSink implements Sink {
  readonly #name: string;
  readonly #stream: FileSystemWritableFileStream;
  readonly #remove: (() => Promise<void>) | null;
  // Blob chunks cost the stream half of what typed arrays cost, and the size of a chunk hardly matters from 1 MiB on.
  readonly #gatherer = new Gatherer(PIECE_BYTES, (piece) => this.#guard(this.#stream.write(new Blob([piece]))));
  #ended = false;

  private constructor(name: string, stream: FileSystemWritableFileStream, remove: (() => Promise<void>) | null) {
    this.#name = name;
    this.#stream = stream;
    this.#remove = remove;
  }

  /** `remove` deletes the file when the job does not end well; null for one that existed before. */
  static async create(handle: FileSystemFileHandle, remove: (() => Promise<void>) | null): Promise<FileStreamSink> {
    try {
      return new FileStreamSink(handle.name, await handle.createWritable(), remove);
    } catch (error) {
      await remove?.().catch(() => undefined);
      throw writeError(handle.name, error);
    }
  }

  write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    return this.#gatherer.add(chunks);
  }

  async patch(patches: readonly Patch[]): Promise<void> {
    await this.#gatherer.flush();
    for (const { position, bytes } of patches) {
      await this.#guard(this.#stream.write({ type: 'write', position, data: bytes }));
    }
  }

  async commit(): Promise<void> {
    await this.#gatherer.flush();
    await this.#guard(this.#stream.close());
    this.#ended = true;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // A stream that has failed is already aborted, and says so by rejecting.
    await this.#stream.abort().catch(() => undefined);
    await this.#remove?.().catch(() => undefined);
  }

  async #guard(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      throw writeError(this.#name, error);
    }
  }
}
