import { proxy } from 'comlink';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import '../core/script-policy.ts';
import { discardTarget } from '../pipeline/sinks/discard.ts';
import type { JobRequest, JobResult, JobWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

/** How long a cancelled job may take to clean up before its worker is ended all the same. */
const CANCEL_GRACE_MS = 10_000;

export interface RunControl {
  /** Aborting it cancels the job: `run` then rejects with an AbortError, when everything is cleaned up. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

/**
 * The engine, seen from a page: starts the workers, passes jobs and cancellations on, and turns a worker's death into a rejection.
 * Jobs run one after another; each gets a fresh worker, so that its memory goes back when it ends.
 */
export class Upscaler {
  /** Waits for the next job, and reads headers meanwhile; a job takes it away, so that its end disturbs no reading. */
  #waiting: RemoteWorker<JobWorkerApi> | null = null;
  #running: RemoteWorker<JobWorkerApi> | null = null;
  /** Headers being read by the worker that waits. */
  #reading = new Set<Promise<SourceInfo>>();
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  #paused = false;

  /** Reads a picture's header. Rejects with an AppError that names the file. */
  async inspect(source: Blob, name: string): Promise<SourceInfo> {
    const reading = this.#reading;
    const inspected = this.#warm().call((api) => api.inspect(source, name));
    reading.add(inspected);
    const done = (): boolean => reading.delete(inspected);
    inspected.then(done, done);
    return inspected;
  }

  /** Runs a job when its turn comes. Rejects with an AppError, or an AbortError after a cancel. */
  run(request: JobRequest, control: RunControl = {}): Promise<JobResult> {
    const result = this.#turn.then(async () => {
      try {
        control.signal?.throwIfAborted();
        return await this.#run(request, control);
      } catch (error) {
        // The worker does this itself, unless it never got the job or did not live to do it.
        await discardTarget(request.output);
        throw error;
      }
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Holds the running job, or the next one, between two bands; a paused job can still be cancelled. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#running?.call((api) => api.setPaused(paused)).catch(() => undefined);
  }

  /** Ends the workers; running jobs reject with an AbortError. */
  close(): void {
    this.#closed = true;
    this.#waiting?.terminate();
    this.#waiting = null;
    this.#running?.terminate();
  }

  #warm(): RemoteWorker<JobWorkerApi> {
    if (this.#closed) throw new DOMException('the engine was closed', 'AbortError');
    if (this.#waiting?.ended) this.#waiting = null;
    this.#waiting ??= new RemoteWorker<JobWorkerApi>(
      new Worker(new URL('./job.worker.ts', import.meta.url), { type: 'module' }),
      'The job worker',
    );
    return this.#waiting;
  }

  async #run(request: JobRequest, { signal, onEvent }: RunControl): Promise<JobResult> {
    const worker = this.#warm();
    const reading = this.#reading;
    this.#waiting = null;
    this.#reading = new Set();
    this.#running = worker;
    let grace: ReturnType<typeof setTimeout> | undefined;
    const onAbort = (): void => {
      worker.call((api) => api.cancel()).catch(() => undefined);
      grace = setTimeout(() => worker.terminate(signal?.reason), CANCEL_GRACE_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (this.#paused) await worker.call((api) => api.setPaused(true));
      const listener = proxy((event: JobEvent) => onEvent?.(event));
      return await worker.call((api) => api.run(request, listener));
    } finally {
      clearTimeout(grace);
      signal?.removeEventListener('abort', onAbort);
      await Promise.allSettled(reading);
      worker.terminate();
      this.#running = null;
    }
  }
}
