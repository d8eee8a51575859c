/** Counts the bytes a job holds against its budget. Everything larger than a row is entered here. */
export class Ledger {
  readonly budget: number;
  #held = 0;
  #peak = 0;

  /** `budget` in bytes. */
  constructor(budget: number) {
    this.budget = budget;
  }

  get held(): number {
    return this.#held;
  }

  /** The most bytes held at a time so far. */
  get peak(): number {
    return this.#peak;
  }

  /** Enters bytes, and returns a function that takes them out again; calling it twice does nothing more. */
  hold(bytes: number): () => void {
    this.#held += bytes;
    this.#peak = Math.max(this.#peak, this.#held);
    let open = true;
    return () => {
      if (open) this.#held -= bytes;
      open = false;
    };
  }
}
