import type { EngineName } from '../core/engine.ts';
import type { JobEvent } from '../core/job.ts';
import type { AiProgress } from './ai/tally.ts';

const EVENT_INTERVAL_MS = 100;

/** Where a job stands when all tiles of its models are there: resampling and writing them is little, but not nothing. */
const MODELS_SHARE = 0.98;

/** Turns landed rows, and tiles of models before them, into progress events, at most ten a second, with the time that is left. */
export class ProgressMeter {
  readonly #onEvent: (event: JobEvent) => void;
  readonly #rows: number;
  readonly #width: number;
  #started = performance.now();
  #firstAt = 0;
  #firstMade = 0;
  #models: AiProgress = { done: 0, cached: 0 };
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
    if (this.#firstAt > 0) this.#firstAt += milliseconds;
  }

  landed(rows: number, bytes: number, engine: EngineName): void {
    this.#done += rows;
    this.#bytes += bytes;
    const now = performance.now();
    if (this.#firstAt === 0) {
      this.#firstAt = now;
      this.#firstMade = this.#made;
    }
    this.#tell(now, engine);
  }

  /** Of the rows of a band with models most of the work is done long before they land. */
  modelled(models: AiProgress, engine: EngineName): void {
    this.#models = models;
    // Tiles end several at a time: only from the beginning on does their number tell a pace.
    if (this.#firstAt === 0) this.#firstAt = this.#started;
    this.#tell(performance.now(), engine);
  }

  get #fraction(): number {
    return Math.max(this.#done / this.#rows, MODELS_SHARE * this.#models.done);
  }

  /** What tells the pace: not tiles that were taken over, beside others that are computed. */
  get #made(): number {
    const { done, cached } = this.#models;
    return this.#fraction - (cached < done ? MODELS_SHARE * cached : 0);
  }

  #tell(now: number, engine: EngineName): void {
    const finished = this.#done >= this.#rows;
    if (!finished && now - this.#lastSent < EVENT_INTERVAL_MS) return;
    this.#lastSent = now;
    const elapsedMs = now - this.#started;
    this.#onEvent({
      kind: 'progress',
      fraction: this.#fraction,
      bytes: this.#bytes,
      elapsedMs,
      remainingMs: this.#remaining(now),
      megapixelsPerSecond: (this.#fraction * this.#rows * this.#width) / 1e3 / Math.max(1, elapsedMs),
      engine,
    });
  }

  /** By the pace since the first bytes landed: what came before them (decoding, starting workers) does not come again. */
  #remaining(now: number): number | null {
    const left = 1 - this.#fraction;
    const paced = this.#made - this.#firstMade;
    if (paced <= 0) return left <= 0 ? 0 : null;
    return ((now - this.#firstAt) / paced) * left;
  }
}
