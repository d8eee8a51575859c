import { finishHalo } from './finish.ts';
import type { Rect } from './geometry.ts';
import { KERNELS } from './kernels.ts';
import type { KernelName, ResampleSpec, Stage } from './resampling.ts';

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The weights of one axis: output pixel `i` is the sum over `k < taps` of `weightsOf(i)[k] * input[starts[i] + k]`. Of the pixels that repeat only a
 * period is kept: of 45,000 rows at 15x all weights would be 2 MB, in each thread.
 */
export class TapTable {
  /** Output pixels. */
  readonly size: number;
  /** Weights per output pixel; the same for all, never more than there are input pixels. */
  readonly taps: number;
  /** First input pixel of each output pixel. Ascending; `starts[i] + taps` is never beyond the input. */
  readonly starts: Int32Array;
  readonly repeat: Repeat;
  /** The weights of pixels that are not like an earlier one. */
  readonly #kept: Float64Array;
  #all: Float64Array | null = null;

  /** `weigh` puts the weights of an output pixel in the place of zeros. It is called for those alone that are not like an earlier one. */
  constructor(taps: number, starts: Int32Array, repeat: Repeat, weigh: (i: number, weights: Float64Array) => void) {
    this.size = starts.length;
    this.taps = taps;
    this.starts = starts;
    this.repeat = repeat;
    const { end } = repeat;
    const made = endOfFirstPeriod(repeat);
    this.#kept = new Float64Array((made + this.size - end) * taps);
    for (let i = 0; i < made; i++) weigh(i, this.weightsOf(i));
    for (let i = end; i < this.size; i++) weigh(i, this.weightsOf(i));
  }

  /** The weights of an output pixel: sum to 1. Those of taps that fell outside the picture have been added to the edge pixel's. Not to be changed. */
  weightsOf(i: number): Float64Array {
    const { first, end, period } = this.repeat;
    const made = endOfFirstPeriod(this.repeat);
    const kept = i < made ? i : i < end ? first + ((i - first) % period) : made + i - end;
    return this.#kept.subarray(kept * this.taps, (kept + 1) * this.taps);
  }

