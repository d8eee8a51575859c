import { createJpegFile } from '../codecs/jpeg/file.ts';
import { createPngFile } from '../codecs/png/file.ts';
import { createTiffFile } from '../codecs/tiff/file.ts';
import type { BandEncoding, Chroma, FileWriter, JpegTables, PictureShape } from '../core/encoding.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { addStatistics, emptyStatistics, optimisedTables } from '../core/jpeg/huffman.ts';
import { mcuRowHeight, restartRowsFor, type JpegEncoding } from '../core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../core/jpeg/tables.ts';
import type { Metadata } from '../core/metadata.ts';
import type { JobOptions } from '../core/options.ts';
import { BAND_ALIGN } from '../core/plan/bands.ts';
import type { JpegCoder } from '../core/reference/jpeg.ts';

/** Finished pixels of a rectangle, or null when they cannot be had out of order. */
export type PixelSampler = (rect: Rect) => Promise<Uint8Array | null>;

/** Makes the coder that counts symbols of a sample; the fastest that this thread has. */
export type MakeJpegCoder = (shape: PictureShape, encoding: JpegEncoding) => Promise<JpegCoder>;

/** What bands are coded with, before any is computed. JPEG tables are made from a sample of the picture where there is one. */
export async function chooseEncoding(
  options: JobOptions,
  picture: PictureShape,
  sample: PixelSampler,
  makeCoder: MakeJpegCoder,
): Promise<BandEncoding> {
  const { format, level, quality, chroma } = options;
  switch (format) {
    case 'png':
    case 'tiff':
      return { kind: format, level };
    case 'jpeg': {
      const restartRows = restartRowsFor(picture, chroma);
      const standard: JpegEncoding = { kind: 'jpeg', quality, chroma, tables: STANDARD_TABLES, restartRows };
      const tables = await tablesFromSample(standard, picture, sample, makeCoder);
      return tables === null ? standard : { ...standard, tables };
    }
    default:
      throw new AppError('internal', `${format} is not coded in bands`);
  }
}

/** Bands of this encoding are multiples of this many rows: whole restart intervals, and what the engines like. */
export function bandAlign(format: JobOptions['format'], picture: PictureShape, chroma: Chroma): number {
  if (format !== 'jpeg') return BAND_ALIGN;
  const rows = restartRowsFor(picture, chroma) * mcuRowHeight(picture, chroma);
  return rows % BAND_ALIGN === 0 ? rows : rows * (BAND_ALIGN / mcuRowHeight(picture, chroma));
}

/** Sampled tiles: 24 of 512 x 64 pixels are 0.8 megapixels, a few milliseconds, and put the size within 0.5 % of full statistics. */
const SAMPLE_TILES = 24;
const TILE = { width: 512, height: 64 };

/** Tiles spread evenly down the picture, and across it by the golden ratio, so that no column or period is favoured. */
export function sampleRects(picture: PictureShape): Rect[] {
  const width = Math.min(TILE.width, picture.width);
  const height = Math.min(TILE.height, picture.height);
  const tiles = Math.min(SAMPLE_TILES, Math.ceil((picture.width * picture.height) / (width * height)));
  return Array.from({ length: tiles }, (_, i) => ({
    x: Math.floor(((i * 0.618034) % 1) * (picture.width - width)),
    y: Math.floor(((i + 0.5) / tiles) * (picture.height - height)),
    width,
    height,
  }));
}

async function tablesFromSample(
  encoding: JpegEncoding,
  picture: PictureShape,
  sample: PixelSampler,
  makeCoder: MakeJpegCoder,
): Promise<JpegTables | null> {
  const rects = sampleRects(picture);
  const { width, height } = rects[0]!;
  const place = { index: 0, y: 0, rows: height, first: true, last: true };
  const sum = emptyStatistics();
  const tiles = await Promise.all(rects.map((rect) => sample(rect)));
  if (tiles.includes(null)) return null;
  const coder = await makeCoder({ ...picture, width, height }, encoding);
  for (const tile of tiles) {
    if (tile !== null) addStatistics(sum, coder.statistics(tile, place));
  }
  return optimisedTables(sum, 'sample');
}

/** The writer that puts the segments of an encoding together. `bandRows` is the height of every band but the last. */
export function createFileWriter(
  picture: PictureShape,
  encoding: BandEncoding,
  bandRows: number,
  metadata: Metadata,
): FileWriter {
  switch (encoding.kind) {
    case 'png':
      return createPngFile(picture, metadata);
    case 'jpeg':
      return createJpegFile(picture, encoding, metadata);
    case 'tiff': {
      const rawBytes = (picture.width * picture.height * picture.channels * picture.depth) / 8;
      return createTiffFile(picture, bandRows, encoding.level, metadata, rawBytes);
    }
    default:
      return encoding satisfies never;
  }
}
