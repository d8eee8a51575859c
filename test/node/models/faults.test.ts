/** What goes wrong in a model is noticed, tried again on a safer path, and counted. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type AiReport, type ModelBackend } from '../../../src/core/ai.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Receipt } from '../../../src/core/job.ts';
import type { AiPass } from '../../../src/core/plan/ai-passes.ts';
import { AiPicture } from '../../../src/pipeline/ai/ai-reader.ts';
import type { PixelSource } from '../../../src/pipeline/ai/planes.ts';
import { runTestJob } from '../../support/job.ts';
import { FakeRunners, repeatPixels, type FakeRun } from '../../support/model-runners.ts';
import { withoutMargin } from '../../support/planes.ts';

const SHAPE = { scale: 2, halo: 4, trim: 0, multiple: 1, overlap: 0, tile: 64, fixed: null };
const SIZE = { width: 192, height: 128 };
const PASS: AiPass = {
  ...{ model: { kind: 'bundled', id: 'test' }, noise: null, shape: SHAPE, input: SIZE },
  output: { width: 384, height: 256 },
};
const TILES = 6;

const valueAt = (x: number, y: number, c: number): number => (x * 5 + y * 3 + c * 40 + ((x ^ y) & 15)) % 200;

const PICTURE: PixelSource = {
  ...SIZE,
  channels: 3,
  depth: 8,
  region: ({ x, y, width, height }) =>
    Promise.resolve(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return valueAt(x + (pixel % width), y + Math.floor(pixel / width), i % 3);
      }),
    ),
};

async function enlarge(
  backends: readonly ModelBackend[],
  run: FakeRun,
): Promise<{ wrong: number; report: AiReport; runners: FakeRunners }> {
  const runners = new FakeRunners(backends, run);
  const picture = new AiPicture(PICTURE, {
    ...{ passes: [PASS], runners, hashOf: () => 'hash', signal: new AbortController().signal },
    choices: { ...AI_DEFAULTS, colourLock: false },
  });
  const samples = await picture.pixels.region({ x: 0, y: 0, ...PASS.output });
  let wrong = 0;
  for (let i = 0; i < samples.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 384, Math.floor(i / 3 / 384)];
    if (samples[i] !== valueAt(x >> 1, y >> 1, i % 3)) wrong++;
  }
  return { wrong, report: picture.report(), runners };
}

const outOfMemory = (): never => {
  throw new AppError('no-memory', 'out of memory');
};
const lost = (): never => {
  throw new AppError('engine-failed', 'device lost');
};
const good: FakeRun = (planes, { input }) => repeatPixels(planes, input, 2);

describe('faults of a model', () => {
  it('computes every tile once when nothing goes wrong', async () => {
    const { wrong, report } = await enlarge(['webgpu', 'wasm'], good);
    expect(wrong).toBe(0);
    expect(report).toMatchObject({ tiles: TILES, retries: {}, replaced: 0, backends: ['webgpu'] });
  });

  it.each([0, 2, TILES - 1])('halves the tiles when memory runs out at tile %i, and stays there', async (at) => {
    const { wrong, report, runners } = await enlarge(['webgpu', 'wasm'], (planes, call) =>
      call.index >= at && call.input.width > 50 ? outOfMemory() : good(planes, call),
    );
    expect(wrong).toBe(0);
    expect(report.retries['no-memory']).toBeGreaterThanOrEqual(1);
    expect(report.retries['no-memory']).toBeLessThanOrEqual(2);
    expect(report.backends).toEqual(['webgpu']);
    expect(runners.opened.map(({ input }) => input.width)).toEqual([72, 40]);
  });

  it('goes to the next backend when even small tiles do not fit', async () => {
    const { wrong, report } = await enlarge(['webgpu', 'wasm'], (planes, call) =>
      call.backend === 'webgpu' ? outOfMemory() : good(planes, call),
    );
    expect(wrong).toBe(0);
    expect(report.backends).toEqual(['wasm']);
  });

  it('opens the backend anew when its device is lost between tiles', async () => {
    const { wrong, report, runners } = await enlarge(['webgpu', 'wasm'], (planes, call) =>
      call.index === 3 ? lost() : good(planes, call),
    );
    expect(wrong).toBe(0);
    expect(report).toMatchObject({ retries: { lost: 1 }, backends: ['webgpu'] });
    expect(runners.opened).toHaveLength(2);
  });

  it('leaves a backend that is lost again', async () => {
    const { wrong, report } = await enlarge(['webgpu', 'wasm'], (planes, call) =>
      call.backend === 'webgpu' && call.index >= 3 ? lost() : good(planes, call),
    );
    expect(wrong).toBe(0);
    expect(report.backends).toEqual(['webgpu', 'wasm']);
  });

  it.each([
    {
      reason: 'not-finite',
      spoil: (tile: Float32Array<ArrayBuffer>) => tile.fill(Number.NaN, tile.length / 6 + 72, tile.length / 6 + 73),
    },
    {
      reason: 'not-finite',
      spoil: (tile: Float32Array<ArrayBuffer>) => tile.fill(Infinity, tile.length / 2 + 72, tile.length / 2 + 73),
    },
    { reason: 'constant', spoil: (tile: Float32Array<ArrayBuffer>) => tile.fill(0.4) },
    { reason: 'drift', spoil: (tile: Float32Array<ArrayBuffer>) => tile.map((value) => value * 0.2) },
  ] as const)('computes a tile again that is $reason', async ({ reason, spoil }) => {
    const { wrong, report } = await enlarge(['webgpu', 'wasm'], (planes, call) =>
      call.index === 2 ? spoil(good(planes, call)) : good(planes, call),
    );
    expect(wrong).toBe(0);
    expect(report).toMatchObject({ retries: { [reason]: 1 }, replaced: 0 });
  });

  it('stops asking a backend that keeps giving nonsense', async () => {
    let asked = 0;
    const { wrong, report } = await enlarge(['webgpu', 'wasm'], (planes, call) => {
      if (call.backend === 'webgpu') asked++;
      return call.backend === 'webgpu' ? good(planes, call).fill(0) : good(planes, call);
    });
    expect(wrong).toBe(0);
    expect(report.backends).toEqual(['wasm']);
    expect(asked).toBeLessThan(12);
  });

  it('puts Lanczos where no backend gives anything sensible', async () => {
    const { wrong, report } = await enlarge(['wasm'], (planes, call) => good(planes, call).fill(Number.NaN));
    expect(report.replaced).toBe(TILES);
    expect(wrong).toBeGreaterThan(0);
  });

  it('fails when the last backend is lost', async () => {
    await expect(enlarge(['wasm'], lost)).rejects.toMatchObject({ code: 'engine-failed' });
  });

  it('does not hide a mistake of the caller', async () => {
    const failed = (): never => {
      throw new AppError('bad-options', 'no such model');
    };
    await expect(enlarge(['webgpu', 'wasm'], failed)).rejects.toMatchObject({ code: 'bad-options' });
  });
});

describe('the receipt of a job', () => {
  const source = sharp({ create: { width: 300, height: 130, channels: 3, background: '#357' } })
    .composite([
      { input: Buffer.from('<svg width="300" height="130"><circle cx="150" cy="65" r="50" fill="#fa4"/></svg>') },
    ])
    .png()
    .toBuffer();

  /** upconv_7 in two tiles, its network replaced by one that repeats pixels. */
  async function job(
    run: (call: { index: number; backend: ModelBackend; width: number }) => 'ok' | 'nan',
  ): Promise<Receipt> {
    const runners = new FakeRunners(['webgpu', 'wasm'], (planes, { index, backend, input }) => {
      const state = run({ index, backend, width: input.width });
      const inner = withoutMargin({ ...input, data: planes }, 7);
      const tile = repeatPixels(inner.data, inner, 2);
      return state === 'nan' ? tile.fill(Number.NaN) : tile;
    });
    const { receipt } = await runTestJob({
      source: new Uint8Array(await source),
      models: runners,
      options: { ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id: 'upconv7' } } },
    });
    return receipt;
  }

  it('says nothing where nothing happened', async () => {
    const receipt = await job(() => 'ok');
    expect(receipt.ai).toMatchObject({ tiles: 2, retries: {}, replaced: 0 });
    expect(receipt.warnings).toEqual([]);
  });

  it('tells of memory that ran out', async () => {
    const receipt = await job(({ width }) => (width > 150 ? outOfMemory() : 'ok'));
    expect(receipt.warnings).toEqual([expect.stringContaining('smaller tiles')]);
  });

  it('tells of a device that was lost', async () => {
    const receipt = await job(({ index }) => (index === 1 ? lost() : 'ok'));
    expect(receipt.warnings).toEqual([expect.stringContaining('was lost')]);
  });

  it('tells of tiles that were no numbers, and of those that Lanczos stands in for', async () => {
    const once = await job(({ index }) => (index === 0 ? 'nan' : 'ok'));
    expect(once.warnings).toEqual([expect.stringMatching(/no numbers .*: 1\./)]);
    const always = await job(() => 'nan');
    expect(always.ai!.replaced).toBe(2);
    expect(always.warnings).toContainEqual(expect.stringMatching(/Lanczos stands in: 2\./));
  });
});
