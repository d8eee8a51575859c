import { describe, expect, it } from 'vitest';
import { BAND_LIMITS, cutBands, joinBands, planBands, windowRows, type RowSpan } from './bands.ts';

/** An enlargement (or reduction) by `factor` with a halo of three source rows each way. */
const spanOf =
  (factor: number, sourceHeight: number): RowSpan =>
  (y, rows) => {
    const first = Math.max(0, Math.floor(y / factor) - 3);
    const end = Math.min(sourceHeight, Math.ceil((y + rows) / factor) + 3);
    return { first, count: end - first };
  };

describe('planBands', () => {
  it.each([
    // width, height, channels, factor: band rows, bands
    { width: 8000, height: 12000, channels: 3, factor: 4, rows: 192, bands: 63 },
    { width: 30000, height: 45000, channels: 3, factor: 15, rows: 48, bands: 938 },
    { width: 1, height: 1, channels: 1, factor: 1, rows: 1, bands: 1 },
    { width: 65500, height: 100, channels: 4, factor: 50, rows: 16, bands: 7 },
    { width: 6000, height: 6250, channels: 3, factor: 0.25, rows: 48, bands: 131 },
  ] as const)('$width x $height at $factor', ({ width, height, channels, factor, rows, bands }) => {
    const sourceRowBytes = Math.ceil(width / factor) * channels;
    const span = spanOf(factor, Math.ceil(height / factor));
    const plan = planBands({ width, height, channels, depth: 8 }, sourceRowBytes, span);
    expect(plan[0]!.rows).toBe(rows);
    expect(plan).toHaveLength(bands);
  });

  it('covers every row once, in order, and marks the ends', () => {
    for (const [height, rows] of [
      [1, 16],
      [16, 16],
      [17, 16],
      [1000, 48],
    ] as const) {
      const bands = cutBands(height, rows);
      let y = 0;
      for (const band of bands) {
        expect(band.y).toBe(y);
        y += band.rows;
      }
      expect(y).toBe(height);
      expect(bands.map((band) => band.first).indexOf(true)).toBe(0);
      expect(bands.map((band) => band.last).indexOf(true)).toBe(bands.length - 1);
    }
  });

  it('keeps every band within its limits', () => {
    const span = spanOf(0.25, 25000);
    const picture = { width: 6000, height: 6250, channels: 3, depth: 8 } as const;
    for (const band of planBands(picture, 72000, span)) {
      expect(span(band.y, band.rows).count * 72000).toBeLessThanOrEqual(BAND_LIMITS.sourceBytes);
    }
  });
});

describe('joinBands', () => {
  const picture = { width: 30000, height: 45000, channels: 3, depth: 8 } as const;

  it('joins whole bands up to its bytes', () => {
    const joined = joinBands(picture, cutBands(45000, 48));
    // 336 rows are 30.2 MB of at most 32 MiB, 384 would be 34.6.
    expect(joined[0]!.rows).toBe(336);
    expect(joined).toHaveLength(134);
    expect(joined.at(-1)).toMatchObject({ y: 44688, rows: 312, last: true });
  });

  it('leaves enough of them to overlap', () => {
    const small = { ...picture, width: 300, height: 640 };
    expect(joinBands(small, cutBands(640, 16))).toHaveLength(8);
    expect(joinBands(small, cutBands(640, 64))).toHaveLength(10);
  });
});

describe('windowRows', () => {
  it('holds the bands in flight and the one after', () => {
    const span = spanOf(1, 1000);
    const bands = cutBands(1000, 100);
    // bands 1..3 with three rows of halo each way
    expect(windowRows(1000, bands, span, 2)).toBe(306);
    expect(windowRows(1000, bands, span, 99)).toBe(1000);
  });
});
