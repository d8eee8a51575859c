// The forward DCT and the search for coefficients that survive quantisation; the numbers of src/core/reference/jpeg-transform.ts.
import { COLUMN_MASKS } from './jpeg-layout';

// Pairs of factors for i32x4.dot_i16x8_s, in the order of use below: of the even half times 2^14, of the odd one times 2^15.
const FACTORS = memory.data<i16>([
  21407, 8867, 21407, 8867, 21407, 8867, 21407, 8867, // coefficient 2 of (s0 - s3, s1 - s2)
  8867, -21407, 8867, -21407, 8867, -21407, 8867, -21407, // 6
  -27246, -18205, -27246, -18205, -27246, -18205, -27246, -18205, // p (negative) of (t4, t7)
  -18205, 27246, -18205, 27246, -18205, 27246, -18205, 27246, // q
  32138, 6393, 32138, 6393, 32138, 6393, 32138, 6393, // r of (t5, t6)
  6393, -32138, 6393, -32138, 6393, -32138, 6393, -32138, // s (negative)
], 16);

// Halves for what the first pass rounds, and what the second loses in its last output.
const EVEN_HALF = memory.data<i32>([1 << 11, 1 << 11, 1 << 11, 1 << 11], 16);
const ODD_HALF = memory.data<i16>([4, 4, 4, 4, 4, 4, 4, 4], 16);
const LOSS = memory.data<i16>([2, 2, 2, 2, 2, 2, 2, 2], 16);

// @ts-ignore: decorator
@inline function low16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
// @ts-ignore: decorator
@inline function high16(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
// @ts-ignore: decorator
@inline function low32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline function high32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline function low64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}
// @ts-ignore: decorator
@inline function high64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** Sums of products with a pair of factors, rounded down by `shift` bits, of interleaved lanes. */
// @ts-ignore: decorator
@inline function product(low: v128, high: v128, factors: usize, shift: i32): v128 {
  const f = v128.load(FACTORS + factors * 16);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.dot_i16x8_s(low, f), shift),
    i32x4.shr_s(i32x4.dot_i16x8_s(high, f), shift),
  );
}

/** The same for the even half of the first pass, rounded. */
// @ts-ignore: decorator
@inline function roundedProduct(low: v128, high: v128, factors: usize): v128 {
  const f = v128.load(FACTORS + factors * 16);
  const half = v128.load(EVEN_HALF);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, f), half), 12),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, f), half), 12),
  );
}

