// The forward DCT and the search for coefficients that survive quantisation; the numbers of src/core/reference/jpeg-transform.ts.

// Pairs of factors times 2^13 for i32x4.dot_i16x8_s, in the order of use below.
const FACTORS = memory.data<i16>([
  10703, 4433, 10703, 4433, 10703, 4433, 10703, 4433, // coefficient 2 of (s0 - s3, s1 - s2)
  4433, -10704, 4433, -10704, 4433, -10704, 4433, -10704, // 6
  2260, 11363, 2260, 11363, 2260, 11363, 2260, 11363, // 1 of (t4, t7)
  6437, 9633, 6437, 9633, 6437, 9633, 6437, 9633, // 1 of (t5, t6)
  -6436, 9633, -6436, 9633, -6436, 9633, -6436, 9633, // 3 of (t4, t7)
  -11362, -2259, -11362, -2259, -11362, -2259, -11362, -2259, // 3 of (t5, t6)
  9633, 6437, 9633, 6437, 9633, 6437, 9633, 6437, // 5 of (t4, t7)
  2261, -11362, 2261, -11362, 2261, -11362, 2261, -11362, // 5 of (t5, t6)
  -11363, 2260, -11363, 2260, -11363, 2260, -11363, 2260, // 7 of (t4, t7)
  9633, -6436, 9633, -6436, 9633, -6436, 9633, -6436, // 7 of (t5, t6)
], 16);

const ROUNDINGS = memory.data<i32>([1 << 10, 1 << 10, 1 << 10, 1 << 10, 1 << 14, 1 << 14, 1 << 14, 1 << 14], 16);
const TWOS = memory.data<i16>([2, 2, 2, 2, 2, 2, 2, 2], 16);

// Byte picks from rows 0-1, 2-3, 4-5, 6-7 of a block of bytes into the 64 places of the zigzag order; 128 picks nothing.
const ZIGZAG_PICKS = memory.data<u8>([
  0, 1, 8, 128, 9, 2, 3, 10, 128, 128, 128, 128, 128, 11, 4, 5,
  128, 128, 128, 0, 128, 128, 128, 128, 1, 8, 128, 9, 2, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 128, 128, 128, 128, 128,
  12, 128, 128, 128, 128, 128, 128, 128, 128, 128, 13, 6, 7, 14, 128, 128,
  128, 3, 10, 128, 128, 128, 128, 128, 11, 4, 128, 128, 128, 128, 5, 12,
  128, 128, 128, 1, 8, 128, 9, 2, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 0, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 15, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 13, 6, 128, 7, 14, 128, 128, 128,
  3, 10, 128, 128, 128, 128, 11, 4, 128, 128, 128, 128, 128, 5, 12, 128,
  128, 128, 1, 8, 9, 2, 128, 128, 128, 128, 128, 128, 128, 128, 128, 3,
  128, 128, 128, 128, 128, 15, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 13, 6, 128, 7, 14, 128, 128, 128, 128, 15, 128, 128, 128,
  10, 11, 4, 128, 128, 128, 128, 128, 5, 12, 13, 6, 128, 7, 14, 15,
], 16);

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

/** Rounds away the factors' 13 bits and, after columns, the 2 bits that rows leave. */
// @ts-ignore: decorator
@inline function descale(low: v128, high: v128, columns: bool): v128 {
  const round = columns ? v128.load(ROUNDINGS, 16) : v128.load(ROUNDINGS);
  const shift = columns ? 15 : 11;
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(low, round), shift), i32x4.shr_s(i32x4.add(high, round), shift));
}

// @ts-ignore: decorator
@inline function even(low: v128, high: v128, factor: usize, columns: bool): v128 {
  const f = v128.load(FACTORS + factor * 16);
  return descale(i32x4.dot_i16x8_s(low, f), i32x4.dot_i16x8_s(high, f), columns);
}

// @ts-ignore: decorator
@inline function odd(low47: v128, high47: v128, low56: v128, high56: v128, factor: usize, columns: bool): v128 {
  const f = v128.load(FACTORS + factor * 16);
  const g = v128.load(FACTORS + factor * 16, 16);
  return descale(
    i32x4.add(i32x4.dot_i16x8_s(low47, f), i32x4.dot_i16x8_s(low56, g)),
    i32x4.add(i32x4.dot_i16x8_s(high47, f), i32x4.dot_i16x8_s(high56, g)),
    columns,
  );
}

