import { adler32, crc32 } from '../checksum.ts';
import type { BandCoder, BandPlace, DeflateLevel, PictureShape, Segment } from '../encoding.ts';
import { AppError } from '../errors.ts';
import { bytesPerPixel, bytesPerRow } from '../pixels.ts';
import { BLOCK_BYTES, type RawDeflate, deflateBlock, deflateBound, syncFlush, writeStored } from './deflate.ts';
import { BitWriter } from './deflate-huffman.ts';
import { FILTER_NONE, chooseFilter, filterRow } from './png-filter.ts';

/** Rows whose filtered bytes make up a block of deflate. */
export const rowsPerBlock = (rowBytes: number): number => Math.max(1, Math.floor(BLOCK_BYTES / (rowBytes + 1)));

/** The header of the zlib stream (RFC 1950 section 2.2): deflate, a window of 32 KiB, the fastest level. */
const ZLIB_HEADER = [0x78, 0x01];

/** Bytes of an IDAT chunk before its data: length and type. */
const CHUNK_HEAD = 8;

/** Bytes in front of a band's deflate stream: the chunk's head, and with the first band the zlib header. */
export const bandHead = (place: BandPlace): number => CHUNK_HEAD + (place.first ? ZLIB_HEADER.length : 0);

/** A chunk's data may not be longer (PNG section 5.3). */
const MAX_CHUNK_DATA = 0x7fffffff;

/** Fills in length, type and zlib header of a band's IDAT chunk whose deflate stream ends at `end`; the CRC goes after it. */
export function putBandHead(chunk: Uint8Array, place: BandPlace, end: number): void {
  const data = end - CHUNK_HEAD;
  if (data > MAX_CHUNK_DATA) {
    throw new AppError('internal', `A band of ${data} bytes does not fit a PNG chunk.`, { values: { bytes: data } });
  }
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  view.setUint32(0, data);
  chunk.set([0x49, 0x44, 0x41, 0x54], 4);
  if (place.first) chunk.set(ZLIB_HEADER, CHUNK_HEAD);
}

/** Puts the CRC-32 of type and data behind them. */
export function putBandCrc(chunk: Uint8Array, end: number, crc: number): void {
  new DataView(chunk.buffer, chunk.byteOffset).setUint32(end, crc);
}

/** A row as PNG has it: 16-bit samples with the high byte first. */
function pngRow(rows: Uint8Array, start: number, length: number, depth: number): Uint8Array {
  const row = rows.subarray(start, start + length);
  if (depth === 8) return row;
  const swapped = new Uint8Array(length);
  for (let i = 0; i < length; i += 2) {
    swapped[i] = row[i + 1];
    swapped[i + 1] = row[i];
  }
  return swapped;
}

/** Filters the rows of a band into one run of bytes. */
function filterBand(rows: Uint8Array, place: BandPlace, shape: PictureShape, store: boolean): Uint8Array {
  const length = bytesPerRow(shape.width, shape);
  const bpp = bytesPerPixel(shape);
  const filtered = new Uint8Array(place.rows * (length + 1));
  // A band's first row is filtered as if nothing were above it, so that bands can be coded in any order.
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < place.rows; y++) {
    const row = pngRow(rows, y * length, length, shape.depth);
    const filter = store ? FILTER_NONE : chooseFilter(row, above, y > 0, bpp);
    filterRow(filter, row, above, bpp, filtered.subarray(y * (length + 1)));
    above = row;
  }
  return filtered;
}

/**
 * Codes PNG bands in plain TypeScript: the reference for the SIMD coder, which gives the same bytes, and the coder where there is no SIMD.
 * A segment is one whole IDAT chunk. `small` needs a compressor passed in, and without one is coded as `fast`.
 */
export function createReferencePngCoder(shape: PictureShape, level: DeflateLevel, small?: RawDeflate): BandCoder {
  const length = bytesPerRow(shape.width, shape);
  const blockRows = rowsPerBlock(length);
  return {
    encode(rows: Uint8Array, place: BandPlace): Segment {
      const filtered = filterBand(rows, place, shape, level === 'store');
      const head = bandHead(place);
      const blocks = Math.ceil(place.rows / blockRows);
      const out = new BitWriter(new Uint8Array(head + deflateBound(filtered.length, blocks) + 4));
      out.position = head * 8;
      const blockBytes = blockRows * (length + 1);
      for (let start = 0; start < filtered.length; start += blockBytes) {
        const block = filtered.subarray(start, start + blockBytes);
        if (level === 'store') writeStored(block, out, false);
        else deflateBlock(block, out, false);
      }
      if (level !== 'store') syncFlush(out);
      const smaller = level === 'small' ? small?.(filtered, false) : undefined;
      if (smaller !== undefined && smaller.length < out.position / 8 - head) {
        out.position = head * 8;
        out.putBytes(smaller);
      }
      const end = out.position / 8;
      putBandHead(out.bytes, place, end);
      putBandCrc(out.bytes, end, crc32(out.bytes.subarray(4, end)));
      const bytes = new Uint8Array(out.bytes.slice(0, end + 4));
      return { bytes, adler: adler32(filtered), rawBytes: filtered.length };
    },
  };
}
