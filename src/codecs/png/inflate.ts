import { crc32 } from '../../core/checksum.ts';
import { AppError } from '../../core/errors.ts';
import { badInput } from '../bytes.ts';
import { MAX_CHUNK_BYTES } from './chunks.ts';
import { say, str } from '../../core/text.ts';

/**
 * Compressed bytes handed to the decompressor at a time. It queues whatever one piece gives, which may be 1032 times as much, so
 * this bounds the memory that a hostile file can claim to 16 MiB.
 */
const PIECE = 16 << 10;

/**
 * The bytes of a file's IDAT chunks, decompressed, a run at a time. Nothing is read from the file beyond what the decompressor
 * has asked for. Checksums of the chunks are verified on the way.
 */
export class InflatedData {
  readonly #name: string;
  readonly #file: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #fed: Promise<void>;
  #ahead: Promise<ReadableStreamReadResult<Uint8Array>>;
  #failure: unknown = null;
  #closed = false;

  #piece = new Uint8Array(0);
  #at = 0;
  #position: number;

  /** `start` is where the first IDAT chunk begins. */
  constructor(file: Blob, name: string, start: number) {
    this.#name = name;
    this.#position = start;
    this.#file = file.slice(start).stream().getReader();
    const inflate = new DecompressionStream('deflate');
    this.#writer = inflate.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
    this.#output = (inflate.readable as ReadableStream<Uint8Array>).getReader();
    // Failures of the decompressor come out of `read`, and those of the file out of #fed; both settle there.
    this.#writer.closed.catch(() => undefined);
    this.#fed = this.#feed();
    this.#fed.catch(() => undefined);
    this.#ahead = this.#pull();
  }

  /** The next bytes, or null after the last, when every checksum was right and the file is whole. `row` names the place in errors. */
  async next(row: number): Promise<Uint8Array | null> {
    let result: ReadableStreamReadResult<Uint8Array>;
    try {
      result = await this.#ahead;
    } catch (cause) {
      if (this.#failure !== null) throw this.#failure;
      throw badInput(this.#name, `its compressed pixels are damaged at or after row ${row} (${messageOf(cause)})`, {
        row,
      });
    }
    if (result.done) {
      await this.#fed;
      return null;
    }
    // One read ahead, so that the file and the decompressor work while these bytes are used.
    this.#ahead = this.#pull();
    return result.value;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([this.#output.cancel(), this.#file.cancel()]);
    await Promise.allSettled([this.#writer.abort(), this.#fed]);
  }

  #pull(): Promise<ReadableStreamReadResult<Uint8Array>> {
    const result = this.#output.read();
    result.catch(() => undefined);
    return result;
  }

  /** Walks the chunks from the first IDAT to IEND. */
  async #feed(): Promise<void> {
    try {
      let inData = true;
      for (;;) {
        const start = this.#position;
        const head = await this.#take(8, 'before its end (no IEND chunk)');
        const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
        const type = String.fromCharCode(...head.subarray(4));
        if (!/^[A-Za-z]{4}$/.test(type) || length > MAX_CHUNK_BYTES) {
          throw badInput(this.#name, `there is no PNG chunk at byte ${start}`, { position: start });
        }
        if (type === 'IDAT' && !inData) throw badInput(this.#name, 'its IDAT chunks do not follow one another');
        if (inData && type !== 'IDAT') {
          inData = false;
          await this.#writer.close();
        }
        const critical = (head[4] & 32) === 0;
        let crc = crc32(head.subarray(4));
        for (let left = length; left > 0;) {
          const piece = await this.#some(Math.min(left, PIECE), `within its ${type} chunk at byte ${start}`);
          left -= piece.length;
          if (critical) crc = crc32(piece, crc);
          if (type !== 'IDAT') continue;
          await this.#writer.ready;
          this.#writer.write(piece).catch(() => undefined);
        }
        const sum = await this.#take(4, `within its ${type} chunk at byte ${start}`);
        if (critical && new DataView(sum.buffer, sum.byteOffset).getUint32(0) !== crc) {
          throw badInput(this.#name, `its ${type} chunk at byte ${start} is damaged (wrong checksum)`, {
            position: start,
          });
        }
        // Anything behind the end of the picture is none of our business.
        if (type === 'IEND') return;
      }
    } catch (error) {
      // The decompressor's own complaints reach the reader by its stream, with the row.
      if (error instanceof AppError) {
        this.#failure = error;
        this.#writer.abort(error).catch(() => undefined);
      }
      throw error;
    }
  }

  /** Up to `most` bytes, at least one. */
  async #some(most: number, where: string): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#at === this.#piece.length) {
      const { done, value } = await this.#readFile();
      if (done) throw badInput(this.#name, `it ends ${where}`, { position: this.#position });
      this.#piece = value as Uint8Array<ArrayBuffer>;
      this.#at = 0;
    }
    const part = this.#piece.subarray(this.#at, this.#at + most);
    this.#at += part.length;
    this.#position += part.length;
    return part;
  }

  async #take(count: number, where: string): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let got = 0; got < count;) {
      const part = await this.#some(count - got, where);
      bytes.set(part, got);
      got += part.length;
    }
    return bytes;
  }

  async #readFile(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#file.read();
    } catch (cause) {
      throw new AppError('read-failed', say(str`${this.#name} could not be read from disk.`), {
        remedy: say('Check that the file still exists and may be read, then open it again.'),
        values: { name: this.#name },
        cause,
      });
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
