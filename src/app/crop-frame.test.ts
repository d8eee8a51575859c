import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_EDIT } from '../core/edit/edit.ts';
import { cropOf, framed, moved, partOf, ratioOf, resized, WHOLE, type Grip, type Part } from './crop-frame.ts';
import { DEFAULT_SIZE } from './size-settings.ts';

const part = (x: number, y: number, width: number, height: number): Part => ({ kind: 'part', x, y, width, height });

const expectPart = (got: Part, want: Part): void => {
  for (const key of ['x', 'y', 'width', 'height'] as const) expect(got[key]).toBeCloseTo(want[key], 9);
};

test('a frame stays within the picture when it is moved', () => {
  expectPart(moved(part(0.1, 0.2, 0.5, 0.5), 0.3, -0.1), part(0.4, 0.1, 0.5, 0.5));
  expectPart(moved(part(0.1, 0.2, 0.5, 0.5), 3, -3), part(0.5, 0, 0.5, 0.5));
});

describe('resized', () => {
  test.each([
    ['right edge', { x: 1, y: 0 }, 0.1, 0.3, null, part(0.2, 0.2, 0.5, 0.4)],
    ['left edge', { x: -1, y: 0 }, 0.1, 0.3, null, part(0.3, 0.2, 0.3, 0.4)],
    ['top left corner beyond the picture', { x: -1, y: -1 }, -1, -1, null, part(0, 0, 0.6, 0.6)],
    ['corner with proportions', { x: 1, y: 1 }, 0.2, 0, 1, part(0.2, 0.2, 0.6, 0.6)],
    ['edge with proportions grows both ways', { x: 1, y: 0 }, 0.2, 0, 1, part(0.2, 0.1, 0.6, 0.6)],
    ['proportions end at the border', { x: 1, y: 1 }, 0.6, 0, 2, part(0.2, 0.2, 0.8, 0.4)],
  ] as const)('%s', (_, grip: Grip, dx, dy, ratio, want) => {
    expectPart(resized(part(0.2, 0.2, 0.4, 0.4), grip, dx, dy, ratio), want);
  });

  test('never leaves the picture, keeps proportions', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    const drag = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    const side = fc.constantFrom(-1 as const, 0 as const, 1 as const);
    fc.assert(
      fc.property(
        fraction,
        fraction,
        drag,
        drag,
        side,
        side,
        fc.constantFrom(null, 0.5, 1, 1.8),
        (x, y, dx, dy, gx, gy, ratio) => {
          const start = framed(part(x * 0.5, y * 0.5, 0.5, 0.5), { width: 1, height: 1 }, ratio);
          const got = resized(start, { x: gx, y: gy }, dx, dy, ratio);
          const within = [got.x, got.y, 1 - got.x - got.width, 1 - got.y - got.height, got.width, got.height];
          for (const value of within) expect(value).toBeGreaterThan(-1e-9);
          if (ratio !== null) expect(got.width / got.height).toBeCloseTo(ratio, 6);
        },
      ),
    );
  });
});

test('proportions are those of pixels', () => {
  const frame = { width: 3000, height: 2000 };
  expectPart(framed(WHOLE, frame, 1), part(1 / 6, 0, 2 / 3, 1));
  expect(ratioOf('16:9', frame, DEFAULT_SIZE)).toBeCloseTo(16 / 9);
  expect(ratioOf('original', frame, DEFAULT_SIZE)).toBe(1.5);
  expect(ratioOf('target', frame, DEFAULT_SIZE)).toBeNull();
  // A sheet of 60 x 90 lies as the picture does.
  expect(ratioOf('target', frame, { ...DEFAULT_SIZE, mode: 'print' })).toBeCloseTo(1.5);
  expect(ratioOf('target', { width: 2000, height: 3000 }, { ...DEFAULT_SIZE, mode: 'print' })).toBeCloseTo(2 / 3);
});

test('crops of other kinds become parts', () => {
  const frame = { width: 3000, height: 2000 };
  const of = (crop: Parameters<typeof partOf>[1]['crop']): Part => partOf(frame, { ...NO_EDIT, crop }, frame);
  expect(of(null)).toEqual(WHOLE);
  expectPart(of({ kind: 'rect', x: 300, y: 200, width: 1500, height: 1000 }), part(0.1, 0.1, 0.5, 0.5));
  expectPart(of({ kind: 'aspect', width: 1, height: 1, follow: false }), part(1 / 6, 0, 2 / 3, 1));
  expect(cropOf(WHOLE)).toBeNull();
  expect(cropOf(part(0, 0, 0.5, 1))).not.toBeNull();
});
