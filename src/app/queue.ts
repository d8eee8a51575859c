import { AppError, isAbort } from '../core/errors.ts';
import type { Receipt } from '../core/job.ts';
import type { JobOptions } from '../core/options.ts';
import type { JobResult, OutputTarget } from '../workers/protocol.ts';
import type { UpscalerPort } from './engine-port.ts';
import { heldResult, type Done, type Picture, type PictureState, type ResultPlace } from './picture.ts';
import { problemOf } from './error-text.ts';
import type { PictureList } from './picture-list.ts';
import { Store } from './store.ts';

/** One job, fixed at the moment when its turn comes. */
export interface PlannedJob {
  readonly kind: 'job';
  readonly options: JobOptions;
  readonly output: OutputTarget;
  /** The folders that lead to the file below the output folder. */
  readonly folders: readonly string[];
  /** The name that its finished bands are kept under until it ends; null when they are not. */
  readonly stage: string | null;
  /** Where the file will be found. */
  place(result: JobResult): ResultPlace;
}

/** The job of a picture, or that a file of this name is there already and is to stay. Rejects with an AppError. */
export type JobPlanner = (picture: Picture) => Promise<PlannedJob | { readonly kind: 'skip'; readonly name: string }>;

/** How a run of jobs stands, or how the last one ended. */
export interface QueueState {
  /** Also while it is paused. */
  readonly running: boolean;
  /** Held in the middle of a picture, or between two. */
  readonly paused: boolean;
  /** The run pauses when the present picture is done. */
  readonly pausing: boolean;
  /** The pictures of this run. */
  readonly ids: readonly number[];
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: boolean;
  /** Milliseconds from Start to the end, without pauses; 0 while running. */
  readonly elapsedMs: number;
}

export const IDLE_QUEUE: QueueState = {
  ...{ running: false, paused: false, pausing: false, cancelled: false },
  ...{ ids: [], total: 0, done: 0, failed: 0, skipped: 0, elapsedMs: 0 },
};

/** Told what happens to jobs, for whoever keeps records. */
export interface QueueListener {
  /** A job is about to make something; it waits for this. */
  onBegin?(picture: Picture, job: PlannedJob): Promise<void>;
  /** A job's output exists now, under this name. */
  onOpened?(picture: Picture, name: string): void;
  onDone?(picture: Picture, receipt: Receipt, place: ResultPlace): void;
  /** A job is done, and with it the result of the run before is the picture's no more. Comes after `onEnded`. */
  onReplaced?(picture: Picture, earlier: Done): void;
  /** However it ended; `error` is null when it is done. The next job waits for this. */
  onEnded?(picture: Picture, error: unknown): Promise<void>;
}

/** Works through the list: one picture at a time, in the list's present order. A failure ends its own job only, and costs no earlier result. */
export class Queue extends Store<QueueState> {
  readonly #list: PictureList;
  readonly #engine: () => Promise<UpscalerPort>;
  readonly #listener: QueueListener;
  #plan: JobPlanner | null = null;
  #abort: AbortController | null = null;
  /** Ends the job of one picture and nothing else. */
  #job: { readonly id: number; readonly abort: AbortController } | null = null;
  #running: Promise<void> = Promise.resolve();
  #resume: (() => void) | null = null;
  #began = 0;
  #pausedAt = 0;
  #pausedMs = 0;

  constructor(list: PictureList, engine: () => Promise<UpscalerPort>, listener: QueueListener = {}) {
    super(IDLE_QUEUE);
    this.#list = list;
    this.#engine = engine;
    this.#listener = listener;
  }

  /**
   * Runs pictures, or adds them to the run that is on. `plan` is asked for each job when its turn comes. Settles when the run has
   * ended, one way or another; never rejects.
   */
  run(ids: readonly number[], plan: JobPlanner): Promise<void> {
    if (ids.length === 0) return this.#running;
    this.#plan = plan;
    this.#list.updateAll(ids, ({ state }) => ({ state: { kind: 'queued', earlier: heldResult(state) } }));
    if (this.value.running) {
      const all = [...this.value.ids.filter((id) => !ids.includes(id)), ...ids];
      const again = this.value.ids.length + ids.length - all.length;
      this.set({ ...this.value, ids: all, total: this.value.total + ids.length - again });
      return this.#running;
    }
    this.#abort = new AbortController();
    this.#began = performance.now();
    this.#pausedMs = 0;
    this.set({ ...IDLE_QUEUE, running: true, ids: [...ids], total: ids.length });
    this.#running = this.#work(this.#abort.signal);
    return this.#running;
  }

