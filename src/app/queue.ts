import { isAbort } from '../core/errors.ts';
import type { JobOptions } from '../core/options.ts';
import type { JobResult, OutputTarget } from '../workers/protocol.ts';
import type { UpscalerPort } from './engine-port.ts';
import type { Picture, ResultPlace } from './picture.ts';
import { problemOf, type PictureList } from './picture-list.ts';
import { Store } from './store.ts';

/** One job, fixed at the moment of Start. */
export interface PlannedJob {
  readonly pictureId: number;
  readonly options: JobOptions;
  readonly output: OutputTarget;
}

/** How a run of jobs stands, or how the last one ended. */
export interface QueueState {
  readonly running: boolean;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly cancelled: boolean;
  /** Milliseconds from Start to the end; 0 while running. */
  readonly elapsedMs: number;
}

const IDLE: QueueState = { running: false, total: 0, done: 0, failed: 0, cancelled: false, elapsedMs: 0 };

function placeOf(output: OutputTarget, result: JobResult): ResultPlace {
  const name = result.receipt.output.name;
  if (output.kind === 'folder') return { kind: 'folder', handle: output.handle, name };
  if (output.kind === 'file') return { kind: 'file', handle: output.handle };
  return { kind: 'blob', blob: result.file ?? new Blob(), name };
}

/** Runs planned jobs one after another. A failure ends its own job only; Cancel ends them all. */
export class Queue extends Store<QueueState> {
  readonly #list: PictureList;
  readonly #engine: () => Promise<UpscalerPort>;
  #abort: AbortController | null = null;

  constructor(list: PictureList, engine: () => Promise<UpscalerPort>) {
    super(IDLE);
    this.#list = list;
    this.#engine = engine;
  }

  /** Settles when all jobs have ended, one way or another; never rejects. */
  async run(jobs: readonly PlannedJob[]): Promise<void> {
    if (this.value.running || jobs.length === 0) return;
    const abort = new AbortController();
    this.#abort = abort;
    const began = performance.now();
    this.set({ ...IDLE, running: true, total: jobs.length });
    for (const job of jobs) this.#list.setState(job.pictureId, { kind: 'queued' });
    for (const job of jobs) await this.#runOne(job, abort.signal);
    this.#abort = null;
    const elapsedMs = performance.now() - began;
    this.set({ ...this.value, running: false, cancelled: abort.signal.aborted, elapsedMs });
  }

  /** Ends the running job and drops those that wait. */
  cancel(): void {
    this.#abort?.abort();
  }

  async #runOne(job: PlannedJob, signal: AbortSignal): Promise<void> {
    const id = job.pictureId;
    const picture = this.#list.find(id);
    if (picture === null) return;
    this.#list.setState(id, { kind: 'running', progress: null, warnings: [] });
    try {
      const result = await this.#execute(picture, job, signal);
      this.#list.setState(id, { kind: 'done', result, place: placeOf(job.output, result) });
      this.set({ ...this.value, done: this.value.done + 1 });
    } catch (error) {
      if (isAbort(error)) {
        this.#list.setState(id, { kind: 'cancelled' });
        return;
      }
      this.#list.setState(id, { kind: 'failed', problem: problemOf(error) });
      this.set({ ...this.value, failed: this.value.failed + 1 });
    }
  }

  async #execute(picture: Picture, job: PlannedJob, signal: AbortSignal): Promise<JobResult> {
    const engine = await this.#engine();
    signal.throwIfAborted();
    const request = {
      source: picture.file,
      sourceName: picture.name,
      options: job.options,
      output: job.output,
    };
    return engine.run(request, {
      signal,
      onEvent: (event) => {
        const state = this.#list.find(picture.id)?.state;
        if (state?.kind !== 'running') return;
        if (event.kind === 'progress') this.#list.setState(picture.id, { ...state, progress: event });
        if (event.kind === 'warning') {
          this.#list.setState(picture.id, { ...state, warnings: [...state.warnings, event.message] });
        }
      },
    });
  }
}
