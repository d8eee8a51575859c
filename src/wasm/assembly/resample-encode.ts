import { ResampleJob } from './resample-job';

/* From the working space to samples: divided by alpha, coded, clamped and rounded, once. */

@inline
function clamped(v: v128): v128 {
  return f32x4.min(f32x4.max(v, f32x4.splat(0)), f32x4.splat(1));
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
  const colour = f32x4.div(pixel, f32x4.max(alpha, least));
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
function codedSample(light: f32, thresholds: usize, guesses: usize, firstBucket: i32, max: i32): i32 {
  const v = light > 0 ? min<f32>(light, 1) : 0;
  const bucket = max32((reinterpret<i32>(v) >> 16) - firstBucket, 0);
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

function encodeCurves(job: ResampleJob, from: usize, out: usize, count: i32): void {
  const kind = job.outKind;
  const channels = job.channels;
  const max = kind == 0 ? 255 : 65535;
  const bucket = job.firstBucket;
  const least = f32x4.splat(kind == 0 ? 0.5 / 255.0 : 0.5 / 65535.0);
  const sample: usize = 1 << kind;
  if (channels == 1) {
    for (let i = 0; i < count; i++, from += 4, out += sample) {
      storeSample(out, kind, codedSample(load<f32>(from), job.thresholdsRed, job.guessesRed, bucket, max));
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
    storeSample(out, kind, codedSample(red, job.thresholdsRed, job.guessesRed, bucket, max));
    storeSample(out + sample, kind, codedSample(green, job.thresholdsGreen, job.guessesGreen, bucket, max));
    storeSample(out + sample * 2, kind, codedSample(blue, job.thresholdsBlue, job.guessesBlue, bucket, max));
  }
}

/** Between stages: 0..1, and no colour brighter than its alpha. */
function clampFloats(job: ResampleJob, from: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 4, from += 16, out += 16) {
    let v = clamped(v128.load(from));
    if (job.channels == 4) v = f32x4.min(v, v128.shuffle<f32>(v, v, 3, 3, 3, 3));
    v128.store(out, v);
  }
}

@inline
function encodeVectors(job: ResampleJob, from: usize, out: usize, count: i32): void {
  const alpha = job.channels == 4;
  if (job.outKind == 2) clampFloats(job, from, out, count);
  else if (job.outKind == 0 && alpha) encodePlain(from, out, count, 0, true);
  else if (job.outKind == 0) encodePlain(from, out, count, 0, false);
  else if (alpha) encodePlain(from, out, count, 1, true);
  else encodePlain(from, out, count, 1, false);
}

/**
 * Codes `count` samples of the job's `floatRow` to `out`. Whole vectors are written in place, the rest by way of the end of that
 * row, since what lies behind may be finished already.
 */
export function encodeFloats(job: ResampleJob, out: usize, count: i32): void {
  const from = job.floatRow;
  if (job.decodeRed != 0 && job.outKind != 2) {
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
