import { transfer } from 'comlink';
import '../core/script-policy.ts';
import type { BandPlace, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { takeRows, type SourceRows } from '../core/source.ts';
import { sourceRowsFor } from '../core/taps.ts';
import type { PixelEncoders } from '../gpu/engine.ts';
import type { BandWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

type BandWorker = RemoteWorker<BandWorkerApi>;

function startWorker(index: number): BandWorker {
  const worker = new Worker(new URL('./band.worker.ts', import.meta.url), { type: 'module' });
  return new RemoteWorker<BandWorkerApi>(worker, `Band worker ${index + 1}`);
}

/**
 * The `simd` engine: a pool of workers, one a core, each with the WebAssembly kernels and memory of its own. For the GPU engine it
 * codes what the GPU does not code itself.
 */
export class BandPool implements Engine, PixelEncoders {
  readonly name = 'simd';
  readonly parallelism: number;
  readonly #module: Promise<WebAssembly.Module>;
  readonly #workers: readonly BandWorker[];
  #idle: BandWorker[] = [];
  #queue: ((worker: BandWorker) => void)[] = [];
  /** The job, when its source has to be sent in pieces. */
  #unshared: EngineJob | null = null;
  #closed = false;

  /** A worker has died while it waited. */
  get broken(): boolean {
    return this.#workers.some((worker) => worker.ended);
  }

  /** Starts the workers at once; the compiled kernels may still be on their way. */
  constructor(module: Promise<WebAssembly.Module>, workers: number) {
    this.#module = module;
    this.parallelism = workers;
    this.#workers = Array.from({ length: workers }, (_, index) => startWorker(index));
  }

  /** May be called again for another job; the workers stay. */
  async open(job: EngineJob): Promise<void> {
    const module = await this.#module;
    // Memory that is not shared would be cloned here, half filled: its rows are sent with each band instead.
    const shared = typeof SharedArrayBuffer === 'function' && job.source.data.buffer instanceof SharedArrayBuffer;
    this.#unshared = shared ? null : job;
    const opened = shared ? job : { ...job, source: { ...job.source, data: new Uint8Array() } };
    await Promise.all(this.#workers.map((worker) => worker.call((api) => api.open(module, opened))));
    this.#idle = [...this.#workers];
  }

  segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    return this.#run(signal, (worker) => {
      const rows = this.#rowsFor(place.y, place.rows);
      return worker.call((api) => api.segment(place, rows));
    });
  }

  pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#run(signal, (worker) => {
      const rows = this.#rowsFor(rect.y, rect.height);
      return worker.call((api) => api.pixels(rect, rows));
    });
  }

  /** Codes finished rows of the GPU engine, which lie in shared memory. */
  encode(rows: Uint8Array, place: BandPlace, signal: AbortSignal): Promise<Segment> {
    return this.#run(signal, (worker) => worker.call((api) => api.encode(rows, place)));
  }

  close(): Promise<void> {
    this.#closed = true;
    // Not an abort: bands that were under way are to be computed by the next engine, if there is one.
    const closed = new AppError('engine-failed', 'The SIMD engine was closed.');
    for (const worker of this.#workers) worker.terminate(closed);
    const waiting = this.#queue;
    this.#queue = [];
    for (const take of waiting) take(this.#workers[0]!);
    return Promise.resolve();
  }

  #rowsFor(y: number, rows: number): SourceRows | null {
    const job = this.#unshared;
    if (job === null) return null;
    const { first, count } = sourceRowsFor(job.spec, y, rows);
    const taken = takeRows(job.source, first, count);
    return transfer(taken, [taken.data.buffer]);
  }

  async #run<T>(signal: AbortSignal, task: (worker: BandWorker) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const worker = this.#idle.pop() ?? (await new Promise<BandWorker>((resolve) => this.#queue.push(resolve)));
    const onAbort = (): void => worker.terminate(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      return await task(worker);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#release(worker);
    }
  }

  /** A worker that died is handed on all the same: the next call on it rejects, and the job changes the engine. */
  #release(worker: BandWorker): void {
    const next = this.#closed ? undefined : this.#queue.shift();
    if (next) next(worker);
    else this.#idle.push(worker);
  }
}
