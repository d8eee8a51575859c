import { describe, expect, it } from 'vitest';
import type { Rect } from '../core/geometry.ts';
import { quantisersOf } from '../core/jpeg/quantisers.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import { buildTaps } from '../core/taps.ts';
import { layoutOf } from './pipelines.ts';
import { BLOCK_ROWS, cutGroups, planJpegBand, planRuns, planTile, planTiles, sizeClass } from './plan.ts';
import { blockWeights, codeValues, horizontalWeights, quantiserValues } from './tables.ts';
import { directSpec, jpegEncoding } from './support.testing.ts';
import { STANDARD_TABLES, ZIGZAG, quantisationTables } from '../core/jpeg/tables.ts';

describe('sizeClass', () => {
  it.each([
    [1, 256],
    [256, 256],
    [257, 320],
    [1000, 1024],
    [1025, 1280],
    [7 << 20, 7 << 20],
    [(7 << 20) + 1, 8 << 20],
  ])('%i bytes get a buffer of %i', (bytes, size) => expect(sizeClass(bytes)).toBe(size));

  it('wastes no more than a quarter', () => {
    for (let bytes = 300; bytes < 1e9; bytes = Math.ceil(bytes * 1.37)) {
      expect(sizeClass(bytes)).toBeGreaterThanOrEqual(bytes);
      expect(sizeClass(bytes)).toBeLessThanOrEqual(bytes * 1.25);
    }
  });
});

const ENDLESS = { bufferBytes: Infinity, work: Infinity, side: 65535 };

/** A rectangle's pixels are covered once each. */
function expectTiling(tiles: readonly { rect: Rect }[], whole: Rect): void {
  const sum = tiles.reduce((n, { rect }) => n + rect.width * rect.height, 0);
  expect(sum).toBe(whole.width * whole.height);
  const corners = new Set(tiles.map(({ rect }) => `${rect.x} ${rect.y}`));
  expect(corners.size).toBe(tiles.length);
  for (const { rect } of tiles) {
    expect(rect.x).toBeGreaterThanOrEqual(whole.x);
    expect(rect.y).toBeGreaterThanOrEqual(whole.y);
    expect(rect.x + rect.width).toBeLessThanOrEqual(whole.x + whole.width);
    expect(rect.y + rect.height).toBeLessThanOrEqual(whole.y + whole.height);
  }
}

describe('planTiles', () => {
  const spec = directSpec({ width: 2000, height: 3000 }, { width: 30000, height: 45000 }, 'lanczos3', 3, 8);
  const band = { x: 0, y: 800, width: 30000, height: 80 };

  it('takes a band in one when it fits', () => {
    const [tile, ...more] = planTiles(spec, band, ENDLESS);
    expect(more).toEqual([]);
    // Rows 53.3 to 58.6 of the source, and three more on each side.
    expect(tile.rects[0]).toEqual({ x: 0, y: 50, width: 2000, height: 12 });
    expect(tile.stripBytes).toBe(2000 * 12 * 3);
    expect(tile.filteredBytes).toBe(30000 * 12 * 16);
  });

  it('cuts rows first, then columns, to fit buffers and work', () => {
    for (const limits of [
      { ...ENDLESS, bufferBytes: 128 << 20 },
      { ...ENDLESS, bufferBytes: 1 << 20 },
      { ...ENDLESS, work: 2e6 },
      { ...ENDLESS, side: 1000 },
      { bufferBytes: 1 << 18, work: 1e6, side: 5000 },
    ]) {
      const tiles = planTiles(spec, band, limits);
      expectTiling(tiles, band);
      for (const tile of tiles) {
        const bytes = Math.max(tile.stripBytes, tile.workingBytes, tile.filteredBytes);
        expect(bytes).toBeLessThanOrEqual(limits.bufferBytes);
        for (const { width, height } of tile.rects) expect(Math.max(width, height)).toBeLessThanOrEqual(limits.side);
      }
    }
    const halved = planTiles(spec, band, { ...ENDLESS, work: planTile(spec, band).work * 0.6 });
    expect(halved.map(({ rect }) => rect.height)).toEqual([40, 40]);
  });

  it('holds for reductions and several stages', () => {
    const small = directSpec({ width: 24000, height: 25000 }, { width: 6000, height: 6250 }, 'lanczos3', 1, 8);
    const rect = { x: 0, y: 6234, width: 6000, height: 16 };
    const tiles = planTiles(small, rect, { bufferBytes: 1 << 22, work: 1e8, side: 65535 });
    expectTiling(tiles, rect);
    const stages = [2, 4].map((scale) => ({
      from: { width: 50 * scale, height: 40 * scale },
      to: { width: 100 * scale, height: 80 * scale },
      kernel: 'mitchell' as const,
    }));
    const chain: ResampleSpec = { ...small, stages };
    const all = { x: 0, y: 0, width: 400, height: 320 };
    expectTiling(planTiles(chain, all, { bufferBytes: 20_000, work: 1e6, side: 65535 }), all);
  });

  it('says so when a pixel does not fit', () => {
    expect(() => planTiles(spec, band, { ...ENDLESS, bufferBytes: 64 })).toThrow('one pixel');
  });
});