  /** The weights of all output pixels, one after the other; kept from when they are first asked for. Not to be changed. */
  get weights(): Float64Array {
    const { size, taps } = this;
    const all = this.#all ?? new Float64Array(size * taps);
    if (this.#all === null) fillRows(this, all, taps, (i) => all.set(this.weightsOf(i), i * taps));
    return (this.#all = all);
  }
}

/** The weights of output pixels from `first` up to `end`, which is not one of them, are those of the pixel `period` before. */
export interface Repeat {
  readonly first: number;
  readonly end: number;
  readonly period: number;
}

/** A run of rows or columns. */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** The end of the pixels from the beginning to the first period's last. */
const endOfFirstPeriod = ({ first, end, period }: Repeat): number => Math.min(end, first + period);

/**
 * Makes the rows of a table of `width` numbers for each output pixel: `make` is called for those that are not like an earlier one, and
 * the others are copied, which takes a hundredth of the time in a script that has just started.
 */
export function fillRows<T extends Float64Array | Float32Array | Int16Array>(
  { size, repeat }: TapTable,
  table: T,
  width: number,
  make: (i: number) => void,
): T {
  const { first, end } = repeat;
  const made = endOfFirstPeriod(repeat);
  for (let i = 0; i < made; i++) make(i);
  for (let filled = made; filled < end;) {
    const count = Math.min(filled - first, end - filled);
    table.copyWithin(filled * width, first * width, (first + count) * width);
    filled += count;
  }
  for (let i = end; i < size; i++) make(i);
  return table;
}

/** A table of one tap for each output pixel. */
function singleTaps(size: number, startOf: (i: number) => number): TapTable {
  const starts = Int32Array.from({ length: size }, (_, i) => startOf(i));
  return new TapTable(1, starts, { first: 0, end: size, period: 1 }, (_, weights) => weights.fill(1));
}

/**
 * Exact coverage: each input pixel counts by the share of the output pixel that it covers. When enlarging this gives
 * one or two taps, which is what OpenCV's INTER_AREA does too. Whole numbers throughout (units of 1/to of an input
 * pixel), so that no sliver comes from rounding.
 */
function areaTaps(from: number, to: number): TapTable {
  const lastOf = (i: number): number => Math.floor(((i + 1) * from - 1) / to);
  const starts = new Int32Array(to);
  let taps = 1;
  for (let i = 0; i < to; i++) {
    starts[i] = Math.floor((i * from) / to);
    taps = Math.max(taps, lastOf(i) - starts[i] + 1);
  }
  return new TapTable(taps, starts, { first: 0, end: 0, period: 1 }, (i, weights) => {
    const [begin, end, first] = [i * from, (i + 1) * from, starts[i]];
    starts[i] = Math.min(first, from - taps);
    for (let j = first; j <= lastOf(i); j++) {
      const overlap = Math.min(end, (j + 1) * to) - Math.max(begin, j * to);
      weights[j - starts[i]] = overlap / from;
    }
  });
}

const isIdentity = (kernel: KernelName, from: number, to: number): boolean =>
  from === to && KERNELS[kernel].interpolating;

const nearestOf = (from: number, to: number, i: number): number => Math.floor(((2 * i + 1) * from) / (2 * to));

/** Where the kernel lies over the input, for each output pixel of an axis. */
interface Windows {
  /** The kernel is wider by this factor. */
  readonly widen: number;
  /** Input pixels under the kernel, also beyond the picture. */
  readonly window: number;
  readonly taps: number;
  /** Output pixels repeat their place between input pixels every `period`, `step` input pixels on. */
  readonly period: number;
  readonly step: number;
  /** The middle of the kernel at a phase below `period`, and the first input pixel under it. */
  centreOf(phase: number): number;
  firstOf(phase: number): number;
}

function windowsOf(kernel: KernelName, from: number, to: number): Windows {
  const widen = Math.max(1, from / to);
  const reach = KERNELS[kernel].support * widen;
  // 2 * reach is often a whole number but for rounding; the next tap would have a weight of nothing.
  const window = Math.ceil(2 * reach - 1e-9);
  const common = greatestCommonDivisor(from, to);
  const centreOf = (phase: number): number => ((2 * phase + 1) * from - to) / (2 * to);
  return {
    ...{ widen, window, centreOf, taps: Math.min(window, from), period: to / common, step: from / common },
    firstOf: (phase) => Math.floor(centreOf(phase) - reach) + 1,
  };
}

/**
 * The weights that resample an axis of `from` pixels to `to` pixels. Pixel centres are mapped onto one another, as
 * OpenCV, Canvas and ImageMagick do: output `i` lies at `(i + 0.5) * from / to - 0.5`. When reducing, the kernel is
 * widened by the factor (antialiasing), except `nearest`. Same size in and out is exact for interpolating kernels;
 * Mitchell's cubic blurs a little even then, as it does in Canvas.
 */
export function buildTaps(kernel: KernelName, from: number, to: number): TapTable {
  if (isIdentity(kernel, from, to)) return singleTaps(to, (i) => i);
  if (kernel === 'nearest') return singleTaps(to, (i) => nearestOf(from, to, i));
  if (kernel === 'area') return areaTaps(from, to);
  const { at } = KERNELS[kernel];
  const { widen, window, taps, period, step, centreOf, firstOf } = windowsOf(kernel, from, to);
  // The kernel is evaluated for the distinct phases alone, four of them at 4x.
  const phaseFirst = new Int32Array(period);
  const phases = new Float64Array(period * window);
  for (let phase = 0; phase < period; phase++) {
    const [centre, first] = [centreOf(phase), firstOf(phase)];
    let sum = 0;
    for (let k = 0; k < window; k++) sum += phases[phase * window + k] = at((first + k - centre) / widen);
    for (let k = 0; k < window; k++) phases[phase * window + k] /= sum;
    phaseFirst[phase] = first;
  }
  const starts = new Int32Array(to);
  // Output pixels whose windows are wholly inside the picture.
  let [inner, end] = [0, 0];
  for (let i = 0, phase = 0, moved = 0; i < to; i++) {
    const first = phaseFirst[phase] + moved;
    if (first < 0) inner = i + 1;
    if (first + window <= from) end = i + 1;
    starts[i] = Math.min(Math.max(first, 0), from - taps);
    if (++phase === period) {
      phase = 0;
      moved += step;
    }
  }
  return new TapTable(taps, starts, { first: inner, end: Math.max(inner, end), period }, (i, weights) => {
    const phase = i % period;
    const first = phaseFirst[phase] + Math.floor(i / period) * step;
    for (let k = 0; k < window; k++) {
      const inside = Math.min(Math.max(first + k, 0), from - 1);
      weights[inside - starts[i]] += phases[phase * window + k];
    }
  });
}

/** Tables are asked for by every band; a job has at most a few stages of two axes. */
const CACHED_TABLES = 32;
const cache = new Map<string, TapTable>();

/** `buildTaps`, remembered for the most recent tables. The result must not be changed. */
export function tapsFor(kernel: KernelName, from: number, to: number): TapTable {
  const key = `${kernel} ${from} ${to}`;
  const table = cache.get(key) ?? buildTaps(kernel, from, to);
  cache.delete(key);
  cache.set(key, table);
  if (cache.size > CACHED_TABLES) cache.delete(cache.keys().next().value!);
  return table;
}

/**
 * The input pixels under the taps of a run of output pixels, on one axis. `count` is at least 1. Plans ask for it before anything is
 * resampled, on the page, too: no table is made for it.
 */
export function sourceSpan(kernel: KernelName, from: number, to: number, first: number, count: number): Span {
  const last = first + count - 1;
  if (isIdentity(kernel, from, to)) return { first, count };
  if (kernel === 'nearest') {
    const start = nearestOf(from, to, first);
    return { first: start, count: nearestOf(from, to, last) + 1 - start };
  }
  if (kernel === 'area') {
    const { starts, taps } = tapsFor(kernel, from, to);
    return { first: starts[first], count: starts[last] + taps - starts[first] };
  }
  const { taps, period, step, firstOf } = windowsOf(kernel, from, to);
  const startOf = (i: number): number =>
    Math.min(Math.max(firstOf(i % period) + Math.floor(i / period) * step, 0), from - taps);
  const start = startOf(first);
  return { first: start, count: startOf(last) + taps - start };
}

/** The input rectangle that a rectangle of a stage's output depends on. */
export function inputRect(stage: Stage, rect: Rect): Rect {
  const { from, to, kernel } = stage;
  const columns = sourceSpan(kernel, from.width, to.width, rect.x, rect.width);
  const rows = sourceSpan(kernel, from.height, to.height, rect.y, rect.height);
  return { x: columns.first, y: rows.first, width: columns.count, height: rows.count };
}

/**
 * The rectangles that a rectangle of the finished picture depends on: that of the source first, then each stage's
 * output, the asked one last.
 */
export function stageRects(stages: readonly Stage[], rect: Rect): Rect[] {
  const rects = [rect];
  for (const stage of stages.toReversed()) rects.unshift(inputRect(stage, rects[0]));
  return rects;
}

/** The source rows that output rows `y` to `y + rows` depend on, through the finishing and all stages. `rows` is at least 1. */
export function sourceRowsFor(spec: ResampleSpec, y: number, rows: number): Span {
  const halo = finishHalo(spec.finish);
  const first = Math.max(0, y - halo);
  const end = Math.min(halo === 0 ? y + rows : spec.stages.at(-1)!.to.height, y + rows + halo);
  let span: Span = { first, count: end - first };
  for (const { kernel, from, to } of spec.stages.toReversed()) {
    span = sourceSpan(kernel, from.height, to.height, span.first, span.count);
  }
  return span;
}
