import type { Patch } from '../../core/encoding.ts';
import type { Sink } from '../../core/sink.ts';
import { writeError } from './write-error.ts';

/**
 * Bytes gathered before they are handed to the browser's stream. Blob chunks cost it half of what typed arrays cost, and the
 * size of a chunk hardly matters from 1 MiB on.
 */
const GATHER_BYTES = 4 << 20;

/**
 * Writes through FileSystemWritableFileStream: the only way to a file that the user sees. The browser writes to a swap file
 * and puts it in place at `close`, so an abort leaves the old content; `remove` also takes away a file made for this job.
 */
export class FileStreamSink implements Sink {
  readonly #name: string;
  readonly #stream: FileSystemWritableFileStream;
  readonly #remove: (() => Promise<void>) | null;
  #gathered: Uint8Array<ArrayBuffer>[] = [];
  #gatheredBytes = 0;
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

  async write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    for (const chunk of chunks) {
      this.#gathered.push(chunk);
      this.#gatheredBytes += chunk.length;
    }
    if (this.#gatheredBytes >= GATHER_BYTES) await this.#flush();
  }

  async patch(patches: readonly Patch[]): Promise<void> {
    await this.#flush();
    for (const { position, bytes } of patches) {
      await this.#guard(this.#stream.write({ type: 'write', position, data: bytes }));
    }
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#guard(this.#stream.close());
    this.#ended = true;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#gathered = [];
    // A stream that has failed is already aborted, and says so by rejecting.
    await this.#stream.abort().catch(() => undefined);
    await this.#remove?.().catch(() => undefined);
  }

  async #flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const blob = new Blob(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#guard(this.#stream.write(blob));
  }

  async #guard(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      throw writeError(this.#name, error);
    }
  }
}
