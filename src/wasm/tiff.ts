import type { BandCoder, BandPlace, DeflateLevel, PictureShape, Segment } from '../core/encoding.ts';
import { bytesPerPixel, bytesPerRow } from '../core/pixels.ts';
import { type RawDeflate } from '../core/reference/deflate.ts';
import { rowsPerBlock } from '../core/reference/png.ts';
import { ZLIB_HEADER, createReferenceTiffCoder } from '../core/reference/tiff.ts';
import { SegmentBuffer } from '../core/segment-buffer.ts';
import { BandDeflater } from './deflate.ts';
import { deflateSmall } from './deflate-small.ts';
import type { Kernels } from './kernels.ts';

/** Bytes around the deflate stream: zlib header and Adler-32. */
const AROUND = 16;

/**
 * Codes TIFF strips with the SIMD kernels. The same bytes as `createReferenceTiffCoder` for `fast` and `store`. Memory is taken from the
 * kernels' arena for each band, about its raw size in all, and given back. `rows` may lie in the kernels' memory.
 */
export function createTiffCoder(kernels: Kernels, shape: PictureShape, level: DeflateLevel): BandCoder {
  // Nothing is computed then.
  if (level === 'store') return createReferenceTiffCoder(shape, level);
  const length = bytesPerRow(shape.width, shape);
  const blockRows = rowsPerBlock(length);
  const small: RawDeflate | null = level === 'small' ? deflateSmall : null;

  const encode = (rows: Uint8Array, place: BandPlace, into: SegmentBuffer): Segment => {
    const { exports } = kernels;
    const difference = shape.depth === 8 ? exports.differenceBytes : exports.differenceWords;
    const rawBytes = place.rows * length;
    const source = kernels.addressOf(rows);
    const deflater = new BandDeflater(kernels, rawBytes, blockRows * length, AROUND);
    const out = deflater.writer();
    out.putBytes(Uint8Array.from(ZLIB_HEADER));
    let adler = 1;
    const differences = small === null ? null : new Uint8Array(rawBytes);
    for (let row = 0; row < place.rows; row += blockRows) {
      const count = Math.min(blockRows, place.rows - row);
      for (let i = 0; i < count; i++) {
        difference(source + (row + i) * length, length, bytesPerPixel(shape), deflater.block + i * length);
      }
      adler = exports.adler32Bytes(deflater.block, count * length, adler) >>> 0;
      differences?.set(kernels.bytes(deflater.block, count * length), row * length);
      deflater.deflate(count * length, row + count === place.rows);
    }
    out.align();
    if (small !== null && differences !== null) {
      const smaller = small(differences, true);
      if (smaller.length < out.position / 8 - ZLIB_HEADER.length) {
        out.position = ZLIB_HEADER.length * 8;
        out.putBytes(smaller);
      }
    }
    const end = out.position / 8;
    new DataView(out.bytes.buffer, out.bytes.byteOffset).setUint32(end, adler);
    into.append(out.bytes.subarray(0, end + 4));
    return { bytes: into.take() };
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
