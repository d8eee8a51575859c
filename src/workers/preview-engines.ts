import type { EngineName } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import { GpuEngine, type PixelEncoders } from '../gpu/engine.ts';
import { openTrustedGpu } from '../gpu/probe.ts';
import type { EngineFactory } from '../pipeline/engine-chain.ts';
import { hasSimd } from '../pipeline/environment.ts';
import { LocalSimdEngine } from '../pipeline/local-simd-engine.ts';
import { ScalarEngine } from '../pipeline/scalar-engine.ts';
import { kernelsModule } from './kernels-module.ts';

/** A preview asks for pixels only. */
const NO_ENCODERS: PixelEncoders = {
  parallelism: 1,
  openCoder: () => Promise.resolve(),
  encode: () => Promise.reject(new AppError('internal', 'a preview codes nothing')),
  close: () => Promise.resolve(),
};

let gpu: ReturnType<typeof openTrustedGpu> | null = null;

/** One device for all levels; when it fails, the next engine asks for another. */
async function createGpu(): Promise<GpuEngine> {
  gpu ??= openTrustedGpu({ allowSoftware: true });
  try {
    const context = await gpu;
    if (context.failure !== null) throw context.failure;
    return new GpuEngine(context, { encoders: NO_ENCODERS });
  } catch (error) {
    gpu = null;
    throw error;
  }
}

const SCALAR: EngineFactory = { name: 'scalar', create: () => Promise.resolve(new ScalarEngine()) };
const SIMD: EngineFactory = { name: 'simd', create: () => Promise.resolve(new LocalSimdEngine(kernelsModule())) };
const GPU: EngineFactory = { name: 'gpu', create: createGpu };

/**
 * The engines of a preview: those of the file, in the preview's own thread, so that a job beside it keeps its cores. A job that takes the
 * GPU of its own accord differs by 1 of 255 at most; the GPU is used here where it was asked for.
 */
export function previewEngines(choice: EngineName | 'auto'): readonly EngineFactory[] {
  if (choice === 'scalar' || !hasSimd()) return [SCALAR];
  return choice === 'gpu' ? [GPU, SIMD, SCALAR] : [SIMD, SCALAR];
}
