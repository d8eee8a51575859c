import type { EngineName } from '../core/engine.ts';
import type { GpuContext } from '../gpu/context.ts';
import { GpuEngine } from '../gpu/engine.ts';
import { openTrustedGpu } from '../gpu/probe.ts';
import type { EngineFactory } from '../pipeline/engine-chain.ts';
import { coreCount, hasNestedWorkers, hasSimd, type Environment } from '../pipeline/environment.ts';
import { ScalarEngine } from '../pipeline/scalar-engine.ts';
import type { EngineChoice, EngineChoiceFacts } from '../pipeline/services.ts';
import kernelsUrl from '../wasm/generated/kernels.wasm?url';
import { BandPool } from './band-pool.ts';

let compiled: Promise<WebAssembly.Module> | null = null;

/** Compiled once for all jobs of this worker; a failure is forgotten, so that the next job tries again. */
export function kernelsModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compileStreaming(fetch(kernelsUrl)).catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}

type OpenedGpu = { readonly context: GpuContext } | { readonly context: null; readonly why: string };

function openGpu(allowSoftware: boolean): Promise<OpenedGpu> {
  return openTrustedGpu({ allowSoftware }).then(
    (context) => ({ context }),
    (error: unknown) => ({ context: null, why: error instanceof Error ? error.message : String(error) }),
  );
}

/** Things that are started before they are needed: starting them takes longer than enlarging a small picture. */
let warmPool: BandPool | null = null;
let warmGpu: Promise<OpenedGpu> | null = null;

const canSimd = (): boolean => hasSimd() && hasNestedWorkers();

export function warmEngines(): void {
  if (!canSimd()) return;
  kernelsModule().catch(() => undefined);
  warmPool = new BandPool(kernelsModule(), coreCount());
  // A software adapter is refused before anything is compiled for it.
  warmGpu = openGpu(false);
}

function takePool(): BandPool {
  const pool = warmPool !== null && !warmPool.broken ? warmPool : new BandPool(kernelsModule(), coreCount());
  warmPool = null;
  return pool;
}

/** A context serves one engine: after a lost device the next job opens a new one. */
function takeGpu(allowSoftware: boolean): Promise<OpenedGpu> {
  const warm = allowSoftware ? null : warmGpu;
  if (warm !== null) warmGpu = null;
  return warm ?? openGpu(allowSoftware);
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
  { pixels, hooked, gpuCoded }: EngineChoiceFacts,
): Promise<EngineChoice> {
  if (choice === 'scalar') return { factories: [SCALAR], reason: 'The scalar engine was asked for.' };
  if (!canSimd()) {
    const missing = 'this browser has no WebAssembly SIMD, or no workers within workers';
    return { factories: [SCALAR], reason: `The scalar engine: ${missing}.` };
  }
  const processor = [SIMD, SCALAR];
  const workers = `${environment.cores} workers`;
  if (choice === 'simd') return { factories: processor, reason: `The SIMD engine was asked for: ${workers}.` };
  if (choice === 'auto' && !gpuCoded) {
    return { factories: processor, reason: `The SIMD engine: the fastest for files of this format; ${workers}.` };
  }
  if (hooked) return { factories: processor, reason: `The SIMD engine: hooks run on the processor; ${workers}.` };
  if (!environment.isolated) {
    return { factories: processor, reason: `The SIMD engine: the page is not cross-origin isolated; ${workers}.` };
  }
  if (choice === 'auto' && pixels < GPU_WORTH_PIXELS) {
    return { factories: processor, reason: `The SIMD engine: the fastest for a picture of this size; ${workers}.` };
  }
  const gpu = await takeGpu(choice === 'gpu');
  if (gpu.context === null) return { factories: processor, reason: `The SIMD engine: ${workers}. ${gpu.why}` };
  const { vendor, architecture } = gpu.context.description;
  const asked = choice === 'gpu' ? 'was asked for' : 'is the fastest here';
  return {
    factories: [gpuFactory(gpu.context), ...processor],
    reason: `The GPU engine ${asked}: ${vendor} ${architecture}.`,
  };
}
