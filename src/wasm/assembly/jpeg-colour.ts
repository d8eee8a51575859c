// Pixels to level-shifted component samples; the numbers of src/core/reference/jpeg-transform.ts.
import { PLANES, SPAN } from './jpeg-layout';

// @ts-ignore: decorator
@inline const ROW: usize = SPAN * 2;
// @ts-ignore: decorator
@inline const CB: usize = 16 * ROW;
// @ts-ignore: decorator
@inline const CR: usize = 24 * ROW;

// Constants are loaded, not written as v128.const: engines build those with four or five instructions at every use.
// Byte picks that widen 4 RGB pixels to pairs (R, G) and (B, G) of 16 bits; the last two for pixels that begin at byte 4.
const PICKS = memory.data<u8>([
  0, 128, 1, 128, 3, 128, 4, 128, 6, 128, 7, 128, 9, 128, 10, 128,
  2, 128, 1, 128, 5, 128, 4, 128, 8, 128, 7, 128, 11, 128, 10, 128,
  4, 128, 5, 128, 7, 128, 8, 128, 10, 128, 11, 128, 13, 128, 14, 128,
  6, 128, 5, 128, 9, 128, 8, 128, 12, 128, 11, 128, 15, 128, 14, 128,
], 16);

// Weights times 2^16 of (R, G) and (B, G). Those that do not fit 16 bits are split (Y: 38470 = 22086 + 16384), or the
// whole sum is taken negative (chroma: the factor 32768).
const WEIGHTS = memory.data<i16>([
  19595, 22086, 19595, 22086, 19595, 22086, 19595, 22086,
  7471, 16384, 7471, 16384, 7471, 16384, 7471, 16384,
  11059, 21709, 11059, 21709, 11059, 21709, 11059, 21709,
  -32768, 0, -32768, 0, -32768, 0, -32768, 0,
  -32768, 27439, -32768, 27439, -32768, 27439, -32768, 27439,
  5329, 0, 5329, 0, 5329, 0, 5329, 0,
  1, 1, 1, 1, 1, 1, 1, 1,
], 16);

const BIASES = memory.data<i32>([
  32768 - (128 << 16), 32768 - (128 << 16), 32768 - (128 << 16), 32768 - (128 << 16),
  32767, 32767, 32767, 32767,
  1, 2, 1, 2,
], 16);

/** Four samples of Y - 128 as i32. */
// @ts-ignore: decorator
@inline function luma(rg: v128, bg: v128): v128 {
  const sum = i32x4.add(i32x4.dot_i16x8_s(rg, v128.load(WEIGHTS)), i32x4.dot_i16x8_s(bg, v128.load(WEIGHTS, 16)));
  return i32x4.shr_s(i32x4.add(sum, v128.load(BIASES)), 16);
}

/** Four samples of Cb - 128 (`weights` 32) or Cr - 128 (64) as i32. */
// @ts-ignore: decorator
@inline function chroma(rg: v128, bg: v128, weights: usize): v128 {
  const first = i32x4.dot_i16x8_s(rg, v128.load(WEIGHTS + weights));
  const second = i32x4.dot_i16x8_s(bg, v128.load(WEIGHTS + weights, 16));
  return i32x4.shr_s(i32x4.sub(i32x4.sub(v128.load(BIASES, 16), first), second), 16);
}

/** Grey pixels, `count` of them rounded up to 16. */
export function jpegGreyRow(state: usize, from: usize, y: i32, count: i32): void {
  const shift = i8x16.splat(-128);
  let to = state + PLANES + <usize>y * ROW;
  for (let x = 0; x < count; x += 16) {
    const v = v128.xor(v128.load(from), shift);
    v128.store(to, i16x8.extend_low_i8x16_s(v));
    v128.store(to, i16x8.extend_high_i8x16_s(v), 16);
    from += 16;
    to += 32;
  }
}

