import { describe, expect, test } from 'vitest';
import type { FormatMeta, OutputFormat } from '../core/formats.ts';
import { AI_DEFAULTS } from '../core/ai.ts';
import type { Fix } from './fixes.ts';
import { OUTPUT_METAS } from './formats.ts';
import { applyChange, DEFAULT_SETTINGS, type Settings, type SettingsChange } from './settings.ts';
import { ENVIRONMENT, INFO } from './testing.ts';
import { UNKNOWN_CONDITIONS, verdictFor, type Conditions, type Verdict, type VerdictSource } from './verdict.ts';
import { say } from '../core/text.ts';

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
  info: INFO,
};

const changeOf = (fix: Fix): SettingsChange => {
  if (!('change' in fix)) throw new Error(`${fix.label} changes no settings`);
  return fix.change;
};

const by = (factor: number, change: Partial<Settings> = {}): Settings =>
  applyChange(DEFAULT_SETTINGS, {
    ...change,
    size: { mode: 'factor', factor },
  });

describe('verdictFor', () => {
  test('fits', () => {
    const verdict = verdictFor(photo, by(15, { format: 'jpeg' }), METAS);
    expect(verdict).toMatchObject({
      output: { width: 30000, height: 45000 },
      refusal: null,
      fixes: [],
      notes: [],
    });
  });

  test.each([
    // Name, size, unit, what it says.
    ['16:10 lying', { width: 1600, height: 1000 }, 'cm', '6 cm wider'],
    ['10:16 upright', { width: 1000, height: 1600 }, 'cm', '6 cm higher'],
    ['a square', { width: 1000, height: 1000 }, 'mm', '30 mm wider'],
  ] as const)('a print of other proportions is told to be larger, and can be made exact: %s', (_, size, unit, text) => {
    const print = applyChange(DEFAULT_SETTINGS, {
      size: { mode: 'print', printWidth: 60, printHeight: 90, unit },
    });
    const edited = verdictFor({ ...photo, size }, print, METAS);
    expect(edited.refusal).toBeNull();
    expect(edited.overhang?.note).toContain(text);
    const cropped = applyChange(print, changeOf(edited.overhang!.fix));
    const exact = verdictFor({ ...photo, size }, cropped, METAS);
    expect(exact.overhang).toBeNull();
    const sides = [exact.output.width, exact.output.height].sort((a, b) => a - b);
    expect(sides).toEqual(unit === 'cm' ? [7087, 10630] : [709, 1063]);
  });

  test('a print of the proportions of its sheet, and no print, are not told to be larger', () => {
    const print = applyChange(DEFAULT_SETTINGS, { size: { mode: 'print' } });
    expect(verdictFor(photo, print, METAS).overhang).toBeNull();
    expect(verdictFor(photo, by(2), METAS).overhang).toBeNull();
  });

  test('every fix of a format limit really fixes it', () => {
    const settings = by(30, { format: 'jpeg' });
    const verdict = verdictFor(photo, settings, METAS);
    expect(verdict.refusal).toMatchObject({ code: 'too-large-output' });
    expect(verdict.fixes.map(changeOf)).toEqual([{ format: 'png' }, { size: { mode: 'factor', factor: 21.83 } }]);
    for (const fix of verdict.fixes) {
      expect(verdictFor(photo, applyChange(settings, changeOf(fix)), METAS).refusal).toBeNull();
    }
  });

  test('an area limit of a library', () => {
    const verdict = verdictFor(photo, by(5, { format: 'webp' }), METAS);
    expect(verdict.refusal?.message).toContain('100 megapixels');
    expect(changeOf(verdict.fixes.at(-1)!)).toEqual({
      size: { mode: 'factor', factor: 4.08 },
    });
  });

  test.each([
    ['long', { mode: 'long', long: 200_000 }, 50],
    ['long', { mode: 'long', long: 100 }, 0.05],
  ] as const)('beyond the factors on offer: %s %j', (_name, size, limit) => {
    const settings = applyChange(DEFAULT_SETTINGS, { size });
    const verdict = verdictFor(photo, settings, METAS);
    expect(verdict.refusal).toMatchObject({
      code: 'bad-options',
      values: { limit },
    });
    expect(verdictFor(photo, applyChange(settings, changeOf(verdict.fixes[0]!)), METAS).refusal).toBeNull();
  });

  test('the extreme factors themselves are allowed', () => {
    const size = { width: 333, height: 77 };
    const odd: VerdictSource = { size, info: { ...INFO, ...size } };
    expect(verdictFor(odd, by(50), METAS).refusal).toBeNull();
    expect(verdictFor(odd, by(0.05), METAS).refusal).toBeNull();
  });

  test('says what gets lost', () => {
    const deep: VerdictSource = {
      ...photo,
      info: {
        ...INFO,
        alpha: true,
        depth: 16,
        warnings: [say('Only the first frame.')],
      },
    };
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

describe('the ways out keep to the words in which a size was asked for', () => {
  test.each<[string, Settings['size'] extends infer S ? Partial<S> : never, Partial<Settings['size']>, RegExp]>([
    ['width', { mode: 'width', width: 90_000 }, { width: 43_666 }, /^Make it 43,666 px wide$/],
    ['height', { mode: 'height', height: 65_600 }, { height: 65_500 }, /^Make it 65,500 px high$/],
    ['long', { mode: 'long', long: 99_999 }, { long: 65_500 }, /long side 65,500/],
    ['short', { mode: 'short', short: 60_000 }, { short: 43_666 }, /short side 43,666/],
    ['exact', { mode: 'exact', width: 65_600, height: 32_800 }, { width: 65_500, height: 32_750 }, /65,500 × 32,750/],
    ['print', { mode: 'print', printWidth: 300, printHeight: 450, printDpi: 400 }, { printDpi: 369 }, /369 DPI/],
    ['megapixels', { mode: 'megapixels', megapixels: 5000 }, { megapixels: 2860.2 }, /2,860 MP/],
  ])('%s', (_mode, size, change, label) => {
    const settings = applyChange(DEFAULT_SETTINGS, { size, format: 'jpeg' });
    const verdict = verdictFor(photo, settings, METAS);
    expect(verdict.refusal).toMatchObject({ code: 'too-large-output' });
    const fix = verdict.fixes.at(-1)!;
    expect(fix.label).toMatch(label);
    expect(changeOf(fix)).toEqual({ size: change });
    // One more would not do.
    const [field] = Object.keys(change) as (keyof Settings['size'])[];
    const step = field === 'megapixels' ? 0.1 : 1;
    const more = applyChange(settings, {
      size: { ...change, [field!]: Number(change[field!]) + step },
    });
    expect(verdictFor(photo, applyChange(settings, changeOf(fix)), METAS).refusal).toBeNull();
    expect(verdictFor(photo, more, METAS).refusal).not.toBeNull();
  });
});

const OFFERING_DOWNLOAD = {
  kind: 'download',
  offered: ['folder', 'download'],
} as const;

describe('with what is known of the device', () => {
  const under = (settings: Settings, conditions: Partial<Conditions>): Verdict =>
    verdictFor(photo, settings, OUTPUT_METAS, {
      ...UNKNOWN_CONDITIONS,
      environment: ENVIRONMENT,
      ...conditions,
    });

  test('says what a job will take', () => {
    const { estimate } = under(by(15, { format: 'jpeg' }), {});
    expect(estimate?.bytes).toBeGreaterThan(2e7);
    expect(estimate?.bytes).toBeLessThan(1.2e8);
    expect(estimate?.time.ms).toBeGreaterThan(1000);
    expect(estimate?.memoryBytes).toBeGreaterThan(1e7);
    expect(verdictFor(photo, by(15), OUTPUT_METAS).estimate?.memoryBytes).toBeNull();
  });

  test('never says more bytes than were allowed', () => {
    expect(under(by(15, { format: 'jpeg', maxBytes: 1e7 }), {}).estimate?.bytes).toBe(1e7);
  });

  test('warns of a limit that no quality keeps to', () => {
    const settings = by(8, { format: 'jpeg', maxBytes: 20_000 });
    const small = {
      ...photo,
      size: { width: 960, height: 640 },
      info: { ...INFO, width: 960, height: 640 },
    };
    const conditions = {
      ...UNKNOWN_CONDITIONS,
      environment: ENVIRONMENT,
      destination: OFFERING_DOWNLOAD,
    };
    const verdict = verdictFor(small, settings, OUTPUT_METAS, conditions);
    expect(verdict.refusal).toBeNull();
    expect(verdict.caution?.message).toContain('even at the lowest quality the file will have about 259 kB; 20 kB');
    expect(verdict.estimate?.bytes).toBeGreaterThan(2e5);
    // Another place would not make it smaller.
    expect(verdict.fixes.length).toBeGreaterThan(0);
    for (const fix of verdict.fixes) {
      expect(verdictFor(small, applyChange(settings, changeOf(fix)), OUTPUT_METAS, conditions).caution).toBeNull();
    }
    const enough = applyChange(settings, { maxBytes: 320_000 });
    expect(verdictFor(small, enough, OUTPUT_METAS, conditions).caution).toBeNull();
  });

  // Of lossy formats above what the lowest quality would have by `relativeSize` alone.
  test.each([
    ['jpeg', 40_000, 80_000],
    ['webp', 20_000, 70_000],
    ['avif', 15_000, 45_000],
    ['jxl', 20_000, 60_000],
    ['png', 5_000_000, 8_000_000],
    ['tiff', 5_000_000, 8_000_000],
  ] as const)('warns of a limit that is too low for %s', (format, below, above) => {
    const small = {
      ...photo,
      size: { width: 960, height: 640 },
      info: { ...INFO, width: 960, height: 640 },
    };
    const within = (maxBytes: number): Verdict =>
      verdictFor(small, by(4, { format, maxBytes }), OUTPUT_METAS, {
        ...UNKNOWN_CONDITIONS,
        environment: ENVIRONMENT,
      });
    const verdict = within(below);
    expect(verdict.refusal).toBeNull();
    expect(verdict.caution?.message).toMatch(/at most\.$/);
    expect(verdict.fixes.length).toBeGreaterThan(0);
    expect(within(above).caution).toBeNull();
  });

  // What the least of a file is known to be may be a third less than the truth, and the ways out have to do for that too.
  test.each(['jpeg', 'webp', 'avif', 'jxl', 'png'] as const)('the ways out of a limit for %s leave room', (format) => {
    const small = {
      ...photo,
      size: { width: 960, height: 640 },
      info: { ...INFO, width: 960, height: 640 },
    };
    const conditions = { ...UNKNOWN_CONDITIONS, environment: ENVIRONMENT };
    let met = 0;
    for (let maxBytes = 10_000; maxBytes < 1e7; maxBytes *= 1.3) {
      const settings = by(9, { format, maxBytes: Math.round(maxBytes) });
      for (const fix of verdictFor(small, settings, OUTPUT_METAS, conditions).fixes) {
        const tight = applyChange(applyChange(settings, changeOf(fix)), {
          maxBytes: Math.round(maxBytes * 0.74),
        });
        const { refusal, caution } = verdictFor(small, tight, OUTPUT_METAS, conditions);
        expect([refusal, caution], `${fix.label} for ${Math.round(maxBytes)}`).toEqual([null, null]);
        met++;
      }
    }
    expect(met).toBeGreaterThan(5);
  });

  test('a limit that may just do is warned of', () => {
    const settings = by(4, { format: 'webp' });
    const caution = (maxBytes: number): unknown => under({ ...settings, maxBytes }, {}).caution;
    const least = under({ ...settings, maxBytes: 1 }, {}).estimate!.bytes;
    expect(caution(Math.round(least * 1.1))).not.toBeNull();
    expect(caution(Math.round(least * 1.3))).toBeNull();
  });

  test('a limit that takes tries takes time', () => {
    const ms = (format: OutputFormat, maxBytes: number | null): number =>
      under(by(2, { format, maxBytes }), {}).estimate!.time.ms;
    expect(ms('webp', 1_000_000) / ms('webp', null)).toBeGreaterThan(2);
    expect(ms('webp', 1e9)).toBe(ms('webp', null));
    expect(ms('png', 1e9)).toBe(ms('png', null));
  });

  test('too little memory: every way out leads out', () => {
    const environment = { ...ENVIRONMENT, memoryBudget: 2e8 };
    const settings = by(3, { format: 'webp' });
    const verdict = under(settings, { environment });
    expect(verdict.refusal).toMatchObject({ code: 'no-memory' });
    expect(verdict.fixes.map(changeOf)).toEqual([
      { format: 'png' },
      { format: 'jpeg' },
      { size: { mode: 'factor', factor: expect.any(Number) as number } },
    ]);
    for (const fix of verdict.fixes) {
      expect(under(applyChange(settings, changeOf(fix)), { environment }).refusal).toBeNull();
    }
  });

  test('a model that is too much may be left out', () => {
    const ai = {
      ...AI_DEFAULTS,
      model: { kind: 'bundled', id: 'cunet' },
    } as const;
    const verdict = under(by(4, { ai }), {
      environment: { ...ENVIRONMENT, memoryBudget: 1e8 },
    });
    expect(verdict.refusal).toMatchObject({ code: 'no-memory' });
    expect(changeOf(verdict.fixes[0]!)).toEqual({ ai: null });
  });

  test('too little room in the browser: another place, another format, another size', () => {
    const destination = {
      kind: 'download',
      offered: ['folder', 'file', 'download'],
    } as const;
    const settings = by(15, { format: 'png' });
    const small = { destination, freeBytes: 1e8 };
    const verdict = under(settings, small);
    expect(verdict.refusal).toMatchObject({
      code: 'no-quota',
      values: { free: 1e8 },
    });
    expect(verdict.fixes[0]).toMatchObject({ destination: 'folder' });
    expect(verdict.fixes[1]).toMatchObject({ change: { format: 'jpeg' } });
    for (const fix of verdict.fixes.slice(1)) {
      expect(under(applyChange(settings, changeOf(fix)), small)).toMatchObject({
        refusal: null,
        caution: null,
      });
    }
    expect(under(settings, { freeBytes: 1e8 }).refusal, 'a folder').toBeNull();
  });

  test('a part of the library that is out of reach: formats that need it, and ways out that do not', () => {
    const offline = { outOfReach: ['avif', 'jxl'] } as const;
    expect(under(by(2, { format: 'webp' }), offline).refusal).toBeNull();
    const { refusal, fixes } = under(by(2, { format: 'avif' }), offline);
    expect(refusal).toMatchObject({
      code: 'read-failed',
      values: { format: 'avif' },
    });
    expect(refusal!.message).toContain('writes AVIF');
    expect(refusal!.remedy).toContain('Connect once');
    expect(fixes.length).toBeGreaterThan(0);
    for (const fix of fixes) {
      expect(under(applyChange(by(2, { format: 'avif' }), changeOf(fix)), offline).refusal).toBeNull();
    }

    const cmyk = {
      ...photo,
      info: { ...INFO, format: 'jpeg', model: 'cmyk' },
    } as VerdictSource;
    const judge = (outOfReach: Conditions['outOfReach']): Verdict =>
      verdictFor(cmyk, by(2), OUTPUT_METAS, {
        ...UNKNOWN_CONDITIONS,
        environment: ENVIRONMENT,
        outOfReach,
      });
    expect(judge(['avif', 'jxl']).refusal).toBeNull();
    expect(judge(['vips']).refusal?.message).toContain('reads this picture');
    expect(judge(['vips']).fixes).toEqual([]);
  });

  test('room that may just do is a caution, not a refusal', () => {
    const destination = { kind: 'download', offered: ['download'] } as const;
    const bytes = under(by(15), {}).estimate!.bytes;
    const verdict = under(by(15), { destination, freeBytes: bytes });
    expect(verdict.refusal).toBeNull();
    expect(verdict.caution?.message).toContain('may not fit');
    expect(verdict.fixes.length).toBeGreaterThan(0);
  });
});
