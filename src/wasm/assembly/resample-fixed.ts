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
const HALF: i32 = 1 << (HORIZONTAL_SHIFT - 1);

/** Bytes of a source pixel that is made ready for groups. */
const GROUP_PIXEL: usize = 24;

// Vectors that a loop uses are loaded before it: constants would be made anew in each turn (V8).
/** Half a unit for rounding. */
const HALVES: usize = memory.data<i32>([HALF, HALF, HALF, HALF]);
// Places of bytes for `swizzle`, 255 for zeros.
/** A pixel of 4 bytes with its right neighbour: r r' g g' b b' a a'. */
const PAIRS_OF_4: usize = memory.data<u8>([0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 3, 255, 7, 255]);
/** The same of 3 bytes, without the last pair. */
const PAIRS_OF_3: usize = memory.data<u8>([0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255]);
/** The pairs r g b r, and from the third of r g b r g b on. */
const FIRST_OF_4: usize = memory.data<u8>([0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 0, 255, 4, 255]);
const THIRD_OF_4: usize = memory.data<u8>([2, 255, 6, 255, 0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255]);
const FIRST_OF_3: usize = memory.data<u8>([0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 0, 255, 3, 255]);
const THIRD_OF_3: usize = memory.data<u8>([2, 255, 5, 255, 0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255]);

/** Each pixel with its right neighbour: r r' g g' b b' a a', 16 bytes a pixel. Reads up to 8 bytes past the last pixel. */
function prepareColour(from: usize, bytes: i32, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  const places = v128.load(bytes == 4 ? PAIRS_OF_4 : PAIRS_OF_3);
  const end = to + ((<usize>count) << 4);
  for (; to < end; to += 16, from += bytes) {
    v128.store(to, i16x8.sub(i8x16.swizzle(v128.load64_zero(from), places), centre));
  }
}

/** Grey samples as centred 16-bit values. */
function prepareGrey(from: usize, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  const end = to + ((<usize>count) << 1);
  for (; to < end; to += 16, from += 8) v128.store(to, i16x8.sub(v128.load8x8_u(from), centre));
}

@inline
function colourPixel(source: usize, weights: usize, pairs: i32, pixel: usize): v128 {
  let sum = i32x4.dot_i16x8_s(v128.load(source), v128.load32_splat(weights));
  if (pairs > 1) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source + pixel * 2), v128.load32_splat(weights, 4)));
  if (pairs > 2) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source + pixel * 4), v128.load32_splat(weights, 8)));
  if (pairs > 3) sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source + pixel * 6), v128.load32_splat(weights, 12)));
  return sum;
}

function colourPixelLong(source: usize, weights: usize, pairs: i32, pixel: usize): v128 {
  let sum = i32x4.splat(0);
  const end = weights + ((<usize>pairs) << 2);
  for (; weights < end; weights += 4, source += pixel << 1) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source), v128.load32_splat(weights)));
  }
  return sum;
}

@inline
function rounded(sum: v128): v128 {
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(HALF)), HORIZONTAL_SHIFT);
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
  origin: usize,
  pixel: usize,
): void {
  const step = (<usize>job.columnFixedTaps) << 1;
  let starts = job.columnStarts + ((<usize>x) << 2);
  let weights = job.columnFixed + <usize>x * step;
  for (let i = 0; i < count; i += 2, starts += 8, weights += step << 1) {
    const a = origin + <usize>load<u32>(starts) * pixel;
    const b = origin + <usize>load<u32>(starts, 4) * pixel;
    let first: v128;
    let second: v128;
    if (pairs > 0) {
      first = colourPixel(a, weights, pairs, pixel);
      second = colourPixel(b, weights + step, pairs, pixel);
    } else {
      first = colourPixelLong(a, weights, job.columnFixedTaps >> 1, pixel);
      second = colourPixelLong(b, weights + step, job.columnFixedTaps >> 1, pixel);
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

// Each in a function of its own: the optimiser would join loops that differ in constants alone, and branch in every turn.

function rgbRowOf2(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 3, 2, origin, 16);
}

function rgbRowOf3(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 3, 3, origin, 16);
}

function rgbRowOf4(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 3, 4, origin, 16);
}

function rgbRow(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 3, 0, origin, 16);
}

function rgbaRowOf2(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 4, 2, origin, 16);
}

function rgbaRowOf3(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 4, 3, origin, 16);
}

function rgbaRowOf4(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 4, 4, origin, 16);
}

function rgbaRow(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 4, 0, origin, 16);
}

/**
 * As `prepareColour` for RGB, each pixel's pairs twice: r g b r g b, 24 bytes a pixel. From its offsets 0, 4 and 8 on lie the four
 * lanes of the first, second and third vector of four output pixels.
 */
function prepareGroups(from: usize, bytes: i32, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  const first = v128.load(bytes == 4 ? FIRST_OF_4 : FIRST_OF_3);
  const third = v128.load(bytes == 4 ? THIRD_OF_4 : THIRD_OF_3);
  const end = to + (<usize>count) * GROUP_PIXEL;
  for (; to < end; to += GROUP_PIXEL, from += bytes) {
    const two = v128.load64_zero(from);
    v128.store(to, i16x8.sub(i8x16.swizzle(two, first), centre));
    v128.store(to, i16x8.sub(i8x16.swizzle(two, third), centre), 8);
  }
}

