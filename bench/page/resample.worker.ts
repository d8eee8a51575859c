/** One core of our resampler: takes bands by turns. The finished pixels stay in its memory, where the product's coders read them. */
import { expose } from 'comlink';
import type { Size } from '../../src/core/geometry.ts';
import { cutBands } from '../../src/core/plan/bands.ts';
import type { KernelName } from '../../src/core/resampling.ts';
import type { SourceWindow } from '../../src/core/source.ts';
import { WasmResampler } from '../../src/wasm/resample.ts';
import { loadKernels, plainSpec } from './kernels.ts';

const BAND_ROWS = 192;
const loaded = loadKernels();
let base: number | null = null;

const api = {
  /** Returns the bytes of finished pixels that it now holds. */
  async run(window: SourceWindow, to: Size, kernel: KernelName, turn: Int32Array): Promise<number> {
    const kernels = await loaded;
    base ??= kernels.arena.mark();
    kernels.arena.release(base);
    const resampler = new WasmResampler(kernels, plainSpec(window, to, kernel, 4), window);
    const bands = cutBands(to.height, BAND_ROWS);
    let bytes = 0;
    for (let next = Atomics.add(turn, 0, 1); next < bands.length; next = Atomics.add(turn, 0, 1)) {
      const { y, rows } = bands[next];
      bytes += resampler.run(window, { x: 0, y, width: to.width, height: rows }).length;
    }
    return bytes;
  },
};

export type ResampleWorkerApi = typeof api;
expose(api);
