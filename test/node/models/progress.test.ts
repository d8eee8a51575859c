/** A job with models tells how far it is by their tiles, long before its first band. */
import sharp from 'sharp';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { AI_DEFAULTS } from '../../../src/core/ai.ts';
import type { JobEvent } from '../../../src/core/job.ts';
import type { JobOptions } from '../../../src/core/options.ts';
import type { AiPass } from '../../../src/core/plan/ai-passes.ts';
import { AiPicture } from '../../../src/pipeline/ai/ai-reader.ts';
import { MemoryTiles } from '../../../src/pipeline/ai/memory-tiles.ts';
import type { AiProgress } from '../../../src/pipeline/ai/tally.ts';
import type { EngineFactory } from '../../../src/pipeline/engine-chain.ts';
import { PauseGate } from '../../../src/pipeline/pause-gate.ts';
import { runTestJob, SIMD, type TestJob } from '../../support/job.ts';
import { FakeRunners, repeatPixels, type FakeRun } from '../../support/model-runners.ts';
import { withoutMargin } from '../../support/planes.ts';

/** Two tiles of upconv_7 side by side, and three of what it makes of them. */
const source = sharp({ create: { width: 300, height: 100, channels: 3, background: '#357' } })
  .png()
  .toBuffer();
const [FIRST_TILES, SECOND_TILES] = [2, 3];

/** upconv_7, replaced by a network that repeats pixels. */
const repeat: FakeRun = (planes, { input }) => {
  const inner = withoutMargin({ ...input, data: planes }, 7);
  return repeatPixels(inner.data, inner, 2);
};

/** Every look at the clock is a second later, so that no event is left out. */
beforeEach(() => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
  onTestFinished(() => void vi.restoreAllMocks());
});

/** The fractions that are told before an engine is asked for the first band, and all of them. */
async function fractions(
  options: Partial<JobOptions>,
  change: Partial<TestJob> = {},
): Promise<{ before: number[]; all: number[] }> {
  const all: number[] = [];
  let before: number[] | null = null;
  const engine: EngineFactory = {
    name: 'simd',
    create: async () => {
      const inner = await SIMD.create();
      return {
        ...{ name: 'simd', parallelism: 1, open: (job) => inner.open(job), close: () => inner.close() },
        pixels: (rect, signal) => inner.pixels(rect, signal),
        segment: (place, signal) => {
          before ??= [...all];
          return inner.segment(place, signal);
        },
      };
    },
  };
  const onEvent = (event: JobEvent): void => {
    if (event.kind === 'progress') all.push(event.fraction);
    if (event.kind === 'progress') expect(event.engine).toBe('simd');
  };
  await runTestJob({
    ...{ source: new Uint8Array(await source), engines: [engine], onEvent },
    models: new FakeRunners(['wasm'], repeat),
    options: { ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id: 'upconv7' } }, ...options },
    ...change,
  });
  return { before: before!, all };
}

const rising = (values: readonly number[]): number[] => [...new Set(values)].filter((value) => value > 0);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

it.each([
  { what: 'one run', scale: 2, tiles: FIRST_TILES },
  { what: 'two runs', scale: 4, tiles: FIRST_TILES + SECOND_TILES },
])('with $what', async ({ scale, tiles }) => {
  const { before, all } = await fractions({ target: { kind: 'scale', x: scale, y: scale } });
  expect(rising(before)).toHaveLength(tiles);
  expect(before.at(-1)).toBeLessThan(1);
  expect(all).toEqual(sorted(all));
  expect(all.at(-1)).toBe(1);
  expect(all.filter((value) => value === 1).length).toBeLessThanOrEqual(2);
});

it('with tiles that were there before', async () => {
  const kept = new MemoryTiles(1 << 30);
  const tiles = () => ({ get: kept.get.bind(kept), put: kept.put.bind(kept), close: () => Promise.resolve() });
  const first = await fractions({}, { tiles });
  const models = new FakeRunners([], () => expect.fail('a tile was computed again'));
  expect(await fractions({}, { tiles, models })).toEqual(first);
});

it('is silent while the job is held, and goes on from there', async () => {
  const gate = new PauseGate();
  gate.set(true);
  const models = new FakeRunners(['wasm'], (planes, call) => {
    if (call.index === FIRST_TILES + SECOND_TILES - 1) gate.set(false);
    return repeat(planes, call);
  });
  const { before, all } = await fractions({ target: { kind: 'scale', x: 4, y: 4 } }, { gate, models });
  // The last one, and what was in flight beside it.
  expect(rising(before).length).toBeGreaterThanOrEqual(1);
  expect(rising(before).length).toBeLessThanOrEqual(2);
  expect(all).toEqual(sorted(all));
});

it('weighs tiles by what they cost: a small network before a large one is little', async () => {
  const size = { width: 192, height: 128 };
  const shape = { scale: 1, halo: 4, trim: 0, multiple: 1, overlap: 0, fixed: null };
  const passes: AiPass[] = [
    {
      model: { kind: 'bundled', id: 'anime4k-restore' },
      noise: null,
      shape: { ...shape, tile: 64 },
      input: size,
      output: size,
    },
    { model: { kind: 'bundled', id: 'cunet' }, noise: null, shape: { ...shape, tile: 96 }, input: size, output: size },
  ];
  const told: AiProgress[] = [];
  const picture = new AiPicture(
    {
      ...{ ...size, channels: 3, depth: 8 },
      region: ({ width, height }) => Promise.resolve(new Uint8Array(3 * width * height).fill(99)),
    },
    {
      ...{ passes, runners: new FakeRunners(['wasm'], (planes) => planes), hashOf: () => '' },
      ...{ signal: new AbortController().signal, choices: { ...AI_DEFAULTS, colourLock: false } },
      onProgress: (progress) => told.push(progress),
    },
  );
  const whole = { x: 0, y: 0, ...size };
  await picture.pixels.region(whole);
  expect(told).toHaveLength(6 + 4);
  const shares = told.map(({ done }, i) => done - (told[i - 1]?.done ?? 0));
  expect(shares.filter((share) => share < 0.02)).toHaveLength(6);
  expect(shares.filter((share) => share > 0.2)).toHaveLength(4);
  expect(told.at(-1)).toEqual({ done: expect.closeTo(1), cached: 0 });
  // Again: all are there.
  await picture.pixels.region(whole);
  expect(told).toHaveLength(10);
});
