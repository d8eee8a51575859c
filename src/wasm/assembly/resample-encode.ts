import { ResampleJob } from './resample-job';

/* From the working space to samples: divided by alpha, coded, clamped and rounded, once. */

@inline
function clamped(v: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.splat(0), v), f32x4.splat(1));
}

/** Four values 0..1 as whole numbers, rounded half up. */
@inline
function whole(v: v128, max: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(clamped(v), max), f32x4.splat(0.5)));
}

/** Colours divided by alpha, alpha clamped. Where alpha rounds to nothing colours fade to black. */
@inline
function straight(pixel: v128, least: v128): v128 {
  const alpha = clamped(v128.shuffle<f32>(pixel, pixel, 3, 3, 3, 3));
  const colour = f32x4.div(pixel, f32x4.pmax(alpha, least));
  return v128.bitselect(colour, alpha, i32x4(-1, -1, -1, 0));
}

@inline
function store8(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

@inline
function store16(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, i16x8.narrow_i32x4_u(a, b));
  v128.store(out, i16x8.narrow_i32x4_u(c, d), 16);
}

/** 16 samples at a time. */
@inline
function encodePlain(from: usize, out: usize, count: i32, kind: i32, alpha: bool): void {
  const max = f32x4.splat(kind == 0 ? 255 : 65535);
  const least = f32x4.splat(kind == 0 ? 0.5 / 255.0 : 0.5 / 65535.0);
  for (let i = 0; i < count; i += 16, from += 64, out += 16 << kind) {
    let a = v128.load(from);
    let b = v128.load(from, 16);
    let c = v128.load(from, 32);
    let d = v128.load(from, 48);
    if (alpha) {
      a = straight(a, least);
      b = straight(b, least);
      c = straight(c, least);
      d = straight(d, least);
    }
    a = whole(a, max);
    b = whole(b, max);
    c = whole(c, max);
    d = whole(d, max);
    if (kind == 0) store8(out, a, b, c, d);
    else store16(out, a, b, c, d);
  }
}

/** The sample of a light, as `encodeSample` in core/transfer.ts finds it. */
@inline
function codedSample(job: ResampleJob, light: f32, thresholds: usize, guesses: usize, max: i32): i32 {
  const shift = job.bucketShift;
  const firstBucket = job.firstBucket;
  const v = light > 0 ? min<f32>(light, 1) : 0;
  const bucket = max32((reinterpret<i32>(v) >> shift) - firstBucket, 0);
  const guess = guesses + ((<usize>bucket) << 3);
  let k = <i32>(load<f32>(guess) + load<f32>(guess, 4) * v);
  k = k < 0 ? 0 : k > max ? max : k;
  while (v < load<f32>(thresholds + ((<usize>k) << 2))) k--;
  while (v >= load<f32>(thresholds + ((<usize>k) << 2), 4)) k++;
  return k;
}

@inline
function max32(a: i32, b: i32): i32 {
  return a > b ? a : b;
}

@inline
function storeSample(out: usize, kind: i32, value: i32): void {
  if (kind == 0) store<u8>(out, <u8>value);
  else store<u16>(out, <u16>value);
}

/** Sample by sample: for channels with different curves, or curves whose guesses may be far off. */
function encodeCurves(job: ResampleJob, from: usize, out: usize, count: i32): void {
  const kind = job.outKind;
  const channels = job.channels;
  const max = kind == 0 ? 255 : 65535;
  const least = f32x4.splat(kind == 0 ? 0.5 / 255.0 : 0.5 / 65535.0);
  const sample: usize = 1 << kind;
  if (channels == 1) {
    for (let i = 0; i < count; i++, from += 4, out += sample) {
      storeSample(out, kind, codedSample(job, load<f32>(from), job.thresholdsRed, job.guessesRed, max));
    }
    return;
  }
  const step = (<usize>channels) << 2;
  for (let i = 0; i < count; i += channels, from += step, out += sample * channels) {
    let pixel = v128.load(from);
    if (channels == 4) {
      pixel = straight(pixel, least);
      const alpha = f32x4.extract_lane(pixel, 3) * <f32>max + 0.5;
      storeSample(out + sample * 3, kind, <i32>alpha);
    }
    const red = f32x4.extract_lane(pixel, 0);
    const green = f32x4.extract_lane(pixel, 1);
    const blue = f32x4.extract_lane(pixel, 2);
    storeSample(out, kind, codedSample(job, red, job.thresholdsRed, job.guessesRed, max));
    storeSample(out + sample, kind, codedSample(job, green, job.thresholdsGreen, job.guessesGreen, max));
    storeSample(out + sample * 2, kind, codedSample(job, blue, job.thresholdsBlue, job.guessesBlue, max));
  }
}

/**
 * Four lights as samples, each by its own table: `codedSample` without branches, since one correction each way is enough.
 */
