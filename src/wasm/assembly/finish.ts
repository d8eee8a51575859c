/*
 * Sharpening and grain of resampled rows. Samples are of 16 bits, planes hold a float for each pixel of a row. Counts are pixels; the rows
 * that are written have room for whole vectors.
 */

const RED: f32 = 0.2126;
const GREEN: f32 = 0.7152;
const BLUE: f32 = 0.0722;

/** The brightness of each pixel; of four channels times the alpha (0..1) when `weighted`. */
export function finishLuma(source: usize, count: i32, channels: i32, weighted: i32, luma: usize): void {
  const end = luma + ((<usize>count) << 2);
  if (channels == 1) {
    for (; luma < end; luma += 16, source += 8) {
      v128.store(luma, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v128.load64_zero(source))));
    }
    return;
  }
  const step = (<usize>channels) << 1;
  for (; luma < end; luma += 4, source += step) {
    const sum = RED * <f32>load<u16>(source) + GREEN * <f32>load<u16>(source, 2) + BLUE * <f32>load<u16>(source, 4);
    store<f32>(luma, weighted ? sum * (<f32>load<u16>(source, 6) / 65535) : sum);
  }
}

/** The alpha of each RGBA pixel, 0..1. */
export function finishAlpha(source: usize, count: i32, alpha: usize): void {
  const end = alpha + ((<usize>count) << 2);
  for (; alpha < end; alpha += 4, source += 8) store<f32>(alpha, <f32>load<u16>(source, 6) / 65535);
}

@inline
function mixed(h: v128): v128 {
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = i32x4.mul(h, i32x4.splat(<i32>0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(<i32>0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Noise of mean 0 and variance 1 for the pixels from (x, y) on: `noiseAt` in core/reference/finish.ts. */
export function finishNoise(x: i32, y: i32, seed: i32, count: i32, scale: f32, out: usize): void {
  const end = out + ((<usize>count) << 2);
  const row = i32x4.splat((y * <i32>0x85ebca77) ^ (seed * <i32>0xc2b2ae3d));
  const byte = i32x4.splat(255);
  const factor = f32x4.splat(scale);
  let columns = i32x4.add(i32x4.splat(x), i32x4(0, 1, 2, 3));
  for (; out < end; out += 16) {
    const h = mixed(v128.xor(i32x4.mul(columns, i32x4.splat(<i32>0x9e3779b1)), row));
    const low = i32x4.add(v128.and(h, byte), v128.and(i32x4.shr_u(h, 8), byte));
    const high = i32x4.add(v128.and(i32x4.shr_u(h, 16), byte), i32x4.shr_u(h, 24));
    const sum = i32x4.sub(i32x4.add(low, high), i32x4.splat(510));
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(sum), factor));
    columns = i32x4.add(columns, i32x4.splat(4));
  }
}

/**
 * The symmetric filter down the columns: `rows` holds the addresses of `2 * reach + 1` rows from top to bottom, `half` the weight of
 * the middle one and then those of its neighbours.
 */
export function finishColumns(rows: usize, reach: i32, half: usize, count: i32, out: usize): void {
  const bytes = (<usize>count) << 2;
  const middle = rows + ((<usize>reach) << 2);
  for (let at: usize = 0; at < bytes; at += 32) {
    let weight = v128.load32_splat(half);
    const centre = <usize>load<u32>(middle) + at;
    let a = f32x4.mul(v128.load(centre), weight);
    let b = f32x4.mul(v128.load(centre, 16), weight);
    for (let k = 1; k <= reach; k++) {
      weight = v128.load32_splat(half + ((<usize>k) << 2));
      const above = <usize>load<u32>(middle - ((<usize>k) << 2)) + at;
      const below = <usize>load<u32>(middle + ((<usize>k) << 2)) + at;
      a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(above), v128.load(below)), weight));
      b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(above, 16), v128.load(below, 16)), weight));
    }
    v128.store(out + at, a);
    v128.store(out + at, b, 16);
  }
}

/** The same filter along a row, whose first `reach` floats lie left of the first pixel. */
export function finishRow(row: usize, reach: i32, half: usize, count: i32, out: usize): void {
  const bytes = (<usize>count) << 2;
  const middle = row + ((<usize>reach) << 2);
  for (let at: usize = 0; at < bytes; at += 32) {
    const centre = middle + at;
    let weight = v128.load32_splat(half);
    let a = f32x4.mul(v128.load(centre), weight);
    let b = f32x4.mul(v128.load(centre, 16), weight);
    for (let k: usize = 1; k <= <usize>reach; k++) {
      weight = v128.load32_splat(half + (k << 2));
      const left = centre - (k << 2);
      const right = centre + (k << 2);
      a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(left), v128.load(right)), weight));
      b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(left, 16), v128.load(right, 16)), weight));
    }
    v128.store(out + at, a);
    v128.store(out + at, b, 16);
  }
}

