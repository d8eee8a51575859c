/** Runs jobs of the real pipeline in Node: the same code as in the workers, with engines in this thread. */
import type { Engine, EngineJob } from '../../src/core/engine.ts';
import type { BandPlace, Segment } from '../../src/core/encoding.ts';
import type { Rect } from '../../src/core/geometry.ts';
import type { JobEvent, Receipt } from '../../src/core/job.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../src/core/options.ts';
import type { EngineFactory } from '../../src/pipeline/engine-chain.ts';
import type { Environment } from '../../src/pipeline/environment.ts';
import { openDecoder } from '../../src/pipeline/open-decoder.ts';
import type { PauseGate } from '../../src/pipeline/pause-gate.ts';
import type { OutputTarget } from '../../src/pipeline/job-request.ts';
import type { PreviewServices } from '../../src/pipeline/preview/services.ts';
import { runJob } from '../../src/pipeline/run-job.ts';
import { ScalarEngine } from '../../src/pipeline/scalar-engine.ts';
import type { StageFile } from '../../src/pipeline/stage/band-stage.ts';
import type { EngineChoiceFacts, JobServices } from '../../src/pipeline/services.ts';
import { WindowMemory } from '../../src/pipeline/window-memory.ts';
import type { ModelRunners } from '../../src/models/runner.ts';
import { SegmentMemory } from '../../src/core/segment-buffer.ts';
import { SimdBands } from '../../src/pipeline/simd-bands.ts';
import type { Text } from '../../src/core/text.ts';
import type { TileStore } from '../../src/core/tile-store.ts';
import { kernelsModule, openKernels } from './kernels.ts';
import { LocalRunners } from './model-runners.ts';

const ENVIRONMENT: Environment = {
  isolated: true,
  simd: true,
  nestedWorkers: true,
  imageBitmap: false,
  straightAlpha: false,
  cores: 2,
  memoryBudget: 2 ** 30,
};

/** The SIMD kernels without their workers; one call after another, as the pool does it. */
class LocalSimdEngine implements Engine {
  readonly name = 'simd';
  readonly parallelism = 2;
  #bands: SimdBands | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #memory = new SegmentMemory(4);

  async open(job: EngineJob): Promise<void> {
    this.#bands = await SimdBands.open(await openKernels(), job);
  }

  segment(place: BandPlace): Promise<Segment> {
    return this.#next((bands) => bands.segment(place, null, this.#memory.take()));
  }

  recycle({ bytes }: Segment): void {
    this.#memory.giveBack(bytes);
  }

  pixels(rect: Rect): Promise<Uint8Array<ArrayBuffer>> {
    return this.#next((bands) => bands.pixels(rect, null));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #next<T>(task: (bands: SimdBands) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => task(this.#bands!));
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

export const SIMD: EngineFactory = { name: 'simd', create: () => Promise.resolve(new LocalSimdEngine()) };
export const SCALAR: EngineFactory = { name: 'scalar', create: () => Promise.resolve(new ScalarEngine()) };

export interface TestJob {
  readonly source: Uint8Array<ArrayBuffer> | Blob;
  readonly name?: string;
  readonly options: Partial<JobOptions>;
  readonly engines?: readonly EngineFactory[] | ((facts: EngineChoiceFacts) => readonly EngineFactory[]);
  readonly environment?: Partial<Environment>;
  readonly models?: ModelRunners;
  readonly network?: NonNullable<JobServices['network']>;
  readonly tiles?: (onTrouble: (message: Text) => void) => TileStore;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
  readonly gate?: PauseGate;
  /** Keeps finished bands in this file. */
  readonly stage?: StageFile;
  readonly windows?: WindowMemory;
  /** By default a file in memory. */
  readonly output?: OutputTarget;
}

/** Runs a job into memory. */
export async function runTestJob(job: TestJob): Promise<{ bytes: Uint8Array<ArrayBuffer>; receipt: Receipt }> {
  const environment = { ...ENVIRONMENT, ...job.environment };
  const services: JobServices = {
    environment: () => Promise.resolve(environment),
    openReader: (decoder, file, info) => openDecoder(decoder, file, info),
    engines: (_choice, _environment, facts) => {
      const factories = typeof job.engines === 'function' ? job.engines(facts) : (job.engines ?? [SIMD, SCALAR]);
      return Promise.resolve({ factories, reasons: ['The test chose.'] });
    },
    windows: job.windows ?? new WindowMemory(),
    kernels: () => Promise.resolve(kernelsModule),
    viewerProgram: () => Promise.resolve(new TextEncoder().encode('/* viewer */')),
    models: () => job.models ?? new LocalRunners(),
    encodeWhole: () => Promise.reject(new Error('no library encoders in Node')),
    ...(job.network === undefined ? {} : { network: job.network }),
    ...(job.tiles === undefined ? {} : { tiles: job.tiles }),
    ...(job.gate === undefined ? {} : { gate: job.gate }),
    ...(job.stage === undefined ? {} : { stages: { build: 'test', open: () => Promise.resolve(job.stage!) } }),
  };
  const source = job.source instanceof Blob ? job.source : new Blob([job.source]);
  const request = {
    source,
    sourceName: job.name ?? 'test.png',
    options: { ...DEFAULT_OPTIONS, ...job.options },
    output: job.output ?? ({ kind: 'memory', name: 'out' } as const),
    stage: job.stage === undefined ? null : 'stage',
  };
  const signal = job.signal ?? new AbortController().signal;
  const { file, receipt } = await runJob(request, services, job.onEvent ?? (() => undefined), signal);
  return { bytes: new Uint8Array(await file!.arrayBuffer()), receipt };
}

/** What a preview needs, with the SIMD engine and memory alone, but for what is given. */
export const previewServices = (given: Partial<PreviewServices> = {}): PreviewServices => ({
  environment: () => Promise.resolve(ENVIRONMENT),
  openReader: (decoder, file, info) => openDecoder(decoder, file, info),
  kernels: () => Promise.resolve(kernelsModule),
  models: () => new LocalRunners(),
  engines: () => [SIMD],
  openStore: () => Promise.resolve(null),
  ...given,
});
