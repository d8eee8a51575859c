import { describe, expect, it } from 'vitest';
import { quantise } from '../reference/jpeg-transform.ts';
import { COEFFICIENT_SCALES, largestZero, quantisersOf } from './quantisers.ts';

describe('quantisers', () => {
  it('divide to the nearest whole number, within 32 bits and a hundredth, for every step and coefficient', () => {
    for (let step = 1; step <= 255; step++) {
      const quantisers = quantisersOf(new Uint8Array(64).fill(step));
      for (const i of [0, 3, 9, 27]) {
        const divisor = step * COEFFICIENT_SCALES[i];
        const largest = 1024 * COEFFICIENT_SCALES[i];
        for (let c = 0; c <= largest; c += step < 8 ? 1 : 7) {
          const product = c * quantisers.reciprocals[i] + quantisers.halves[i];
          // libjpeg rounds whole eighths, with ties away from zero: that is a sixteenth more on average.
          const error = quantise(c, quantisers, i) - c / divisor;
          if (product >= 2 ** 32 || error < -0.51 || error > 0.51 + 1 / 16 / step) expect([step, i, c]).toEqual([]);
          if (quantise(-c, quantisers, i) !== -quantise(c, quantisers, i)) expect([step, i, -c]).toEqual([]);
        }
      }
    }
  });

  it('say up to where nothing is left', () => {
    for (const step of [1, 2, 3, 10, 77, 255]) {
      const quantisers = quantisersOf(new Uint8Array(64).fill(step));
      for (let i = 0; i < 64; i++) {
        const zero = largestZero(quantisers, i);
        expect([quantise(zero, quantisers, i), quantise(zero + 1, quantisers, i)]).toEqual([0, 1]);
      }
    }
  });
});
