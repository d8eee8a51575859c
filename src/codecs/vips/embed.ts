import { AppError } from '../../core/errors.ts';
import type { Metadata } from '../../core/metadata.ts';
import { Bytes } from '../bytes.ts';
import { boxesIn } from '../boxes.ts';
import { densityRational } from '../metadata/density.ts';
import { buildExif } from '../metadata/exif-build.ts';

type Data = Uint8Array<ArrayBuffer>;

/**
 * The EXIF block for a format that has no other place for the density: the given one, which carries the density already, or a
 * new one with nothing else in it.
 */
export function exifForDensity({ exif, density }: Metadata): Data | null {
  if (exif !== null || density === null) return exif;
  const rational = (tag: number, value: number) => {
    const bytes = new Uint8Array(8);
    densityRational(value).forEach((part, i) => new DataView(bytes.buffer).setUint32(i * 4, part, true));
    return { tag, type: 5, count: 1, value: bytes };
  };
  const unit = { tag: 0x0128, type: 3, count: 1, value: Uint8Array.of(2, 0) };
  const main = [rational(0x011a, density.x), rational(0x011b, density.y), unit];
  return buildExif({ main, exif: [], gps: [] }, true);
}

function concat(parts: readonly Uint8Array[]): Data {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ascii = (text: string): Data => Uint8Array.from(text, (c) => c.charCodeAt(0));

const damaged = (format: string): AppError => new AppError('internal', `The ${format} encoder gave no ${format} file.`);

/** Bits of the VP8X chunk (RFC 9649, 2.7.1). */
const WEBP_FLAG = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;

/** A still WebP of the encoder with EXIF and XMP chunks, in the extended format (RFC 9649, 2.7), which is made where it is not there. */
export function embedInWebp(file: Data, exif: Data | null, xmp: Data | null): Data {
  if (exif === null && xmp === null) return file;
  const chunks = webpChunks(file);
  const header = chunks.find(({ name }) => name === 'VP8X')?.data ?? extendedHeader(chunks);
  header[0] = header[0]! | (exif ? WEBP_FLAG.exif : 0) | (xmp ? WEBP_FLAG.xmp : 0);
  const body = [
    riffChunk('VP8X', header),
    ...chunks
      .filter(({ name }) => !['VP8X', 'EXIF', 'XMP '].includes(name))
      .map(({ name, data }) => riffChunk(name, data)),
    ...(exif ? [riffChunk('EXIF', exif)] : []),
    ...(xmp ? [riffChunk('XMP ', xmp)] : []),
  ];
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, 4 + body.reduce((sum, part) => sum + part.length, 0), true);
  return concat([ascii('RIFF'), size, ascii('WEBP'), ...body]);
}

interface RiffChunk {
  readonly name: string;
  readonly data: Data;
}

function webpChunks(file: Data): RiffChunk[] {
  const bytes = new Bytes(file, true);
  if (file.length < 20 || bytes.ascii(0, 4) !== 'RIFF') throw damaged('WebP');
  const chunks: RiffChunk[] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const length = bytes.u32(at + 4);
    chunks.push({ name: bytes.ascii(at, 4), data: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

/** A VP8X content for a simple file: the size and alpha as the bitstream has them (RFC 9649, 2.5, 2.6 and 3.4). */
function extendedHeader(chunks: readonly RiffChunk[]): Data {
  const [picture] = chunks;
  if (!picture) throw damaged('WebP');
  const bytes = new Bytes(picture.data, true);
  const lossless = picture.name === 'VP8L';
  const packed = lossless ? bytes.u32(1) : 0;
  const width = lossless ? packed & 0x3fff : (bytes.u16(6) & 0x3fff) - 1;
  const height = lossless ? (packed >>> 14) & 0x3fff : (bytes.u16(8) & 0x3fff) - 1;
  const header = new Uint8Array(10);
  header[0] = lossless && ((packed >>> 28) & 1) === 1 ? WEBP_FLAG.alpha : 0;
  header.set([width & 255, width >> 8, 0, height & 255, height >> 8, 0], 4);
  return header;
}

function riffChunk(name: string, data: Uint8Array): Data {
  const head = new Uint8Array(8);
  head.set(ascii(name));
  new DataView(head.buffer).setUint32(4, data.length, true);
  return concat([head, data, new Uint8Array(data.length & 1)]);
}

/** The signature and file type boxes of a JPEG XL container (ISO/IEC 18181-2, 9.1 and 9.2). */
const JXL_START = concat([
  Uint8Array.of(0, 0, 0, 12, ...ascii('JXL '), 0x0d, 0x0a, 0x87, 0x0a),
  Uint8Array.of(0, 0, 0, 20, ...ascii('ftypjxl '), 0, 0, 0, 0, ...ascii('jxl ')),
]);

/**
 * A JPEG XL with Exif and xml boxes (ISO/IEC 18181-2, 9.4 and 9.5) before the codestream. Not left to libvips, which would compress them
 * with Brotli: many programs do not read that.
 */
export function embedInJxl(file: Data, exif: Data | null, xmp: Data | null): Data {
  if (exif === null && xmp === null) return file;
  // The offset of the TIFF header comes first.
  const boxes = [...(exif ? [box('Exif', concat([new Uint8Array(4), exif]))] : []), ...(xmp ? [box('xml ', xmp)] : [])];
  if (file[0] === 0xff && file[1] === 0x0a) return concat([JXL_START, ...boxes, box('jxlc', file)]);
  if (!JXL_START.every((byte, i) => file[i] === byte)) throw damaged('JPEG XL');
  // A level box comes right after the file type.
  const [next] = boxesIn(new Bytes(file), JXL_START.length, file.length);
  const at = next?.type === 'jxll' ? next.start + next.length : JXL_START.length;
  return concat([file.subarray(0, at), ...boxes, ...withoutMetadata(file, at)]);
}

/** The boxes from `at` on but those with metadata: libvips writes an EXIF block of its own, compressed, with a density of 25.4 dpi. */
function withoutMetadata(file: Data, at: number): Data[] {
  const kept: Data[] = [];
  let start = at;
  for (const box of boxesIn(new Bytes(file), at, file.length)) {
    const end = box.start + box.length;
    if (!['brob', 'Exif', 'xml '].includes(box.type)) kept.push(file.subarray(start, end));
    start = end;
  }
  return kept;
}

/** A box; one beyond 4 GiB would need a longer header, and no encoder's memory holds one. */
function box(type: string, data: Uint8Array): Data {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length + 8);
  head.set(ascii(type), 4);
  return concat([head, data]);
}
