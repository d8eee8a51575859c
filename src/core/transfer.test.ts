import { describe, expect, test } from 'vitest';
import {
  curveAt,
  decodeTable,
  encodeSample,
  encodeTable,
  sampleCurve,
  srgbCurves,
  srgbToLinear,
  type EncodeTable,
} from './transfer.ts';

const CURVES: readonly (readonly [string, (v: number) => number])[] = [
  ['sRGB', srgbToLinear],
  ['gamma 2.2', (v) => v ** 2.2],
  ['gamma 1.8', (v) => v ** 1.8],
  ['linear', (v) => v],
  ['kinked', (v) => (v < 0.1 ? v / 50 : v < 0.2 ? 0.002 + (v - 0.1) * 3 : 0.302 + (v - 0.2) * 0.8725)],
];

/** The sample whose threshold is the last not above the light, found without any guess. */
const slow = ({ thresholds, max }: EncodeTable, light: number): number => {
  let k = 0;
  while (k < max && light >= thresholds[k + 1]) k++;
  return k;
};

describe.each(CURVES)('%s', (_, toLinear) => {
  const curve = sampleCurve(toLinear);

  test.each([8, 16] as const)('every sample of %d bit survives', (depth) => {
    const decode = decodeTable(curve, depth);
    const encode = encodeTable(curve, depth);
    expect(decode.findIndex((v, k) => encodeSample(encode, v) !== k)).toBe(-1);
  });

  test('guesses are near enough for one correction', () => {
    expect([encodeTable(curve, 8).steady, encodeTable(curve, 16).steady]).toEqual([true, true]);
  });

  test('encoding rounds at the thresholds, wherever the guess lands', () => {
    const table = encodeTable(curve, 8);
    for (let i = -5; i <= 5005; i++) {
      const light = Math.fround((i / 5000) ** 3);
      if (encodeSample(table, light) !== slow(table, light)) throw new Error(`at ${light}`);
    }
    for (const threshold of table.thresholds.subarray(1, 256)) {
      const below = Math.fround(threshold * (1 - 2 ** -24));
      expect(encodeSample(table, threshold)).toBe(slow(table, threshold));
      expect(encodeSample(table, below)).toBe(slow(table, below));
    }
  });
});

test('thresholds lie halfway between samples', () => {
  const { thresholds } = encodeTable(srgbCurves(1).toLinear[0], 8);
  expect(thresholds[188]).toBeCloseTo(srgbToLinear(187.5 / 255), 6);
});

test('light outside 0..1 and NaN are clamped', () => {
  const table = encodeTable(sampleCurve(srgbToLinear), 16);
  expect([-1, NaN, 0, 1, 7, Infinity].map((v) => encodeSample(table, v))).toEqual([0, 0, 0, 65535, 65535, 65535]);
});

test('sRGB agrees with the values of IEC 61966-2-1', () => {
  const [red, green, blue] = srgbCurves(3).toLinear;
  expect([red, green]).toEqual([blue, blue]);
  expect(curveAt(red, 0.5)).toBeCloseTo(0.214041, 6);
  expect(curveAt(red, 0.04045)).toBeCloseTo(0.0031308, 6);
  expect(curveAt(red, 1)).toBe(1);
  expect(srgbCurves(1).toLinear).toHaveLength(1);
});
