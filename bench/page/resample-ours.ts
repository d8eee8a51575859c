import { wrap } from 'comlink';
import type { Size } from '../../src/core/geometry.ts';
import type { KernelName } from '../../src/core/resampling.ts';
import { decodeToWindow } from './kernels.ts';
import type { RunResult } from './main.ts';
import type { ResampleWorkerApi } from './resample.worker.ts';

/** RGBA to RGBA in memory with one worker a core; the time includes building the tap tables and writing the whole output. */
export async function resampleOurs(file: Blob, to: Size, kernel: KernelName, cores: number): Promise<RunResult> {
  const window = await decodeToWindow(file, 4);
  const workers = Array.from({ length: cores }, () => {
    const worker = new Worker(new URL('./resample.worker.ts', import.meta.url), { type: 'module' });
    return { worker, api: wrap<ResampleWorkerApi>(worker) };
  });
  await Promise.all(workers.map(({ api }) => api.ready()));
  const started = performance.now();
  const output = new Uint8Array(new SharedArrayBuffer(to.width * to.height * 4));
  const turn = new Int32Array(new SharedArrayBuffer(4));
  await Promise.all(workers.map(({ api }) => api.run(window, to, kernel, output, turn)));
  const ms = performance.now() - started;
  for (const { worker } of workers) worker.terminate();
  return { ms, bytes: null };
}
