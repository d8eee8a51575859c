import type { BandPlace } from '../encoding.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import { ZIGZAG } from '../jpeg/tables.ts';

/**
 * Colour, subsampling, transform and quantisation of the JPEG encoder in 32-bit integers; every engine computes exactly these
 * numbers. They are also those of libjpeg with its accurate integer DCT (`JDCT_ISLOW`), so its files are an independent check.
 */

/** Weights of JFIF's Y, Cb and Cr (JFIF 1.02, "Conversion to and from RGB") times 2^16; each row sums to 2^16 or 0. */
const COLOUR_BITS = 16;
const Y_R = 19595;
const Y_G = 38470;
const Y_B = 7471;
const CB_R = -11059;
const CB_G = -21709;
const CR_G = -27439;
const CR_B = -5329;
const HALF = 1 << (COLOUR_BITS - 1);
/** Chroma is rounded down at a tie, so that 255.5 does not become 256. */
const CHROMA_BIAS = (128 << COLOUR_BITS) + HALF - 1;

/** Samples of one component for a row of units, level-shifted to -128..127, `stride` to a row, padded to whole units. */
export interface Plane {
  readonly samples: Int16Array;
  readonly stride: number;
}

export function createPlanes(layout: JpegLayout): Plane[] {
  const { components, mcuSize, mcusPerRow } = layout;
  const sizes = components === 1 ? [8] : [mcuSize, 8, 8];
  return sizes.map((side) => ({ samples: new Int16Array(mcusPerRow * side * side), stride: mcusPerRow * side }));
}

/**
 * Fills the planes with the row of units that begins at picture row `top`. Columns beyond the right edge repeat the last pixel,
 * rows beyond the bottom the last row of each component (for 4:2:0 chroma, the last averaged row).
 */
export function convertMcuRow(
  layout: JpegLayout,
  rows: Uint8Array,
  place: BandPlace,
  top: number,
  planes: Plane[],
): void {
  const { width, components, mcuSize } = layout;
  const stride = width * components;
  const base = (top - place.y) * stride;
  const valid = Math.min(mcuSize, place.y + place.rows - top);
  const pixel = (x: number, y: number): number => base + y * stride + Math.min(x, width - 1) * components;
  const [luma, ...chroma] = planes;
  for (let y = 0; y < mcuSize; y++) {
    const row = Math.min(y, valid - 1);
    for (let x = 0; x < luma.stride; x++) {
      const at = pixel(x, row);
      luma.samples[y * luma.stride + x] =
        components === 1
          ? rows[at] - 128
          : ((Y_R * rows[at] + Y_G * rows[at + 1] + Y_B * rows[at + 2] + HALF) >> COLOUR_BITS) - 128;
    }
  }
  if (components === 1) return;
  const cb = (at: number): number =>
    (CB_R * rows[at] + CB_G * rows[at + 1] + HALF * rows[at + 2] + CHROMA_BIAS) >> COLOUR_BITS;
  const cr = (at: number): number =>
    (HALF * rows[at] + CR_G * rows[at + 1] + CR_B * rows[at + 2] + CHROMA_BIAS) >> COLOUR_BITS;
  const full = mcuSize === 8;
  const lastRow = full ? valid - 1 : ((valid + 1) >> 1) - 1;
  [cb, cr].forEach((convert, i) => {
    const plane = chroma[i];
    for (let y = 0; y < 8; y++) {
      const row = Math.min(y, lastRow);
      for (let x = 0; x < plane.stride; x++) {
        const value = full ? convert(pixel(x, row)) : average(convert, pixel, x, row, valid);
        plane.samples[y * plane.stride + x] = value - 128;
      }
    }
  });
}

/** The mean of 2 x 2 chroma samples, its rounding alternating between columns so that it has no bias: 1/4 up, then 2/4. */
function average(
  convert: (at: number) => number,
  pixel: (x: number, y: number) => number,
  x: number,
  row: number,
  valid: number,
): number {
  const upper = 2 * row;
  const lower = Math.min(upper + 1, valid - 1);
  const sum =
    convert(pixel(2 * x, upper)) +
    convert(pixel(2 * x + 1, upper)) +
    convert(pixel(2 * x, lower)) +
    convert(pixel(2 * x + 1, lower));
  return (sum + 1 + (x & 1)) >> 2;
}

