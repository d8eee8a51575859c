import { AppError } from '../../core/errors.ts';
import type { SourceInfo } from '../../core/formats.ts';
import { bytesPerPixel, bytesPerRow, type PixelFormat } from '../../core/pixels.ts';
import type { RowReader } from '../../core/source.ts';
import { badInput } from '../bytes.ts';
import { type Expander, createExpander } from './expand.ts';
import { type PngHeader, bitsPerPixel, deliveredFormat, packedBytes, readHeader } from './header.ts';
import { InflatedData } from './inflate.ts';
import { type At, unfilterRow } from './unfilter.ts';
import { say, str } from '../../core/text.ts';

/** Columns and rows of Adam7's passes (PNG section 8.2): first, step. */
const PASSES = [
  { x: 0, dx: 8, y: 0, dy: 8 },
  { x: 4, dx: 8, y: 0, dy: 8 },
  { x: 0, dx: 4, y: 4, dy: 8 },
  { x: 2, dx: 4, y: 0, dy: 4 },
  { x: 0, dx: 2, y: 2, dy: 4 },
  { x: 1, dx: 2, y: 0, dy: 2 },
  { x: 0, dx: 1, y: 1, dy: 2 },
] as const;

/** Interlaced pictures are held whole, in bytes as delivered. */
const MAX_INTERLACED_BYTES = 1 << 30;

/** Filtered rows, cut out of the decompressed bytes. */
class FilteredRows {
  readonly #name: string;
  readonly #data: InflatedData;
  readonly #height: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #carry = new Uint8Array(0);

  constructor(name: string, data: InflatedData, height: number) {
    this.#name = name;
    this.#data = data;
    this.#height = height;
  }

