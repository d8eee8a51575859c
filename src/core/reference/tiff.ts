import { adler32 } from '../checksum.ts';
import type { BandCoder, BandPlace, DeflateLevel, PictureShape, Segment } from '../encoding.ts';
import { bytesPerRow, samplesOf } from '../pixels.ts';
import { type RawDeflate, deflateBlock, deflateBound } from './deflate.ts';
import { BitWriter } from './deflate-huffman.ts';
import { rowsPerBlock } from './png.ts';

/** The header of a zlib stream (RFC 1950 section 2.2): deflate, a window of 32 KiB, the fastest level. */
export const ZLIB_HEADER = [0x78, 0x01] as const;

/** Rows with TIFF's horizontal differencing (TIFF 6.0 section 14): each sample less the one of the pixel to its left, little-endian. */
export function differenceRows(rows: Uint8Array, shape: PictureShape): Uint8Array {
  const aligned = shape.depth === 16 && rows.byteOffset % 2 === 1 ? new Uint8Array(rows) : rows;
  const source = samplesOf(aligned, shape.depth);
  const result = shape.depth === 8 ? new Uint8Array(source) : new Uint16Array(source);
  const { channels } = shape;
  const perRow = shape.width * channels;
  for (let start = 0; start < source.length; start += perRow) {
    for (let i = start + channels; i < start + perRow; i++) result[i] = source[i] - source[i - channels];
  }
  return new Uint8Array(result.buffer, result.byteOffset, result.byteLength);
}

/** Bytes that a block of deflate covers: whole rows, as many as of a PNG of the same shape. */
export const stripBlockBytes = (shape: PictureShape): number => {
  const length = bytesPerRow(shape.width, shape);
  return rowsPerBlock(length) * length;
};

/**
 * Codes each band as one TIFF strip: a zlib stream (compression 8) of horizontally differenced rows (predictor 2), or with `store` the rows
 * as they are (compression 1, predictor 1). Little-endian. The reference for the SIMD coder, which gives the same bytes.
 * `small` needs a compressor passed in, and without one is coded as `fast`.
 */
export function createReferenceTiffCoder(shape: PictureShape, level: DeflateLevel, small?: RawDeflate): BandCoder {
  return {
    encode(rows: Uint8Array, place: BandPlace): Segment {
      if (level === 'store') return { bytes: new Uint8Array(rows) };
      const length = place.rows * bytesPerRow(shape.width, shape);
      const raw = differenceRows(rows.subarray(0, length), shape);
      const blockBytes = stripBlockBytes(shape);
      const blocks = Math.ceil(length / blockBytes);
      const out = new BitWriter(new Uint8Array(deflateBound(length, blocks) + 6));
      out.putBytes(Uint8Array.from(ZLIB_HEADER));
      for (let start = 0; start < length; start += blockBytes) {
        deflateBlock(raw.subarray(start, start + blockBytes), out, start + blockBytes >= length);
      }
      out.align();
      const smaller = level === 'small' ? small?.(raw, true) : undefined;
      if (smaller !== undefined && smaller.length < out.position / 8 - ZLIB_HEADER.length) {
        out.position = ZLIB_HEADER.length * 8;
        out.putBytes(smaller);
      }
      const end = out.position / 8;
      new DataView(out.bytes.buffer).setUint32(end, adler32(raw));
      return { bytes: new Uint8Array(out.bytes.slice(0, end + 4)) };
    },
  };
}
