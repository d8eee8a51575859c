import { columnStart, ResampleJob, rowStart, sourceAddress } from './resample-job';

/*
 * The fast path: 8-bit samples, encoded light, opaque. Samples are centred (-128..127) and filtered horizontally into
 * 16-bit values of 7 fraction bits with weights of 14, which leaves room for twice the range of overshoot; then
 * vertically into bytes. Both passes are `i32x4.dot_i16x8_s`, so neighbours that are weighed together lie in pairs: the
 * horizontal pass finds its source so, and leaves each row interleaved with the next, (r, r + 1), for the vertical one.
 */

const WEIGHT_BITS: i32 = 14;
const FRACTION_BITS: i32 = 7;
const HORIZONTAL_SHIFT: i32 = WEIGHT_BITS - FRACTION_BITS;
const VERTICAL_SHIFT: i32 = WEIGHT_BITS + FRACTION_BITS;

/** Each pixel with its right neighbour: r r' g g' b b' a a', 16 bytes a pixel. Reads up to 8 bytes past the last pixel. */
function prepareColour(from: usize, bytes: i32, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  const end = to + ((<usize>count) << 4);
  if (bytes == 4) {
    for (; to < end; to += 16, from += 4) {
      const two = v128.load64_zero(from);
      const pairs = v128.shuffle<i8>(two, i8x16.splat(0), 0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 3, 16, 7, 16);
      v128.store(to, i16x8.sub(pairs, centre));
    }
  } else {
    for (; to < end; to += 16, from += 3) {
      const two = v128.load64_zero(from);
      const pairs = v128.shuffle<i8>(two, i8x16.splat(0), 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
      v128.store(to, i16x8.sub(pairs, centre));
    }
  }
}

/** Grey samples as centred 16-bit values. */
function prepareGrey(from: usize, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  const end = to + ((<usize>count) << 1);
  for (; to < end; to += 16, from += 8) v128.store(to, i16x8.sub(v128.load8x8_u(from), centre));
}

@inline
function colourPixel(source: usize, weights: usize, pairs: i32): v128 {
  let sum = i32x4.dot_i16x8_s(v128.load(source), v128.load32_splat(weights));
  if (pairs > 1) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source, 32), v128.load32_splat(weights, 4)));
  if (pairs > 2) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source, 64), v128.load32_splat(weights, 8)));
  if (pairs > 3) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source, 96), v128.load32_splat(weights, 12)));
  return sum;
}

function colourPixelLong(source: usize, weights: usize, pairs: i32): v128 {
  let sum = i32x4.splat(0);
  const end = weights + ((<usize>pairs) << 2);
  for (; weights < end; weights += 4, source += 32) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source), v128.load32_splat(weights)));
  }
  return sum;
}

@inline
function rounded(sum: v128): v128 {
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (HORIZONTAL_SHIFT - 1))), HORIZONTAL_SHIFT);
}

/** Keeps eight values of a row, and interleaves those of the row before with them. */
@inline
function leave(values: v128, before: usize, row: usize, pairs: usize): void {
  const above = v128.load(before);
  v128.store(row, values);
  v128.store(pairs, v128.shuffle<i16>(above, values, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(pairs, v128.shuffle<i16>(above, values, 4, 12, 5, 13, 6, 14, 7, 15), 16);
}

@inline
function colourRow(
  job: ResampleJob,
  x: i32,
  count: i32,
  before: usize,
  row: usize,
  rowPairs: usize,
  channels: i32,
  pairs: i32,
): void {
  const step = (<usize>job.columnFixedTaps) << 1;
  let starts = job.columnStarts + ((<usize>x) << 2);
  let weights = job.columnFixed + <usize>x * step;
  const origin = job.prepared - ((<usize>columnStart(job, x)) << 4);
  for (let i = 0; i < count; i += 2, starts += 8, weights += step << 1) {
    const a = origin + (load<u32>(starts) << 4);
    const b = origin + (load<u32>(starts, 4) << 4);
    let first: v128;
    let second: v128;
    if (pairs > 0) {
      first = colourPixel(a, weights, pairs);
      second = colourPixel(b, weights + step, pairs);
    } else {
      first = colourPixelLong(a, weights, job.columnFixedTaps >> 1);
      second = colourPixelLong(b, weights + step, job.columnFixedTaps >> 1);
    }
    const values = i16x8.narrow_i32x4_s(rounded(first), rounded(second));
    if (channels == 4) {
      leave(values, before, row, rowPairs);
      before += 16;
      row += 16;
      rowPairs += 32;
    } else {
      leave(v128.shuffle<i16>(values, values, 0, 1, 2, 4, 5, 6, 7, 7), before, row, rowPairs);
      before += 12;
      row += 12;
      rowPairs += 24;
    }
  }
}

@inline
function greyPixel(source: usize, weights: usize, taps: i32): v128 {
  let sum = i32x4.dot_i16x8_s(v128.load(source), v128.load(weights));
  for (let k = 8; k < taps; k += 8) {
    source += 16;
    weights += 16;
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source), v128.load(weights)));
  }
  return sum;
}

