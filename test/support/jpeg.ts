import sharp from 'sharp';
import type { BandPlace, Chroma, PictureShape } from '../../src/core/encoding.ts';
import type { JpegCoder, JpegEncoding } from '../../src/core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../../src/core/jpeg/tables.ts';
import { NO_METADATA, type Metadata } from '../../src/core/metadata.ts';
import { createJpegFile } from '../../src/codecs/jpeg/file.ts';

export type MakeCoder = (shape: PictureShape, encoding: JpegEncoding) => JpegCoder;

export interface Picture {
  readonly shape: PictureShape;
  readonly pixels: Uint8Array;
}

/** A repeatable stream of bytes. */
export function randomBytes(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

/** What a test picture is filled with. */
export const CONTENTS = ['noise', 'flat', 'saturated', 'photo'] as const;

export function picture(
  width: number,
  height: number,
  channels: 1 | 3,
  content: (typeof CONTENTS)[number],
  seed = 1,
): Picture {
  const random = randomBytes(seed);
  const flat = random();
  const photo = (x: number, y: number, c: number): number =>
    128 + 60 * Math.sin((x + 9 * c) / 11) * Math.cos((y - x / 3) / 7) + (x > width / 2 ? 50 : 0) + random() / 24;
  const value = {
    noise: () => random(),
    flat: () => flat,
    saturated: () => (random() & 64 ? 255 : 0),
    photo,
  }[content];
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < pixels.length; i++) {
    const at = Math.floor(i / channels);
    pixels[i] = Math.max(0, Math.min(255, value(at % width, Math.floor(at / width), i % channels)));
  }
  return { shape: { width, height, channels, depth: 8 }, pixels };
}

export const WHOLE = 1 << 20;

/** One interval for the whole picture, as libjpeg writes files by default, unless something else is asked for. */
export const jpegEncoding = (quality: number, chroma: Chroma, other: Partial<JpegEncoding> = {}): JpegEncoding => ({
  kind: 'jpeg',
  quality,
  chroma,
  tables: STANDARD_TABLES,
  restartRows: WHOLE,
  ...other,
});

/** The bands of a picture, each of this many rows but the last. */
export function bandsOf(height: number, rows: number): BandPlace[] {
  return Array.from({ length: Math.ceil(height / rows) }, (_, index) => {
    const y = index * rows;
    const count = Math.min(rows, height - y);
    return { index, y, rows: count, first: index === 0, last: y + count === height };
  });
}

/** The entropy-coded data of a picture that is coded in bands. */
export function codeBands(
  make: MakeCoder,
  { shape, pixels }: Picture,
  encoding: JpegEncoding,
  rows = shape.height,
): Buffer {
  const coder = make(shape, encoding);
  const stride = shape.width * shape.channels;
  const segments = bandsOf(shape.height, rows).map(
    (place) => coder.encode(pixels.subarray(place.y * stride, (place.y + place.rows) * stride), place).bytes,
  );
  return Buffer.concat(segments);
}

/** A whole file around coded data. */
export function jpegFile(
  shape: PictureShape,
  encoding: JpegEncoding,
  scan: Uint8Array,
  metadata: Metadata = NO_METADATA,
): Buffer {
  const file = createJpegFile(shape, encoding, metadata);
  return Buffer.concat([...file.begin(), scan, ...file.end().bytes]);
}

export interface MarkerSegment {
  readonly marker: number;
  readonly payload: Buffer;
}

/** The marker segments up to the scan's, and what follows them but for EOI. */
export function parseJpeg(file: Buffer): { segments: MarkerSegment[]; scan: Buffer } {
  const segments: MarkerSegment[] = [];
  for (let at = 2; ;) {
    const end = at + 2 + file.readUInt16BE(at + 2);
    segments.push({ marker: file[at + 1], payload: file.subarray(at + 4, end) });
    if (file[at + 1] === 0xda) return { segments, scan: file.subarray(end, file.length - 2) };
    at = end;
  }
}

/** The same pixels coded by libjpeg, through sharp. */
export function libjpeg(
  { shape, pixels }: Picture,
  quality: number,
  chroma: Chroma,
  optimiseCoding: boolean,
): Promise<Buffer> {
  const { width, height, channels } = shape;
  const space = channels === 1 ? 'b-w' : 'srgb';
  return sharp(pixels, { raw: { width, height, channels } })
    .toColourspace(space)
    .jpeg({ quality, chromaSubsampling: chroma === '420' ? '4:2:0' : '4:4:4', optimiseCoding, mozjpeg: false })
    .toBuffer();
}

/** The pixels of a file that must be free of any fault. */
export async function decoded(file: Buffer, channels: number): Promise<Buffer> {
  const { data, info } = await sharp(file, { failOn: 'warning' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`${info.channels} channels instead of ${channels}`);
  return data;
}

/** The mean squared difference of samples. */
export function meanSquare(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / a.length;
}