  /** The next `length` bytes where the present run holds them all, else null. */
  now(length: number): At | null {
    if (this.#chunk.length - this.#at < length) return null;
    const at = this.#at;
    this.#at += length;
    return { bytes: this.#chunk, at };
  }

  /** The next `length` bytes; `row` is for the error. */
  async next(length: number, row: number): Promise<At> {
    const whole = this.now(length);
    if (whole !== null) return whole;
    if (this.#carry.length < length) this.#carry = new Uint8Array(length);
    let got = 0;
    for (;;) {
      const part = this.#chunk.subarray(this.#at, this.#at + length - got);
      this.#carry.set(part, got);
      this.#at += part.length;
      got += part.length;
      if (got === length) return { bytes: this.#carry, at: 0 };
      const chunk = await this.#data.next(row);
      if (chunk === null) {
        throw badInput(this.#name, say(str`its pixels end at row ${row} of ${this.#height}`), {
          row,
          height: this.#height,
        });
      }
      this.#use(chunk);
    }
  }

  #use(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Reads to the end of the file; there may be no more pixels. */
  async finish(): Promise<void> {
    for (;;) {
      if (this.#at < this.#chunk.length) {
        throw badInput(this.#name, 'it holds more pixels than its size needs', { height: this.#height });
      }
      const chunk = await this.#data.next(this.#height);
      if (chunk === null) return;
      this.#use(chunk);
    }
  }
}

const filterError = (name: string, filter: number, row: number): AppError =>
  badInput(name, `row ${row} has filter type ${filter}, which PNG does not have`, { row, filter });

/** What both readers know of their file. */
interface Opened {
  readonly name: string;
  readonly header: PngHeader;
  readonly format: PixelFormat;
  readonly expand: Expander | null;
  readonly data: InflatedData;
  readonly rows: FilteredRows;
}

abstract class PngReader implements RowReader {
  readonly width: number;
  readonly height: number;
  readonly channels: PixelFormat['channels'];
  readonly depth: PixelFormat['depth'];
  protected readonly opened: Opened;
  protected readonly bpp: number;

  constructor(opened: Opened) {
    this.opened = opened;
    this.width = opened.header.width;
    this.height = opened.header.height;
    this.channels = opened.format.channels;
    this.depth = opened.format.depth;
    this.bpp = Math.max(1, bitsPerPixel(opened.header) / 8);
  }

  abstract read(rows: number, into: Uint8Array): Promise<void>;

  close(): Promise<void> {
    return this.opened.data.close();
  }
}

/** Rows in the order of the file: two of them are held. */
class SequentialReader extends PngReader {
  readonly #length: number;
  readonly #outLength: number;
  #above: At;
  /** Where stored rows are unfiltered when they are delivered in another form; the row above is in the other of the two. */
  readonly #spare: readonly [At, At];
  #row = 0;

  constructor(opened: Opened) {
    super(opened);
    this.#length = packedBytes(opened.header, this.width);
    this.#outLength = bytesPerRow(this.width, this);
    this.#above = { bytes: new Uint8Array(this.#length), at: 0 };
    this.#spare = [
      { bytes: new Uint8Array(this.#length), at: 0 },
      { bytes: new Uint8Array(this.#length), at: 0 },
    ];
  }

  async read(rows: number, into: Uint8Array): Promise<void> {
    const { name, expand, rows: source } = this.opened;
    const length = this.#length;
    for (let y = 0; y < rows; y++) {
      const from = source.now(length + 1) ?? (await source.next(length + 1, this.#row));
      const start = y * this.#outLength;
      const to = expand === null ? { bytes: into, at: start } : this.#spare[this.#row % 2];
      const filter = from.bytes[from.at];
      if (!unfilterRow(filter, { bytes: from.bytes, at: from.at + 1 }, this.#above, to, length, this.bpp)) {
        throw filterError(name, filter, this.#row);
      }
      expand?.(to.bytes, this.width, into, start);
      this.#above = to;
      this.#row++;
    }
    if (expand === null && rows > 0) {
      // `into` belongs to the caller again.
      const { bytes } = this.#spare[0];
      bytes.set(into.subarray((rows - 1) * length, rows * length));
      this.#above = { bytes, at: 0 };
    }
    if (this.#row === this.height) await source.finish();
  }
}

/** Adam7 (PNG section 8.2): every row needs nearly the whole file, so the picture is decoded at the first read, and held. */
class InterlacedReader extends PngReader {
  #whole: Uint8Array | null = null;
  #row = 0;

  async read(rows: number, into: Uint8Array): Promise<void> {
    this.#whole ??= await this.#decode();
    const length = bytesPerRow(this.width, this);
    into.set(this.#whole.subarray(this.#row * length, (this.#row + rows) * length));
    this.#row += rows;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#whole = null;
  }

  async #decode(): Promise<Uint8Array> {
    const { name, header, expand, rows: source } = this.opened;
    const pixel = bytesPerPixel(this);
    const whole = new Uint8Array(this.height * bytesPerRow(this.width, this));
    const pixels = new Uint8Array(bytesPerRow(this.width, this));
    for (const pass of PASSES) {
      const columns = Math.ceil((this.width - pass.x) / pass.dx);
      const rows = Math.ceil((this.height - pass.y) / pass.dy);
      if (columns <= 0 || rows <= 0) continue;
      const length = packedBytes(header, columns);
      let above = new Uint8Array(length);
      let current = new Uint8Array(length);
      for (let row = 0; row < rows; row++) {
        const y = pass.y + row * pass.dy;
        const from = source.now(length + 1) ?? (await source.next(length + 1, y));
        const filter = from.bytes[from.at];
        const to = { bytes: current, at: 0 };
        const filtered = { bytes: from.bytes, at: from.at + 1 };
        if (!unfilterRow(filter, filtered, { bytes: above, at: 0 }, to, length, this.bpp)) {
          throw filterError(name, filter, y);
        }
        if (expand !== null) expand(current, columns, pixels, 0);
        const delivered = expand === null ? current : pixels;
        const start = (y * this.width + pass.x) * pixel;
        for (let i = 0, out = start; i < columns * pixel; out += (pass.dx - 1) * pixel) {
          for (const end = i + pixel; i < end; i++) whole[out++] = delivered[i];
        }
        [above, current] = [current, above];
      }
    }
    await source.finish();
    return whole;
  }
}

const nameOf = (file: Blob): string =>
  typeof File !== 'undefined' && file instanceof File ? file.name : 'The PNG file';

/**
 * Opens a PNG for reading row by row. Two rows and a few decompressed pieces are held, but an interlaced picture whole. Any colour
 * type and depth is delivered as grey, RGB or RGBA, 16-bit samples little-endian. The name in errors is the file's own.
 */
export async function openPng(file: Blob, info: SourceInfo): Promise<RowReader> {
  const name = nameOf(file);
  const { header } = await readHeader(file, name);
  if (header.width !== info.width || header.height !== info.height) {
    throw badInput(name, say('it has changed since it was opened'));
  }
  const format = deliveredFormat(header);
  const bytes = header.height * bytesPerRow(header.width, format);
  if (header.interlaced && bytes > MAX_INTERLACED_BYTES) {
    throw new AppError(
      'too-large-input',
      say(
        str`${name} is interlaced, so it must be held whole: ${bytes} bytes, where ${MAX_INTERLACED_BYTES} are allowed.`,
      ),
      {
        remedy: say('Save it without interlacing (Adam7), and open that.'),
        values: { name, bytes, limit: MAX_INTERLACED_BYTES },
      },
    );
  }
  const data = new InflatedData(file, name, header.dataStart);
  const rows = new FilteredRows(name, data, header.height);
  const opened = { name, header, format, expand: createExpander(header), data, rows };
  return header.interlaced ? new InterlacedReader(opened) : new SequentialReader(opened);
}
