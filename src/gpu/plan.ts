import type { PictureShape, BandPlace } from '../core/encoding.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { jpegLayout, type JpegEncoding } from '../core/jpeg/layout.ts';
import { bytesPerRow } from '../core/pixels.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import { stageRects, tapsFor } from '../core/taps.ts';

/** Rows that vertical passes compute together (BLOCK_ROWS of wgsl/lib/column-filter.wgsl; the tables hold them to it). */
export const BLOCK_ROWS = 8;

/** Bytes of a pixel in the working space: four floats. */
const WORKING_BYTES = 16;

const SMALLEST_CLASS = 256;

/** The size a pooled buffer gets: the next of 4, 5, 6 or 7 times a power of two, so that no more than a quarter is wasted. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST_CLASS) return SMALLEST_CLASS;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** What bounds a tile. */
export interface TileLimits {
  /** Most bytes of each of its buffers. */
  readonly bufferBytes: number;
  /** Most work (see `Tile`). */
  readonly work: number;
  /** Most rows and columns of anything, from the number of workgroups that a dispatch may have. */
  readonly side: number;
}

/** A rectangle of the finished picture that is resampled in one submission. */
export interface Tile {
  readonly rect: Rect;
  /** The rectangle of the source, of each stage's output, and at last `rect`. */
  readonly rects: readonly Rect[];
  /** Bytes: source samples (in whole words), the largest picture between stages, the largest one filtered by rows only. */
  readonly stripBytes: number;
  readonly workingBytes: number;
  readonly filteredBytes: number;
  /** Multiply-adds of pixels; reading and finishing a pixel count as some. */
  readonly work: number;
}

/** Work of unpacking a source pixel, or of finishing one. */
const PIXEL_WORK = 8;

const area = (rect: Rect): number => rect.width * rect.height;

/** What computing a rectangle takes. Pure. */
export function planTile(spec: ResampleSpec, rect: Rect): Tile {
  const rects = stageRects(spec.stages, rect);
  const stripBytes = roundUp(rects[0].height * bytesPerRow(rects[0].width, spec.input), 4);
  let workingBytes = 0;
  let filteredBytes = 0;
  let work = PIXEL_WORK * (area(rects[0]) + area(rect));
  spec.stages.forEach(({ from, to, kernel }, i) => {
    const filtered = rects[i + 1].width * rects[i].height;
    workingBytes = Math.max(workingBytes, WORKING_BYTES * area(rects[i]));
    filteredBytes = Math.max(filteredBytes, WORKING_BYTES * filtered);
    work += filtered * tapsFor(kernel, from.width, to.width).taps;
    work += area(rects[i + 1]) * tapsFor(kernel, from.height, to.height).taps;
  });
  return { rect, rects, stripBytes, workingBytes, filteredBytes, work };
}

const fits = (tile: Tile, limits: TileLimits): boolean =>
  Math.max(tile.stripBytes, tile.workingBytes, tile.filteredBytes) <= limits.bufferBytes &&
  tile.work <= limits.work &&
  tile.rects.every(({ width, height }) => width <= limits.side && height <= limits.side);

/** Tiles are not cut below this many rows for the sake of time: the halo would cost more than is won. */
const LEAST_ROWS = 16;

/**
 * Cuts a rectangle of the finished picture into tiles that fit the limits: into runs of rows, and where even few rows do not fit,
 * into columns, each with the halo that its taps reach for. Throws `engine-failed` when a single pixel does not fit.
 */
export function planTiles(spec: ResampleSpec, rect: Rect, limits: TileLimits): Tile[] {
  const tile = planTile(spec, rect);
  if (fits(tile, limits)) return [tile];
  const { x, y, width, height } = rect;
  const isOnlyLong = fits(tile, { ...limits, work: Infinity });
  if (height > LEAST_ROWS || (height > 1 && width === 1)) {
    const upper = height > 2 * BLOCK_ROWS ? roundUp(height / 2, BLOCK_ROWS) : height >> 1;
    return [
      ...planTiles(spec, { x, y, width, height: upper }, limits),
      ...planTiles(spec, { x, y: y + upper, width, height: height - upper }, limits),
    ];
  }
  if (isOnlyLong && width <= 64) return [tile];
  if (width === 1) {
    throw new AppError(
      'engine-failed',
      `The GPU's buffers of ${limits.bufferBytes} bytes do not hold what one pixel needs.`,
      {
        values: { limit: limits.bufferBytes, needed: Math.max(tile.workingBytes, tile.filteredBytes, tile.stripBytes) },
      },
    );
  }
  const left = width > 128 ? roundUp(width / 2, 64) : width >> 1;
  return [
    ...planTiles(spec, { x, y, width: left, height }, limits),
    ...planTiles(spec, { x: x + left, y, width: width - left, height }, limits),
  ];
}