/** Eight output pixels in two groups, of three pairs of taps each, by weights that are the same for all groups. */
function groupsOfThree(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  const weights = job.groupWeights;
  const first0 = v128.load(weights);
  const second0 = v128.load(weights, 16);
  const third0 = v128.load(weights, 32);
  const first1 = v128.load(weights, 48);
  const second1 = v128.load(weights, 64);
  const third1 = v128.load(weights, 80);
  const first2 = v128.load(weights, 96);
  const second2 = v128.load(weights, 112);
  const third2 = v128.load(weights, 128);
  const half = v128.load(HALVES);
  let starts = job.columnStarts + ((<usize>x) << 2);
  const end = row + ((<usize>count) * 6);
  for (; row < end; starts += 32, before += 48, row += 48, rowPairs += 96) {
    const a = origin + <usize>load<u32>(starts) * GROUP_PIXEL;
    const a0 = groupVector(half, a, 0, first0, first1, first2);
    const a1 = groupVector(half, a, 4, second0, second1, second2);
    leave(i16x8.narrow_i32x4_s(a0, a1), before, row, rowPairs);
    const a2 = groupVector(half, a, 8, third0, third1, third2);
    const b = origin + <usize>load<u32>(starts, 16) * GROUP_PIXEL;
    const b0 = groupVector(half, b, 0, first0, first1, first2);
    leave(i16x8.narrow_i32x4_s(a2, b0), before + 16, row + 16, rowPairs + 32);
    const b1 = groupVector(half, b, 4, second0, second1, second2);
    const b2 = groupVector(half, b, 8, third0, third1, third2);
    leave(i16x8.narrow_i32x4_s(b1, b2), before + 32, row + 32, rowPairs + 64);
  }
}

@inline
function groupVector(half: v128, source: usize, offset: usize, w0: v128, w1: v128, w2: v128): v128 {
  let sum = i32x4.add(half, i32x4.dot_i16x8_s(v128.load(source + offset), w0));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source + offset + 2 * GROUP_PIXEL), w1));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(source + offset + 4 * GROUP_PIXEL), w2));
  return i32x4.shr_s(sum, HORIZONTAL_SHIFT);
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

function besideGroups(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize, origin: usize): void {
  colourRow(job, x, count, before, row, rowPairs, 3, 3, origin, GROUP_PIXEL);
}

/** Columns of groups by their weights, those before and behind by their own. What each leaves beyond its end the next one writes over. */
function groupedRow(job: ResampleJob, x: i32, count: i32, before: usize, row: usize, rowPairs: usize): void {
  const origin = job.prepared - <usize>columnStart(job, x) * GROUP_PIXEL;
  const end = x + count;
  // Groups begin at the first of them and every 4 columns on.
  const begin = max(x + ((job.groupsFrom - x) & 3), job.groupsFrom);
  const stop = min(end, job.groupsEnd);
  const head = min(end, begin) - x;
  if (head > 0) besideGroups(job, x, head, before, row, rowPairs, origin);
  let at = x + head;
  if (stop - at >= 8) {
    const whole = (stop - at) & ~7;
    const done = <usize>(at - x) * 6;
    groupsOfThree(job, at, whole, before + done, row + done, rowPairs + done * 2, origin);
    at += whole;
  }
  if (at < end) {
    const done = <usize>(at - x) * 6;
    besideGroups(job, at, end - at, before + done, row + done, rowPairs + done * 2, origin);
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
  if (job.groupWeights != 0) {
    prepareGroups(source, job.sourceChannels, span, job.prepared);
    groupedRow(job, x, count, before, row, rowPairs);
    return;
  }
  prepareColour(source, job.sourceChannels, span, job.prepared);
  const origin = job.prepared - ((<usize>first) << 4);
  const pairs = job.columnFixedTaps >> 1;
  if (job.channels == 4) {
    if (pairs == 3) rgbaRowOf3(job, x, count, before, row, rowPairs, origin);
    else if (pairs == 2) rgbaRowOf2(job, x, count, before, row, rowPairs, origin);
    else if (pairs == 4) rgbaRowOf4(job, x, count, before, row, rowPairs, origin);
    else rgbaRow(job, x, count, before, row, rowPairs, origin);
  } else {
    if (pairs == 3) rgbRowOf3(job, x, count, before, row, rowPairs, origin);
    else if (pairs == 2) rgbRowOf2(job, x, count, before, row, rowPairs, origin);
    else if (pairs == 4) rgbRowOf4(job, x, count, before, row, rowPairs, origin);
    else rgbRow(job, x, count, before, row, rowPairs, origin);
  }
}

/** Half a unit for rounding, and the 128 that centring took away. */
const BIAS: i32 = (128 << VERTICAL_SHIFT) + (1 << (VERTICAL_SHIFT - 1));

// Loaded as well, not splat.
const BIASES: usize = memory.data<i32>([BIAS, BIAS, BIAS, BIAS]);

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
  const bias = v128.load(BIASES);
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
  const bias = v128.load(BIASES);
  const end = job.pointers + ((<usize>pairs) << 2);
  for (let i = 0; i < count; i += 16) {
    const at = (<usize>i) << 2;
    let a = bias;
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
