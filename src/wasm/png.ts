import type { BandCoder, BandPlace, DeflateLevel, PictureShape, Segment } from '../core/encoding.ts';
import { bytesPerPixel, bytesPerRow } from '../core/pixels.ts';
import { type RawDeflate, syncFlush, writeStored } from '../core/reference/deflate.ts';
import { bandHead, putBandCrc, putBandHead, rowsPerBlock } from '../core/reference/png.ts';
import { SegmentBuffer } from '../core/segment-buffer.ts';
import { BandDeflater } from './deflate.ts';
import { deflateSmall } from './deflate-small.ts';
import type { Kernels } from './kernels.ts';

/** Bytes that row kernels may touch beyond a row. */
const ROW_MARGIN = 16;

/** Bytes around the deflate stream: the chunk's head, zlib header and CRC. */
const AROUND = 16;

/** Filters rows of one band, one after the other. */
class BandFilter {
  readonly #kernels: Kernels;
  readonly #shape: PictureShape;
  readonly #length: number;
  readonly #rows: Uint8Array;
  /** Address of the rows; null where they lie in other memory. Found before anything is allocated, which detaches views. */
  readonly #inside: number | null;
  /** The two last rows, where they lie in other memory; copied one by one, they stay in the cache and a band needs no memory twice. */
  readonly #copies: readonly [number, number];
  /** The two last rows with their bytes swapped. */
  readonly #swapped: readonly [number, number];
  /** What lies above a band's first row: every band is coded as if it began the picture. */
  readonly #zeros: number;
  #row = 0;

  constructor(kernels: Kernels, shape: PictureShape, rows: Uint8Array) {
    this.#kernels = kernels;
    this.#shape = shape;
    this.#rows = rows;
    this.#inside = kernels.find(rows);
    this.#length = bytesPerRow(shape.width, shape);
    const two = (isNeeded: boolean): [number, number] => {
      const bytes = isNeeded ? this.#length + ROW_MARGIN : 0;
      return [kernels.arena.alloc(bytes), kernels.arena.alloc(bytes)];
    };
    this.#copies = two(this.#inside === null);
    this.#swapped = two(shape.depth === 16);
    this.#zeros = kernels.arena.alloc(this.#length + ROW_MARGIN);
  }

  /** To be called after the last allocation. */
  clear(): void {
    this.#kernels.bytes(this.#zeros, this.#length + ROW_MARGIN).fill(0);
  }

  /** Writes the next filtered row, one byte longer than the row. */
  next(out: number, store: boolean): void {
    const { exports } = this.#kernels;
    const row = this.#row++;
    const wide = this.#shape.depth === 16;
    const source = this.#address(row);
    const current = wide ? this.#swapped[row % 2] : source;
    if (wide) exports.swapSamples(source, this.#length, current);
    if (store) {
      const bytes = this.#kernels.bytes(0, exports.memory.buffer.byteLength);
      bytes[out] = 0;
      bytes.copyWithin(out + 1, current, current + this.#length);
      return;
    }
    const last = wide ? this.#swapped : this.#copies;
    const isBefore = !wide && this.#inside !== null;
    const above = row === 0 ? this.#zeros : isBefore ? source - this.#length : last[(row + 1) % 2];
    exports.pngFilterRow(current, above, row > 0, this.#length, bytesPerPixel(this.#shape), out);
  }

  /** Where a row lies, or was copied to: the copy is that of the row before the last one. */
  #address(row: number): number {
    const start = row * this.#length;
    if (this.#inside !== null) return this.#inside + start;
    const copy = this.#copies[row % 2];
    this.#kernels.bytes(copy, this.#length).set(this.#rows.subarray(start, start + this.#length));
    return copy;
  }
}

/**
 * Codes PNG bands with the SIMD kernels; a segment is one whole IDAT chunk. The same bytes as `createReferencePngCoder` for `fast` and `store`. Memory is
 * taken from the kernels' arena for each band, about its raw size in all, and given back. `rows` may lie in the kernels' memory.
 */
export function createPngCoder(kernels: Kernels, shape: PictureShape, level: DeflateLevel): BandCoder {
  const length = bytesPerRow(shape.width, shape);
  const blockRows = rowsPerBlock(length);
  const blockBytes = blockRows * (length + 1);
  const small: RawDeflate | null = level === 'small' ? deflateSmall : null;

  const encode = (rows: Uint8Array, place: BandPlace, into: SegmentBuffer): Segment => {
    const { exports } = kernels;
    const rawBytes = place.rows * (length + 1);
    const filter = new BandFilter(kernels, shape, rows);
    const deflater = new BandDeflater(kernels, rawBytes, blockBytes, AROUND);
    filter.clear();
    const out = deflater.writer();
    const head = bandHead(place);
    out.position = head * 8;
    let adler = 1;
    const filtered = small === null ? null : new Uint8Array(rawBytes);
    for (let row = 0; row < place.rows; row += blockRows) {
      const count = Math.min(blockRows, place.rows - row);
      const bytes = count * (length + 1);
      for (let i = 0; i < count; i++) filter.next(deflater.block + i * (length + 1), level === 'store');
      adler = exports.adler32Bytes(deflater.block, bytes, adler) >>> 0;
      filtered?.set(kernels.bytes(deflater.block, bytes), row * (length + 1));
      if (level === 'store') writeStored(kernels.bytes(deflater.block, bytes), out, false);
      else deflater.deflate(bytes, false);
    }
    if (level !== 'store') syncFlush(out);
    if (small !== null && filtered !== null) {
      const smaller = small(filtered, false);
      if (smaller.length < out.position / 8 - head) {
        out.position = head * 8;
        out.putBytes(smaller);
      }
    }
    const end = out.position / 8;
    putBandHead(out.bytes, place, end);
    putBandCrc(out.bytes, end, exports.crc32Bytes(deflater.output + 4, end - 4, 0) >>> 0);
    into.append(out.bytes.subarray(0, end + 4));
    return { bytes: into.take(), adler, rawBytes };
  };

  return {
    encode(rows, place, into = new SegmentBuffer()) {
      const mark = kernels.arena.mark();
      try {
        return encode(rows, place, into);
      } finally {
        kernels.arena.release(mark);
      }
    },
  };
}
