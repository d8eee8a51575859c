/**
 * Quantisation of the scaled DCT (src/core/reference/jpeg-transform.ts), whose coefficients are larger than those of ITU T.81 by
 * factors that differ. Steps and factors are joined into integer reciprocals, so that every engine rounds alike.
 */

/** What the last multiplication of the 8-point DCT would be: it is left out. */
const PASS_SCALES: readonly number[] = [1, 1, 1, Math.SQRT1_2, 1, Math.SQRT1_2, 1, 1];

/** The transform's coefficients over those of T.81, in natural order. */
export const COEFFICIENT_SCALES: readonly number[] = Array.from(
  { length: 64 },
  (_, i) => 32 * PASS_SCALES[i >> 3] * PASS_SCALES[i & 7],
);

/** Bits after the point of a reciprocal. The largest product is 1024.6 * 2^21, at DC with a step of 1, so it fits 32 bits. */
export const RECIPROCAL_BITS = 21;

/**
 * Added to every magnitude before it is rounded, in units of T.81. libjpeg has whole eighths and rounds away from zero at a tie,
 * which adds a sixteenth: edges between clipped areas profit from it, and smooth areas lose bits to it. Just short of a sixteenth, ties
 * of smooth areas stay down, and there is next to nothing lost at edges.
 */
const BOOST = 7 / 128;

/** How to quantise with steps, in their order, which is natural: the magnitude is (|c| * reciprocal + half) >> RECIPROCAL_BITS. */
export interface Quantisers {
  readonly reciprocals: Uint32Array;
  readonly halves: Uint32Array;
}

export function quantisersOf(steps: Uint8Array): Quantisers {
  const one = 2 ** RECIPROCAL_BITS;
  return {
    reciprocals: Uint32Array.from(steps, (step, i) => Math.round(one / (step * COEFFICIENT_SCALES[i]))),
    halves: Uint32Array.from(steps, (step) => Math.round(one * (0.5 + BOOST / step))),
  };
}

/** The largest |c| that place `i` quantises to zero. */
export const largestZero = ({ reciprocals, halves }: Quantisers, i: number): number =>
  Math.ceil((2 ** RECIPROCAL_BITS - halves[i]) / reciprocals[i]) - 1;
