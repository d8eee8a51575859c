import type { Rect } from '../geometry.ts';
import { maxSample, samplesOf, type Channels } from '../pixels.ts';
import type { Stage } from '../resampling.ts';
import type { SourceWindow } from '../source.ts';
import { tapsFor, type TapTable } from '../taps.ts';
import type { ResamplePlan } from './resample-plan.ts';

/**
 * Rows of a picture in the working space (`ResamplePlan`), over a fixed run of columns. Rows are asked for in
 * ascending order; each is valid until the next is asked for.
 */
export interface RowSource {
  row(y: number): Float32Array;
}

/** Turns the samples of a source window into the working space: light, premultiplied or laid on the background. */
export class SourceRows implements RowSource {
  readonly #plan: ResamplePlan;
  readonly #window: SourceWindow;
  readonly #samples: Uint8Array | Uint16Array;
  readonly #x: number;
  readonly #out: Float32Array;
  /** Working value of each sample value, one table per colour channel. */
  readonly #tables: readonly Float32Array[];

  constructor(plan: ResamplePlan, window: SourceWindow, columns: Rect) {
    this.#plan = plan;
    this.#window = window;
    this.#samples = samplesOf(window.data, window.depth);
    this.#x = columns.x;
    this.#out = new Float32Array(columns.width * plan.channels);
    const max = maxSample(window.depth);
    this.#tables = plan.decode ?? [Float32Array.from({ length: max + 1 }, (_, k) => k / max)];
  }

  row(y: number): Float32Array {
    const { channels, width, capacity } = this.#window;
    const start = ((y % capacity) * width + this.#x) * channels;
    if (channels === 4) this.#readAlpha(start);
    else this.#readOpaque(start, channels);
    return this.#out;
  }

  #readOpaque(start: number, channels: Channels): void {
    const out = this.#out;
    const samples = this.#samples;
    for (let c = 0; c < channels; c++) {
      const table = this.#tables[c] ?? this.#tables[0];
      for (let i = c; i < out.length; i += channels) out[i] = table[samples[start + i]];
    }
  }

  #readAlpha(start: number): void {
    const { channels, flatten, background } = this.#plan;
    const out = this.#out;
    const samples = this.#samples;
    const max = maxSample(this.#window.depth);
    const [red, green = red, blue = red] = this.#tables;
    for (let i = 0, p = start; i < out.length; i += channels, p += 4) {
      const alpha = samples[p + 3] / max;
      const rest = flatten ? 1 - alpha : 0;
      out[i] = red[samples[p]] * alpha + background[0] * rest;
      out[i + 1] = green[samples[p + 1]] * alpha + background[1] * rest;
      out[i + 2] = blue[samples[p + 2]] * alpha + background[2] * rest;
      if (!flatten) out[i + 3] = alpha;
    }
  }
}

/** Filters one row: `out` pixels from column `x` on, from `input`, whose first pixel is column `inputX`. */
function filterRow(
  table: TapTable,
  channels: Channels,
  x: number,
  inputX: number,
  input: Float32Array,
  out: Float32Array,
): void {
  const { taps, starts, weights } = table;
  const count = out.length / channels;
  for (let i = 0; i < count; i++) {
    let p = (starts[x + i] - inputX) * channels;
    let w = (x + i) * taps;
    const end = w + taps;
    const o = i * channels;
    if (channels === 1) {
      let sum = 0;
      for (; w < end; w++, p++) sum += weights[w] * input[p];
      out[o] = sum;
      continue;
    }
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    if (channels === 3) {
      for (; w < end; w++, p += 3) {
        const weight = weights[w];
        red += weight * input[p];
        green += weight * input[p + 1];
        blue += weight * input[p + 2];
      }
    } else {
      for (; w < end; w++, p += 4) {
        const weight = weights[w];
        red += weight * input[p];
        green += weight * input[p + 1];
        blue += weight * input[p + 2];
        alpha += weight * input[p + 3];
      }
      out[o + 3] = alpha;
    }
    out[o] = red;
    out[o + 1] = green;
    out[o + 2] = blue;
  }
}

/** Keeps each sample of a filtered row within the range of the input samples under its taps. */
function limitRow(
  table: TapTable,
  channels: Channels,
  x: number,
  inputX: number,
  input: Float32Array,
  out: Float32Array,
): void {
  const { taps, starts } = table;
  for (let o = 0; o < out.length; o++) {
    const channel = o % channels;
    const first = (starts[x + (o - channel) / channels] - inputX) * channels + channel;
    let low = input[first];
    let high = low;
    for (let k = 1; k < taps; k++) {
      const v = input[first + k * channels];
      if (v < low) low = v;
      else if (v > high) high = v;
    }
    if (out[o] < low) out[o] = low;
    else if (out[o] > high) out[o] = high;
  }
}

