/** The SIMD kernels in Node. */
import { readFileSync } from 'node:fs';
import { Kernels } from '../../src/wasm/kernels.ts';

export const kernelsModule = new WebAssembly.Module(
  readFileSync(new URL('../../src/wasm/generated/kernels.wasm', import.meta.url)),
);

/** An instance with memory of its own. */
export const openKernels = (): Promise<Kernels> => Kernels.instantiate(kernelsModule);
