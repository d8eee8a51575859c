import { proxy } from 'comlink';
import '../core/script-policy.ts';
import type { EngineName } from '../core/engine.ts';
import type { Rect, Size } from '../core/geometry.ts';
import type { JobOptions } from '../core/options.ts';
import type { Raster } from '../core/pixels.ts';
import type {
  Histogram,
  PointValues,
  PreviewEvent,
  PreviewOpened,
  PreviewPlan,
  PreviewRequest,
  PreviewWorkerApi,
  Region,
  TileView,
} from './preview-protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

/** How long a closed preview may take to end its decoder and delete what it stored before its worker is ended all the same. */
const CLOSE_GRACE_MS = 3000;

/** Lets a preview end what it has begun, and ends its worker. */
async function close(worker: RemoteWorker<PreviewWorkerApi>): Promise<void> {
  const grace = setTimeout(() => worker.terminate(), CLOSE_GRACE_MS);
  await worker.call((api) => api.close()).catch(() => undefined);
  clearTimeout(grace);
  worker.retire();
}

/** What a promise gives, or an AbortError as soon as `signal` is aborted. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * A picture that is looked at. Its pixels are decoded once, by a worker of its own; regions of what any options would make of it are
 * computed when they are asked for, the latest first. Every call rejects with an AbortError when its signal is aborted, at once, and
 * when the session is closed.
 */
export class PreviewSession {
  readonly #worker: RemoteWorker<PreviewWorkerApi>;
  readonly #opened: PreviewOpened;
  #nextId = 1;

  private constructor(worker: RemoteWorker<PreviewWorkerApi>, opened: PreviewOpened) {
    this.#worker = worker;
    this.#opened = opened;
  }

  /** Rejects with an AppError when the file cannot be read, or with an AbortError. */
  static async open(
    request: PreviewRequest,
    onEvent: (event: PreviewEvent) => void,
    signal?: AbortSignal,
  ): Promise<PreviewSession> {
    signal?.throwIfAborted();
    const worker = new RemoteWorker<PreviewWorkerApi>(
      new Worker(new URL('./preview.worker.ts', import.meta.url), { type: 'module' }),
      'The preview',
    );
    try {
      const opened = await unlessAborted(
        worker.call((api) => api.open(request, proxy(onEvent))),
        signal,
      );
      return new PreviewSession(worker, opened);
    } catch (error) {
      void close(worker);
      throw error;
    }
  }

  get source(): PreviewOpened {
    return this.#opened;
  }

  /** The worker has died, or the session was closed. */
  get ended(): boolean {
    return this.#worker.ended;
  }

  /** What these options would make of the picture. */
  describe(options: JobOptions): Promise<PreviewPlan> {
    // Comlink makes of a union a union of promises.
    return this.#worker.call((api) => api.describe(options) as Promise<PreviewPlan>);
  }

  /** Pixels of a rectangle of the output: the very ones that the file will have. */
  async pixels(options: JobOptions, rect: Rect, signal?: AbortSignal): Promise<Raster> {
    const plan = await this.describe(options);
    const size = plan.kind === 'plan' ? plan.picture : rect;
    return this.level(options, { size: { width: size.width, height: size.height }, rect }, signal);
  }

  /** Pixels of a rectangle of the output as it looks at another size, mostly a smaller one. */
  level(options: JobOptions, region: Region, signal?: AbortSignal): Promise<Raster> {
    return this.#ask(signal, (id) => this.#worker.call((api) => api.pixels(id, options, region)));
  }

  /** A rectangle for the screen. The caller closes the bitmap. */
  tile(view: TileView, region: Region, signal?: AbortSignal): Promise<ImageBitmap> {
    return this.#ask(
      signal,
      (id) => this.#worker.call((api) => api.tile(id, view, region)),
      (bitmap) => bitmap.close(),
    );
  }

  histogram(options: JobOptions, size: Size, signal?: AbortSignal): Promise<Histogram> {
    return this.#ask(signal, (id) => this.#worker.call((api) => api.histogram(id, options, size)));
  }

  /** Samples at a pixel of the picture at a size, and the source's own under it. */
  values(options: JobOptions, size: Size, x: number, y: number, signal?: AbortSignal): Promise<PointValues> {
    return this.#ask(signal, (id) => this.#worker.call((api) => api.values(id, options, size, x, y)));
  }

  /** The engine that has computed pixels of this size; null when none were. */
  engine(options: JobOptions, size: Size): Promise<EngineName | null> {
    return this.#worker.call((api) => api.engine(options, size));
  }

  /** While a job runs, the preview works half of the time only. */
  giveWay(busy: boolean): void {
    this.#worker.call((api) => api.giveWay(busy)).catch(() => undefined);
  }

  /** Frees everything; pending calls reject with an AbortError. */
  close(): Promise<void> {
    return close(this.#worker);
  }

  /** A request that gives up at once when its signal is aborted; what comes all the same is handed to `discard`. */
  #ask<T>(
    signal: AbortSignal | undefined,
    start: (id: number) => Promise<T>,
    discard: (late: T) => void = () => undefined,
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const answer = start(id);
    if (signal === undefined) return answer;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        this.#worker.call((api) => api.cancel(id)).catch(() => undefined);
        answer.then(discard, () => undefined);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = (): void => signal.removeEventListener('abort', onAbort);
      answer.then(settle, settle);
      answer.then(
        (value) => (signal.aborted ? undefined : resolve(value)),
        (error: unknown) => reject(error),
      );
    });
  }
}

/** The previews that an engine has open. */
export class PreviewSessions {
  readonly #sessions = new Set<PreviewSession>();
  #busy = false;

  async open(
    request: PreviewRequest,
    onEvent: (event: PreviewEvent) => void,
    signal?: AbortSignal,
  ): Promise<PreviewSession> {
    const session = await PreviewSession.open(request, onEvent, signal);
    for (const other of this.#sessions) if (other.ended) this.#sessions.delete(other);
    this.#sessions.add(session);
    session.giveWay(this.#busy);
    return session;
  }

  /** Tells them whether a job runs. */
  giveWay(busy: boolean): void {
    this.#busy = busy;
    for (const session of this.#sessions) session.giveWay(busy);
  }

  close(): void {
    for (const session of this.#sessions) void session.close();
    this.#sessions.clear();
  }
}