/** RGB pixels to three full planes, `count` of them rounded up to 16. */
export function jpegFullRow(state: usize, from: usize, y: i32, count: i32): void {
  let to = state + PLANES + <usize>y * ROW;
  const rgAt0 = v128.load(PICKS);
  const bgAt0 = v128.load(PICKS, 16);
  const rgAt4 = v128.load(PICKS, 32);
  const bgAt4 = v128.load(PICKS, 48);
  for (let x = 0; x < count; x += 16) {
    for (let half = 0; half < 2; half++) {
      // The second four of each eight are picked from a load that ends with them: nothing is read beyond the pixels.
      const a = v128.load(from);
      const b = v128.load(from, 8);
      const rg0 = i8x16.swizzle(a, rgAt0);
      const bg0 = i8x16.swizzle(a, bgAt0);
      const rg1 = i8x16.swizzle(b, rgAt4);
      const bg1 = i8x16.swizzle(b, bgAt4);
      v128.store(to, i16x8.narrow_i32x4_s(luma(rg0, bg0), luma(rg1, bg1)));
      v128.store(to, i16x8.narrow_i32x4_s(chroma(rg0, bg0, 32), chroma(rg1, bg1, 32)), CB);
      v128.store(to, i16x8.narrow_i32x4_s(chroma(rg0, bg0, 64), chroma(rg1, bg1, 64)), CR);
      from += 24;
      to += 16;
    }
  }
}

/** Rounded means of pairs of 8 sums of two samples. */
// @ts-ignore: decorator
@inline function halve(sums: v128): v128 {
  const four = i32x4.dot_i16x8_s(sums, v128.load(WEIGHTS, 96));
  return i32x4.shr_s(i32x4.add(four, v128.load(BIASES, 32)), 2);
}

/** Two rows of RGB pixels to two rows of Y and one of halved chroma, `count` pixels rounded up to 16. */
export function jpegHalvedRows(state: usize, upper: usize, lower: usize, y: i32, count: i32): void {
  let to = state + PLANES + <usize>y * ROW;
  let cbTo = state + PLANES + CB + <usize>(y >> 1) * ROW;
  const rgAt0 = v128.load(PICKS);
  const bgAt0 = v128.load(PICKS, 16);
  const rgAt4 = v128.load(PICKS, 32);
  const bgAt4 = v128.load(PICKS, 48);
  for (let x = 0; x < count; x += 16) {
    let cb0 = i64x2.splat(0);
    let cr0 = i64x2.splat(0);
    for (let half = 0; half < 2; half++) {
      const a = v128.load(upper);
      const b = v128.load(upper, 8);
      const rg0 = i8x16.swizzle(a, rgAt0);
      const bg0 = i8x16.swizzle(a, bgAt0);
      const rg1 = i8x16.swizzle(b, rgAt4);
      const bg1 = i8x16.swizzle(b, bgAt4);
      v128.store(to, i16x8.narrow_i32x4_s(luma(rg0, bg0), luma(rg1, bg1)));
      const c = v128.load(lower);
      const d = v128.load(lower, 8);
      const rg2 = i8x16.swizzle(c, rgAt0);
      const bg2 = i8x16.swizzle(c, bgAt0);
      const rg3 = i8x16.swizzle(d, rgAt4);
      const bg3 = i8x16.swizzle(d, bgAt4);
      v128.store(to, i16x8.narrow_i32x4_s(luma(rg2, bg2), luma(rg3, bg3)), ROW);
      const cb1 = halve(i16x8.narrow_i32x4_s(
        i32x4.add(chroma(rg0, bg0, 32), chroma(rg2, bg2, 32)),
        i32x4.add(chroma(rg1, bg1, 32), chroma(rg3, bg3, 32)),
      ));
      const cr1 = halve(i16x8.narrow_i32x4_s(
        i32x4.add(chroma(rg0, bg0, 64), chroma(rg2, bg2, 64)),
        i32x4.add(chroma(rg1, bg1, 64), chroma(rg3, bg3, 64)),
      ));
      if (half) {
        v128.store(cbTo, i16x8.narrow_i32x4_s(cb0, cb1));
        v128.store(cbTo, i16x8.narrow_i32x4_s(cr0, cr1), CR - CB);
      } else {
        cb0 = cb1;
        cr0 = cr1;
      }
      upper += 24;
      lower += 24;
      to += 16;
    }
    cbTo += 16;
  }
}
