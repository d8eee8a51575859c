import { describe, expect, test } from 'vitest';
import { KERNELS } from './kernels.ts';
import { KERNEL_NAMES } from './resampling.ts';

describe.each(KERNEL_NAMES)('%s', (name) => {
  const { at, support, interpolating } = KERNELS[name];

  test('is nothing beyond its support', () => {
    for (const x of [support + 1e-9, support + 0.5, support + 7]) expect([at(x), at(-x)]).toEqual([0, 0]);
    expect(at(support * 0.99)).not.toBe(0);
  });

  test('is 1 at 0 and exactly 0 at other whole distances if it interpolates', () => {
    const others = [1, 2, 3, 4].map((x) => Math.abs(at(x)) + Math.abs(at(-x)));
    const exact = at(0) === 1 && others.every((v) => v === 0);
    expect(exact).toBe(interpolating);
  });
});

// From the papers' formulas, worked out by hand or with a table of sines.
test.each([
  ['bilinear', 0.25, 0.75],
  ['catmull-rom', 0.5, 0.5625],
  ['catmull-rom', 1.5, -0.0625],
  ['mitchell', 0, 8 / 9],
  ['mitchell', 1, 1 / 18],
  ['mitchell', 1.5, -0.0347222222222222],
  ['lanczos2', 0.5, (2 / Math.PI) * (Math.SQRT2 * (2 / Math.PI))],
  ['lanczos3', 1.5, -(2 / (3 * Math.PI)) * (2 / Math.PI)],
  ['lanczos4', 2, 0],
] as const)('%s at %f is %f', (name, x, weight) => {
  expect(KERNELS[name].at(x)).toBeCloseTo(weight, 12);
});