/**
 * What sharpening adds to each pixel, to `out`. `weight` is the filtered alpha, or 0 where there is none. `threshold` in samples.
 */
export function finishDifference(
  luma: usize,
  blurred: usize,
  weight: usize,
  gain: f32,
  threshold: f32,
  count: i32,
  out: usize,
): void {
  const bytes = (<usize>count) << 2;
  const amount = f32x4.splat(gain);
  const least = f32x4.splat(threshold);
  const zero = f32x4.splat(0);
  const sign = i32x4.splat(<i32>0x80000000);
  for (let at: usize = 0; at < bytes; at += 16) {
    let around = v128.load(blurred + at);
    let known = i32x4.splat(-1);
    if (weight != 0) {
      const share = v128.load(weight + at);
      known = f32x4.gt(share, zero);
      around = f32x4.div(around, share);
    }
    const difference = f32x4.sub(v128.load(luma + at), around);
    const beyond = f32x4.max(f32x4.sub(f32x4.abs(difference), least), zero);
    const signed = v128.or(beyond, v128.and(difference, sign));
    v128.store(out + at, v128.and(f32x4.mul(signed, amount), known));
  }
}

/** `out += row * scale`. */
export function finishAdd(row: usize, scale: f32, count: i32, out: usize): void {
  const bytes = (<usize>count) << 2;
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(v128.load(row + at), factor)));
  }
}

/** Four samples plus `delta`, scaled and rounded half up, as integers within 0..max. */
@inline
function summed(source: usize, delta: v128, scale: v128, max: v128): v128 {
  const value = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v128.load64_zero(source)));
  const rounded = f32x4.add(f32x4.mul(f32x4.add(value, delta), scale), f32x4.splat(0.5));
  return i32x4.min_s(i32x4.trunc_sat_f32x4_u(rounded), max);
}

/** Stores four samples of 0..max; nothing beyond them. */
@inline
function put(out: usize, samples: v128, deep: i32): void {
  const words = i16x8.narrow_i32x4_u(samples, samples);
  if (deep) v128.store64_lane(out, words, 0);
  else v128.store32_lane(out, i8x16.narrow_i16x8_u(words, words), 0);
}

/**
 * Adds `delta` to the colours of each pixel, and writes samples of 16 bits when `deep`, else of 8. May write where it has read. The
 * delta may be read up to a vector beyond the last pixel.
 */
export function finishApply(source: usize, count: i32, channels: i32, delta: usize, deep: i32, out: usize): void {
  const scale = f32x4.splat(deep ? 1 : <f32>(1.0 / 257.0));
  const max = i32x4.splat(deep ? 65535 : 255);
  const step = <usize>4 << deep;
  const samples = <usize>count * <usize>channels;
  const end = source + (samples << 1);
  if (channels == 4) {
    const colours = i32x4(-1, -1, -1, 0);
    const zero = f32x4.splat(0);
    for (; source < end; source += 8, delta += 4, out += step) {
      const added = load<u16>(source, 6) == 0 ? zero : v128.and(v128.load32_splat(delta), colours);
      put(out, summed(source, added, scale, max), deep);
    }
    return;
  }
  if (channels == 1) {
    for (; source + 8 <= end; source += 8, delta += 16, out += step) {
      put(out, summed(source, v128.load(delta), scale, max), deep);
    }
  } else {
    for (; source + 24 <= end; source += 24, delta += 16, out += 3 * step) {
      const d = v128.load(delta);
      const a = summed(source, v128.shuffle<f32>(d, d, 0, 0, 0, 1), scale, max);
      const b = summed(source + 8, v128.shuffle<f32>(d, d, 1, 1, 2, 2), scale, max);
      const c = summed(source + 16, v128.shuffle<f32>(d, d, 2, 3, 3, 3), scale, max);
      put(out, a, deep);
      put(out + step, b, deep);
      put(out + 2 * step, c, deep);
    }
  }
  for (let c = 0; source < end; source += 2, out += step >> 2) {
    const sample = summed(source, v128.load32_splat(delta), scale, max);
    if (deep) store<u16>(out, <u16>i32x4.extract_lane(sample, 0));
    else store<u8>(out, <u8>i32x4.extract_lane(sample, 0));
    if (++c == channels) {
      c = 0;
      delta += 4;
    }
  }
}
