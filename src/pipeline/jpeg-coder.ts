import { createReferenceJpegCoder } from '../core/reference/jpeg.ts';
import { createJpegCoder } from '../wasm/jpeg.ts';
import { Kernels } from '../wasm/kernels.ts';
import type { MakeJpegCoder } from './encodings.ts';
import type { JobServices } from './services.ts';

/** Makes JPEG coders for what the job's own thread codes: with the SIMD kernels where there are any. */
export const jpegCoderMaker =
  (services: Pick<JobServices, 'kernels'>): MakeJpegCoder =>
  async (shape, encoding) => {
    const module = (await services.kernels()?.catch(() => null)) ?? null;
    if (module === null) return createReferenceJpegCoder(shape, encoding);
    return createJpegCoder(await Kernels.instantiate(module), shape, encoding);
  };
