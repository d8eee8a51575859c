import type { FileWriter, JpegHuffmanTable, PictureShape, Segment } from '../../core/encoding.ts';
import { jpegLayout, restartInterval, type JpegEncoding } from '../../core/jpeg/layout.ts';
import { quantisationTables, ZIGZAG } from '../../core/jpeg/tables.ts';
import type { Density, Metadata } from '../../core/metadata.ts';
import { say, str, type Text } from '../../core/text.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A marker segment holds its own length in 16 bits, which count themselves. */
const MAX_PAYLOAD = 65533;
const ICC_HEADER = 14;
const ICC_CHUNK = MAX_PAYLOAD - ICC_HEADER;

const EXIF_PREFIX = ascii('Exif\0\0');
const XMP_PREFIX = ascii('http://ns.adobe.com/xap/1.0/\0');
const ICC_PREFIX = ascii('ICC_PROFILE\0');

function ascii(text: string): Bytes {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function concat(parts: readonly ArrayLike<number>[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const u16 = (value: number): number[] => [value >> 8, value & 255];

function segment(marker: number, ...payload: ArrayLike<number>[]): Bytes {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  return concat([[0xff, marker], u16(length + 2), ...payload]);
}

/** A block of metadata that does not fit into a JPEG file, and why: whole sentences for the receipt. */
export interface JpegMetadataLoss {
  readonly block: 'exif' | 'xmp' | 'icc';
  readonly reason: Text;
}

/**
 * What of the metadata JPEG cannot hold; `createJpegFile` leaves these blocks out. EXIF and XMP must each fit one APP1 segment
 * (65,527 and 65,504 bytes), the profile 255 segments of APP2.
 */
export function jpegMetadataLosses(metadata: Metadata): JpegMetadataLoss[] {
  const limits = [
    { block: 'exif', label: 'EXIF', limit: MAX_PAYLOAD - EXIF_PREFIX.length },
    { block: 'xmp', label: 'XMP', limit: MAX_PAYLOAD - XMP_PREFIX.length },
    { block: 'icc', label: 'ICC profile', limit: 255 * ICC_CHUNK },
  ] as const;
  return limits.flatMap(({ block, label, limit }) => {
    const bytes = metadata[block]?.byteLength ?? 0;
    if (bytes <= limit) return [];
    return [{ block, reason: say(str`${label} was left out: it has ${bytes} bytes and JPEG ends at ${limit}.`) }];
  });
}

/** JFIF 1.02 with pixels per inch, or only the aspect ratio 1:1 when the density is not known. */
function jfif(density: Density | null): Bytes {
  const whole = (ppi: number): number => Math.min(65535, Math.max(1, Math.round(ppi)));
  const [unit, x, y] = density === null ? [0, 1, 1] : [1, whole(density.x), whole(density.y)];
  return segment(0xe0, ascii('JFIF\0'), [1, 2, unit, ...u16(x), ...u16(y), 0, 0]);
}

/** The profile in numbered APP2 segments (ICC.1:2010, B.4). */
function iccSegments(icc: Bytes): Bytes[] {
  const count = Math.ceil(icc.length / ICC_CHUNK);
  return Array.from({ length: count }, (_, i) =>
    segment(0xe2, ICC_PREFIX, [i + 1, count], icc.subarray(i * ICC_CHUNK, (i + 1) * ICC_CHUNK)),
  );
}

/** JFIF demands APP0 first and EXIF demands APP1 first; every reader takes APP0, then APP1, as cameras' editors write it. */
function metadataSegments(metadata: Metadata): Bytes[] {
  const lost = new Set(jpegMetadataLosses(metadata).map((loss) => loss.block));
  const kept = (block: 'exif' | 'xmp' | 'icc'): Bytes | null => (lost.has(block) ? null : metadata[block]);
  const [exif, xmp, icc] = [kept('exif'), kept('xmp'), kept('icc')];
  return [
    jfif(metadata.density),
    ...(exif ? [segment(0xe1, EXIF_PREFIX, exif)] : []),
    ...(xmp ? [segment(0xe1, XMP_PREFIX, xmp)] : []),
    ...(icc ? iccSegments(icc) : []),
  ];
}

function huffmanSegment(id: number, table: JpegHuffmanTable): Bytes {
  return segment(0xc4, [id], table.counts, table.values);
}

/** Everything from the quantisation tables to the start of the scan (ITU T.81, B.2). */
function frameSegments(shape: PictureShape, encoding: JpegEncoding): Bytes[] {
  const layout = jpegLayout(shape, encoding.chroma);
  const { components, mcuSize } = layout;
  const kinds = components === 1 ? ([0] as const) : ([0, 1] as const);
  const steps = quantisationTables(encoding.quality);
  const sampling = (component: number): number => (component === 0 && mcuSize === 16 ? 0x22 : 0x11);
  const table = (component: number): number => (component === 0 ? 0 : 1);
  const ids = Array.from({ length: components }, (_, i) => i);
  const interval = restartInterval(layout, encoding.restartRows);
  const zigzag = (natural: Uint8Array): number[] => ZIGZAG.map((i) => natural[i]);
  return [
    ...kinds.map((i) => segment(0xdb, [i], zigzag(steps[i]))),
    segment(
      0xc0,
      [8, ...u16(shape.height), ...u16(shape.width), components],
      ids.flatMap((i) => [i + 1, sampling(i), table(i)]),
    ),
    ...kinds.flatMap((i) => [
      huffmanSegment(i, encoding.tables.dc[i]),
      huffmanSegment(0x10 | i, encoding.tables.ac[i]),
    ]),
    ...(interval > 0 ? [segment(0xdd, u16(interval))] : []),
    segment(
      0xda,
      [components],
      ids.flatMap((i) => [i + 1, table(i) * 0x11]),
      [0, 63, 0],
    ),
  ];
}

/**
 * A baseline JPEG file around segments of a JPEG band coder with the same encoding. Metadata that does not fit is left out:
 * see `jpegMetadataLosses`. Throws an AppError for pictures and intervals that JPEG cannot hold.
 */
export function createJpegFile(shape: PictureShape, encoding: JpegEncoding, metadata: Metadata): FileWriter {
  const header = concat([[0xff, 0xd8], ...metadataSegments(metadata), ...frameSegments(shape, encoding)]);
  return {
    begin: () => [header],
    segment: (part: Segment) => [part.bytes],
    end: () => ({ bytes: [Uint8Array.of(0xff, 0xd9)], patches: [] }),
  };
}
