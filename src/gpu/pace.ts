/** Milliseconds that a submission may hold the GPU: half of what a person begins to notice, since the estimate is one. */
const SLICE_MS = 10;

/** Work a millisecond that is assumed before anything was measured: a small integrated GPU. */
const FIRST_GUESS = 1e7;

/** Less work than this in a submission costs more in overhead than it gives back in smoothness. */
const LEAST_WORK = 1e6;

/** Shorter spans than this are not judged by: browsers tell of several submissions at once. */
const LEAST_SPAN_MS = 2;

/** Share of a new measurement in the estimate. */
const GAIN = 0.3;

/** Sizes submissions by the measured speed of the GPU, so that none holds it for long. Work is counted as in `Tile`. */
export class Pace {
  #speed = FIRST_GUESS;
  #work = 0;
  #begun = 0;
  readonly #fixed: number | null;

  /** With `fixed`, every submission may have that much work: for tests. */
  constructor(fixed: number | null = null) {
    this.#fixed = fixed;
  }

  /** Between two jobs nothing is computed, and no speed can be told from it. */
  begin(): void {
    this.#work = 0;
  }

  /** Most work of one submission. */
  get mostWork(): number {
    return this.#fixed ?? Math.max(LEAST_WORK, this.#speed * SLICE_MS);
  }

  /**
   * Takes in that a submission made at time `submitted` was done at `done`, both in milliseconds and in the order of submission.
   * Waiting for the one before is not counted; what the browser takes to tell is, so that the speed is rather underrated.
   */
  record(work: number, submitted: number, done: number): void {
    if (this.#work === 0) this.#begun = Math.max(this.#begun, submitted);
    this.#work += work;
    const span = done - this.#begun;
    if (span < LEAST_SPAN_MS) return;
    this.#speed += GAIN * (this.#work / span - this.#speed);
    this.#work = 0;
    this.#begun = done;
  }
}
