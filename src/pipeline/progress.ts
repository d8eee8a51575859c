import type { EngineName } from '../core/engine.ts';
import type { JobEvent } from '../core/job.ts';

const EVENT_INTERVAL_MS = 100;

/** Turns landed rows into progress events, at most ten a second, with the time that is left. */
export class ProgressMeter {
  readonly #onEvent: (event: JobEvent) => void;
  readonly #rows: number;
  readonly #width: number;
  #started = performance.now();
  #firstBandAt = 0;
  #firstRows = 0;
  #done = 0;
  #bytes = 0;
  #lastSent = -Infinity;
  #waitedMs = 0;

  /** For a picture of `rows` rows of `width` pixels. The clock starts now. */
  constructor(width: number, rows: number, onEvent: (event: JobEvent) => void) {
    this.#width = width;
    this.#rows = rows;
    this.#onEvent = onEvent;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The share of the picture that has landed with `more` rows. */
  shareWith(more: number): number {
    return (this.#done + more) / this.#rows;
  }

  get elapsedMs(): number {
    return performance.now() - this.#started;
  }

  /** Milliseconds of pauses so far. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Leaves a pause out of the time that the job took. */
  waited(milliseconds: number): void {
    this.#waitedMs += milliseconds;
    this.#started += milliseconds;
    if (this.#firstBandAt > 0) this.#firstBandAt += milliseconds;
  }

  landed(rows: number, bytes: number, engine: EngineName): void {
    const now = performance.now();
    this.#done += rows;
    this.#bytes += bytes;
    if (this.#firstBandAt === 0) {
      this.#firstBandAt = now;
      this.#firstRows = this.#done;
    }
    const finished = this.#done >= this.#rows;
    if (!finished && now - this.#lastSent < EVENT_INTERVAL_MS) return;
    this.#lastSent = now;
    const elapsedMs = now - this.#started;
    this.#onEvent({
      kind: 'progress',
      fraction: this.#done / this.#rows,
      bytes: this.#bytes,
      elapsedMs,
      remainingMs: this.#remaining(now),
      megapixelsPerSecond: (this.#done * this.#width) / 1e3 / Math.max(1, elapsedMs),
      engine,
    });
  }

  /** By the pace since the first band landed: what came before it (decoding, starting workers) does not come again. */
  #remaining(now: number): number | null {
    const paced = this.#done - this.#firstRows;
    if (paced <= 0) return this.#done >= this.#rows ? 0 : null;
    return ((now - this.#firstBandAt) / paced) * (this.#rows - this.#done);
  }
}
