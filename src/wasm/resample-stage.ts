import type { Channels } from '../core/pixels.ts';
import type { Stage } from '../core/resampling.ts';
import { fillRows, tapsFor, type TapTable } from '../core/taps.ts';
import type { Kernels } from './kernels.ts';
import type { JobFields } from './resample-layout.ts';

/** Vectors are read and written past the end of what is needed, never by more than this. */
export const SLACK = 128;

/** More taps than these would add up the rounding of their 14-bit weights. */
const MAX_FIXED_TAPS = 32;

const FIXED_ONE = 1 << 14;

/** Output columns of a strip: filtered rows of a strip stay in the level 1 cache, and writes are runs of some kilobytes. */
const STRIP = 512;
const MIN_STRIP = 32;

export const canBeFixed = ({ from, to, kernel }: Stage): boolean =>
  tapsFor(kernel, from.width, to.width).taps <= MAX_FIXED_TAPS &&
  tapsFor(kernel, from.height, to.height).taps <= MAX_FIXED_TAPS;

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** 14-bit weights padded with zeros, which sum to exactly 1: the largest takes up the rounding of the others. */
function fixedWeights(table: TapTable, padded: number): Int16Array {
  const { size, taps } = table;
  const fixed = new Int16Array(size * padded);
  return fillRows(table, fixed, padded, (i) => {
    const weights = table.weightsOf(i);
    let rest = FIXED_ONE;
    let largest = i * padded;
    for (let k = 0; k < taps; k++) {
      const value = Math.round(weights[k] * FIXED_ONE);
      fixed[i * padded + k] = value;
      rest -= value;
      if (value > fixed[largest]) largest = i * padded + k;
    }
    fixed[largest] += rest;
  });
}

function floatWeights(table: TapTable, padded: number): Float32Array {
  const out = new Float32Array(table.size * padded);
  return fillRows(table, out, padded, (i) => out.set(table.weightsOf(i), i * padded));
}

/** Output columns whose samples fill three vectors. */
const GROUP_COLUMNS = 4;
const GROUP_TAPS = 6;
/** Bytes of a source pixel as the kernels prepare it, alone and for groups. */
const PREPARED_PIXEL = 16;
const GROUP_PIXEL = 24;

/** Columns in groups that all have the same weights and share their input pixels, and these weights as vectors. */
interface ColumnGroups {
  readonly from: number;
  readonly end: number;
  readonly vectors: Int16Array;
}

/**
 * The groups of 4 columns with equal starts and weights from group to group, which Lanczos-3 at 4x has everywhere but at the edges; null where there are no
 * such. `fixed` has `GROUP_TAPS` weights to a column.
 */
function columnGroups({ size, starts, repeat }: TapTable, fixed: Int16Array): ColumnGroups | null {
  let from = repeat.first;
  while (from > 0 && from < repeat.end && starts[from - 1] === starts[from]) from++;
  const end = repeat.end - ((repeat.end - from) % GROUP_COLUMNS);
  const isGroup =
    starts[from + GROUP_COLUMNS - 1] === starts[from] && starts[from + GROUP_COLUMNS] === starts[from] + 1;
  if (repeat.period !== GROUP_COLUMNS || end - from < size / 2 || !isGroup) return null;
  const vectors = new Int16Array(GROUP_COLUMNS * 3 * GROUP_TAPS);
  for (let pair = 0, at = 0; pair < GROUP_TAPS; pair += 2) {
    for (let sample = 0; sample < GROUP_COLUMNS * 3; sample++) {
      const weight = (from + Math.floor(sample / 3)) * GROUP_TAPS + pair;
      vectors[at++] = fixed[weight];
      vectors[at++] = fixed[weight + 1];
    }
  }
  return { from, end, vectors };
}

/** Copies a table into the arena, with slack behind it that reads as zeros. Returns its address. */
export function placeTable(kernels: Kernels, table: Int16Array | Int32Array | Float32Array): number {
  const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
  const address = kernels.arena.alloc(bytes.length + SLACK);
  const view = kernels.bytes(address, bytes.length + SLACK);
  view.set(bytes);
  view.fill(0, bytes.length);
  return address;
}

