import { describe, expect, test } from 'vitest';
import {
  blendRemaining,
  estimateTime,
  learnTimes,
  readHistory,
  remainingAfter,
  speedKey,
  type SpeedFacts,
} from './speed.ts';

const FACTS: SpeedFacts = {
  ...{ engine: 'auto', format: 'png', level: 'fast', method: 'direct', deep: false, sharpened: false, grained: false },
  ...{ model: null, straightened: null, searched: false, input: 'jpeg', source: { width: 2000, height: 3000 } },
  output: { width: 8000, height: 12000, channels: 3, depth: 8 },
};

describe('estimateTime', () => {
  test('knows something of a device that it has never seen', () => {
    const { ms, error, jobs } = estimateTime({}, FACTS);
    // The benchmark: 0.5 s; a guess for strangers.
    expect(ms).toBeGreaterThan(200);
    expect(ms).toBeLessThan(2000);
    expect([error, jobs]).toEqual([0.6, 0]);
  });

  test('is what earlier jobs of the kind have shown', () => {
    let history = {};
    for (let i = 0; i < 6; i++) history = learnTimes(history, FACTS, { decode: 300, total: 5000 });
    const estimate = estimateTime(history, FACTS);
    expect(estimate.ms).toBeCloseTo(5000, 0);
    expect(estimate.jobs).toBe(6);
    expect(estimate.error).toBeLessThan(0.1);
    // Twice the pixels, about twice the time.
    const larger = { ...FACTS, output: { ...FACTS.output, height: 24000 } };
    expect(estimateTime(history, larger).ms / estimate.ms).toBeCloseTo(1.91, 2);
  });

  test('carries the pace of the device over to other kinds', () => {
    const jpeg = { ...FACTS, format: 'jpeg' } as const;
    const slow = learnTimes({}, FACTS, { decode: 900, total: 10 * estimateTime({}, FACTS).ms });
    const ratio = estimateTime(slow, jpeg).ms / estimateTime({}, jpeg).ms;
    expect(ratio).toBeGreaterThan(5);
    expect(ratio).toBeLessThan(15);
    expect(estimateTime(slow, jpeg).jobs).toBe(0);
  });

  test('forgets slowly: one job in a busy moment does not decide', () => {
    let history = {};
    for (let i = 0; i < 5; i++) history = learnTimes(history, FACTS, { decode: 300, total: 1000 });
    history = learnTimes(history, FACTS, { decode: 300, total: 4000 });
    expect(estimateTime(history, FACTS).ms).toBeLessThan(2400);
    expect(estimateTime(history, FACTS).error).toBeGreaterThan(0.2);
  });

  test('learns nothing from small pictures', () => {
    const small = { ...FACTS, output: { ...FACTS.output, width: 100, height: 100 } };
    expect(learnTimes({}, small, { decode: 1, total: 900 })).toEqual({});
  });
});

describe('what comes on top of a job', () => {
  const webp: SpeedFacts = { ...FACTS, format: 'webp' };

  test('takes time that nobody has shown yet', () => {
    const straight = { ...FACTS, straightened: FACTS.source };
    expect(estimateTime({}, straight).ms - estimateTime({}, FACTS).ms).toBeGreaterThan(300);
    const searched = { ...webp, searched: true };
    expect(estimateTime({}, searched).ms / estimateTime({}, webp).ms).toBeGreaterThan(2);
    // The qualities of a JPEG are tried on samples.
    const jpeg: SpeedFacts = { ...FACTS, format: 'jpeg' };
    expect(estimateTime({}, { ...jpeg, searched: true }).ms - estimateTime({}, jpeg).ms).toBeLessThan(1000);
  });

  test('is added to what jobs without it have shown, as a guess', () => {
    let history = {};
    for (let i = 0; i < 4; i++) history = learnTimes(history, webp, { decode: 300, total: 20_000 });
    const { ms, jobs } = estimateTime(history, { ...webp, searched: true });
    expect(ms).toBeGreaterThan(40_000);
    expect(jobs).toBe(0);
    expect(estimateTime(history, webp).ms).toBeCloseTo(20_000, 0);
  });

  test('is learnt by itself, and for any scale', () => {
    const straight = { ...FACTS, straightened: FACTS.source };
    const before = estimateTime({}, FACTS).ms;
    let history = {};
    for (let i = 0; i < 4; i++)
      history = learnTimes(history, straight, { decode: 90, total: estimateTime({}, straight).ms });
    expect(estimateTime(history, straight).jobs).toBe(4);
    expect(estimateTime(history, straight).ms).toBeCloseTo(estimateTime({}, straight).ms, 0);
    expect(estimateTime(history, FACTS).ms).toBeCloseTo(before, 0);
    // The same picture a quarter as wide: there is no less to straighten.
    const small = { ...straight, output: { ...FACTS.output, width: 2000 } };
    const ratio = estimateTime(history, small).ms / estimateTime({}, small).ms;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});

test('what was stored before kinds had more names still counts', () => {
  const stored = { 'none/auto/png-fast/direct/plain': { msPerMegapixel: 80, error: 0.1, jobs: 5 } };
  const history = readHistory(JSON.parse(JSON.stringify(stored)));
  expect(estimateTime(history, FACTS)).toMatchObject({ jobs: 5, error: 0.1 });
});

test('kinds of work are told apart', () => {
  const keys = [
    FACTS,
    { ...FACTS, format: 'jpeg' },
    { ...FACTS, level: 'small' },
    { ...FACTS, deep: true },
    { ...FACTS, sharpened: true },
    { ...FACTS, engine: 'scalar' },
    { ...FACTS, model: 'general-x4' },
    { ...FACTS, method: 'progressive' },
    { ...FACTS, straightened: FACTS.source },
    { ...FACTS, searched: true },
  ].map((facts) => speedKey(facts as SpeedFacts));
  expect(new Set(keys).size).toBe(keys.length);
});

test.each([null, 7, 'x', [1], { a: { msPerMegapixel: -1, error: 0, jobs: 1 } }, { b: { msPerMegapixel: '3' } }])(
  'a damaged history %j is empty',
  (value) => expect(readHistory(value)).toEqual({}),
);

test.each([
  [null, 100, 0, null, null],
  [1000, 100, 0, null, 900],
  [1000, 1500, 0, null, null],
  [1000, 300, 0.125, 2000, 1350],
  [1000, 500, 0.25, 1500, 1500],
  [1000, 1200, 1, 50, 0],
])('of %s ms, %i gone, %f done, measured %s: %s left', (estimate, elapsed, fraction, measured, want) => {
  expect(blendRemaining(estimate, elapsed, fraction, measured)).toBe(want);
});

test.each([
  [7400, 0, null, 3000, 4300],
  [7400, 0, null, 8000, null],
  [null, 0.5, 20_000, 5000, 15_000],
  [null, 0.5, 20_000, 25_000, null],
  [7400, 1, 0, 500, 0],
])(
  'of %s ms, %f done, measured %s, %i ms after the report: %s left',
  (estimate, fraction, remainingMs, since, want) => {
    expect(remainingAfter({ elapsedMs: 100, fraction, remainingMs }, estimate, since)).toBe(want);
  },
);
