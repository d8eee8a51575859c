// Planes of a 4:2:0 JPEG to RGB pixels; the numbers of src/core/reference/jpeg-planes.ts.

// Constants are loaded, not written as v128.const: engines build those with four or five instructions at every use.
// Weights times 2^16 of the pairs (Cb, Cr) for green: -22554 and 18734 = -46802 + 65536, and the half that rounds.
const GREEN = memory.data<i16>([-22554, 18734, -22554, 18734, -22554, 18734, -22554, 18734], 16);
const HALF = memory.data<i32>([32768, 32768, 32768, 32768], 16);

// Weights times 2^15 of what is left of red's 1.402 and blue's 1.772 after a whole Cr and Cb.
const RED = memory.data<i16>([13173, 13173, 13173, 13173, 13173, 13173, 13173, 13173], 16);
const BLUE = memory.data<i16>([25297, 25297, 25297, 25297, 25297, 25297, 25297, 25297], 16);

// Four pixels of four bytes without the fourth of each.
const PICKS = memory.data<u8>([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128], 16);

/** Bytes of a row of blended chroma before its first sample, where the one left of it lies. */
const LEFT: usize = 16;

/** Bytes of scratch for a picture that is `width` pixels wide. */
export function planesScratchBytes(width: i32): i32 {
  return 2 * blendedBytes(width);
}

/** A row of blended chroma in whole vectors, and one sample on either side. */
// @ts-ignore: decorator
@inline function blendedBytes(width: i32): i32 {
  return <i32>LEFT + (((width + 15) & ~15) + 16);
}

/** A row of chroma of which three parts are `near` and one is `far`, less 512, the ends repeated once. `count` samples of 16 bits. */
function blend(near: usize, far: usize, count: i32, out: usize): void {
  const bias = i16x8.splat(-512);
  const three = i16x8.splat(3);
  let to = out + LEFT;
  for (let x = 0; x < count; x += 8) {
    const n = v128.load8x8_u(near + <usize>x);
    const f = v128.load8x8_u(far + <usize>x);
    v128.store(to, i16x8.add(i16x8.add(i16x8.mul(n, three), f), bias));
    to += 16;
  }
  const first = out + LEFT;
  const end = first + (<usize>count << 1);
  store<i16>(first - 2, load<i16>(first));
  store<i16>(end, load<i16>(end - 2));
}

/** Green's part of chroma for 8 pixels, less Cr. */
// @ts-ignore: decorator
@inline function greenPart(cb: v128, cr: v128): v128 {
  const low = i8x16.shuffle(cb, cr, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  const high = i8x16.shuffle(cb, cr, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
  const a = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, v128.load(GREEN)), v128.load(HALF)), 16);
  const b = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, v128.load(GREEN)), v128.load(HALF)), 16);
  return i16x8.narrow_i32x4_s(a, b);
}

