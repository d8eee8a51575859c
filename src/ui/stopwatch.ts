/** Milliseconds since it was started again, without those for which it was held. It runs from the beginning. */
export class Stopwatch {
  #began = performance.now();
  #heldAt: number | null = null;

  get elapsedMs(): number {
    return (this.#heldAt ?? performance.now()) - this.#began;
  }

  /** Begins at nothing; held if it was. */
  restart(): void {
    this.#began = performance.now();
    if (this.#heldAt !== null) this.#heldAt = this.#began;
  }

  hold(held: boolean): void {
    const now = performance.now();
    if (held) {
      this.#heldAt ??= now;
      return;
    }
    if (this.#heldAt !== null) this.#began += now - this.#heldAt;
    this.#heldAt = null;
  }
}
