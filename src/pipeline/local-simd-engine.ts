import type { BandPlace, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { Kernels } from '../wasm/kernels.ts';
import { SimdBands } from './simd-bands.ts';

/**
 * The `simd` engine in the calling thread: what a band worker computes, without the worker. For small rectangles, which are done
 * before a message to another thread would be answered.
 */
export class LocalSimdEngine implements Engine {
  readonly name = 'simd';
  readonly parallelism = 1;
  readonly #module: Promise<WebAssembly.Module>;
  #kernels: Promise<Kernels> | null = null;
  #bands: SimdBands | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(module: Promise<WebAssembly.Module>) {
    this.#module = module;
  }

  async open(job: EngineJob): Promise<void> {
    this.#kernels ??= Kernels.instantiate(await this.#module);
    const kernels = await this.#kernels;
    this.#bands?.close();
    this.#bands = null;
    this.#bands = await SimdBands.open(kernels, job);
  }

  segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    return this.#next(signal, (bands) => bands.segment(place, null));
  }

  pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#next(signal, (bands) => bands.pixels(rect, null));
  }

  close(): Promise<void> {
    this.#bands = null;
    this.#kernels = null;
    return Promise.resolve();
  }

  /** The kernels' memory serves one call at a time. */
  #next<T>(signal: AbortSignal, task: (bands: SimdBands) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      signal.throwIfAborted();
      if (this.#bands === null) throw new AppError('internal', 'the engine was used before it was opened');
      return task(this.#bands);
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