/** Transforms the 8 x 8 samples at `from`, `stride` bytes to a row, into coefficients at `to`, which lie column by column. */
// @ts-ignore: decorator
@inline function forwardDct(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride);
  const r3 = v128.load(from + 3 * stride);
  const r4 = v128.load(from + 4 * stride);
  const r5 = v128.load(from + 5 * stride);
  const r6 = v128.load(from + 6 * stride);
  const r7 = v128.load(from + 7 * stride);

  let s0 = i16x8.add(r0, r7), t7 = i16x8.sub(r0, r7);
  let s1 = i16x8.add(r1, r6), t6 = i16x8.sub(r1, r6);
  let s2 = i16x8.add(r2, r5), t5 = i16x8.sub(r2, r5);
  let s3 = i16x8.add(r3, r4), t4 = i16x8.sub(r3, r4);
  let s03 = i16x8.add(s0, s3), s12 = i16x8.add(s1, s2);
  let outer = i16x8.sub(s0, s3), inner = i16x8.sub(s1, s2);
  let low = low16(outer, inner), high = high16(outer, inner);
  const c0 = i16x8.shl(i16x8.add(s03, s12), 2);
  const c4 = i16x8.shl(i16x8.sub(s03, s12), 2);
  const c2 = roundedProduct(low, high, 0);
  const c6 = roundedProduct(low, high, 1);
  low = low16(t4, t7), high = high16(t4, t7);
  const half = v128.load(ODD_HALF);
  let p = product(low, high, 2, 10), q = i16x8.add(product(low, high, 3, 10), half);
  low = low16(t5, t6), high = high16(t5, t6);
  let r = product(low, high, 4, 10), s = product(low, high, 5, 10);
  let qr = i16x8.add(q, r), ps = i16x8.add(p, s);
  const c1 = i16x8.shr_s(i16x8.sub(qr, ps), 3);
  const c3 = i16x8.shr_s(i16x8.sub(q, r), 3);
  const c5 = i16x8.shr_s(i16x8.add(i16x8.sub(s, p), half), 3);
  const c7 = i16x8.shr_s(i16x8.add(qr, ps), 3);

  const a0 = low16(c0, c1), a1 = high16(c0, c1);
  const a2 = low16(c2, c3), a3 = high16(c2, c3);
  const a4 = low16(c4, c5), a5 = high16(c4, c5);
  const a6 = low16(c6, c7), a7 = high16(c6, c7);
  const b0 = low32(a0, a2), b1 = high32(a0, a2);
  const b2 = low32(a1, a3), b3 = high32(a1, a3);
  const b4 = low32(a4, a6), b5 = high32(a4, a6);
  const b6 = low32(a5, a7), b7 = high32(a5, a7);
  const d0 = low64(b0, b4), d1 = high64(b0, b4);
  const d2 = low64(b1, b5), d3 = high64(b1, b5);
  const d4 = low64(b2, b6), d5 = high64(b2, b6);
  const d6 = low64(b3, b7), d7 = high64(b3, b7);

  s0 = i16x8.add(d0, d7), t7 = i16x8.sub(d0, d7);
  s1 = i16x8.add(d1, d6), t6 = i16x8.sub(d1, d6);
  s2 = i16x8.add(d2, d5), t5 = i16x8.sub(d2, d5);
  s3 = i16x8.add(d3, d4), t4 = i16x8.sub(d3, d4);
  s03 = i16x8.add(s0, s3), s12 = i16x8.add(s1, s2);
  v128.store(to, i16x8.add(s03, s12));
  v128.store(to, i16x8.sub(s03, s12), 64);
  outer = i16x8.sub(s0, s3), inner = i16x8.sub(s1, s2);
  low = low16(outer, inner), high = high16(outer, inner);
  v128.store(to, product(low, high, 0, 14), 32);
  v128.store(to, product(low, high, 1, 14), 96);
  low = low16(t4, t7), high = high16(t4, t7);
  p = product(low, high, 2, 15), q = product(low, high, 3, 15);
  low = low16(t5, t6), high = high16(t5, t6);
  r = product(low, high, 4, 15), s = product(low, high, 5, 15);
  qr = i16x8.add(q, r), ps = i16x8.add(p, s);
  v128.store(to, i16x8.sub(qr, ps), 16);
  v128.store(to, i16x8.sub(q, r), 48);
  v128.store(to, i16x8.sub(s, p), 80);
  v128.store(to, i16x8.add(i16x8.add(qr, ps), v128.load(LOSS)), 112);
}

/** Bytes of two columns: -1 where a coefficient is beyond its threshold. */
// @ts-ignore: decorator
@inline function beyond(block: usize, thresholds: usize): v128 {
  return i8x16.narrow_i16x8_s(
    i16x8.gt_s(i16x8.abs(v128.load(block)), v128.load(thresholds)),
    i16x8.gt_s(i16x8.abs(v128.load(block, 16)), v128.load(thresholds, 16)),
  );
}

/** The bits of MASKS for a column whose coefficients beyond their thresholds are the set bits of `rows`. */
// @ts-ignore: decorator
@inline function columnMask(state: usize, column: usize, rows: i32): u64 {
  return load<u64>(state + COLUMN_MASKS + (column << 11) + (<usize>(rows & 255) << 3));
}

/** Transforms the block of samples at `from` into coefficients at `to`; returns the mask of those that matter (see MASKS). */
export function jpegTransformBlock(state: usize, from: usize, stride: usize, to: usize, thresholds: usize): u64 {
  forwardDct(from, stride, to);
  const m01 = i8x16.bitmask(beyond(to, thresholds));
  const m23 = i8x16.bitmask(beyond(to + 32, thresholds + 32));
  const m45 = i8x16.bitmask(beyond(to + 64, thresholds + 64));
  const m67 = i8x16.bitmask(beyond(to + 96, thresholds + 96));
  return (
    columnMask(state, 0, m01) | columnMask(state, 1, m01 >> 8) |
    columnMask(state, 2, m23) | columnMask(state, 3, m23 >> 8) |
    columnMask(state, 4, m45) | columnMask(state, 5, m45 >> 8) |
    columnMask(state, 6, m67) | columnMask(state, 7, m67 >> 8)
  );
}