/** Bytes of a finished pixel on the GPU: a word for 8 bits a sample, two for 16. */
export const finishedBytes = (spec: ResampleSpec): number => (spec.output.depth === 8 ? 4 : 8);

/** Cuts a rectangle into runs of rows whose finished pixels take at most `bytes`; at least one row each. */
export function planRuns(spec: ResampleSpec, rect: Rect, bytes: number): Rect[] {
  const most = Math.floor(bytes / (rect.width * finishedBytes(spec)));
  const rows = most > BLOCK_ROWS ? most - (most % BLOCK_ROWS) : Math.max(1, most);
  const runs: Rect[] = [];
  for (let done = 0; done < rect.height; done += rows) {
    runs.push({ ...rect, y: rect.y + done, height: Math.min(rows, rect.height - done) });
  }
  return runs;
}

/** What coding a band on the GPU takes; bytes, unless said otherwise. */
export interface JpegBandPlan {
  /** As in wgsl/lib/jpeg-layout.wgsl, but for the fields that depend on the dispatch. */
  readonly params: Readonly<Record<string, number>>;
  readonly coefficients: number;
  readonly masks: number;
  readonly offsets: number;
  readonly groupSums: number;
  readonly intervals: number;
  readonly bits: number;
  readonly chunkCounts: number;
  readonly segment: number;
  /** Bytes of the band's samples, and the share of them that there is room for. */
  readonly rawBytes: number;
  readonly room: number;
  readonly work: number;
}

/** Constants of the JPEG passes, read from their WGSL. */
export interface JpegPassSizes {
  readonly blockWords: number;
  readonly headerWords: number;
  readonly summedBlocks: number;
  readonly chunkBytes: number;
}

/** Work of a pixel in the JPEG passes, in units of `Tile.work`. */
const JPEG_PIXEL_WORK = 40;

/** Sizes for a band. There is room for coded bytes up to the share `room` of the band's samples; that more were met is noticed. Pure. */
export function planJpegBand(
  shape: PictureShape,
  encoding: JpegEncoding,
  place: BandPlace,
  sizes: JpegPassSizes,
  room: number,
): JpegBandPlan {
  const { components, mcuSize, mcusPerRow, mcuRows } = jpegLayout(shape, encoding.chroma);
  const bandMcuRows = Math.ceil(place.rows / mcuSize);
  const lumaBlocks = (mcuSize / 8) ** 2;
  const mcuBlocks = components === 1 ? 1 : lumaBlocks + 2;
  const blocks = bandMcuRows * mcusPerRow * mcuBlocks;
  const restartRows = Math.min(encoding.restartRows, mcuRows);
  const intervals = Math.ceil(bandMcuRows / restartRows);
  const firstInterval = place.y / mcuSize / restartRows;
  const isWhole = Number.isInteger(firstInterval) && (place.last || place.rows === intervals * restartRows * mcuSize);
  if (!isWhole) {
    throw new AppError(
      'internal',
      `A JPEG band of ${place.rows} rows at ${place.y} is not a whole number of restart intervals.`,
      {
        values: { y: place.y, rows: place.rows, intervalRows: restartRows * mcuSize },
      },
    );
  }
  const samples = place.rows * shape.width * components;
  const bits = roundUp(Math.max(1, samples * room), sizes.chunkBytes);
  const chunks = bits / sizes.chunkBytes;
  // Stuffing adds about 1 byte in 256; a sixteenth is plenty.
  const segment = 4 * sizes.headerWords + roundUp(bits + bits / 16 + 2 * intervals, 4);
  return {
    params: {
      width: shape.width,
      rows: place.rows,
      components,
      mcu_size: mcuSize,
      mcus_per_row: mcusPerRow,
      luma_blocks: lumaBlocks,
      mcu_blocks: mcuBlocks,
      blocks,
      interval_blocks: restartRows * mcusPerRow * mcuBlocks,
      intervals,
      first_interval: firstInterval,
      ends_picture: place.last ? 1 : 0,
      bits_words: bits / 4,
      segment_words: segment / 4,
      chunks,
    },
    coefficients: blocks * sizes.blockWords * 4,
    masks: blocks * 8,
    offsets: blocks * 4,
    groupSums: Math.ceil(blocks / sizes.summedBlocks) * 4,
    intervals: (intervals + 1) * 8,
    bits,
    chunkCounts: chunks * 4,
    segment,
    rawBytes: samples,
    room,
    work: JPEG_PIXEL_WORK * place.rows * shape.width,
  };
}

/** The dispatches of a pass over `groups` workgroups, none larger than `most`: first workgroup and number of each. */
export function cutGroups(groups: number, most: number): { readonly first: number; readonly count: number }[] {
  const parts = Math.ceil(groups / most);
  const size = Math.ceil(groups / parts);
  return Array.from({ length: parts }, (_, i) => ({ first: i * size, count: Math.min(size, groups - i * size) }));
}