/** The sums within each of four vectors, as one vector. */
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

function greyRow(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize): void {
  const taps = job.columnFixedTaps;
  const step = (<usize>taps) << 1;
  let starts = job.columnStarts + ((<usize>x) << 2);
  let weights = job.columnFixed + <usize>x * step;
  const origin = job.prepared - ((<usize>columnStart(job, x)) << 1);
  for (let i = 0; i < count; i += 8, starts += 32, weights += step << 3) {
    const low = sumsOf(
      greyPixel(origin + (load<u32>(starts) << 1), weights, taps),
      greyPixel(origin + (load<u32>(starts, 4) << 1), weights + step, taps),
      greyPixel(origin + (load<u32>(starts, 8) << 1), weights + step * 2, taps),
      greyPixel(origin + (load<u32>(starts, 12) << 1), weights + step * 3, taps),
    );
    const high = sumsOf(
      greyPixel(origin + (load<u32>(starts, 16) << 1), weights + step * 4, taps),
      greyPixel(origin + (load<u32>(starts, 20) << 1), weights + step * 5, taps),
      greyPixel(origin + (load<u32>(starts, 24) << 1), weights + step * 6, taps),
      greyPixel(origin + (load<u32>(starts, 28) << 1), weights + step * 7, taps),
    );
    leave(i16x8.narrow_i32x4_s(rounded(low), rounded(high)), before, row, rowPairs);
    before += 16;
    row += 16;
    rowPairs += 32;
  }
}

/** Filters source row `y` for the output columns from `x` on. */
export function fixedRow(
  job: ResampleJob,
  x: i32,
  count: i32,
  y: i32,
  before: usize,
  row: usize,
  rowPairs: usize,
): void {
  const first = columnStart(job, x);
  const span = columnStart(job, x + count - 1) + job.columnFixedTaps - first;
  const source = sourceAddress(job, first, y, job.sourceChannels);
  if (job.channels == 1) {
    prepareGrey(source, span, job.prepared);
    greyRow(job, x, count, before, row, rowPairs);
    return;
  }
  prepareColour(source, job.sourceChannels, span, job.prepared);
  const pairs = job.columnFixedTaps >> 1;
  if (job.channels == 4) {
    if (pairs == 3) colourRow(job, x, count, before, row, rowPairs, 4, 3);
    else if (pairs == 2) colourRow(job, x, count, before, row, rowPairs, 4, 2);
    else if (pairs == 4) colourRow(job, x, count, before, row, rowPairs, 4, 4);
    else colourRow(job, x, count, before, row, rowPairs, 4, 0);
  } else {
    if (pairs == 3) colourRow(job, x, count, before, row, rowPairs, 3, 3);
    else if (pairs == 2) colourRow(job, x, count, before, row, rowPairs, 3, 2);
    else if (pairs == 4) colourRow(job, x, count, before, row, rowPairs, 3, 4);
    else colourRow(job, x, count, before, row, rowPairs, 3, 0);
  }
}

/** Half a unit for rounding, and the 128 that centring took away. */
const BIAS: i32 = (128 << VERTICAL_SHIFT) + (1 << (VERTICAL_SHIFT - 1));

@inline
function packed(a: v128, b: v128, c: v128, d: v128): v128 {
  const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, VERTICAL_SHIFT), i32x4.shr_s(b, VERTICAL_SHIFT));
  const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, VERTICAL_SHIFT), i32x4.shr_s(d, VERTICAL_SHIFT));
  return i8x16.narrow_i16x8_u(low, high);
}

