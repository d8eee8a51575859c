import { describe, expect, test } from 'vitest';
import type { Receipt } from '../core/job.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { Calibration } from './calibration.ts';
import { OUTPUT_METAS } from './formats.ts';
import { applyChange, DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { ENVIRONMENT, INFO, resultOf } from './testing.ts';
import { UNKNOWN_CONDITIONS, verdictFor, type Estimate } from './verdict.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem'> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

const OUTPUT = { width: 8000, height: 12000 };

/** A job of the usual photograph at 4x that took `total` milliseconds and made `bytes` bytes. */
function receipt(total: number, bytes: number, change: Partial<Receipt> = {}): Receipt {
  const options = { ...DEFAULT_OPTIONS, target: { kind: 'scale', x: 4, y: 4 } } as const;
  const request = { source: new Blob(), sourceName: 'a.jpg', options, output: { kind: 'memory', name: 'a' } } as const;
  const made = resultOf(request).receipt;
  return {
    ...made,
    output: { ...made.output, ...OUTPUT, bytes },
    timings: { ...made.timings, total, decode: 100 },
    ...change,
  };
}

const four: Settings = applyChange(DEFAULT_SETTINGS, { size: { mode: 'factor', factor: 4 } });

function estimateBy(calibration: Calibration, settings = four): Estimate {
  const conditions = { ...UNKNOWN_CONDITIONS, environment: ENVIRONMENT, experience: calibration.value };
  return verdictFor({ size: INFO, info: INFO }, settings, OUTPUT_METAS, conditions).estimate!;
}

describe('Calibration', () => {
  test('estimates come near what jobs have shown, and say so', () => {
    const calibration = new Calibration(memory());
    expect(estimateBy(calibration).time.jobs).toBe(0);
    for (let i = 0; i < 6; i++) calibration.learn(INFO, receipt(9000, 120e6));
    const { time, bytes } = estimateBy(calibration);
    expect(time.jobs).toBe(6);
    expect(time.ms / 9000).toBeGreaterThan(0.8);
    expect(time.ms / 9000).toBeLessThan(1.25);
    expect(bytes / 120e6).toBeGreaterThan(0.9);
    expect(bytes / 120e6).toBeLessThan(1.1);
  });

  test('a slow device is slow at other work too', () => {
    const calibration = new Calibration(memory());
    const tiff = applyChange(four, { format: 'tiff' });
    const before = estimateBy(calibration, tiff).time.ms;
    calibration.learn(INFO, receipt(30_000, 60e6));
    const after = estimateBy(calibration, tiff).time;
    expect(after.jobs).toBe(0);
    expect(after.ms).toBeGreaterThan(3 * before);
  });

  test('is kept from visit to visit, and damaged records count as none', () => {
    const storage = memory();
    const calibration = new Calibration(storage);
    calibration.learn(INFO, receipt(9000, 120e6));
    expect(new Calibration(storage).value).toEqual(calibration.value);
    for (const [key] of storage.kept)
      storage.kept.set(key, '{"speeds":{"x":{"msPerMegapixel":-1}},"sizes":{"png":99}}');
    expect(new Calibration(storage).value).toEqual({ speeds: {}, sizes: {} });
  });

  test('a file that was kept below a limit says nothing of sizes', () => {
    const calibration = new Calibration(memory());
    const limited = { ...DEFAULT_OPTIONS, maxBytes: 1e6 };
    calibration.learn(INFO, receipt(9000, 1e6, { options: limited }));
    expect(calibration.value.sizes).toEqual({});
  });

  test('a search for a quality is a kind of its own, a limit that was roomy says nothing', () => {
    const options = { ...DEFAULT_OPTIONS, format: 'webp', quality: 90, maxBytes: 1e6 } as const;
    const calibration = new Calibration(memory());
    const done = (quality: number): Receipt => {
      const made = receipt(60_000, 9e5, { options });
      return { ...made, output: { ...made.output, format: 'webp', quality } };
    };
    calibration.learn(INFO, done(90));
    expect(calibration.value.speeds).toEqual({});
    calibration.learn(INFO, done(40));
    const webp = applyChange(four, { format: 'webp', quality: 90 });
    expect(estimateBy(calibration, webp).time.jobs).toBe(0);
    const limited = estimateBy(calibration, applyChange(webp, { maxBytes: 1e6 })).time;
    expect(limited.jobs).toBe(1);
    expect(limited.ms / 60_000).toBeCloseTo(1, 1);
  });

  test('straightening takes time, and jobs with it tell of themselves', () => {
    const calibration = new Calibration(memory());
    const level = estimateBy(calibration).time.ms;
    const tilted = applyChange(four, { edit: { ...four.edit, straighten: 2 } });
    expect(estimateBy(calibration, tilted).time.ms).toBeGreaterThan(level + 300);
    const options = { ...DEFAULT_OPTIONS, edit: { ...DEFAULT_OPTIONS.edit, straighten: 2 } };
    calibration.learn(INFO, receipt(9000, 60e6, { options }));
    expect(estimateBy(calibration, tilted).time.jobs).toBe(1);
    expect(estimateBy(calibration).time.jobs).toBe(0);
  });

  test('one plain picture does not make all others small', () => {
    const calibration = new Calibration(memory());
    const before = estimateBy(calibration).bytes;
    calibration.learn(INFO, receipt(9000, 1000));
    expect(estimateBy(calibration).bytes).toBeGreaterThan(before / 5);
  });
});
