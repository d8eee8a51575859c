/** A network that the GPU engine runs with its bands: which jobs that is for, and what happens when the engine fails. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type AiOptions } from '../../../src/core/ai.ts';
import type { Engine, EngineJob } from '../../../src/core/engine.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { JobOptions } from '../../../src/core/options.ts';
import { findBundled } from '../../../src/models/catalogue.ts';
import { networkOf } from '../../../src/models/network-of.ts';
import { readOnnx } from '../../../src/models/onnx.ts';
import type { EngineFactory } from '../../../src/pipeline/engine-chain.ts';
import { runTestJob, SIMD } from '../../support/job.ts';
import { modelBytes } from '../../support/models.ts';

const network = networkOf(readOnnx(modelBytes(findBundled('anime4k-s')!.plain)), [])!;

/** Stands in for the GPU: remembers what it is opened for, and fails at a band (from 0) or already when it is opened. */
class FailingGpu implements EngineFactory {
  readonly name = 'gpu';
  readonly jobs: EngineJob[] = [];
  readonly #failsAt: number;

  constructor(failsAt: number) {
    this.#failsAt = failsAt;
  }

  async create(): Promise<Engine> {
    const inner = await SIMD.create();
    let bands = 0;
    const check = (): void => {
      if (bands++ >= this.#failsAt) throw new AppError('engine-failed', 'The GPU was lost.');
    };
    return {
      name: 'gpu',
      parallelism: 1,
      open: async (job) => {
        this.jobs.push(job);
        if (job.model === undefined) return inner.open(job);
        if (this.#failsAt < 0) throw new AppError('engine-failed', 'No such shader.');
      },
      segment: async (place, signal) => {
        check();
        return inner.segment(place, signal);
      },
      pixels: async (rect, signal) => {
        check();
        return inner.pixels(rect, signal);
      },
      close: () => inner.close(),
    };
  }
}

const picture = sharp({ create: { width: 60, height: 44, channels: 3, background: '#357' } })
  .composite([{ input: Buffer.from('<svg width="60" height="44"><circle cx="30" cy="22" r="15" fill="#fa4"/></svg>') }])
  .removeAlpha();

const ai = (change: Partial<AiOptions> = {}): AiOptions => ({
  ...AI_DEFAULTS,
  model: { kind: 'bundled', id: 'anime4k-s' },
  ...change,
});

async function run(
  gpu: FailingGpu,
  options: Partial<JobOptions>,
  source = picture.clone().png().toBuffer(),
): ReturnType<typeof runTestJob> {
  return runTestJob({
    source: new Uint8Array(await source),
    engines: [gpu, SIMD],
    network: () => Promise.resolve(network),
    options: { format: 'jpeg', ai: ai(), ...options },
  });
}

describe('when the GPU engine fails', () => {
  it.each([-1, 0])('goes through tiles instead, and says so: at %i', async (failsAt) => {
    const gpu = new FailingGpu(failsAt);
    const { bytes, receipt } = await run(gpu, {});
    expect(gpu.jobs[0]!.model).toEqual({ networks: [network], colourLock: true });
    expect(receipt.ai).toMatchObject({ backends: ['wasm'], replaced: 0 });
    expect(receipt.warnings.join(' ')).toMatch(/The model is run in tiles: .*(lost|shader)/);
    const { bytes: expected } = await runTestJob({
      source: new Uint8Array(await picture.clone().png().toBuffer()),
      options: { format: 'jpeg', ai: ai() },
    });
    expect(Buffer.compare(bytes, expected)).toBe(0);
  });

  it('leaves the rest of the rules alone: what is cancelled stays cancelled', async () => {
    const gpu = new FailingGpu(0);
    const controller = new AbortController();
    const job = runTestJob({
      source: new Uint8Array(await picture.clone().png().toBuffer()),
      engines: [gpu, SIMD],
      network: () => {
        controller.abort(new DOMException('stop', 'AbortError'));
        return Promise.resolve(network);
      },
      signal: controller.signal,
      options: { format: 'jpeg', ai: ai() },
    });
    await expect(job).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** Resamples the source in the place of the networks, and counts the bands. */
function resamplingGpu(): { factory: EngineFactory; computed: () => number } {
  let bands = 0;
  const create = async (): Promise<Engine> => {
    const inner = await SIMD.create();
    return {
      ...{ name: 'gpu', parallelism: 1, close: () => inner.close() },
      open: ({ source, spec, picture: to, encoding, hooks }) => {
        const resampling = { ...spec, stages: [{ from: source, to, kernel: 'lanczos3' as const }] };
        return inner.open({ source, spec: resampling, picture: to, encoding, hooks });
      },
      pixels: (rect, signal) => inner.pixels(rect, signal),
      segment: (place, signal) => {
        bands++;
        return inner.segment(place, signal);
      },
    };
  };
  return { factory: { name: 'gpu', create }, computed: () => bands };
}

it('counts the bands that were computed as tiles, not those that were planned', async () => {
  const { factory, computed } = resamplingGpu();
  const { receipt } = await runTestJob({
    source: new Uint8Array(await picture.clone().png().toBuffer()),
    engines: [factory],
    network: () => Promise.resolve(network),
    options: { format: 'jpeg', ai: ai(), target: { kind: 'exact', width: 870, height: 640 } },
  });
  expect(computed()).toBeGreaterThan(1);
  expect(receipt).toMatchObject({ engine: 'gpu', bands: computed(), ai: { backends: ['webgpu'], tiles: computed() } });
});

describe('has all of its runs with the bands', () => {
  it.each([
    { what: 'two runs', options: { target: { kind: 'scale', x: 4, y: 4 } } },
    { what: 'a stage', options: { ai: ai({ before: [{ kind: 'bundled', id: 'anime4k-restore' }] }) } },
  ] as const)('with $what', async ({ options }) => {
    const gpu = new FailingGpu(0);
    await run(gpu, options as Partial<JobOptions>);
    expect(gpu.jobs[0]!.model?.networks).toHaveLength(2);
  });
});

it('takes the engine that is the fastest without a network where the GPU does not know it', async () => {
  const gpu = new FailingGpu(Infinity);
  const asked: boolean[] = [];
  const { receipt } = await runTestJob({
    source: new Uint8Array(await picture.clone().png().toBuffer()),
    engines: ({ networked }) => {
      asked.push(networked);
      return networked ? [gpu, SIMD] : [SIMD];
    },
    network: () => Promise.resolve(null),
    options: { format: 'png', ai: ai() },
  });
  expect(asked).toEqual([true, false]);
  expect(gpu.jobs).toEqual([]);
  expect(receipt).toMatchObject({ engine: 'simd', ai: { backends: ['wasm'] } });
});

describe('goes through tiles from the start', () => {
  it.each([
    { what: 'turned runs', options: { ai: ai({ tta: true }) } },
    { what: 'mixing', options: { ai: ai({ blend: 0.5 }) } },
    { what: 'linear light', options: { linear: true } },
  ] as const)('with $what', async ({ options }) => {
    const gpu = new FailingGpu(Infinity);
    const { receipt } = await run(gpu, options as Partial<JobOptions>);
    expect(gpu.jobs.every(({ model }) => model === undefined)).toBe(true);
    expect(receipt.ai!.backends).toEqual(['wasm']);
  });

  it('with transparency, and with 16 bits', async () => {
    for (const source of [
      picture.clone().ensureAlpha(0.5).png().toBuffer(),
      picture.clone().toColourspace('rgb16').png().toBuffer(),
    ]) {
      const gpu = new FailingGpu(Infinity);
      const { receipt } = await run(gpu, {}, source);
      expect(gpu.jobs.every(({ model }) => model === undefined)).toBe(true);
      expect(receipt.ai!.backends).toEqual(['wasm']);
    }
  });
});