/**
 * Weighs rows into one; sums are kept in double precision and rounded to a float once. Six rows at a time, the rows of a Lanczos-3
 * enlargement; what is missing of six counts nothing.
 */
function filterColumns(
  rows: readonly Float32Array[],
  weights: Float64Array,
  first: number,
  sums: Float64Array,
  out: Float32Array,
): void {
  const { length } = out;
  for (let k = 0; k < rows.length; k += 6) {
    const row = (i: number): Float32Array => rows[Math.min(k + i, rows.length - 1)];
    const weight = (i: number): number => (k + i < rows.length ? weights[first + k + i] : 0);
    const [a, b, c, d, e, f] = [row(0), row(1), row(2), row(3), row(4), row(5)];
    const [t, u, v, w, x, y] = [weight(0), weight(1), weight(2), weight(3), weight(4), weight(5)];
    if (rows.length <= 2) {
      for (let i = 0; i < length; i++) out[i] = t * a[i] + u * b[i];
      return;
    }
    if (rows.length <= 4) {
      for (let i = 0; i < length; i++) out[i] = t * a[i] + u * b[i] + v * c[i] + w * d[i];
      return;
    }
    if (rows.length <= 6) {
      for (let i = 0; i < length; i++) {
        out[i] = t * a[i] + u * b[i] + v * c[i] + w * d[i] + x * e[i] + y * f[i];
      }
      return;
    }
    for (let i = 0; i < length; i++) {
      const sum = t * a[i] + u * b[i] + v * c[i] + w * d[i] + x * e[i] + y * f[i];
      sums[i] = k === 0 ? sum : sums[i] + sum;
    }
  }
  out.set(sums);
}

function limitColumns(rows: readonly Float32Array[], out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    let low = rows[0][i];
    let high = low;
    for (let k = 1; k < rows.length; k++) {
      const v = rows[k][i];
      if (v < low) low = v;
      else if (v > high) high = v;
    }
    if (out[i] < low) out[i] = low;
    else if (out[i] > high) out[i] = high;
  }
}

/** Between stages there is nothing outside 0..1, and no colour brighter than its alpha, as in a Canvas drawn in steps. */
function clampRow(row: Float32Array, channels: Channels): void {
  for (let i = 0; i < row.length; i++) row[i] = row[i] > 0 ? Math.min(row[i], 1) : 0;
  if (channels !== 4) return;
  for (let i = 0; i < row.length; i += 4) {
    const alpha = row[i + 3];
    for (let c = i; c < i + 3; c++) if (row[c] > alpha) row[c] = alpha;
  }
}

/**
 * One stage: each input row is filtered horizontally once and kept, as 32-bit floats, while output rows need it.
 * Pulls its input in ascending order too, so stages chain without any picture between them.
 */
export class StageRows implements RowSource {
  readonly #input: RowSource;
  readonly #columns: TapTable;
  readonly #rows: TapTable;
  readonly #channels: Channels;
  readonly #limit: boolean;
  readonly #clamp: boolean;
  readonly #x: number;
  readonly #inputX: number;
  readonly #ring: readonly Float32Array[];
  readonly #sums: Float64Array;
  readonly #out: Float32Array;
  /** The input row to be filtered next. */
  #next = 0;

  /** `rect` is what will be asked of this stage, `inputRect` what it may ask of its input. */
  constructor(input: RowSource, stage: Stage, plan: ResamplePlan, rect: Rect, inputRect: Rect, last: boolean) {
    const { from, to, kernel } = stage;
    this.#input = input;
    this.#columns = tapsFor(kernel, from.width, to.width);
    this.#rows = tapsFor(kernel, from.height, to.height);
    this.#channels = plan.channels;
    this.#limit = plan.spec.clampOvershoot;
    this.#clamp = !last;
    this.#x = rect.x;
    this.#inputX = inputRect.x;
    const length = rect.width * plan.channels;
    this.#ring = Array.from({ length: this.#rows.taps }, () => new Float32Array(length));
    this.#sums = new Float64Array(length);
    this.#out = new Float32Array(length);
  }

  row(y: number): Float32Array {
    const { taps, starts, weights } = this.#rows;
    const start = starts[y];
    for (this.#next = Math.max(this.#next, start); this.#next < start + taps; this.#next++) this.#filter(this.#next);
    const rows = Array.from({ length: taps }, (_, k) => this.#ring[(start + k) % taps]);
    filterColumns(rows, weights, y * taps, this.#sums, this.#out);
    if (this.#limit) limitColumns(rows, this.#out);
    if (this.#clamp) clampRow(this.#out, this.#channels);
    return this.#out;
  }

  #filter(y: number): void {
    const input = this.#input.row(y);
    const out = this.#ring[y % this.#ring.length];
    filterRow(this.#columns, this.#channels, this.#x, this.#inputX, input, out);
    if (this.#limit) limitRow(this.#columns, this.#channels, this.#x, this.#inputX, input, out);
  }
}
