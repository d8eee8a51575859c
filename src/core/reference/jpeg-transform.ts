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

/** The components of the pixel at byte `at`, less 128. */
const luma = (rows: Uint8Array, at: number): number =>
  ((Y_R * rows[at] + Y_G * rows[at + 1] + Y_B * rows[at + 2] + HALF) >> COLOUR_BITS) - 128;
const blueness = (rows: Uint8Array, at: number): number =>
  ((CB_R * rows[at] + CB_G * rows[at + 1] + HALF * rows[at + 2] + CHROMA_BIAS) >> COLOUR_BITS) - 128;
const redness = (rows: Uint8Array, at: number): number =>
  ((HALF * rows[at] + CR_G * rows[at + 1] + CR_B * rows[at + 2] + CHROMA_BIAS) >> COLOUR_BITS) - 128;

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
  const rowBytes = width * components;
  const valid = Math.min(mcuSize, place.y + place.rows - top);
  const pairs = (valid + 1) >> 1;
  const byteOf = (y: number): number => (top - place.y + y) * rowBytes;
  planes.forEach(({ samples, stride }, component) => {
    const halved = component > 0 && mcuSize === 16;
    const height = halved ? 8 : mcuSize;
    for (let y = 0; y < height; y++) {
      const to = y * stride;
      if (halved) {
        const upper = 2 * Math.min(y, pairs - 1);
        const lower = Math.min(upper + 1, valid - 1);
        const convert = component === 1 ? blueness : redness;
        averageRows(rows, byteOf(upper), byteOf(lower), width, convert, samples, to, stride);
        continue;
      }
      const from = byteOf(Math.min(y, valid - 1));
      for (let x = 0; x < stride; x++) {
        const at = from + Math.min(x, width - 1) * components;
        if (components === 1) samples[to + x] = rows[at] - 128;
        else if (component === 0) samples[to + x] = luma(rows, at);
        else samples[to + x] = component === 1 ? blueness(rows, at) : redness(rows, at);
      }
    }
  });
}

/**
 * A row of means of 2 x 2 chroma samples. So that rounding has no bias it alternates between columns: a quarter is added in
 * even ones, two quarters in odd ones.
 */
function averageRows(
  rows: Uint8Array,
  upper: number,
  lower: number,
  width: number,
  convert: (rows: Uint8Array, at: number) => number,
  samples: Int16Array,
  to: number,
  count: number,
): void {
  for (let x = 0; x < count; x++) {
    const left = Math.min(2 * x, width - 1) * 3;
    const right = Math.min(2 * x + 1, width - 1) * 3;
    const sum =
      convert(rows, upper + left) +
      convert(rows, upper + right) +
      convert(rows, lower + left) +
      convert(rows, lower + right);
    samples[to + x] = (sum + 1 + (x & 1)) >> 2;
  }
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

/** The odd half multiplied out: what the differences of samples 3 and 4, 2 and 5, 1 and 6, 0 and 7 give to a coefficient. */
const ODD_1 = [F_1_175 - F_0_899, F_1_175 - F_0_390, F_1_175, F_1_501 - F_0_899 + F_1_175 - F_0_390] as const;
const ODD_3 = [F_1_175 - F_1_961, F_1_175 - F_2_562, F_3_072 - F_2_562 + F_1_175 - F_1_961, F_1_175] as const;
const ODD_5 = [F_1_175, F_2_053 - F_2_562 + F_1_175 - F_0_390, F_1_175 - F_2_562, F_1_175 - F_0_390] as const;
const ODD_7 = [F_0_298 - F_0_899 + F_1_175 - F_1_961, F_1_175, F_1_175 - F_1_961, F_1_175 - F_0_899] as const;

/** Bits by which coefficients are larger between the two passes. */
const PASS_BITS = 2;

/**
 * One pass over 8 values `step` apart, every product rounded half up. The rows come first and leave their results 4 times
 * too large; `columns` takes that back.
 */
function transform8(data: Int32Array, at: number, step: number, columns: boolean): void {
  const shift = columns ? DCT_BITS + PASS_BITS : DCT_BITS - PASS_BITS;
  const round = 1 << (shift - 1);
  const half = 1 << (PASS_BITS - 1);
  const [i1, i2, i3, i4] = [at + step, at + 2 * step, at + 3 * step, at + 4 * step];
  const [i5, i6, i7] = [at + 5 * step, at + 6 * step, at + 7 * step];
  const s0 = data[at] + data[i7];
  const s1 = data[i1] + data[i6];
  const s2 = data[i2] + data[i5];
  const s3 = data[i3] + data[i4];
  const t4 = data[i3] - data[i4];
  const t5 = data[i2] - data[i5];
  const t6 = data[i1] - data[i6];
  const t7 = data[at] - data[i7];
  const sum = s0 + s3 + s1 + s2;
  const difference = s0 + s3 - s1 - s2;
  data[at] = columns ? (sum + half) >> PASS_BITS : sum << PASS_BITS;
  data[i4] = columns ? (difference + half) >> PASS_BITS : difference << PASS_BITS;
  const outer = s0 - s3;
  const inner = s1 - s2;
  data[i2] = (outer * (F_0_541 + F_0_765) + inner * F_0_541 + round) >> shift;
  data[i6] = (outer * F_0_541 + inner * (F_0_541 - F_1_847) + round) >> shift;
  data[i1] = (t4 * ODD_1[0] + t5 * ODD_1[1] + t6 * ODD_1[2] + t7 * ODD_1[3] + round) >> shift;
  data[i3] = (t4 * ODD_3[0] + t5 * ODD_3[1] + t6 * ODD_3[2] + t7 * ODD_3[3] + round) >> shift;
  data[i5] = (t4 * ODD_5[0] + t5 * ODD_5[1] + t6 * ODD_5[2] + t7 * ODD_5[3] + round) >> shift;
  data[i7] = (t4 * ODD_7[0] + t5 * ODD_7[1] + t6 * ODD_7[2] + t7 * ODD_7[3] + round) >> shift;
}

/** The 8 x 8 forward DCT in place, in natural order: 8 times the coefficients of ITU T.81, A.3.3. All values fit 16 bits. */
export function forwardDct(block: Int32Array): void {
  for (let i = 0; i < 8; i++) transform8(block, 8 * i, 1, false);
  for (let i = 0; i < 8; i++) transform8(block, i, 8, true);
}

/** Divides by the step, to the nearest whole number and away from zero at a tie; `coefficient` is 8 times too large. */
export function quantise(coefficient: number, step: number): number {
  const size = ((Math.abs(coefficient) + 4 * step) / (8 * step)) | 0;
  return coefficient < 0 ? 0 - size : size;
}

/** Scratch of `codeBlockOf`, which does not wait and so cannot be entered twice. */
const block = new Int32Array(64);

/** Takes the block at (`x`, `y`) of a plane through DCT and quantisation into zigzag order. */
export function codeBlockOf(plane: Plane, x: number, y: number, steps: Uint8Array, into: Int16Array): void {
  const { samples, stride } = plane;
  for (let row = 0; row < 8; row++) {
    const from = (y + row) * stride + x;
    for (let i = 0; i < 8; i++) block[row * 8 + i] = samples[from + i];
  }
  forwardDct(block);
  for (let k = 0; k < 64; k++) into[k] = quantise(block[ZIGZAG[k]], steps[ZIGZAG[k]]);
}
