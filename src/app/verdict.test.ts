import { describe, expect, test } from 'vitest';
import type { FormatMeta, OutputFormat } from '../core/formats.ts';
import { applyChange, DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { largestFactor, verdictFor, type VerdictSource } from './verdict.ts';

function meta(format: OutputFormat, max: number, maxPixels = Infinity, banded = true): FormatMeta {
  return {
    format,
    label: format.toUpperCase(),
    mime: `image/${format}`,
    extensions: [format],
    maxWidth: max,
    maxHeight: max,
    maxPixels,
    depths: format === 'jpeg' ? [8] : [8, 16],
    alpha: format !== 'jpeg',
    grey: true,
    lossy: format === 'jpeg',
    banded,
  };
}

const METAS = [meta('png', 2 ** 31 - 1), meta('jpeg', 65_500), meta('webp', 16_383, 1e8, false)];

const photo: VerdictSource = {
  size: { width: 2000, height: 3000 },
  info: { alpha: false, depth: 8, warnings: [] },
};

const by = (factor: number, change: Partial<Settings> = {}): Settings =>
  applyChange(DEFAULT_SETTINGS, { ...change, size: { mode: 'factor', factor } });

describe('verdictFor', () => {
  test('fits', () => {
    const verdict = verdictFor(photo, by(15, { format: 'jpeg' }), METAS);
    expect(verdict).toEqual({ output: { width: 30000, height: 45000 }, refusal: null, fixes: [], notes: [] });
  });

  test('every fix of a format limit really fixes it', () => {
    const settings = by(30, { format: 'jpeg' });
    const verdict = verdictFor(photo, settings, METAS);
    expect(verdict.refusal).toMatchObject({ code: 'too-large-output' });
    expect(verdict.fixes.map((fix) => fix.change)).toEqual([
      { format: 'png' },
      { size: { mode: 'factor', factor: 21.83 } },
    ]);
    for (const fix of verdict.fixes) {
      expect(verdictFor(photo, applyChange(settings, fix.change), METAS).refusal).toBeNull();
    }
  });

  test('an area limit of a library', () => {
    const verdict = verdictFor(photo, by(5, { format: 'webp' }), METAS);
    expect(verdict.refusal?.message).toContain('100 megapixels');
    expect(verdict.fixes.at(-1)?.change).toEqual({ size: { mode: 'factor', factor: 4.08 } });
  });

  test.each([
    ['long', { mode: 'long', long: 200_000 }, 50],
    ['long', { mode: 'long', long: 100 }, 0.05],
  ] as const)('beyond the factors on offer: %s %j', (_name, size, limit) => {
    const settings = applyChange(DEFAULT_SETTINGS, { size });
    const verdict = verdictFor(photo, settings, METAS);
    expect(verdict.refusal).toMatchObject({ code: 'bad-options', values: { limit } });
    expect(verdictFor(photo, applyChange(settings, verdict.fixes[0]!.change), METAS).refusal).toBeNull();
  });

  test('the extreme factors themselves are allowed', () => {
    const odd: VerdictSource = { ...photo, size: { width: 333, height: 77 } };
    expect(verdictFor(odd, by(50), METAS).refusal).toBeNull();
    expect(verdictFor(odd, by(0.05), METAS).refusal).toBeNull();
  });

  test('says what gets lost', () => {
    const deep: VerdictSource = { ...photo, info: { alpha: true, depth: 16, warnings: ['Only the first frame.'] } };
    const { notes } = verdictFor(deep, by(2, { format: 'jpeg' }), METAS);
    expect(notes).toHaveLength(3);
    expect(notes.join(' ')).toMatch(/first frame.*no transparency.*16 bits/);
    expect(verdictFor(deep, by(2), METAS).notes).toEqual(['Only the first frame.']);
  });

  test('says when the picture gets stretched', () => {
    const exact = (width: number, height: number): Settings =>
      applyChange(DEFAULT_SETTINGS, { size: { mode: 'exact', width, height } });
    expect(verdictFor(photo, exact(4000, 4000), METAS).notes.join()).toContain('stretched');
    expect(verdictFor(photo, exact(4000, 6000), METAS).notes).toEqual([]);
  });
});

describe('largestFactor', () => {
  test.each([
    [{ width: 2000, height: 3000 }, 65_500, Infinity, 21.83],
    [{ width: 10, height: 10 }, 65_500, Infinity, 50],
    [{ width: 3, height: 3 }, 100, 15, 1.16],
    [{ width: 24_000, height: 25_000 }, 1000, Infinity, null],
  ])('%j into %d a side, %d in all: %s', (size, max, pixels, factor) => {
    expect(largestFactor(size, meta('jpeg', max, pixels))).toBe(factor);
  });
});