/** Transposes 8 x 8 samples at `from`, `stride` bytes to a row, and transforms each lane down the rows. */
// @ts-ignore: decorator
@inline function pass(from: usize, stride: usize, to: usize, columns: bool): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride);
  const r3 = v128.load(from + 3 * stride);
  const r4 = v128.load(from + 4 * stride);
  const r5 = v128.load(from + 5 * stride);
  const r6 = v128.load(from + 6 * stride);
  const r7 = v128.load(from + 7 * stride);
  const a0 = low16(r0, r1), a1 = high16(r0, r1);
  const a2 = low16(r2, r3), a3 = high16(r2, r3);
  const a4 = low16(r4, r5), a5 = high16(r4, r5);
  const a6 = low16(r6, r7), a7 = high16(r6, r7);
  const b0 = low32(a0, a2), b1 = high32(a0, a2);
  const b2 = low32(a1, a3), b3 = high32(a1, a3);
  const b4 = low32(a4, a6), b5 = high32(a4, a6);
  const b6 = low32(a5, a7), b7 = high32(a5, a7);
  const d0 = low64(b0, b4), d1 = high64(b0, b4);
  const d2 = low64(b1, b5), d3 = high64(b1, b5);
  const d4 = low64(b2, b6), d5 = high64(b2, b6);
  const d6 = low64(b3, b7), d7 = high64(b3, b7);

  const s0 = i16x8.add(d0, d7), t7 = i16x8.sub(d0, d7);
  const s1 = i16x8.add(d1, d6), t6 = i16x8.sub(d1, d6);
  const s2 = i16x8.add(d2, d5), t5 = i16x8.sub(d2, d5);
  const s3 = i16x8.add(d3, d4), t4 = i16x8.sub(d3, d4);
  const s03 = i16x8.add(s0, s3), s12 = i16x8.add(s1, s2);
  const sum = i16x8.add(s03, s12), difference = i16x8.sub(s03, s12);
  if (columns) {
    const two = v128.load(TWOS);
    v128.store(to, i16x8.shr_s(i16x8.add(sum, two), 2));
    v128.store(to, i16x8.shr_s(i16x8.add(difference, two), 2), 64);
  } else {
    v128.store(to, i16x8.shl(sum, 2));
    v128.store(to, i16x8.shl(difference, 2), 64);
  }
  const outer = i16x8.sub(s0, s3), inner = i16x8.sub(s1, s2);
  const lowEven = low16(outer, inner), highEven = high16(outer, inner);
  v128.store(to, even(lowEven, highEven, 0, columns), 32);
  v128.store(to, even(lowEven, highEven, 1, columns), 96);
  const low47 = low16(t4, t7), high47 = high16(t4, t7);
  const low56 = low16(t5, t6), high56 = high16(t5, t6);
  v128.store(to, odd(low47, high47, low56, high56, 2, columns), 16);
  v128.store(to, odd(low47, high47, low56, high56, 4, columns), 48);
  v128.store(to, odd(low47, high47, low56, high56, 6, columns), 80);
  v128.store(to, odd(low47, high47, low56, high56, 8, columns), 112);
}

/** Bytes of two rows: -1 where a coefficient is beyond its threshold. */
// @ts-ignore: decorator
@inline function beyond(block: usize, thresholds: usize): v128 {
  return i8x16.narrow_i16x8_s(
    i16x8.gt_s(i16x8.abs(v128.load(block)), v128.load(thresholds)),
    i16x8.gt_s(i16x8.abs(v128.load(block, 16)), v128.load(thresholds, 16)),
  );
}

// @ts-ignore: decorator
@inline function picked(rows: v128, index: usize): v128 {
  return i8x16.swizzle(rows, v128.load(ZIGZAG_PICKS + index * 16));
}

/** Transforms the block of samples at `from` into coefficients at `to`; returns the mask of those that matter (see MASKS). */
export function jpegTransformBlock(from: usize, stride: usize, to: usize, thresholds: usize): u64 {
  pass(from, stride, to, false);
  pass(to, 16, to, true);
  const m0 = beyond(to, thresholds);
  const m1 = beyond(to + 32, thresholds + 32);
  const m2 = beyond(to + 64, thresholds + 64);
  const m3 = beyond(to + 96, thresholds + 96);
  if (!v128.any_true(v128.or(v128.or(m0, m1), v128.or(m2, m3)))) return 0;
  const z0 = v128.or(v128.or(picked(m0, 0), picked(m1, 1)), picked(m2, 2));
  const z1 = v128.or(v128.or(picked(m0, 3), picked(m1, 4)), v128.or(picked(m2, 5), picked(m3, 6)));
  const z2 = v128.or(v128.or(picked(m0, 7), picked(m1, 8)), v128.or(picked(m2, 9), picked(m3, 10)));
  const z3 = v128.or(v128.or(picked(m1, 11), picked(m2, 12)), picked(m3, 13));
  const low = i8x16.bitmask(z0) | (i8x16.bitmask(z1) << 16);
  const high = i8x16.bitmask(z2) | (i8x16.bitmask(z3) << 16);
  return <u64><u32>low | (<u64><u32>high << 32);
}
