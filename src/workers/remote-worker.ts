import { releaseProxy, wrap, type Remote } from 'comlink';
import { AppError } from '../core/errors.ts';
import { installErrorTransfer } from './transfer.ts';
import { say, str, type Text } from '../core/text.ts';

installErrorTransfer();

const died = (message: Text, worker: string): AppError =>
  new AppError('worker-died', message, {
    remedy: say('Start it again; if it happens again, close other tabs, or choose a smaller size.'),
    values: { worker },
  });

const notLoaded = (worker: string): AppError =>
  new AppError('read-failed', say('A part of the app could not be loaded.'), {
    remedy: say('Connect once, so that the app can keep it.'),
    values: { worker },
  });

/**
 * How long a worker lives on that has done its work. Chromium 156 leaves a worker and one that this has ended for ever, with their threads, when both
 * are ended within some milliseconds (6 of 100 pairs; 1 when 250 ms lie between and the inner one is busy, none when it is idle, or left to the outer one's end).
 */
const RETIRE_MS = 250;

let leavesWorkers = false;

/** To be called in a worker that will soon be ended: workers of its own that it ends from now on are left to that, idle or not. */
export function leaveWorkers(): void {
  leavesWorkers = true;
}

/**
 * A worker with a comlink interface whose calls always settle: comlink alone leaves a call pending for ever when the worker
 * dies or is ended.
 */
export class RemoteWorker<T> {
  readonly #worker: Worker;
  readonly #api: Remote<T>;
  readonly #label: string;
  readonly #pending = new Set<(error: unknown) => void>();
  #answered = false;
  #end: { readonly error: unknown } | null = null;

  /** `label` names the worker in the values of errors: "the decoder", "band worker 2". */
  constructor(worker: Worker, label: string) {
    this.#worker = worker;
    this.#label = label;
    this.#api = wrap<T>(worker);
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      // A script that cannot be loaded is told by a bare event, without a place in it, before the worker ever answers.
      if (!this.#answered && !(event instanceof ErrorEvent)) {
        this.#finish(notLoaded(label));
        return;
      }
      const message = event.message
        ? say(str`A part of the app stopped working: ${event.message}.`)
        : say('A part of the app stopped working.');
      this.#finish(died(message, label));
    });
    worker.addEventListener('messageerror', () => {
      this.#finish(died(say('A part of the app sent something unreadable.'), label));
    });
  }

  /** It has died or was ended: calls reject. */
  get ended(): boolean {
    return this.#end !== null;
  }

  /** Calls the worker; rejects with `worker-died` if it dies meanwhile, or with the reason given to `terminate`. */
  call<R>(task: (api: Remote<T>) => Promise<R>): Promise<R> {
    const end = this.#end;
    if (end !== null) return Promise.reject(end.error);
    return new Promise<R>((resolve, reject) => {
      this.#pending.add(reject);
      const settle = (): boolean => this.#pending.delete(reject);
      task(this.#api).then(
        (value) => {
          this.#answered = true;
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error instanceof Error || error instanceof DOMException ? error : new Error(String(error)));
        },
      );
    });
  }

  /** Ends the worker at once, whatever it is doing; its calls reject with `reason`, by default an AbortError. */
  terminate(reason: unknown = new DOMException(`${this.#label} was ended`, 'AbortError')): void {
    this.#finish(reason);
  }

  /**
   * As `terminate`, for a worker that has done its work, and may just have ended workers of its own: the thread, idle from now on, ends a little later.
   */
  retire(): void {
    this.#finish(new DOMException(`${this.#label} was ended`, 'AbortError'), RETIRE_MS);
  }

  #finish(error: unknown, delayMs = 0): void {
    if (this.#end !== null) return;
    this.#end = { error };
    if (delayMs > 0) setTimeout(() => this.#worker.terminate(), delayMs);
    else if (!leavesWorkers) this.#worker.terminate();
    // Comlink's registry keeps the worker until this proxy is collected; the worker's listeners keep this object, and it the proxy.
    this.#api[releaseProxy]();
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }
}
