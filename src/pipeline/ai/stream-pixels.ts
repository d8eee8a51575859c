import { AppError } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import { bytesPerPixel, bytesPerRow, type Channels, type Depth } from '../../core/pixels.ts';
import type { RowReader } from '../../core/source.ts';
import type { PixelSource } from './planes.ts';

/** Rows decoded at a time, so that a decoder in another thread is not asked for each. */
const CHUNK_ROWS = 32;

/** The latest rows of a reader, as rectangles. Asked from top to bottom; rows further up than `capacity` are gone. */
export class StreamPixels implements PixelSource {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly #reader: RowReader;
  readonly #capacity: number;
  readonly #rows: Uint8Array<ArrayBuffer>;
  #decoded = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(reader: RowReader, capacity: number) {
    this.#reader = reader;
    this.width = reader.width;
    this.height = reader.height;
    this.channels = reader.channels;
    this.depth = reader.depth;
    this.#capacity = Math.min(reader.height, capacity + CHUNK_ROWS);
    this.#rows = new Uint8Array(this.#capacity * bytesPerRow(reader.width, reader));
  }

  async region({ x, y, width, height }: Rect): Promise<Uint8Array<ArrayBuffer>> {
    const reading = this.#turn.then(() => this.#until(y + height));
    this.#turn = reading.catch(() => undefined);
    await reading;
    if (y < this.#decoded - this.#capacity) throw new AppError('internal', `row ${y} is not held any more`);
    const size = bytesPerPixel(this);
    const stride = this.width * size;
    const result = new Uint8Array(width * height * size);
    for (let row = 0; row < height; row++) {
      const from = ((y + row) % this.#capacity) * stride + x * size;
      result.set(this.#rows.subarray(from, from + width * size), row * width * size);
    }
    return result;
  }

  async #until(end: number): Promise<void> {
    const stride = bytesPerRow(this.width, this);
    while (this.#decoded < end) {
      const slot = this.#decoded % this.#capacity;
      const rows = Math.min(CHUNK_ROWS, this.height - this.#decoded, this.#capacity - slot);
      await this.#reader.read(rows, this.#rows.subarray(slot * stride, (slot + rows) * stride));
      this.#decoded += rows;
    }
  }
}
