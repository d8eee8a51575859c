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

/** Buckets per octave of an `EncodeTable`'s guesses: the bits of a float above bit 16. */
const BUCKET_SHIFT = 16;
/** The float 2^-24: less than half a sample of 16 bits of any curve in use. */
const FIRST_BUCKET = 0x33800000 >> BUCKET_SHIFT;
/** The float 1. */
const LAST_BUCKET = 0x3f800000 >> BUCKET_SHIFT;

/**
 * Linear light to samples, rounded exactly: sample `k` begins at `thresholds[k]`, the light halfway (in encoded
 * values) between `k - 1` and `k`. A guess, linear in each of 128 buckets an octave, is corrected by the thresholds, so it
 * decides the speed and not the result, and SIMD and scalar code agree.
 */
export interface EncodeTable {
  /** Largest sample. */
  readonly max: number;
  /** `max + 2` values: minus infinity, the thresholds of 1 to `max`, infinity. */
  readonly thresholds: Float32Array;
  /** For bucket `b` the pair `a`, `c`: the guess is `a + c * light`. */
  readonly guesses: Float32Array;
  /** Buckets are numbered by a float's bits above `bucketShift`, less `firstBucket`. */
  readonly bucketShift: number;
  readonly firstBucket: number;
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

/** The inverse of a curve's `decodeTable`, for linear light of any value (what is outside 0..1 is clamped). */
export function encodeTable(curve: Float32Array, depth: Depth): EncodeTable {
  const max = maxSample(depth);
  const thresholds = Float32Array.from({ length: max + 2 }, (_, k) => curveAt(curve, (k - 0.5) / max));
  thresholds[0] = -Infinity;
  thresholds[max + 1] = Infinity;
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const floatOf = (bucket: number): number => {
    bits[0] = bucket << BUCKET_SHIFT;
    return float[0];
  };
  const guesses = new Float32Array(2 * (LAST_BUCKET - FIRST_BUCKET + 1));
  for (let bucket = FIRST_BUCKET; bucket <= LAST_BUCKET; bucket++) {
    const [low, high] = [floatOf(bucket), floatOf(bucket + 1)];
    const [first, last] = [search(thresholds, low), search(thresholds, high)];
    const slope = (last - first) / (high - low);
    guesses[2 * (bucket - FIRST_BUCKET)] = first - slope * low;
    guesses[2 * (bucket - FIRST_BUCKET) + 1] = slope;
  }
  return { max, thresholds, guesses, bucketShift: BUCKET_SHIFT, firstBucket: FIRST_BUCKET };
}

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

/** The sample of a linear light by a table. */
export function encodeSample(table: EncodeTable, light: number): number {
  const { thresholds, guesses, max } = table;
  // NaN fails both comparisons below and would leave the guess; it becomes black.
  const v = light > 0 ? Math.min(light, 1) : 0;
  scratch[0] = v;
  const bucket = Math.max((scratchBits[0] >> BUCKET_SHIFT) - FIRST_BUCKET, 0);
  let k = Math.trunc(guesses[2 * bucket] + guesses[2 * bucket + 1] * v);
  k = k < 0 ? 0 : k > max ? max : k;
  while (v < thresholds[k]) k--;
  while (v >= thresholds[k + 1]) k++;
  return k;
}