/** `starts` with a few more entries like the last, for columns computed past the end of a row. */
function paddedStarts(starts: Int32Array): Int32Array {
  const padded = new Int32Array(starts.length + 8).fill(starts[starts.length - 1]);
  padded.set(starts);
  return padded;
}

/** Tables and scratch memory of one stage, as job fields. */
export interface PlacedStage {
  readonly stage: Stage;
  readonly strip: number;
  readonly fields: JobFields;
}

/** The most input columns that any strip's columns depend on. */
function widestStrip({ size, starts, taps }: TapTable, strip: number): number {
  let widest = 0;
  for (let x = 0; x < size; x += strip) {
    widest = Math.max(widest, starts[Math.min(x + strip, size) - 1] + taps - starts[x]);
  }
  return widest;
}

/**
 * Puts the tables of a stage into the arena. `fixed`: weights for the 8-bit path, `float`: for the general one.
 * Strips are narrower when reducing, since their source columns have to stay in the cache as well.
 */
export function placeStage(
  kernels: Kernels,
  stage: Stage,
  channels: Channels,
  paths: { readonly fixed: boolean; readonly float: boolean },
): PlacedStage {
  const { from, to, kernel } = stage;
  const columns = tapsFor(kernel, from.width, to.width);
  const rows = tapsFor(kernel, from.height, to.height);
  const reduction = Math.max(1, from.width / to.width);
  const strip = Math.max(MIN_STRIP, roundUp(Math.floor(STRIP / reduction), 16));
  const columnFixedTaps = roundUp(columns.taps, channels === 1 ? 8 : 2);
  const rowFixedTaps = roundUp(rows.taps, 2);
  const columnStep = channels === 1 ? roundUp(columns.taps, 4) : columns.taps;
  const samples = strip * channels;
  // Rows a multiple of 4096 bytes apart would compete for the same lines of the cache.
  const pairStride = roundUp(samples * 4 + SLACK, 64) + 64;
  const floatStride = pairStride;
  const alloc = (bytes: number): number => kernels.arena.alloc(bytes + SLACK);
  const columnFixed = paths.fixed ? fixedWeights(columns, columnFixedTaps) : null;
  const groups =
    columnFixed !== null && channels === 3 && columnFixedTaps === GROUP_TAPS
      ? columnGroups(columns, columnFixed)
      : null;
  const fields: JobFields = {
    channels,
    columnTaps: columns.taps,
    columnStarts: placeTable(kernels, paddedStarts(columns.starts)),
    rowTaps: rows.taps,
    rowStarts: placeTable(kernels, rows.starts),
    columnStep,
    columnFixedTaps,
    rowFixedTaps,
    ...(paths.float && {
      columnWeights: placeTable(kernels, floatWeights(columns, columnStep)),
      rowWeights: placeTable(kernels, floatWeights(rows, rows.taps)),
      floatRing: alloc(rows.taps * floatStride),
      floatStride,
    }),
    ...(groups && {
      groupWeights: placeTable(kernels, groups.vectors),
      groupsFrom: groups.from,
      groupsEnd: groups.end,
    }),
    ...(columnFixed && {
      columnFixed: placeTable(kernels, columnFixed),
      rowFixed: placeTable(kernels, fixedWeights(rows, rowFixedTaps)),
      pairRing: alloc(rowFixedTaps * pairStride),
      pairStride,
      plainA: alloc(samples * 2 + SLACK),
      plainB: alloc(samples * 2 + SLACK),
    }),
    strip,
    prepared: alloc((widestStrip(columns, strip) + 8) * (groups ? GROUP_PIXEL : PREPARED_PIXEL)),
    floatRow: alloc(samples * 4 + SLACK),
    pointers: alloc(Math.max(rows.taps, 16) * 4),
  };
  return { stage, strip, fields };
}
