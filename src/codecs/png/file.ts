import { adler32, combineAdler32 } from '../../core/checksum.ts';
import type { FileWriter, PictureShape, Segment } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import type { Density, Metadata } from '../../core/metadata.ts';
import { BLOCK_BYTES, deflateBlock, deflateBound } from '../../core/reference/deflate.ts';
import { BitWriter } from '../../core/reference/deflate-huffman.ts';
import { PNG_SIGNATURE, XMP_KEYWORD, chunk, concat, latin1 } from './chunks.ts';

/** Colour types by channels (PNG section 11.2.1): grey, RGB, RGB with alpha. */
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;

const METRES_PER_INCH = 0.0254;

/** An empty last block with fixed codes (RFC 1951 section 3.2.6), which closes the bands' common zlib stream. */
const LAST_BLOCK = [0x03, 0x00];

function imageHeader(shape: PictureShape): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, shape.width);
  view.setUint32(4, shape.height);
  data.set([shape.depth, COLOUR_TYPE[shape.channels]], 8);
  return chunk('IHDR', data);
}

/** pHYs (PNG section 11.3.4.3): whole pixels per metre. */
function physicalSize(density: Density): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  view.setUint32(0, Math.round(density.x / METRES_PER_INCH));
  view.setUint32(4, Math.round(density.y / METRES_PER_INCH));
  data[8] = 1;
  return chunk('pHYs', data);
}

function zlib(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const out = new BitWriter(new Uint8Array(deflateBound(bytes.length, blocks) + 6));
  out.putBytes(Uint8Array.of(0x78, 0x01));
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    deflateBlock(bytes.subarray(start, start + BLOCK_BYTES), out, start + BLOCK_BYTES >= bytes.length);
  }
  out.align();
  const end = out.position / 8;
  new DataView(out.bytes.buffer).setUint32(end, adler32(bytes));
  return out.bytes.subarray(0, end + 4);
}

/** iCCP (PNG section 11.3.2.3). The name is 1 to 79 printable Latin-1 characters without leading, trailing or doubled spaces. */
function profile(icc: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const printable = name
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
  const keyword = printable.slice(0, 79).trim() || 'ICC Profile';
  return chunk('iCCP', concat([latin1(keyword), Uint8Array.of(0, 0), zlib(icc)]));
}

/** XMP as iTXt (PNG section 11.3.3.4), uncompressed, without language and translated keyword. */
const xmpText = (xmp: Uint8Array): Uint8Array<ArrayBuffer> =>
  chunk('iTXt', concat([latin1(XMP_KEYWORD), Uint8Array.of(0, 0, 0, 0, 0), xmp]));

/**
 * Puts a PNG file together from bands coded by the PNG band coders, whose segments are whole IDAT chunks of one zlib stream.
 * `profileName` is the name given to the ICC profile. The EXIF orientation is written as it stands: reset it before.
 */
export function createPngFile(shape: PictureShape, metadata: Metadata, profileName = 'ICC Profile'): FileWriter {
  let adler = 1;
  let nextRow = 0;
  return {
    begin() {
      const { icc, density, exif, xmp } = metadata;
      const chunks = [PNG_SIGNATURE.slice(), imageHeader(shape)];
      if (icc !== null) chunks.push(profile(icc, profileName));
      if (density !== null) chunks.push(physicalSize(density));
      if (exif !== null) chunks.push(chunk('eXIf', exif));
      if (xmp !== null) chunks.push(xmpText(xmp));
      return [concat(chunks)];
    },
    segment(segment: Segment, place) {
      if (place.y !== nextRow || segment.adler === undefined || segment.rawBytes === undefined) {
        throw new AppError('internal', `PNG bands must come in order with their sums; row ${nextRow} was due.`, {
          values: { expected: nextRow, got: place.y },
        });
      }
      nextRow += place.rows;
      adler = combineAdler32(adler, segment.adler, segment.rawBytes);
      return [segment.bytes];
    },
    end() {
      if (nextRow !== shape.height) {
        throw new AppError('internal', `The PNG file ends after ${nextRow} of ${shape.height} rows.`, {
          values: { rows: nextRow, height: shape.height },
        });
      }
      const last = new Uint8Array(LAST_BLOCK.length + 4);
      last.set(LAST_BLOCK);
      new DataView(last.buffer).setUint32(LAST_BLOCK.length, adler);
      return { bytes: [concat([chunk('IDAT', last), chunk('IEND', new Uint8Array())])], patches: [] };
    },
  };
}