  /** Milliseconds that the run has taken so far, without pauses. */
  elapsed(now = performance.now()): number {
    if (!this.value.running) return this.value.elapsedMs;
    return (this.value.paused ? this.#pausedAt : now) - this.#began - this.#pausedMs;
  }

  /** Holds the run at once, in the middle of a picture, or when the present picture is done. */
  pause(when: 'now' | 'after-picture' = 'now'): void {
    if (!this.value.running || this.value.paused) return;
    if (when === 'after-picture' && this.#job !== null) {
      this.set({ ...this.value, pausing: true });
      return;
    }
    this.#pausedAt = performance.now();
    this.set({ ...this.value, paused: true, pausing: false });
    this.#tellEngine((engine) => engine.setPaused(true));
  }

  resume(): void {
    if (!this.value.paused) {
      if (this.value.pausing) this.set({ ...this.value, pausing: false });
      return;
    }
    this.#pausedMs += performance.now() - this.#pausedAt;
    this.set({ ...this.value, paused: false });
    this.#tellEngine((engine) => engine.setPaused(false));
    this.#resume?.();
  }

  /** A person acts, or the page has answered them: between the two the job gives way. */
  setActing(acting: boolean): void {
    this.#tellEngine((engine) => engine.setActing(acting));
  }

  /** Ends the running job and drops those that wait. */
  cancel(): void {
    this.#abort?.abort();
    this.#resume?.();
  }

  /** Takes one picture out of the run, in the middle of its job if need be. */
  cancelOne(id: number): void {
    if (this.#job?.id === id) {
      this.#job.abort.abort();
    } else if (this.#list.find(id)?.state.kind === 'queued') {
      this.#fallBack(id, { kind: 'ready' });
      this.#leave(id);
    }
  }

  /** The job of a picture comes to nothing: what was there before it is there again, else `state`. */
  #fallBack(id: number, state: PictureState): void {
    this.#list.updateAll([id], (picture) => ({ state: heldResult(picture.state) ?? state }));
  }

  /** A picture is none of this run's any more. */
  #leave(id: number): void {
    this.set({ ...this.value, ids: this.value.ids.filter((other) => other !== id), total: this.value.total - 1 });
  }

  #tellEngine(what: (engine: UpscalerPort) => void): void {
    this.#engine().then(
      what,
      // An engine that does not start has no job to hold.
      () => undefined,
    );
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.value.pausing) this.pause();
      while (this.value.paused && !signal.aborted) await new Promise<void>((resolve) => (this.#resume = resolve));
      this.#resume = null;
      const next = signal.aborted ? undefined : this.#list.pictures.find(({ state }) => state.kind === 'queued');
      if (next === undefined) break;
      await this.#runOne(next, signal);
    }
    if (this.value.paused) this.#tellEngine((engine) => engine.setPaused(false));
    const left = this.#list.pictures.filter(({ state }) => state.kind === 'queued').map(({ id }) => id);
    this.#list.updateAll(left, ({ state }) => ({ state: heldResult(state) ?? { kind: 'cancelled' } }));
    this.#abort = null;
    const elapsedMs = this.elapsed();
    const ended = { running: false, paused: false, pausing: false };
    this.set({ ...this.value, ...ended, cancelled: signal.aborted, elapsedMs });
  }

  async #runOne(picture: Picture, signal: AbortSignal): Promise<void> {
    const { id } = picture;
    const earlier = heldResult(picture.state);
    const abort = new AbortController();
    this.#job = { id, abort };
    this.#list.setState(id, {
      kind: 'running',
      settings: picture.settings,
      progress: null,
      warnings: [],
      keptBands: null,
      earlier,
    });
    let failure: unknown = null;
    let isReplaced = false;
    try {
      const job = await this.#plan!(picture);
      if (job.kind === 'skip') {
        this.#fallBack(id, { kind: 'skipped', name: job.name });
        this.set({ ...this.value, skipped: this.value.skipped + 1 });
        return;
      }
      const result = await this.#execute(picture, job, AbortSignal.any([signal, abort.signal]));
      const place = job.place(result);
      this.#list.setState(id, { kind: 'done', receipt: result.receipt, place });
      this.set({ ...this.value, done: this.value.done + 1 });
      isReplaced = true;
      this.#listener.onDone?.(picture, result.receipt, place);
    } catch (error) {
      failure = error;
      if (isAbort(error)) {
        this.#fallBack(id, { kind: 'cancelled' });
        if (!signal.aborted) this.#leave(id);
        return;
      }
      const problem = problemOf(error);
      const damaged = error instanceof AppError && error.code === 'bad-input';
      const state: PictureState = { kind: 'failed', problem, ...(damaged && { damaged }) };
      this.#list.setState(id, earlier === undefined ? state : { ...earlier, again: problem });
      this.set({ ...this.value, failed: this.value.failed + 1 });
    } finally {
      this.#job = null;
      await this.#listener.onEnded?.(picture, failure);
      if (isReplaced && earlier !== undefined) this.#listener.onReplaced?.(picture, earlier);
    }
  }

  async #execute(picture: Picture, job: PlannedJob, signal: AbortSignal): Promise<JobResult> {
    const engine = await this.#engine();
    signal.throwIfAborted();
    const { options, output, stage } = job;
    await this.#listener.onBegin?.(picture, job);
    signal.throwIfAborted();
    const request = { source: picture.file, sourceName: picture.name, options, output, stage };
    return engine.run(request, {
      signal,
      onEvent: (event) => {
        const state = this.#list.find(picture.id)?.state;
        if (state?.kind !== 'running') return;
        if (event.kind === 'opened') this.#listener.onOpened?.(picture, event.name);
        if (event.kind === 'started') this.#list.setState(picture.id, { ...state, keptBands: event.keptBands });
        if (event.kind === 'progress') this.#list.setState(picture.id, { ...state, progress: event });
        if (event.kind === 'warning') {
          this.#list.setState(picture.id, { ...state, warnings: [...state.warnings, event.message] });
        }
      },
    });
  }
}
