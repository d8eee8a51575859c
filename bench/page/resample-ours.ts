import { wrap } from 'comlink';
import type { Size } from '../../src/core/geometry.ts';
import type { KernelName } from '../../src/core/resampling.ts';
import { decodeToWindow } from './kernels.ts';
import type { RunResult } from './main.ts';
import type { ResampleWorkerApi } from './resample.worker.ts';

/** RGBA to RGBA in memory with one worker a core, the second of two runs; the time includes building the tap tables and writing the
 * whole output, which is all in memory at the end. */
export async function resampleOurs(file: Blob, to: Size, kernel: KernelName, cores: number): Promise<RunResult> {
  const window = await decodeToWindow(file, 4);
  const workers = Array.from({ length: cores }, () => {
    const worker = new Worker(new URL('./resample.worker.ts', import.meta.url), { type: 'module' });
    return { worker, api: wrap<ResampleWorkerApi>(worker) };
  });
  const run = async (): Promise<number[]> => {
    const turn = new Int32Array(new SharedArrayBuffer(4));
    return Promise.all(workers.map(({ api }) => api.run(window, to, kernel, turn)));
  };
  await run();
  const started = performance.now();
  const parts = await run();
  const ms = performance.now() - started;
  const bytes = parts.reduce((sum, part) => sum + part, 0);
  if (bytes !== to.width * to.height * 4) throw new Error(`${bytes} bytes are not the whole picture`);
  for (const { worker } of workers) worker.terminate();
  return { ms, bytes: null };
}
