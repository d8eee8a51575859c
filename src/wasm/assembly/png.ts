// PNG row filters and TIFF differences. The twin of core/reference/png-filter.ts, which explains how a filter is chosen.

const NONE: u32 = 0;
const SUB: u32 = 1;
const UP: u32 = 2;
const PAETH: u32 = 4;

const GROUP: usize = 16;
const GROUPS: usize = 32;

// @ts-ignore: decorator
@inline function absoluteDifference(x: v128, y: v128): v128 {
  return v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
}

/**
 * The Paeth predictor for 16 bytes: with p = a + b - c, the distances |p - a| and |p - b| are |b - c| and |a - c|, and |p - c| is the difference of
 * what a and b lie above c in all and what they lie below it; where that saturates it is greater than the others.
 */
// @ts-ignore: decorator
@inline function predict(a: v128, b: v128, c: v128): v128 {
  const aAbove = i8x16.sub_sat_u(a, c);
  const aBelow = i8x16.sub_sat_u(c, a);
  const bAbove = i8x16.sub_sat_u(b, c);
  const bBelow = i8x16.sub_sat_u(c, b);
  const pa = v128.or(bAbove, bBelow);
  const nearest = i8x16.min_u(pa, v128.or(aAbove, aBelow));
  const pc = absoluteDifference(i8x16.add_sat_u(aAbove, bAbove), i8x16.add_sat_u(aBelow, bBelow));
  const side = v128.bitselect(a, b, i8x16.eq(pa, nearest));
  return v128.bitselect(side, c, i8x16.eq(i8x16.max_u(pc, nearest), pc));
}

function predictByte(a: i32, b: i32, c: i32): i32 {
  const pa = abs(b - c);
  const pb = abs(a - c);
  const pc = abs(a + b - 2 * c);
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/** Magnitudes of 16 differences modulo 256, summed in four lanes. */
// @ts-ignore: decorator
@inline function magnitudes(v: v128): v128 {
  const magnitude = i8x16.min_u(v, i8x16.neg(v));
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(magnitude));
}

// @ts-ignore: decorator
@inline function total(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

function chooseFilter(row: usize, above: usize, hasAbove: bool, length: usize, bpp: usize): u32 {
  const step = GROUP * max<usize>(1, length / (GROUP * GROUPS));
  let none = i32x4.splat(0);
  let sub = i32x4.splat(0);
  let up = i32x4.splat(0);
  let both = i32x4.splat(0);
  for (let i = bpp; i + 16 <= length; i += step) {
    const x = v128.load(row + i);
    const a = v128.load(row + i - bpp);
    const b = v128.load(above + i);
    const c = v128.load(above + i - bpp);
    none = i32x4.add(none, magnitudes(x));
    sub = i32x4.add(sub, magnitudes(i8x16.sub(x, a)));
    up = i32x4.add(up, magnitudes(i8x16.sub(x, b)));
    both = i32x4.add(both, magnitudes(i8x16.sub(x, predict(a, b, c))));
  }
  if (!hasAbove) return total(sub) <= total(none) ? SUB : NONE;
  const least = min(total(up), min(total(sub), total(none)));
  if (total(both) - (total(both) >> 3) <= least) return PAETH;
  if (total(up) === least) return UP;
  return total(sub) === least ? SUB : NONE;
}

// @ts-ignore: decorator
@inline function filterVector(filter: u32, row: usize, left: usize, above: usize, aboveLeft: usize): v128 {
  const x = v128.load(row);
  if (filter === SUB) return i8x16.sub(x, v128.load(left));
  if (filter === UP) return i8x16.sub(x, v128.load(above));
  return i8x16.sub(x, predict(v128.load(left), v128.load(above), v128.load(aboveLeft)));
}

// @ts-ignore: decorator
@inline function filterWith(filter: u32, row: usize, above: usize, length: usize, bpp: usize, out: usize): void {
  const head = min(bpp, length);
  for (let i: usize = 0; i < head; i++) {
    const b: u32 = filter === SUB ? 0 : load<u8>(above + i);
    store<u8>(out + i, load<u8>(row + i) - b);
  }
  const end = row + length;
  const toAbove = above - row;
  const toOut = out - row;
  let at = row + head;
  for (; at + 64 <= end; at += 64) {
    const left = at - bpp;
    const up = at + toAbove;
    const upLeft = up - bpp;
    const to = at + toOut;
    v128.store(to, filterVector(filter, at, left, up, upLeft));
    v128.store(to, filterVector(filter, at + 16, left + 16, up + 16, upLeft + 16), 16);
    v128.store(to, filterVector(filter, at + 32, left + 32, up + 32, upLeft + 32), 32);
    v128.store(to, filterVector(filter, at + 48, left + 48, up + 48, upLeft + 48), 48);
  }
  while (at + 16 <= end) {
    v128.store(at + toOut, filterVector(filter, at, at - bpp, at + toAbove, at + toAbove - bpp));
    at += 16;
  }
  if (at < end && length >= bpp + 16) {
    at = end - 16;
    v128.store(at + toOut, filterVector(filter, at, at - bpp, at + toAbove, at + toAbove - bpp));
    return;
  }
  for (; at < end; at++) {
    const a = load<u8>(at - bpp);
    let prediction: i32 = a;
    if (filter === UP) prediction = load<u8>(at + toAbove);
    else if (filter === PAETH) prediction = predictByte(a, load<u8>(at + toAbove), load<u8>(at + toAbove - bpp));
    store<u8>(at + toOut, load<u8>(at) - prediction);
  }
}

/**
 * Chooses a filter for a row of `length` bytes and writes its type and the filtered row to `out`. `above` is all zero when
 * there is no row above.
 */
export function pngFilterRow(row: usize, above: usize, hasAbove: bool, length: u32, bpp: u32, out: usize): void {
  const filter = chooseFilter(row, above, hasAbove, length, bpp);
  store<u8>(out, filter);
  out += 1;
  if (filter === PAETH) filterWith(PAETH, row, above, length, bpp, out);
  else if (filter === UP) filterWith(UP, row, above, length, bpp, out);
  else if (filter === SUB) filterWith(SUB, row, above, length, bpp, out);
  else memory.copy(out, row, length);
}

/** Exchanges the bytes of 16-bit samples; `length` in bytes. Up to 15 bytes more are read and written. */
export function swapSamples(from: usize, length: u32, out: usize): void {
  for (let i: usize = 0; i < length; i += 16) {
    const v = v128.load(from + i);
    v128.store(out + i, v128.or(i16x8.shl(v, 8), i16x8.shr_u(v, 8)));
  }
}

/** A row less its left neighbours `bpp` bytes before, in 8-bit samples. */
export function differenceBytes(row: usize, length: u32, bpp: u32, out: usize): void {
  filterWith(SUB, row, row, length, bpp, out);
}

/** The same in 16-bit samples; `length` and `bpp` in bytes. */
export function differenceWords(row: usize, length: u32, bpp: u32, out: usize): void {
  const head = min(bpp, length);
  memory.copy(out, row, head);
  let i: usize = head;
  for (; i + 16 <= length; i += 16) {
    v128.store(out + i, i16x8.sub(v128.load(row + i), v128.load(row + i - bpp)));
  }
  for (; i < length; i += 2) store<u16>(out + i, load<u16>(row + i) - load<u16>(row + i - bpp));
}
