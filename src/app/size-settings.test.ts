import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_EDIT } from '../core/edit/edit.ts';
import { outputSizeOf, resolveTarget } from '../core/options.ts';
import { DEFAULT_SIZE, SIZE_MODES, switchMode, switchUnit, targetOf, usualUnit } from './size-settings.ts';

const portrait = { width: 2000, height: 3000 };

describe('targetOf', () => {
  test.each([
    ['factor', { kind: 'scale', x: 2, y: 2 }],
    ['width', { kind: 'width', pixels: 3840 }],
    ['height', { kind: 'height', pixels: 2160 }],
    ['long', { kind: 'long', pixels: 7680 }],
    ['short', { kind: 'short', pixels: 4320 }],
    ['exact', { kind: 'exact', width: 3840, height: 2160 }],
    ['megapixels', { kind: 'megapixels', megapixels: 24 }],
  ] as const)('%s', (mode, target) => {
    expect(targetOf({ ...DEFAULT_SIZE, mode })).toEqual(target);
  });

  test('a print of 60 x 90 cm at 300 DPI of a 2000 x 3000 picture is 7087 x 10630', () => {
    expect(resolveTarget(portrait, targetOf({ ...DEFAULT_SIZE, mode: 'print' }))).toEqual({
      width: 7087,
      height: 10630,
    });
  });

  test('a print of a crop to its proportions has the size that was asked for', () => {
    const print = targetOf({ ...DEFAULT_SIZE, mode: 'print' });
    const crop = { kind: 'aspect', width: 60, height: 90, follow: true } as const;
    for (const [width, height] of [
      [750, 1000],
      [200, 300],
      [211, 300],
      [97, 131],
    ] as const) {
      for (const straighten of [0, 2.3, -7]) {
        for (const corners of ['cut', 'fill'] as const) {
          const edit = { ...NO_EDIT, straighten, corners, crop };
          expect(outputSizeOf({ width, height }, { edit, target: print })).toEqual({ width: 7087, height: 10630 });
        }
        const turned = { ...NO_EDIT, straighten, quarterTurns: 1, crop } as const;
        expect(outputSizeOf({ width, height }, { edit: turned, target: print })).toEqual({
          width: 10630,
          height: 7087,
        });
      }
    }
    // As the frame of the crop dialog leaves it.
    expect(resolveTarget({ width: 200, height: 134 }, print)).toEqual({ width: 10630, height: 7087 });
    // Other proportions cover the sheet.
    expect(resolveTarget({ width: 750, height: 1000 }, print)).toEqual({ width: 7972, height: 10630 });
  });

  test('a print in inches', () => {
    const target = targetOf({ ...DEFAULT_SIZE, mode: 'print', unit: 'in', printWidth: 8, printHeight: 12 });
    expect(target).toEqual({ kind: 'print', widthInches: 8, heightInches: 12, dpi: 300 });
  });
});

describe('switchMode', () => {
  test('every mode keeps the size that was asked for', () => {
    const sides = fc.integer({ min: 40, max: 20_000 });
    const factor = fc.integer({ min: 5, max: 5000 }).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(sides, sides, factor, fc.constantFrom(...SIZE_MODES), (width, height, scale, mode) => {
        const source = { width, height };
        const before = resolveTarget(source, targetOf({ ...DEFAULT_SIZE, factor: scale }));
        const after = resolveTarget(source, targetOf(switchMode({ ...DEFAULT_SIZE, factor: scale }, mode, source)));
        // Prints are rounded to hundredths of a cm and cover the sheet; megapixels to thousandths.
        const slack = mode === 'print' ? 3 + before.width * 1e-3 : 2 + before.width * 0.006;
        if (mode !== 'megapixels' || before.width * before.height > 1e6) {
          const aspect = Math.max(width / height, height / width);
          expect(Math.abs(after.width - before.width)).toBeLessThanOrEqual(slack * aspect);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  test('without a picture only the mode changes', () => {
    expect(switchMode(DEFAULT_SIZE, 'long', null)).toEqual({ ...DEFAULT_SIZE, mode: 'long' });
  });

  test('from a factor to a print of a 3000 x 2000 picture', () => {
    const print = switchMode({ ...DEFAULT_SIZE, factor: 2 }, 'print', { width: 3000, height: 2000 });
    expect(print).toMatchObject({ mode: 'print', printWidth: 50.8, printHeight: 33.87 });
    expect(resolveTarget({ width: 3000, height: 2000 }, targetOf(print))).toEqual({ width: 6000, height: 4000 });
  });
});

test('switchUnit keeps the paper', () => {
  const inches = switchUnit({ ...DEFAULT_SIZE, printWidth: 25.4, printHeight: 50.8 }, 'in');
  expect(inches).toMatchObject({ unit: 'in', printWidth: 10, printHeight: 20 });
  expect(switchUnit(inches, 'cm')).toMatchObject({ unit: 'cm', printWidth: 25.4, printHeight: 50.8 });
  expect(switchUnit(inches, 'in')).toBe(inches);
});

test.each([
  [['en-US', 'de'], 'in'],
  [['en'], 'in'],
  [['en-GB', 'en-US'], 'cm'],
  [['de'], 'cm'],
  [['C'], 'cm'],
  [[], 'cm'],
] as const)('paper for %j is measured in %s', (languages, unit) => {
  expect(usualUnit(languages)).toBe(unit);
});
