import type { BandPlace } from '../encoding.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import { RECIPROCAL_BITS, type Quantisers } from '../jpeg/quantisers.ts';
import { ZIGZAG } from '../jpeg/tables.ts';

/**
 * Colour, subsampling, transform and quantisation of the JPEG encoder in 32-bit integers; every engine computes exactly these
 * numbers. Samples are also those of libjpeg; coefficients are as near to the exact ones as those of its accurate DCT (`JDCT_ISLOW`).
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

/** Cosines of odd multiples of pi/16 times 2^15, and those of even ones times sqrt(2) times 2^14. */
const COS_1 = 32138;
const COS_3 = 27246;
const COS_5 = 18205;
const COS_7 = 6393;
const COS_2 = 21407;
const COS_6 = 8867;

/** Bits after the point of both passes' results, and of the odd half of the first pass before it is rounded to them. */
const BITS = 2;
const ODD_BITS = 5;

/** What rounding down takes from output 7 of the second pass on average. */
const LOSS = 2;

/**
 * The 8-point DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) over values `step` apart, without its last two multiplications:
 * outputs 3 and 5 stay smaller by sqrt(2). The first pass, down the columns, leaves its results 4 times larger, and rounds them.
 * The second only rounds down, since its steps are fine; with `p` and `s` negative, that adds up in output 7 alone.
 */
function transform8(data: Int32Array, at: number, step: number, columns: boolean): void {
  const bits = columns ? BITS : 0;
  const oddBits = columns ? ODD_BITS : 0;
  const drop = oddBits - bits;
  const half = columns ? 1 << (drop - 1) : 0;
  const evenHalf = columns ? 1 << (13 - bits) : 0;
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

  const outer = s0 - s3;
  const inner = s1 - s2;
  data[at] = (s0 + s3 + s1 + s2) << bits;
  data[i4] = (s0 + s3 - s1 - s2) << bits;
  data[i2] = (outer * COS_2 + inner * COS_6 + evenHalf) >> (14 - bits);
  data[i6] = (outer * COS_6 - inner * COS_2 + evenHalf) >> (14 - bits);

  const p = (-t4 * COS_3 - t7 * COS_5) >> (15 - oddBits);
  const q = ((t7 * COS_3 - t4 * COS_5) >> (15 - oddBits)) + half;
  const r = (t5 * COS_1 + t6 * COS_7) >> (15 - oddBits);
  const s = (t5 * COS_7 - t6 * COS_1) >> (15 - oddBits);
  data[i1] = (q + r - (p + s)) >> drop;
  data[i3] = (q - r) >> drop;
  data[i5] = (s - p + half) >> drop;
  data[i7] = ((q + r + (p + s)) >> drop) + (columns ? 0 : LOSS);
}

/**
 * The 8 x 8 forward DCT in place, in natural order: COEFFICIENT_SCALES times the coefficients of ITU T.81, A.3.3. All values on the
 * way fit 16 bits: DC goes to -2^15, other frequencies up to 32,640, and output 1 of the first pass to 29,692 before it is rounded.
 */
export function forwardDct(block: Int32Array): void {
  for (let i = 0; i < 8; i++) transform8(block, i, 8, true);
  for (let i = 0; i < 8; i++) transform8(block, 8 * i, 1, false);
}

/** The coefficient at place `i` over its step, to about the nearest whole number. */
export function quantise(coefficient: number, { reciprocals, halves }: Quantisers, i: number): number {
  const size = Math.floor((Math.abs(coefficient) * reciprocals[i] + halves[i]) / 2 ** RECIPROCAL_BITS);
  return coefficient < 0 ? 0 - size : size;
}

/** Scratch of `codeBlockOf`, which does not wait and so cannot be entered twice. */
const block = new Int32Array(64);

/** Takes the block at (`x`, `y`) of a plane through DCT and quantisation into zigzag order. */
export function codeBlockOf(plane: Plane, x: number, y: number, quantisers: Quantisers, into: Int16Array): void {
  const { samples, stride } = plane;
  for (let row = 0; row < 8; row++) {
    const from = (y + row) * stride + x;
    for (let i = 0; i < 8; i++) block[row * 8 + i] = samples[from + i];
  }
  forwardDct(block);
  for (let k = 0; k < 64; k++) into[k] = quantise(block[ZIGZAG[k]], quantisers, ZIGZAG[k]);
}