/** Factors of the 8-point DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) times 2^13. */
const DCT_BITS = 13;
const F_0_298 = 2446;
const F_0_390 = 3196;
const F_0_541 = 4433;
const F_0_765 = 6270;
const F_0_899 = 7373;
const F_1_175 = 9633;
const F_1_501 = 12299;
const F_1_847 = 15137;
const F_1_961 = 16069;
const F_2_053 = 16819;
const F_2_562 = 20995;
const F_3_072 = 25172;

/** The odd half multiplied out: what each difference of mirrored samples gives to coefficients 1, 3, 5 and 7. */
const ODD = [
  [F_1_175 - F_0_899, F_1_175 - F_1_961, F_1_175, F_0_298 - F_0_899 + F_1_175 - F_1_961],
  [F_1_175 - F_0_390, -F_2_562 + F_1_175, F_2_053 - F_2_562 + F_1_175 - F_0_390, F_1_175],
  [F_1_175, F_3_072 - F_2_562 + F_1_175 - F_1_961, -F_2_562 + F_1_175, F_1_175 - F_1_961],
  [F_1_501 - F_0_899 + F_1_175 - F_0_390, F_1_175, F_1_175 - F_0_390, F_1_175 - F_0_899],
] as const;

/** Bits by which coefficients are larger between the two passes. */
const PASS_BITS = 2;

/**
 * One pass over 8 values `step` apart. The rows come first and leave their results 4 times too large; `columns` takes that back.
 * `outer` ends of every product: rounded half up.
 */
function transform8(data: Int32Array, at: number, step: number, columns: boolean): void {
  const d = (i: number): number => data[at + i * step];
  const shift = columns ? DCT_BITS + PASS_BITS : DCT_BITS - PASS_BITS;
  const round = 1 << (shift - 1);
  const s0 = d(0) + d(7);
  const s1 = d(1) + d(6);
  const s2 = d(2) + d(5);
  const s3 = d(3) + d(4);
  const t4 = d(3) - d(4);
  const t5 = d(2) - d(5);
  const t6 = d(1) - d(6);
  const t7 = d(0) - d(7);
  const sum = s0 + s3 + s1 + s2;
  const difference = s0 + s3 - s1 - s2;
  const half = 1 << (PASS_BITS - 1);
  data[at] = columns ? (sum + half) >> PASS_BITS : sum << PASS_BITS;
  data[at + 4 * step] = columns ? (difference + half) >> PASS_BITS : difference << PASS_BITS;
  const outer = s0 - s3;
  const inner = s1 - s2;
  data[at + 2 * step] = (outer * (F_0_541 + F_0_765) + inner * F_0_541 + round) >> shift;
  data[at + 6 * step] = (outer * F_0_541 + inner * (F_0_541 - F_1_847) + round) >> shift;
  for (let i = 0; i < 4; i++) {
    data[at + (2 * i + 1) * step] =
      (t4 * ODD[0][i] + t5 * ODD[1][i] + t6 * ODD[2][i] + t7 * ODD[3][i] + round) >> shift;
  }
}

/** The 8 x 8 forward DCT in place, in natural order: 8 times the coefficients of ITU T.81, A.3.3. All values fit 16 bits. */
export function forwardDct(block: Int32Array): void {
  for (let i = 0; i < 8; i++) transform8(block, 8 * i, 1, false);
  for (let i = 0; i < 8; i++) transform8(block, i, 8, true);
}

/** Divides by the step, to the nearest whole number and away from zero at a tie; `coefficient` is 8 times too large. */
export function quantise(coefficient: number, step: number): number {
  const size = Math.trunc((Math.abs(coefficient) + 4 * step) / (8 * step));
  return coefficient < 0 ? 0 - size : size;
}

/** Takes the block at (`x`, `y`) of a plane through DCT and quantisation into zigzag order. */
export function codeBlockOf(plane: Plane, x: number, y: number, steps: Uint8Array, into: Int16Array): void {
  const block = new Int32Array(64);
  for (let i = 0; i < 64; i++) block[i] = plane.samples[(y + (i >> 3)) * plane.stride + x + (i & 7)];
  forwardDct(block);
  for (let k = 0; k < 64; k++) into[k] = quantise(block[ZIGZAG[k]], steps[ZIGZAG[k]]);
}
