import { createJpegFile } from '../codecs/jpeg/file.ts';
import { createPngFile } from '../codecs/png/file.ts';
import { createTiffFile } from '../codecs/tiff/file.ts';
import type { BandEncoding, BandPlace, Chroma, FileWriter, JpegTables, PictureShape } from '../core/encoding.ts';
import { AppError } from '../core/errors.ts';
import type { Rect, Size } from '../core/geometry.ts';
import { addStatistics, emptyStatistics, optimisedTables } from '../core/jpeg/huffman.ts';
import { mcuRowHeight, restartRowsFor, type JpegEncoding } from '../core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../core/jpeg/tables.ts';
import type { Metadata } from '../core/metadata.ts';
import type { JobOptions } from '../core/options.ts';
import { BAND_ALIGN } from '../core/plan/bands.ts';
import type { JpegCoder } from '../core/reference/jpeg.ts';
import { jpegPredictor, usualSizes, type QualitySearch } from './byte-limit.ts';

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
  search: QualitySearch | null = null,
): Promise<BandEncoding> {
  const { format, level, chroma } = options;
  switch (format) {
    case 'png':
    case 'tiff':
      return { kind: format, level };
    case 'jpeg': {
      const restartRows = restartRowsFor(picture, chroma);
      const standard: JpegEncoding = {
        ...{ kind: 'jpeg', quality: options.quality, chroma, tables: STANDARD_TABLES, restartRows },
      };
      if (search === null) {
        return { ...standard, tables: (await sampledTables(picture, sample, standard, makeCoder)) ?? STANDARD_TABLES };
      }
      const tiles = await sampleTiles(picture, sample);
      const shape = { ...picture, ...tileSize(picture) };
      const make = (encoding: JpegEncoding): Promise<JpegCoder> => makeCoder(shape, encoding);
      const predict = tiles === null ? usualSizes(format) : jpegPredictor(picture, tiles, shape, standard, make);
      const quality = await search.required(predict, format);
      const encoding = { ...standard, quality };
      if (tiles === null) return encoding;
      return { ...encoding, tables: await tablesOf(tiles, encoding, shape, makeCoder) };
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

/** A search for a quality goes by the bytes of the tiles themselves: 96 of them, 3 megapixels, are within some per cent of the whole. */
const SEARCH_TILES = 96;

const tileSize = (picture: PictureShape): Size => ({
  width: Math.min(TILE.width, picture.width),
  height: Math.min(TILE.height, picture.height),
});

/** Tiles spread evenly down the picture, and across it by the golden ratio, so that no column or period is favoured. */
function sampleRects(picture: PictureShape, most: number): Rect[] {
  const { width, height } = tileSize(picture);
  const tiles = Math.min(most, Math.ceil((picture.width * picture.height) / (width * height)));
  return Array.from({ length: tiles }, (_, i) => ({
    x: Math.floor(((i * 0.618034) % 1) * (picture.width - width)),
    y: Math.floor(((i + 0.5) / tiles) * (picture.height - height)),
    width,
    height,
  }));
}

/** Finished pixels of tiles all over the picture; null when they cannot be had ahead of the bands. */
async function sampleTiles(picture: PictureShape, sample: PixelSampler): Promise<Uint8Array[] | null> {
  const tiles = await Promise.all(sampleRects(picture, SEARCH_TILES).map((rect) => sample(rect)));
  return tiles.includes(null) ? null : (tiles as Uint8Array[]);
}

/**
 * Tables for tiles all over the picture; null when these cannot be had ahead of the bands. Each tile is counted as soon as its source is decoded, so
 * that nearly all of it is done while the decoder is at work.
 */
async function sampledTables(
  picture: PictureShape,
  sample: PixelSampler,
  encoding: JpegEncoding,
  makeCoder: MakeJpegCoder,
): Promise<JpegTables | null> {
  const counter = new SymbolCounter({ ...picture, ...tileSize(picture) }, encoding, makeCoder);
  const counts = sampleRects(picture, SAMPLE_TILES).map(async (rect) => {
    const tile = await sample(rect);
    if (tile !== null) await counter.count(tile);
    return tile !== null;
  });
  return (await Promise.all(counts)).includes(false) ? null : counter.tables();
}

async function tablesOf(
  tiles: readonly Uint8Array[],
  encoding: JpegEncoding,
  shape: PictureShape,
  makeCoder: MakeJpegCoder,
): Promise<JpegTables> {
  const counter = new SymbolCounter(shape, encoding, makeCoder);
  for (const tile of tiles) await counter.count(tile);
  return counter.tables();
}

/** Counts the symbols of tiles of one shape, for the tables that code them in the fewest bits. */
class SymbolCounter {
  readonly #sum = emptyStatistics();
  readonly #place: BandPlace;
  readonly #makeCoder: () => Promise<JpegCoder>;
  #coder: Promise<JpegCoder> | null = null;

  constructor(shape: PictureShape, encoding: JpegEncoding, makeCoder: MakeJpegCoder) {
    this.#place = { index: 0, y: 0, rows: shape.height, first: true, last: true };
    this.#makeCoder = () => makeCoder(shape, encoding);
  }

  async count(tile: Uint8Array): Promise<void> {
    const coder = await (this.#coder ??= this.#makeCoder());
    addStatistics(this.#sum, coder.statistics(tile, this.#place));
  }

  tables(): JpegTables {
    return optimisedTables(this.#sum, 'sample');
  }
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
