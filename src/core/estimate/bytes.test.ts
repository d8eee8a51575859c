import { describe, expect, test } from 'vitest';
import { estimateBytes, leastBytes, relativeSize, type BytesQuestion } from './bytes.ts';

const PHOTO: BytesQuestion = {
  ...{ format: 'jpeg', quality: 90, chroma: '420', level: 'fast', grain: 0 },
  source: { width: 2000, height: 3000 },
  output: { width: 8000, height: 12000, channels: 3, depth: 8 },
};

const enlarged = (format: BytesQuestion['format'], factor: number): BytesQuestion => ({
  ...PHOTO,
  format,
  output: { ...PHOTO.output, width: 2000 * factor, height: 3000 * factor },
});

describe('estimateBytes', () => {
  // Files of bench/RESULTS.md.
  test.each([
    [enlarged('png', 4), 64_856_849],
    [enlarged('png', 15), 499_084_697],
    [enlarged('jpeg', 10), 27_003_895],
    [enlarged('jpeg', 15), 53_014_421],
  ])('is near the benchmark', (question, bytes) => {
    expect(estimateBytes(question) / bytes).toBeGreaterThan(0.65);
    expect(estimateBytes(question) / bytes).toBeLessThan(1.5);
  });

  test('of what is stored is exact, and never above', () => {
    const raw = 8000 * 12000 * 3;
    expect(estimateBytes({ ...PHOTO, format: 'tiff', level: 'store' })).toBe(raw + 1000);
    expect(estimateBytes({ ...PHOTO, format: 'png', grain: 5 }, 10)).toBeLessThan(raw * 1.02);
  });

  test('rises with quality, depth, channels and grain', () => {
    const sizes = [
      { ...PHOTO, quality: 50 },
      { ...PHOTO, quality: 75 },
      PHOTO,
      { ...PHOTO, quality: 98 },
      { ...PHOTO, quality: 98, chroma: '444' as const },
      { ...PHOTO, format: 'png' as const },
      { ...PHOTO, format: 'png' as const, grain: 3 },
      { ...PHOTO, format: 'png' as const, output: { ...PHOTO.output, depth: 16 as const }, grain: 3 },
    ].map((question) => estimateBytes(question));
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  });

  test('is corrected by earlier files', () => {
    expect(estimateBytes(PHOTO, 2) / estimateBytes(PHOTO)).toBeCloseTo(2, 2);
  });
});

test.each(['jpeg', 'webp', 'avif', 'jxl'] as const)('sizes of %s by quality are relative to 90, and rise', (format) => {
  const sizes = Array.from({ length: 100 }, (_, i) => relativeSize(i + 1, format));
  expect(sizes[89]).toBe(1);
  expect(sizes[49]).toBeLessThan(0.4);
  expect(sizes[97]).toBeGreaterThan(1.8);
  expect([...sizes].sort((x, y) => x - y)).toEqual(sizes);
});

// public/sample.jpg, enlarged and coded with quality 1; JPEG with tables made for it.
test.each([
  ['jpeg', 1, 5207],
  ['jpeg', 2, 17_664],
  ['jpeg', 4, 64_301],
  ['webp', 1, 6408],
  ['webp', 2, 15_908],
  ['webp', 4, 43_396],
  ['jxl', 1, 7876],
  ['jxl', 2, 15_884],
  ['jxl', 4, 34_304],
  ['avif', 1, 3919],
  ['avif', 2, 9152],
] as const)('the lowest quality of %s at %dx is near what was measured', (format, factor, bytes) => {
  const output = { ...PHOTO.output, width: 960 * factor, height: 640 * factor };
  const least = leastBytes({ ...PHOTO, format, source: { width: 960, height: 640 }, output });
  expect(least / bytes).toBeGreaterThan(0.7);
  expect(least / bytes).toBeLessThan(1.4);
});

// Parts of photographs at quality 1, bits of a pixel: "Garden" of the benchmarks as it is and at half its size, and their made picture with its noise.
test.each([
  ['jpeg', 1, 0.0624],
  ['jpeg', 2, 0.0613],
  ['jpeg', 4, 0.0562],
  ['webp', 1, 0.0727],
  ['webp', 1, 0.0651],
  ['webp', 2, 0.0697],
  ['webp', 4, 0.0554],
  ['webp', 8, 0.0375],
  ['jxl', 1, 0.0717],
  ['jxl', 2, 0.0676],
  ['jxl', 4, 0.0477],
  ['jxl', 8, 0.0287],
  ['avif', 1, 0.0542],
  ['avif', 2, 0.0515],
  ['avif', 4, 0.0262],
] as const)('the lowest quality of %s at %dx holds for other photographs', (format, factor, bits) => {
  const question = enlarged(format, factor);
  const pixels = question.output.width * question.output.height;
  const least = leastBytes({ ...question, grain: 3 }, 3) / ((bits * pixels) / 8);
  expect(least).toBeGreaterThan(0.7);
  expect(least).toBeLessThan(1.4);
});