@inline
function weighed(sum: v128, at: usize, weight: v128, offset: usize): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(at + offset), weight));
}

@inline
function columns(job: ResampleJob, weights: usize, out: usize, count: i32, pairs: i32): void {
  const bias = i32x4.splat(BIAS);
  const p0 = load<usize>(job.pointers);
  const p1 = load<usize>(job.pointers, 4);
  const p2 = load<usize>(job.pointers, 8);
  const p3 = load<usize>(job.pointers, 12);
  const w0 = v128.load32_splat(weights);
  const w1 = pairs > 1 ? v128.load32_splat(weights, 4) : w0;
  const w2 = pairs > 2 ? v128.load32_splat(weights, 8) : w0;
  const w3 = pairs > 3 ? v128.load32_splat(weights, 12) : w0;
  for (let i = 0; i < count; i += 16) {
    const at = (<usize>i) << 2;
    let a = weighed(bias, p0 + at, w0, 0);
    let b = weighed(bias, p0 + at, w0, 16);
    let c = weighed(bias, p0 + at, w0, 32);
    let d = weighed(bias, p0 + at, w0, 48);
    if (pairs > 1) {
      a = weighed(a, p1 + at, w1, 0);
      b = weighed(b, p1 + at, w1, 16);
      c = weighed(c, p1 + at, w1, 32);
      d = weighed(d, p1 + at, w1, 48);
    }
    if (pairs > 2) {
      a = weighed(a, p2 + at, w2, 0);
      b = weighed(b, p2 + at, w2, 16);
      c = weighed(c, p2 + at, w2, 32);
      d = weighed(d, p2 + at, w2, 48);
    }
    if (pairs > 3) {
      a = weighed(a, p3 + at, w3, 0);
      b = weighed(b, p3 + at, w3, 16);
      c = weighed(c, p3 + at, w3, 32);
      d = weighed(d, p3 + at, w3, 48);
    }
    v128.store(out + i, packed(a, b, c, d));
  }
}

function columnsLong(job: ResampleJob, weights: usize, out: usize, count: i32, pairs: i32): void {
  const end = job.pointers + ((<usize>pairs) << 2);
  for (let i = 0; i < count; i += 16) {
    const at = (<usize>i) << 2;
    let a = i32x4.splat(BIAS);
    let b = a;
    let c = a;
    let d = a;
    let weight = weights;
    for (let pointer = job.pointers; pointer < end; pointer += 4, weight += 4) {
      const row = load<usize>(pointer) + at;
      const w = v128.load32_splat(weight);
      a = weighed(a, row, w, 0);
      b = weighed(b, row, w, 16);
      c = weighed(c, row, w, 32);
      d = weighed(d, row, w, 48);
    }
    v128.store(out + i, packed(a, b, c, d));
  }
}

@inline
function columnsOf(job: ResampleJob, weights: usize, out: usize, count: i32): void {
  const pairs = job.rowFixedTaps >> 1;
  if (pairs == 3) columns(job, weights, out, count, 3);
  else if (pairs == 2) columns(job, weights, out, count, 2);
  else if (pairs == 4) columns(job, weights, out, count, 4);
  else if (pairs == 1) columns(job, weights, out, count, 1);
  else columnsLong(job, weights, out, count, pairs);
}

/**
 * Weighs filtered rows into output row `y`: `count` samples at `out`. Whole vectors are written in place, the rest by
 * way of scratch memory, since what lies behind may be finished already.
 */
export function fixedColumns(job: ResampleJob, y: i32, out: usize, count: i32): void {
  const taps = job.rowFixedTaps;
  const start = rowStart(job, y);
  const weights = job.rowFixed + <usize>(y * taps) * 2;
  for (let k = 0; k < taps >> 1; k++) {
    const slot = (start + 2 * k) % taps;
    store<usize>(job.pointers + ((<usize>k) << 2), job.pairRing + <usize>slot * job.pairStride);
  }
  const whole = count & ~15;
  if (whole > 0) columnsOf(job, weights, out, whole);
  if (whole == count) return;
  for (let k = 0; k < taps >> 1; k++) {
    const pointer = job.pointers + ((<usize>k) << 2);
    store<usize>(pointer, load<usize>(pointer) + ((<usize>whole) << 2));
  }
  columnsOf(job, weights, job.floatRow, 16);
  memory.copy(out + whole, job.floatRow, count - whole);
}
