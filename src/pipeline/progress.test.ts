import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobEvent } from '../core/job.ts';
import { ProgressMeter } from './progress.ts';

type Progress = Extract<JobEvent, { kind: 'progress' }>;

const MEGAPIXEL = { width: 1000, rows: 1000 };

let now = 0;
let told: Progress[] = [];
let meter: ProgressMeter;

beforeEach(() => {
  now = 5000;
  told = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  meter = new ProgressMeter(MEGAPIXEL.width, MEGAPIXEL.rows, (event) => told.push(event as Progress));
});
afterEach(() => void vi.restoreAllMocks());

const rows = (at: number, count: number): Progress => {
  now = 5000 + at;
  meter.landed(count, count, 'simd');
  return told.at(-1)!;
};

const tiles = (at: number, done: number, cached = 0): Progress => {
  now = 5000 + at;
  meter.modelled({ done, cached }, 'simd');
  return told.at(-1)!;
};

describe('rows alone', () => {
  it('go by the pace since the first bytes', () => {
    expect(rows(2000, 0)).toMatchObject({ fraction: 0, remainingMs: null });
    expect(rows(3000, 250)).toMatchObject({ fraction: 0.25, remainingMs: 3000, elapsedMs: 3000, bytes: 250 });
    expect(rows(6000, 750)).toMatchObject({ fraction: 1, remainingMs: 0 });
    expect(told.at(-1)!.megapixelsPerSecond).toBeCloseTo(1 / 6);
  });

  it('are told ten times a second at most, and at the end', () => {
    for (let i = 0; i < 1000; i++) rows(i, 1);
    expect(told.length).toBeLessThanOrEqual(11);
    expect(told.at(-1)!.fraction).toBe(1);
  });
});

describe('tiles of models', () => {
  it('tell how far the job is before a row has landed', () => {
    const quarter = tiles(10_000, 0.25);
    expect(quarter.fraction).toBeCloseTo(0.245);
    expect(quarter.remainingMs).toBeCloseTo((10_000 / 0.245) * 0.755);
    expect(quarter.megapixelsPerSecond).toBeCloseTo(0.0245);
    expect(tiles(20_000, 0.5).fraction).toBeCloseTo(0.49);
  });

  it('never end the job, and never take anything back', () => {
    tiles(1000, 0.5);
    rows(2000, 100);
    tiles(3000, 1);
    rows(4000, 100);
    expect(tiles(5000, 1).fraction).toBeLessThan(1);
    rows(6000, 790);
    expect(rows(7000, 10)).toMatchObject({ fraction: 1, remainingMs: 0 });
    const fractions = told.map(({ fraction }) => fraction);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
  });

  it('say nothing of the pace where they were taken over beside others', () => {
    tiles(1000, 0.5, 0.5);
    const { fraction, remainingMs } = tiles(11_000, 0.6, 0.5);
    expect(fraction).toBeCloseTo(0.588);
    expect(remainingMs).toBeCloseTo((11_000 / 0.098) * (1 - 0.588));
  });

  it('leave pauses out', () => {
    tiles(1000, 0.1);
    meter.waited(60_000);
    expect(tiles(62_000, 0.2)).toMatchObject({ elapsedMs: 2000 });
    expect(told.at(-1)!.remainingMs).toBeCloseTo((2000 / 0.196) * 0.804);
  });
});
