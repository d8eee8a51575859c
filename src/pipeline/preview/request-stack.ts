/** What a request is for: values under a pointer go before what is looked at, and that before what is only counted. */
export type Urgency = 'now' | 'seen' | 'later';

const ORDER: Readonly<Record<Urgency, number>> = { now: 0, seen: 1, later: 2 };

interface Waiting {
  readonly order: number;
  readonly run: () => Promise<void>;
}

/**
 * Runs tasks one at a time, the most urgent first, and of these the latest first: what was asked for last is what is looked at now.
 * A task whose signal is aborted while it waits never runs.
 */
export class RequestStack {
  readonly #rest: () => Promise<void>;
  #waiting: Waiting[] = [];
  #running = false;

  /** `rest` is awaited between two tasks: it lets messages in, and gives way to other work. */
  constructor(rest: () => Promise<void>) {
    this.#rest = rest;
  }

  /** Tasks that wait for their turn. */
  get size(): number {
    return this.#waiting.length;
  }

  run<T>(urgency: Urgency, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        order: ORDER[urgency],
        run: async () => {
          signal.removeEventListener('abort', onAbort);
          await task().then(resolve, reject);
        },
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    // Requests that come together are all there before the first is chosen.
    await this.#rest();
    for (let next = this.#take(); next !== null; next = this.#take()) {
      await next.run();
      await this.#rest();
    }
    this.#running = false;
  }

  #take(): Waiting | null {
    if (this.#waiting.length === 0) return null;
    const best = this.#waiting.reduce((one, other) => (other.order <= one.order ? other : one));
    this.#waiting = this.#waiting.filter((other) => other !== best);
    return best;
  }
}