it('planRuns cuts rows by bytes of finished pixels', () => {
  const spec = directSpec({ width: 10, height: 10 }, { width: 100, height: 100 }, 'area', 3, 16);
  const rect = { x: 0, y: 7, width: 100, height: 50 };
  expect(planRuns(spec, rect, 1e9)).toEqual([rect]);
  expect(planRuns(spec, rect, 20 * 800).map(({ y, height }) => [y, height])).toEqual([
    [7, 16],
    [23, 16],
    [39, 16],
    [55, 2],
  ]);
  expect(planRuns(spec, rect, 1)).toHaveLength(50);
});

it('cutGroups covers all groups', () => {
  expect(cutGroups(7, 100)).toEqual([{ first: 0, count: 7 }]);
  expect(cutGroups(7, 3)).toEqual([
    { first: 0, count: 3 },
    { first: 3, count: 3 },
    { first: 6, count: 1 },
  ]);
});

describe('planJpegBand', () => {
  const sizes = { blockWords: 32, headerWords: 4, summedBlocks: 256, chunkBytes: 4096 };
  const shape = { width: 30000, height: 45000, channels: 3, depth: 8 } as const;

  it('sizes a band of the largest picture', () => {
    const place = { index: 3, y: 240, rows: 80, first: false, last: false };
    const plan = planJpegBand(shape, jpegEncoding(90, '420', 1), place, sizes, 1 / 2);
    expect(plan.params).toMatchObject({ mcus_per_row: 1875, blocks: 1875 * 5 * 6, intervals: 5, first_interval: 15 });
    expect(plan.coefficients).toBe(1875 * 5 * 6 * 128);
    expect(plan.bits).toBeGreaterThanOrEqual(40 * 30000 * 3);
    expect(plan.bits).toBeLessThan(41 * 30000 * 3);
    expect(plan.segment).toBeGreaterThan(plan.bits);
    expect(plan.segment % 4).toBe(0);
  });

  it('refuses bands that cut an interval', () => {
    const place = { index: 1, y: 48, rows: 48, first: false, last: false };
    expect(() => planJpegBand(shape, jpegEncoding(90, '420', 2), place, sizes, 1)).toThrow('restart intervals');
  });
});

describe('tables', () => {
  it('hold the same weights as the taps they are made from', () => {
    for (const [from, to] of [
      [20, 300],
      [300, 20],
      [37, 41],
      [1, 9],
    ]) {
      const taps = buildTaps('lanczos3', from, to);
      const rows = horizontalWeights(taps);
      const { window, starts, weights } = blockWeights(taps);
      for (let i = 0; i < to; i++) {
        const block = Math.floor(i / BLOCK_ROWS);
        const column = (k: number): number => weights[(block * window + k) * BLOCK_ROWS + (i % BLOCK_ROWS)];
        let sum = 0;
        for (let k = 0; k < window; k++) sum += column(k);
        for (let k = 0; k < taps.taps; k++) {
          const weight = Math.fround(taps.weights[i * taps.taps + k]);
          expect(rows[k * to + i]).toBe(weight);
          expect(column(taps.starts[i] - starts[block] + k)).toBe(weight);
        }
        expect(sum).toBeCloseTo(1, 5);
      }
    }
  });

  it('the block height is what the shaders say', () => {
    expect(layoutOf('vertical').constants.get('BLOCK_ROWS')).toBe(BLOCK_ROWS);
    expect(layoutOf('vertical-finish').constants.get('BLOCK_ROWS')).toBe(BLOCK_ROWS);
  });

  it('quantisers lie in natural order, with their places in zigzag order', () => {
    const values = quantiserValues(83);
    const { reciprocals, halves } = quantisersOf(quantisationTables(83)[1]);
    const natural = ZIGZAG[10];
    expect([...values.subarray(4 * (64 + natural), 4 * (64 + natural) + 3)]).toEqual([
      reciprocals[natural],
      halves[natural],
      10,
    ]);
  });

  it('code values hold code and length', () => {
    const values = codeValues(STANDARD_TABLES);
    // ITU T.81, tables K.3 and K.5: luminance DC size 0 is 00, end of block is 1010.
    expect(values[0]).toBe((0b00 << 8) | 2);
    expect(values[2 * 256]).toBe((0b1010 << 8) | 4);
  });
});
