import { transfer } from 'comlink';
import '../core/script-policy.ts';
import type { BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { SegmentMemory } from '../core/segment-buffer.ts';
import { takeRows, type SourceRows } from '../core/source.ts';
import { sourceRowsFor } from '../core/taps.ts';
import type { PixelEncoders } from '../gpu/engine.ts';
import { MOST_KEPT_WINDOW } from '../pipeline/window-memory.ts';
import { CORES_FOR_THE_PAGE, type Courtesy } from './courtesy.ts';
import type { BandWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

type BandWorker = RemoteWorker<BandWorkerApi>;

function startWorker(index: number): BandWorker {
  const worker = new Worker(new URL('./band.worker.ts', import.meta.url), { type: 'module' });
  return new RemoteWorker<BandWorkerApi>(worker, `Band worker ${index + 1}`);
}

/** How long a band may go on after a cancel before its worker is ended: most are done in a tenth of that, and a worker is worth keeping. */
const ABORT_GRACE_MS = 250;

const closedError = (): AppError => new AppError('engine-failed', 'The SIMD engine was closed.');

/** Whether a call failed because its worker is no more, and not because it was ended on purpose. */
const hasDied = (worker: BandWorker, error: unknown): boolean =>
  worker.ended && error instanceof AppError && error.code === 'worker-died';

interface Waiter {
  readonly take: (worker: BandWorker) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The `simd` engine: a pool of workers, one a core, each with the WebAssembly kernels and memory of its own. For the GPU engine it
 * codes what the GPU does not code itself.
 *
 * It outlives jobs: `claim` takes it for one, and `close` makes it free for the next, or ends it when it may not be trusted or holds
 * too much. A worker that dies is replaced at once, and the band that it had is computed again; only one whose second worker dies too rejects.
 */
export class BandPool implements Engine, PixelEncoders {
  readonly name = 'simd';
  readonly parallelism: number;
  readonly #module: Promise<WebAssembly.Module>;
  readonly #courtesy: Pick<Courtesy, 'over'> | null;
  #workers: BandWorker[];
  #idle: BandWorker[] = [];
  #queue: Waiter[] = [];
  /** Gets a worker ready for the job; null without one. */
  #prepare: ((worker: BandWorker, module: WebAssembly.Module) => Promise<void>) | null = null;
  /** The job, when its source has to be sent in pieces. */
  #unshared: EngineJob | null = null;
  #state: 'free' | 'claimed' | 'ended' = 'free';
  readonly #memory: SegmentMemory;
  /** Whether the workers are as good as new after this job. */
  #keepable = true;

  /** Its workers are gone. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Starts the workers at once; the compiled kernels may still be on their way. Some of them begin no band in a break of `courtesy`. */
  constructor(module: Promise<WebAssembly.Module>, workers: number, courtesy: Pick<Courtesy, 'over'> | null = null) {
    this.#module = module;
    this.#courtesy = courtesy;
    this.parallelism = workers;
    this.#memory = new SegmentMemory(2 * workers);
    this.#workers = Array.from({ length: workers }, (_, index) => startWorker(index));
  }

  /** Takes the pool for a job; false when another one has it. */
  claim(): boolean {
    if (this.#state !== 'free') return false;
    this.#state = 'claimed';
    this.#keepable = true;
    return true;
  }

  open(job: EngineJob): Promise<void> {
    const { hooks, source } = job;
    // Hooks are other people's code: nobody knows what they leave behind. And a giant's memory goes back only with the workers.
    const isGiant = source.data.byteLength > MOST_KEPT_WINDOW;
    if (hooks.before !== null || hooks.after !== null || isGiant) this.#keepable = false;
    // Memory that is not shared would be cloned here, half filled: its rows are sent with each band instead.
    const shared = typeof SharedArrayBuffer === 'function' && job.source.data.buffer instanceof SharedArrayBuffer;
    this.#unshared = shared ? null : job;
    const sent = shared ? job : { ...job, source: { ...job.source, data: new Uint8Array() } };
    return this.#openAll((worker, module) => worker.call((api) => api.open(module, sent)));
  }

  openCoder(picture: PictureShape, encoding: BandEncoding): Promise<void> {
    this.#unshared = null;
    return this.#openAll((worker, module) => worker.call((api) => api.openCoder(module, picture, encoding)));
  }

  async #openAll(prepare: (worker: BandWorker, module: WebAssembly.Module) => Promise<void>): Promise<void> {
    this.#prepare = prepare;
    // Those that an earlier job has ended on purpose.
    this.#workers = this.#workers.map((worker, i) => (worker.ended ? startWorker(i) : worker));
    this.#idle = await Promise.all(
      this.#workers.map((worker) =>
        this.#openWorker(worker).then(
          () => worker,
          (error: unknown) => this.#replace(worker, error),
        ),
      ),
    );
  }

  segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    return this.#run(signal, (worker) => {
      const rows = this.#rowsFor(place.y, place.rows);
      const memory = this.#takeMemory();
      return worker.call((api) => api.segment(place, rows, memory));
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
    return this.#run(signal, (worker) => {
      const memory = this.#takeMemory();
      return worker.call((api) => api.encode(rows, place, memory));
    });
  }

  recycle({ bytes }: Segment): void {
    this.#memory.giveBack(bytes);
  }

  close(): Promise<void> {
    if (this.#state === 'ended') return Promise.resolve();
    this.#state = this.#keepable ? 'free' : 'ended';
    // Not an abort: bands that were under way are to be computed by the next engine, if there is one.
    const closed = closedError();
    const idle = new Set(this.#idle);
    for (const worker of this.#workers) {
      if (!this.#keepable || !idle.has(worker)) worker.terminate(closed);
      // Nobody waits for it: calls of the next job come after it.
      else worker.call((api) => api.close()).catch(() => undefined);
    }
    for (const { reject } of this.#queue) reject(closed);
    this.#queue = [];
    this.#idle = [];
    this.#prepare = null;
    this.#unshared = null;
    this.#memory.clear();
    return Promise.resolve();
  }

  #takeMemory(): ArrayBuffer | null {
    const memory = this.#memory.take();
    return memory === null ? null : transfer(memory, [memory]);
  }

  #rowsFor(y: number, rows: number): SourceRows | null {
    const job = this.#unshared;
    if (job === null) return null;
    const { first, count } = sourceRowsFor(job.spec, y, rows);
    const taken = takeRows(job.source, first, count);
    return transfer(taken, [taken.data.buffer]);
  }

  async #openWorker(worker: BandWorker): Promise<void> {
    const module = await this.#module;
    if (this.#prepare === null) throw closedError();
    await this.#prepare(worker, module);
  }

  /** A new worker in the place of one that has died, ready for the job. Rejects with `error` where that is not what has happened. */
  async #replace(dead: BandWorker, error: unknown): Promise<BandWorker> {
    const index = this.#workers.indexOf(dead);
    if (!hasDied(dead, error) || this.#state !== 'claimed' || index < 0) throw error;
    const worker = startWorker(index);
    this.#workers[index] = worker;
    await this.#openWorker(worker);
    return worker;
  }

  async #run<T>(signal: AbortSignal, task: (worker: BandWorker) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let worker = await new Promise<BandWorker>((take, reject) => {
      this.#queue.push({ take, reject });
      this.#serve();
    });
    let grace: ReturnType<typeof setTimeout> | undefined;
    const onAbort = (): void => {
      grace = setTimeout(() => worker.terminate(signal.reason), ABORT_GRACE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      try {
        return await task(worker);
      } catch (error) {
        signal.throwIfAborted();
        worker = await this.#replace(worker, error);
        return await task(worker);
      }
    } catch (error) {
      // A dead worker is replaced; one that has failed and lives may fail again.
      if (!signal.aborted && !worker.ended) this.#keepable = false;
      throw error;
    } finally {
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      this.#release(worker);
    }
  }

  /** A worker that died is handed on all the same: the next band replaces it. */
  #release(worker: BandWorker): void {
    if (this.#state !== 'claimed') return;
    this.#idle.push(worker);
    this.#serve();
  }

  #serve(): void {
    const over = this.#courtesy?.over ?? null;
    const left = over === null ? 0 : CORES_FOR_THE_PAGE;
    while (this.#queue.length > 0 && this.#idle.length > left) this.#queue.shift()!.take(this.#idle.pop()!);
    if (this.#queue.length > 0) void over?.then(() => this.#serve());
  }
}