@inline
function coded(light: v128, max: i32, job: ResampleJob, green: usize, blue: usize, greenLimits: usize, blueLimits: usize): v128 {
  const v = clamped(light);
  const red = job.guessesRed;
  const redLimits = job.thresholdsRed;
  const bits = i32x4.shr_u(v, job.bucketShift);
  const at = i32x4.shl(i32x4.max_s(i32x4.sub(bits, i32x4.splat(job.firstBucket)), i32x4.splat(0)), 3);
  const g01 = v128.load64_lane(green + i32x4.extract_lane(at, 1), v128.load64_zero(red + i32x4.extract_lane(at, 0)), 1);
  const g23 = v128.load64_lane(red + i32x4.extract_lane(at, 3), v128.load64_zero(blue + i32x4.extract_lane(at, 2)), 1);
  const base = v128.shuffle<f32>(g01, g23, 0, 2, 4, 6);
  const slope = v128.shuffle<f32>(g01, g23, 1, 3, 5, 7);
  const guess = i32x4.trunc_sat_f32x4_s(f32x4.add(base, f32x4.mul(slope, v)));
  const k = i32x4.min_s(i32x4.max_s(guess, i32x4.splat(0)), i32x4.splat(max));
  const to = i32x4.shl(k, 2);
  const l01 = v128.load64_lane(
    greenLimits + i32x4.extract_lane(to, 1),
    v128.load64_zero(redLimits + i32x4.extract_lane(to, 0)),
    1,
  );
  const l23 = v128.load64_lane(
    redLimits + i32x4.extract_lane(to, 3),
    v128.load64_zero(blueLimits + i32x4.extract_lane(to, 2)),
    1,
  );
  const begins = v128.shuffle<f32>(l01, l23, 0, 2, 4, 6);
  const ends = v128.shuffle<f32>(l01, l23, 1, 3, 5, 7);
  return i32x4.sub(i32x4.add(k, f32x4.lt(v, begins)), f32x4.ge(v, ends));
}

/** As `encodePlain`, through the curves; without alpha all channels have the first one's. */
@inline
function encodeCoded(job: ResampleJob, from: usize, out: usize, count: i32, kind: i32, alpha: bool): void {
  const max = kind == 0 ? 255 : 65535;
  const maxFloat = f32x4.splat(<f32>max);
  const least = f32x4.splat(kind == 0 ? 0.5 / 255.0 : 0.5 / 65535.0);
  const colours = i32x4(-1, -1, -1, 0);
  const green = alpha ? job.guessesGreen : job.guessesRed;
  const blue = alpha ? job.guessesBlue : job.guessesRed;
  const greenLimits = alpha ? job.thresholdsGreen : job.thresholdsRed;
  const blueLimits = alpha ? job.thresholdsBlue : job.thresholdsRed;
  for (let i = 0; i < count; i += 4, from += 16, out += 4 << kind) {
    let light = v128.load(from);
    if (alpha) light = straight(light, least);
    let samples = coded(light, max, job, green, blue, greenLimits, blueLimits);
    if (alpha) samples = v128.bitselect(samples, whole(light, maxFloat), colours);
    if (kind == 0) {
      const words = i16x8.narrow_i32x4_s(samples, samples);
      v128.store32_lane(out, i8x16.narrow_i16x8_u(words, words), 0);
    } else {
      v128.store64_lane(out, i16x8.narrow_i32x4_u(samples, samples), 0);
    }
  }
}

/** Between stages: 0..1, and no colour brighter than its alpha. */
function clampFloats(job: ResampleJob, from: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 4, from += 16, out += 16) {
    let v = clamped(v128.load(from));
    if (job.channels == 4) v = f32x4.pmin(v, v128.shuffle<f32>(v, v, 3, 3, 3, 3));
    v128.store(out, v);
  }
}

function encodeVectors(job: ResampleJob, from: usize, out: usize, count: i32): void {
  const alpha = job.channels == 4;
  if (job.outKind == 2) {
    clampFloats(job, from, out, count);
  } else if (job.decodeRed != 0) {
    if (job.outKind == 0 && alpha) encodeCoded(job, from, out, count, 0, true);
    else if (job.outKind == 0) encodeCoded(job, from, out, count, 0, false);
    else if (alpha) encodeCoded(job, from, out, count, 1, true);
    else encodeCoded(job, from, out, count, 1, false);
  } else {
    if (job.outKind == 0 && alpha) encodePlain(from, out, count, 0, true);
    else if (job.outKind == 0) encodePlain(from, out, count, 0, false);
    else if (alpha) encodePlain(from, out, count, 1, true);
    else encodePlain(from, out, count, 1, false);
  }
}

/**
 * Codes `count` samples of the job's `floatRow` to `out`. Whole vectors are written in place, the rest by way of the end of that
 * row, since what lies behind may be finished already.
 */
export function encodeFloats(job: ResampleJob, out: usize, count: i32): void {
  const from = job.floatRow;
  if (job.decodeRed != 0 && job.outKind != 2 && !job.vectorCurves) {
    encodeCurves(job, from, out, count);
    return;
  }
  const whole = count & ~15;
  encodeVectors(job, from, out, whole);
  if (whole == count) return;
  const rest = from + ((<usize>whole) << 2);
  encodeVectors(job, rest, rest, 16);
  memory.copy(out + ((<usize>whole) << job.outKind), rest, (<usize>(count - whole)) << job.outKind);
}
