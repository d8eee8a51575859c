import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelShape } from '../ai.ts';
import { keptPart, planTiles, reflect, seamWeight, tileAt, tilesUnder } from './tiles.ts';

const PLAIN: ModelShape = { scale: 2, halo: 8, trim: 0, multiple: 1, overlap: 0, tile: 512, fixed: null };
const CUNET: ModelShape = { scale: 2, halo: 18, trim: 18, multiple: 2, overlap: 16, tile: 256, fixed: null };

describe('planTiles', () => {
  it.each([
    // A picture that fits one tile is one tile, of its own size and the context.
    { picture: [300, 200], shape: PLAIN, tiles: [1, 1], core: [300, 200], input: [316, 216] },
    // Otherwise equal parts: not 512 and 88.
    { picture: [600, 200], shape: PLAIN, tiles: [2, 1], core: [300, 200], input: [316, 216] },
    { picture: [1, 1], shape: PLAIN, tiles: [1, 1], core: [1, 1], input: [17, 17] },
    { picture: [513, 512], shape: PLAIN, tiles: [2, 1], core: [257, 512], input: [273, 528] },
    // Even sides, with room for the halo and the overlap.
    { picture: [301, 255], shape: CUNET, tiles: [2, 1], core: [152, 256], input: [220, 324] },
    { picture: [2000, 3000], shape: CUNET, tiles: [8, 12], core: [250, 250], input: [318, 318] },
    // 120000 pixels wide: rows of tiles are made lower, so that one of them stays within 48 MiB of results.
    { picture: [120_000, 4000], shape: PLAIN, tiles: [235, 63], core: [511, 64], input: [527, 80] },
    // A model of one size gets that size, whatever the picture.
    {
      ...{ picture: [100, 300], shape: { ...PLAIN, fixed: { width: 256, height: 128 } } },
      ...{ tiles: [1, 3], core: [240, 112], input: [256, 128] },
    },
  ])('$picture', ({ picture: [width, height], shape, tiles, core, input }) => {
    const grid = planTiles({ width, height }, shape);
    expect([grid.columns, grid.rows]).toEqual(tiles);
    expect([grid.core.width, grid.core.height]).toEqual(core);
    expect([grid.input.width, grid.input.height]).toEqual(input);
  });

  it('makes square tiles for runs that turn the picture', () => {
    const grid = planTiles({ width: 600, height: 100 }, PLAIN, true);
    expect(grid.core).toEqual({ width: 300, height: 300 });
  });

  it('refuses a fixed input that has no room for the context', () => {
    expect(() => planTiles({ width: 9, height: 9 }, { ...CUNET, fixed: { width: 64, height: 64 } })).toThrow(/no room/);
  });

  const shapes = fc.record({
    scale: fc.integer({ min: 1, max: 4 }),
    halo: fc.integer({ min: 0, max: 20 }),
    multiple: fc.constantFrom(1, 2, 4),
    overlap: fc.integer({ min: 0, max: 16 }),
    side: fc.integer({ min: 9, max: 16 }),
  });

  it('cores cover every pixel once, and inputs are multiples', () => {
    const sides = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(shapes, sides, sides, ({ side, ...rest }, width, height) => {
        const shape = { ...rest, tile: 4 * side, trim: 0, fixed: null };
        const grid = planTiles({ width, height }, shape);
        let area = 0;
        for (let row = 0; row < grid.rows; row++) {
          for (let column = 0; column < grid.columns; column++) {
            const { core, input } = tileAt(grid, column, row);
            expect(Math.min(core.width, core.height)).toBeGreaterThan(0);
            expect([input.width % shape.multiple, input.height % shape.multiple]).toEqual([0, 0]);
            expect(core.x - input.x).toBeGreaterThanOrEqual(shape.halo + shape.overlap);
            area += core.width * core.height;
          }
        }
        expect(area).toBe(width * height);
      }),
    );
  });

  it('weights of all tiles add up to 1 everywhere, and only listed tiles have any', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 60, max: 400 }), ({ side, ...rest }, width) => {
        const shape = { ...rest, tile: Math.max(4 * side, 4 * rest.overlap), trim: 0, fixed: null };
        const grid = planTiles({ width, height: 8 }, shape);
        for (let x = 0; x < width * shape.scale; x += 3) {
          const { first, last } = tilesUnder(grid, 'width', x, 1);
          let sum = 0;
          for (let i = 0; i < grid.columns; i++) {
            const weight = seamWeight(grid, 'width', i, x);
            if (i < first || i > last) expect(weight).toBe(0);
            sum += weight;
          }
          expect(sum).toBeCloseTo(1, 9);
        }
      }),
    );
  });
});

it('keeps the core and the overlap of what the model gives', () => {
  // Input 318: output (318 - 36) * 2 = 564; the core of 250 begins 34 - 18 = 16 input pixels in, the overlap at 0.
  expect(keptPart(planTiles({ width: 2000, height: 3000 }, CUNET))).toEqual({ x: 0, y: 0, width: 564, height: 564 });
  expect(keptPart(planTiles({ width: 300, height: 200 }, PLAIN))).toEqual({ x: 16, y: 16, width: 600, height: 400 });
});

it('mirrors positions without repeating the border', () => {
  expect([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((position) => reflect(position, 3))).toEqual([
    1, 2, 1, 0, 1, 2, 1, 0, 1, 2,
  ]);
  expect(reflect(-7, 1)).toBe(0);
});
