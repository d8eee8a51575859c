/** One core of our resampler: takes bands by turns and copies the finished pixels into the shared output. */
import { expose } from 'comlink';
import type { Size } from '../../src/core/geometry.ts';
import { cutBands } from '../../src/core/plan/bands.ts';
import type { KernelName } from '../../src/core/resampling.ts';
import type { SourceWindow } from '../../src/core/source.ts';
import { WasmResampler } from '../../src/wasm/resample.ts';
import { loadKernels, plainSpec } from './kernels.ts';

const BAND_ROWS = 192;
const loaded = loadKernels();

const api = {
  async run(window: SourceWindow, to: Size, kernel: KernelName, output: Uint8Array, turn: Int32Array): Promise<void> {
    const spec = plainSpec(window, to, kernel, 4);
    const kernels = await loaded;
    const resampler = new WasmResampler(kernels, spec, window);
    const mark = kernels.arena.mark();
    const bands = cutBands(to.height, BAND_ROWS);
    for (let next = Atomics.add(turn, 0, 1); next < bands.length; next = Atomics.add(turn, 0, 1)) {
      const { y, rows } = bands[next]!;
      output.set(resampler.run(window, { x: 0, y, width: to.width, height: rows }), y * to.width * 4);
      kernels.arena.release(mark);
    }
  },
  /** Lets the worker load its kernels before the clock starts, as the peers' modules are. */
  async ready(): Promise<void> {
    await loaded;
  },
};

export type ResampleWorkerApi = typeof api;
expose(api);
