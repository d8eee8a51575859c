import kernelsUrl from '../wasm/generated/kernels.wasm?url';

let compiled: Promise<WebAssembly.Module> | null = null;

/** The SIMD kernels, compiled once in this worker; a failure is forgotten, so that the next job tries again. */
export function kernelsModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compileStreaming(fetch(kernelsUrl)).catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}
