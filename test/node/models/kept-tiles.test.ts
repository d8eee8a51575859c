/** Tiles that were computed once are not computed again: after an interruption, for another blend or size, after a preview. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type AiOptions, type ModelRef } from '../../../src/core/ai.ts';
import { NO_EDIT } from '../../../src/core/edit/edit.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../../src/core/options.ts';
import { say } from '../../../src/core/text.ts';
import type { TileStore } from '../../../src/core/tile-store.ts';
import { findBundled } from '../../../src/models/catalogue.ts';
import { Preview } from '../../../src/pipeline/preview/preview.ts';
import { previewServices, runTestJob, type TestJob } from '../../support/job.ts';
import { FakeRunners, repeatPixels } from '../../support/model-runners.ts';
import { withoutMargin } from '../../support/planes.ts';

/** Everything is kept. */
class MapTiles implements TileStore {
  readonly tiles = new Map<string, Uint8Array<ArrayBuffer>>();

  get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return Promise.resolve(this.tiles.get(key) ?? null);
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.tiles.set(key, bytes.slice());
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the models here cut off each side: those of waifu2x. */
const TRIM = 7;

/** Counts the runs of a network that repeats pixels; `spoil` changes what it gives. */
function counting(spoil: (tile: Float32Array<ArrayBuffer>, index: number) => void = () => undefined): {
  readonly runners: FakeRunners;
  readonly runs: () => number;
} {
  let runs = 0;
  const runners = new FakeRunners(['wasm'], (planes, { input, index }) => {
    runs++;
    const inner = withoutMargin({ ...input, data: planes }, TRIM);
    const tile = repeatPixels(inner.data, inner, 2);
    spoil(tile, index);
    return tile;
  });
  return { runners, runs: () => runs };
}

/** Another file of the same shape. */
const OTHER_MODEL: ModelRef = {
  ...{ kind: 'own', name: 'other', sha256: 'f'.repeat(64) },
  shape: findBundled('upconv7')!.shape,
};

const ai = (change: Partial<AiOptions> = {}): AiOptions => ({
  ...AI_DEFAULTS,
  model: { kind: 'bundled', id: 'upconv7' },
  ...change,
});

/** Three tiles by two. */
const [WIDTH, HEIGHT] = [520, 260];
const TILES = 6;
const picture = async (seed: number): Promise<Uint8Array<ArrayBuffer>> => {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = (seed * 31 + (i % (3 * WIDTH)) * 3 + Math.floor(i / 3 / WIDTH)) & 127;
  return new Uint8Array(
    await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer(),
  );
};
const source = picture(1);

async function run(
  tiles: TileStore,
  change: Partial<TestJob> & { readonly options?: Partial<JobOptions> } = {},
): Promise<{ bytes: Uint8Array; runs: number; cached: number }> {
  const { runners, runs } = counting();
  const { bytes, receipt } = await runTestJob({
    source: await source,
    models: runners,
    tiles: () => tiles,
    ...change,
    options: { ai: ai(), ...change.options },
  });
  return { bytes, runs: runs(), cached: receipt.ai!.cached };
}

describe('a job', () => {
  it('goes on from the tiles of one that was broken off', async () => {
    const tiles = new MapTiles();
    const controller = new AbortController();
    const { runners, runs } = counting((_, index) => {
      if (index === 3) controller.abort(new DOMException('stop', 'AbortError'));
    });
    const broken = runTestJob({
      ...{ source: await source, models: runners, tiles: () => tiles, signal: controller.signal },
      options: { ai: ai() },
    });
    await expect(broken).rejects.toMatchObject({ name: 'AbortError' });
    expect(runs()).toBeLessThan(TILES);
    const kept = tiles.tiles.size;
    expect(kept).toBeGreaterThanOrEqual(2);
    const continued = await run(tiles);
    expect(continued).toMatchObject({ cached: kept, runs: TILES - kept });
    expect(Buffer.compare(continued.bytes, (await run(new MapTiles())).bytes)).toBe(0);
  });

  it.each([
    { what: 'blend', options: { ai: ai({ blend: 0.5 }) } },
    { what: 'colour lock', options: { ai: ai({ colourLock: false }) } },
    { what: 'size', options: { target: { kind: 'scale', x: 1.7, y: 1.7 } } },
    { what: 'format', options: { format: 'jpeg' } },
  ] as const)('runs no model for another $what', async ({ options }) => {
    const tiles = new MapTiles();
    await run(tiles);
    expect(await run(tiles, { options })).toMatchObject({ cached: TILES, runs: 0 });
  });

  it.each([
    { what: 'model', options: { ai: ai({ model: OTHER_MODEL }) } },
    { what: 'turned runs', options: { ai: ai({ tta: true }) } },
    { what: 'edit', options: { edit: { ...NO_EDIT, flip: true } } },
  ] as const)('takes nothing over for another $what', async ({ options }) => {
    const tiles = new MapTiles();
    await run(tiles);
    const other = await run(tiles, { options });
    expect(other.cached).toBe(0);
    expect(other.runs).toBeGreaterThan(0);
  });

  it('takes nothing over from another picture of the same size', async () => {
    const tiles = new MapTiles();
    await run(tiles);
    expect(await run(tiles, { source: await picture(2) })).toMatchObject({ cached: 0, runs: TILES });
  });

  it('computes what is of the wrong size again', async () => {
    const tiles = new MapTiles();
    await run(tiles);
    const [key] = tiles.tiles.keys();
    tiles.tiles.set(key, new Uint8Array(5));
    expect(await run(tiles)).toMatchObject({ cached: TILES - 1, runs: 1 });
  });

  it('keeps no tile that Lanczos stands in for', async () => {
    const tiles = new MapTiles();
    const { runners } = counting((tile) => tile.fill(Number.NaN));
    const { receipt } = await runTestJob({
      ...{ source: await source, models: runners, tiles: () => tiles },
      options: { ai: ai() },
    });
    expect(receipt.ai!.replaced).toBe(TILES);
    expect(tiles.tiles.size).toBe(0);
  });

  it('tells in its receipt that nothing more can be kept, and is done all the same', async () => {
    const { runners } = counting();
    const { receipt, bytes } = await runTestJob({
      ...{ source: await source, models: runners, options: { ai: ai() } },
      tiles: (onTrouble) => ({
        get: () => Promise.resolve(null),
        put: () => Promise.resolve(onTrouble(say('Finished tiles of the model are not kept: full.'))),
        close: () => Promise.resolve(),
      }),
    });
    expect(receipt.warnings).toContain('Finished tiles of the model are not kept: full.');
    expect(Buffer.compare(bytes, (await run(new MapTiles())).bytes)).toBe(0);
  });
});

it('a preview leaves its tiles to the job, and takes those of a job', async () => {
  const tiles = new MapTiles();
  const { runners, runs } = counting();
  const options: JobOptions = {
    ...DEFAULT_OPTIONS,
    ai: ai(),
    edit: { ...NO_EDIT, flip: true },
  };
  const look = async (): Promise<void> => {
    const { signal } = new AbortController();
    const services = previewServices({ models: () => runners, tiles: () => tiles });
    const preview = await Preview.open(new Blob([await source]), 'test.png', services, () => undefined, signal);
    const size = { width: 2 * WIDTH, height: 2 * HEIGHT };
    const rect = { x: 0, y: 0, width: 300, height: 200 };
    await preview.ready(options, size, rect);
    await preview.region(options, size, rect, signal);
    await preview.close();
  };
  await look();
  const seen = runs();
  expect(seen).toBeGreaterThan(0);
  expect(await run(tiles, { options })).toMatchObject({ cached: seen, runs: TILES - seen });
  await look();
  expect(runs()).toBe(seen);
});
