import { proxy } from 'comlink';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import '../core/script-policy.ts';
import type { Environment } from '../pipeline/environment.ts';
import { discardTarget } from '../pipeline/sinks/discard.ts';
import { PreviewSessions, type PreviewSession } from './preview-client.ts';
import type { PreviewEvent, PreviewRequest } from './preview-protocol.ts';
import type { JobRequest, JobResult, JobWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

/** How long a cancelled job may take to clean up before its worker is ended all the same. */
const CANCEL_GRACE_MS = 10_000;

/** After the last job the worker, and what it keeps for the next one, waits this long before its memory goes back. */
const REST_MS = 60_000;

export interface RunControl {
  /** Aborting it cancels the job: `run` then rejects with an AbortError, when everything is cleaned up. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

type JobWorker = RemoteWorker<JobWorkerApi>;

/**
 * The engine, seen from a page: starts the workers, passes jobs and cancellations on, and turns a worker's death into a rejection.
 * Jobs run one after another in one worker, which keeps what is costly to start from job to job; it is replaced when it is no longer
 * good for that, and ends when there is nothing to do for a while.
 */
export class Upscaler {
  #worker: JobWorker | null = null;
  /** Headers being read: a worker that is replaced ends when they are done. */
  readonly #reading = new Set<Promise<SourceInfo>>();
  #turn: Promise<unknown> = Promise.resolve();
  #jobs = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  readonly #previews = new PreviewSessions();
  #closed = false;
  #paused = false;

  /** Reads a picture's header. Rejects with an AppError that names the file. */
  async inspect(source: Blob, name: string): Promise<SourceInfo> {
    clearTimeout(this.#rest);
    const worker = this.#live();
    const inspected = worker.call((api) => api.inspect(source, name));
    this.#reading.add(inspected);
    try {
      return await inspected;
    } catch (error) {
      // A cancelled job that did not stop has taken the worker with it.
      if (!worker.ended || this.#closed) throw error;
      return await this.#live().call((api) => api.inspect(source, name));
    } finally {
      this.#reading.delete(inspected);
    }
  }

  /** What this browser and device can do, as jobs find it. */
  environment(): Promise<Environment> {
    return this.#live().call((api) => api.environment());
  }

  /** Runs a job when its turn comes. Rejects with an AppError, or an AbortError after a cancel. */
  run(request: JobRequest, control: RunControl = {}): Promise<JobResult> {
    this.#jobs++;
    const result = this.#turn.then(async () => {
      try {
        control.signal?.throwIfAborted();
        this.#previews.giveWay(true);
        return await this.#run(request, control);
      } catch (error) {
        // The worker does this itself, unless it never got the job or did not live to do it.
        await discardTarget(request.output);
        throw error;
      } finally {
        this.#previews.giveWay(false);
      }
    });
    this.#turn = result.then(
      () => this.#settle(),
      () => this.#settle(),
    );
    return result;
  }

  /**
   * Opens a picture for looking at it, in a worker of its own beside whatever job runs: what any options would make of it, region by region.
   * Rejects with an AppError that names the file. Close the session when nobody looks any more.
   */
  openPreview(
    request: PreviewRequest,
    control: { readonly signal?: AbortSignal; readonly onEvent?: (event: PreviewEvent) => void } = {},
  ): Promise<PreviewSession> {
    if (this.#closed) return Promise.reject(new DOMException('the engine was closed', 'AbortError'));
    return this.#previews.open(request, control.onEvent ?? (() => undefined), control.signal);
  }

  /** Holds the running job, or the next one, between two bands; a paused job can still be cancelled. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#worker?.call((api) => api.setPaused(paused)).catch(() => undefined);
  }

  /** Lets the running job give way while a person acts, until it is called with false, or for a short while at most. */
  setActing(acting: boolean): void {
    this.#worker?.call((api) => api.setActing(acting)).catch(() => undefined);
  }

  /** Ends the workers; running jobs reject with an AbortError. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#rest);
    this.#worker?.terminate();
    this.#worker = null;
    this.#previews.close();
  }

  #live(): JobWorker {
    if (this.#closed) throw new DOMException('the engine was closed', 'AbortError');
    if (this.#worker?.ended) this.#worker = null;
    this.#worker ??= new RemoteWorker<JobWorkerApi>(
      new Worker(new URL('./job.worker.ts', import.meta.url), { type: 'module' }),
      'The job worker',
    );
    return this.#worker;
  }

  async #run(request: JobRequest, { signal, onEvent }: RunControl): Promise<JobResult> {
    clearTimeout(this.#rest);
    const worker = this.#live();
    let grace: ReturnType<typeof setTimeout> | undefined;
    // A slow disk may take its time to put the file in place: ended then, nobody would know what there is.
    let isCommitting = false;
    const onAbort = (): void => {
      worker.call((api) => api.cancel()).catch(() => undefined);
      if (!isCommitting) grace = setTimeout(() => worker.terminate(signal?.reason), CANCEL_GRACE_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (this.#paused) await worker.call((api) => api.setPaused(true));
      const listener = proxy((event: JobEvent) => {
        if (event.kind === 'committing') {
          isCommitting = true;
          clearTimeout(grace);
        }
        onEvent?.(event);
      });
      return await worker.call((api) => api.run(request, listener));
    } finally {
      clearTimeout(grace);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** After a job and before the next one. */
  async #settle(): Promise<void> {
    this.#jobs--;
    const worker = this.#worker;
    if (worker === null || this.#closed) return;
    if (!(await worker.call((api) => api.reusable()).catch(() => false))) {
      this.#worker = null;
      void Promise.allSettled(this.#reading).then(() => worker.retire());
    } else if (this.#jobs === 0) {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#release(), REST_MS);
    }
  }

  #release(): void {
    if (this.#reading.size > 0) return;
    this.#worker?.terminate();
    this.#worker = null;
  }
}
