import { maxSample, type Channels, type Depth } from './pixels.ts';
import type { TransferCurves } from './resampling.ts';

/** sRGB's decoding function (IEC 61966-2-1): encoded 0..1 to linear light 0..1. */
export const srgbToLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

/** Steps of the tables made here: linear interpolation between them is off by less than 3e-8. */
const CURVE_STEPS = 4096;

/** A decoding function as a table for `TransferCurves`. */
export const sampleCurve = (toLinear: (v: number) => number): Float32Array =>
  Float32Array.from({ length: CURVE_STEPS + 1 }, (_, i) => toLinear(i / CURVE_STEPS));

/** The curves of sRGB, for pictures without a profile: one for grey, else three. */
export function srgbCurves(channels: Channels): TransferCurves {
  const table = sampleCurve(srgbToLinear);
  return { toLinear: channels === 1 ? [table] : [table, table, table] };
}

/** The linear light of an encoded value 0..1 by a curve's table, interpolated between its steps. */
export function curveAt(curve: Float32Array, encoded: number): number {
  const position = Math.min(Math.max(encoded, 0), 1) * (curve.length - 1);
  const i = Math.min(Math.floor(position), curve.length - 2);
  return curve[i] + (curve[i + 1] - curve[i]) * (position - i);
}

/** Linear light 0..1 of every sample value. */
export function decodeTable(curve: Float32Array, depth: Depth): Float32Array {
  const max = maxSample(depth);
  return Float32Array.from({ length: max + 1 }, (_, k) => curveAt(curve, k / max));
}

/** The float 2^-24: less than half a sample of 16 bits of any curve in use. */
const FIRST_BUCKET_BITS = 0x33800000;
/** The float 1. */
const LAST_BUCKET_BITS = 0x3f800000;
/** Buckets of guesses per octave: 128, or more for curves that bend sharply. A float has 23 bits below its exponent. */
const BUCKET_SHIFTS = [16, 15, 14, 13, 12] as const;

/**
 * Linear light to samples, rounded exactly: sample `k` begins at `thresholds[k]`, the light halfway (in encoded
 * values) between `k - 1` and `k`. A guess, linear in each of many buckets an octave, is corrected by the thresholds, so it
 * decides the speed and not the result, and SIMD and scalar code agree.
 */
export interface EncodeTable {
  /** Largest sample. */
  readonly max: number;
  /** `max + 2` values: minus infinity, the thresholds of 1 to `max`, infinity. */
  readonly thresholds: Float32Array;
  /** For bucket `b` the pair `a`, `c`: the guess is `a + c * light`, cut to a whole number. */
  readonly guesses: Float32Array;
  /** Buckets are numbered by a float's bits above `bucketShift`, less `firstBucket`. */
  readonly bucketShift: number;
  readonly firstBucket: number;
  /** No guess is off by more than one, so one correction each way is enough. */
  readonly steady: boolean;
}

/** The sample `k` with `thresholds[k] <= light < thresholds[k + 1]`, by bisection. */
function search(thresholds: Float32Array, light: number): number {
  let low = 0;
  let high = thresholds.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (light >= thresholds[middle]) low = middle;
    else high = middle - 1;
  }
  return low;
}

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

const floatOfBits = (bits: number): number => {
  scratchBits[0] = bits;
  return scratch[0];
};

const guessOf = (guesses: Float32Array, bucket: number, light: number): number =>
  Math.trunc(Math.fround(guesses[2 * bucket] + Math.fround(guesses[2 * bucket + 1] * light)));

function guessesFor(thresholds: Float32Array, shift: number): { guesses: Float32Array; steady: boolean } {
  const first = FIRST_BUCKET_BITS >> shift;
  const count = (LAST_BUCKET_BITS >> shift) - first + 1;
  const guesses = new Float32Array(2 * count);
  /** The sample with the fraction by which the light is on its way to the next. */
  const positionOf = (light: number): number => {
    const k = search(thresholds, light);
    const [low, high] = [Math.max(thresholds[k], 0), Math.min(thresholds[k + 1], 1)];
    return k + (high > low ? Math.min((light - low) / (high - low), 1) : 0);
  };
  let steady = true;
  let low = floatOfBits(first << shift);
  let lowPosition = positionOf(low);
  for (let bucket = 0; bucket < count; bucket++) {
    const high = floatOfBits((first + bucket + 1) << shift);
    const highPosition = positionOf(high);
    const slope = (highPosition - lowPosition) / (high - low);
    // Light below the first bucket is looked up there too.
    guesses[2 * bucket] = bucket === 0 ? lowPosition : lowPosition - slope * low;
    guesses[2 * bucket + 1] = bucket === 0 ? 0 : slope;
    // Between thresholds the guess only grows, so it is farthest off at thresholds and ends.
    const within = (light: number, k: number): boolean => Math.abs(guessOf(guesses, bucket, light) - k) <= 1;
    for (let k = Math.trunc(lowPosition); k <= highPosition; k++) {
      const begins = Math.max(bucket === 0 ? 0 : low, thresholds[k]);
      const ends = Math.min(high, thresholds[k + 1]);
      if (begins < ends) steady &&= within(begins, k) && within(ends, k);
    }
    low = high;
    lowPosition = highPosition;
  }
  return { guesses, steady };
}

/**
 * The inverse of a curve's `decodeTable`, for linear light of any value (what is outside 0..1 is clamped). With as few
 * buckets as the curve allows, or those of a given shift.
 */
export function encodeTable(curve: Float32Array, depth: Depth, shift?: number): EncodeTable {
  const max = maxSample(depth);
  const thresholds = Float32Array.from({ length: max + 2 }, (_, k) => curveAt(curve, (k - 0.5) / max));
  thresholds[0] = -Infinity;
  thresholds[max + 1] = Infinity;
  let made: ReturnType<typeof guessesFor> = { guesses: new Float32Array(), steady: false };
  let bucketShift: number = BUCKET_SHIFTS[0];
  for (bucketShift of shift === undefined ? BUCKET_SHIFTS : [shift]) {
    made = guessesFor(thresholds, bucketShift);
    if (made.steady) break;
  }
  return { max, thresholds, ...made, bucketShift, firstBucket: FIRST_BUCKET_BITS >> bucketShift };
}

/** The sample of a linear light by a table. */
export function encodeSample(table: EncodeTable, light: number): number {
  const { thresholds, guesses, max, bucketShift, firstBucket } = table;
  // NaN becomes black. The light is rounded to a float first, as it is where only floats are at hand.
  scratch[0] = light > 0 ? Math.min(light, 1) : 0;
  const v = scratch[0];
  let k = guessOf(guesses, Math.max((scratchBits[0] >> bucketShift) - firstBucket, 0), v);
  k = k < 0 ? 0 : k > max ? max : k;
  while (v < thresholds[k]) k--;
  while (v >= thresholds[k + 1]) k++;
  return k;
}