/** One row of pixels of a row of luma and of two of blended chroma. Writes whole vectors of 16 pixels, and 4 bytes beyond them. */
function colour(luma: usize, cbRow: usize, crRow: usize, width: i32, out: usize): void {
  const low = i16x8.splat(255);
  const eight = i16x8.splat(8);
  const seven = i16x8.splat(7);
  let cbAt = cbRow + LEFT;
  let crAt = crRow + LEFT;
  for (let x = 0; x < width; x += 16) {
    const b = v128.load(cbAt);
    const r = v128.load(crAt);
    const b3 = i16x8.add(i16x8.add(b, b), b);
    const r3 = i16x8.add(i16x8.add(r, r), r);
    // Pixels of even columns and those of odd ones are kept apart to the end.
    const cb0 = i16x8.shr_s(i16x8.add(i16x8.add(b3, v128.load(cbAt - 2)), eight), 4);
    const cb1 = i16x8.shr_s(i16x8.add(i16x8.add(b3, v128.load(cbAt + 2)), seven), 4);
    const cr0 = i16x8.shr_s(i16x8.add(i16x8.add(r3, v128.load(crAt - 2)), eight), 4);
    const cr1 = i16x8.shr_s(i16x8.add(i16x8.add(r3, v128.load(crAt + 2)), seven), 4);
    const y = v128.load(luma + <usize>x);
    const y0 = v128.and(y, low);
    const y1 = i16x8.shr_u(y, 8);
    const red = i8x16.narrow_i16x8_u(
      i16x8.add(y0, i16x8.add(cr0, i16x8.q15mulr_sat_s(cr0, v128.load(RED)))),
      i16x8.add(y1, i16x8.add(cr1, i16x8.q15mulr_sat_s(cr1, v128.load(RED)))),
    );
    const green = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.sub(y0, cr0), greenPart(cb0, cr0)),
      i16x8.add(i16x8.sub(y1, cr1), greenPart(cb1, cr1)),
    );
    const blue = i8x16.narrow_i16x8_u(
      i16x8.add(y0, i16x8.add(cb0, i16x8.q15mulr_sat_s(cb0, v128.load(BLUE)))),
      i16x8.add(y1, i16x8.add(cb1, i16x8.q15mulr_sat_s(cb1, v128.load(BLUE)))),
    );
    // Red and green, and blue with a byte of no meaning, of the 8 even pixels and of the 8 odd ones.
    const rg0 = i8x16.shuffle(red, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const rg1 = i8x16.shuffle(red, green, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const bx0 = i8x16.shuffle(blue, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const bx1 = i8x16.shuffle(blue, green, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    // Words of a pixel: 0 2 4 6, 8 10 12 14, 1 3 5 7, 9 11 13 15.
    const even0 = i8x16.shuffle(rg0, bx0, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    const even1 = i8x16.shuffle(rg0, bx0, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    const odd0 = i8x16.shuffle(rg1, bx1, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    const odd1 = i8x16.shuffle(rg1, bx1, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    const picks = v128.load(PICKS);
    const first = i8x16.shuffle(even0, odd0, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const second = i8x16.shuffle(even0, odd0, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    const third = i8x16.shuffle(even1, odd1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const fourth = i8x16.shuffle(even1, odd1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    v128.store(out, i8x16.swizzle(first, picks));
    v128.store(out, i8x16.swizzle(second, picks), 12);
    v128.store(out, i8x16.swizzle(third, picks), 24);
    v128.store(out, i8x16.swizzle(fourth, picks), 36);
    out += 48;
    cbAt += 16;
    crAt += 16;
  }
}

/**
 * RGB pixels of `rows` rows from picture row `y` on, to `out` without gaps, and up to 49 bytes beyond them. `luma` is the address of row `y`, `cb` and
 * `cr` those of chroma row `y >> 1`; the rows of chroma above and below must lie there, too, except beyond the picture, whose last one is
 * `lastChroma`. Up to 15 bytes beyond a row are read. `scratch` has `planesScratchBytes`.
 */
export function planesToRgb(
  luma: usize,
  lumaStride: i32,
  cb: usize,
  cr: usize,
  chromaStride: i32,
  width: i32,
  y: i32,
  rows: i32,
  lastChroma: i32,
  scratch: usize,
  out: usize,
): void {
  const cbRow = scratch;
  const crRow = scratch + <usize>blendedBytes(width);
  const samples = (width + 1) >> 1;
  const first = y >> 1;
  for (let row = y; row < y + rows; row++) {
    const near = row >> 1;
    const far = min(max(near + ((row & 1) << 1) - 1, 0), lastChroma);
    const nearAt = <usize>((near - first) * chromaStride);
    const farAt = <usize>((far - first) * chromaStride);
    blend(cb + nearAt, cb + farAt, samples, cbRow);
    blend(cr + nearAt, cr + farAt, samples, crRow);
    colour(luma, cbRow, crRow, width, out);
    luma += <usize>lumaStride;
    out += <usize>(width * 3);
  }
}
