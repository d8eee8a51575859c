import type { EngineName } from '../core/engine.ts';
import { wordsOf } from '../core/errors.ts';
import { say, str, type Words } from '../core/text.ts';
import type { GpuContext } from '../gpu/context.ts';
import { GpuEngine } from '../gpu/engine.ts';
import { openTrustedGpu } from '../gpu/probe.ts';
import type { EngineFactory } from '../pipeline/engine-chain.ts';
import { coreCount, hasNestedWorkers, hasSimd, type Environment } from '../pipeline/environment.ts';
import { ScalarEngine } from '../pipeline/scalar-engine.ts';
import type { EngineChoice, EngineChoiceFacts } from '../pipeline/services.ts';
import { BandPool } from './band-pool.ts';
import { Courtesy } from './courtesy.ts';
import { kernelsModule } from './kernels-module.ts';

type OpenedGpu = { readonly context: GpuContext } | { readonly context: null; readonly why: Words };

function openGpu(allowSoftware: boolean): Promise<OpenedGpu> {
  return openTrustedGpu({ allowSoftware }).then(
    (context) => ({ context }),
    (error: unknown) => ({ context: null, why: wordsOf(error) }),
  );
}

/** Kept from job to job, since starting them takes longer than enlarging a small picture. A second pool is for work beside a job. */
const pools = new Set<BandPool>();
/** The GPU, or why there is none, by whether one that the processor computes would do. Kept as well. */
const gpus = new Map<boolean, Promise<OpenedGpu>>();

/** For the job: while a person acts, all cores would be at work for it. */
export const courtesy = new Courtesy();

const startPool = (): BandPool => new BandPool(kernelsModule(), coreCount(), courtesy);

const canSimd = (): boolean => hasSimd() && hasNestedWorkers();

export function warmEngines(): void {
  if (!canSimd()) return;
  kernelsModule().catch(() => undefined);
  pools.add(startPool());
  // A software adapter is refused before anything is compiled for it.
  gpus.set(false, openGpu(false));
}

/** A started pool that no job has, else a new one. Closing it gives it back. */
function takePool(): BandPool {
  for (const pool of pools) {
    if (pool.claim()) return pool;
    if (pool.ended) pools.delete(pool);
  }
  const pool = startPool();
  pool.claim();
  pools.add(pool);
  return pool;
}

/** The GPU that earlier jobs have used; a lost one is opened anew. */
async function takeGpu(allowSoftware: boolean): Promise<OpenedGpu> {
  if (allowSoftware) {
    const real = await takeGpu(false);
    if (real.context !== null) return real;
  }
  const known = await gpus.get(allowSoftware);
  if (known !== undefined && (known.context === null || known.context.failure === null)) return known;
  const opened = openGpu(allowSoftware);
  gpus.set(allowSoftware, opened);
  return opened;
}

/** Below this a picture is done before the GPU's own overhead is earned back. */
const GPU_WORTH_PIXELS = 24e6;

const SCALAR: EngineFactory = { name: 'scalar', create: () => Promise.resolve(new ScalarEngine()) };
const SIMD: EngineFactory = { name: 'simd', create: () => Promise.resolve(takePool()) };

const gpuFactory = (context: GpuContext): EngineFactory => ({
  name: 'gpu',
  create: () => Promise.resolve(new GpuEngine(context, { encoders: takePool() })),
});

/** The engines for a job, fastest first, by what was asked for and what this device has shown that it can do. */
export async function chooseEngines(
  choice: EngineName | 'auto',
  environment: Environment,
  { pixels, hooked, finished, gpuCoded, networked }: EngineChoiceFacts,
): Promise<EngineChoice> {
  if (choice === 'scalar') return { factories: [SCALAR], reasons: [say('The scalar engine was asked for.')] };
  if (!canSimd()) {
    const missing = say('This browser has no WebAssembly SIMD, or no workers within workers.');
    return { factories: [SCALAR], reasons: [missing] };
  }
  const onProcessor = (reason: Words): EngineChoice => ({
    factories: [SIMD, SCALAR],
    reasons: [reason, say(str`Workers: ${environment.cores}.`)],
  });
  if (choice === 'simd') return onProcessor(say('The SIMD engine was asked for.'));
  if (choice === 'auto' && !gpuCoded && !networked)
    return onProcessor(say('It is the fastest engine for files of this format.'));
  if (finished) return onProcessor(say('Sharpening and grain run on the processor.'));
  if (hooked) return onProcessor(say('Hooks run on the processor.'));
  if (!environment.isolated) return onProcessor(say('The page is not cross-origin isolated.'));
  if (choice === 'auto' && !networked && pixels < GPU_WORTH_PIXELS) {
    return onProcessor(say('It is the fastest engine for a picture of this size.'));
  }
  const gpu = await takeGpu(choice === 'gpu');
  if (gpu.context === null) return onProcessor(gpu.why);
  const { vendor, architecture } = gpu.context.description;
  const reason = choice === 'gpu' ? say('The GPU engine was asked for.') : say('It is the fastest engine here.');
  return {
    factories: [gpuFactory(gpu.context), SIMD, SCALAR],
    reasons: [reason, say(str`GPU: ${`${vendor} ${architecture}`.trim()}.`)],
  };
}
