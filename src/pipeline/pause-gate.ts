/** Where a running job waits between two bands while it is paused. */
export class PauseGate {
  #opened: Promise<void> | null = null;
  #open: (() => void) | null = null;

  get paused(): boolean {
    return this.#opened !== null;
  }

  set(paused: boolean): void {
    if (paused === this.paused) return;
    if (paused) {
      this.#opened = new Promise((resolve) => (this.#open = resolve));
      return;
    }
    this.#open?.();
    this.#opened = this.#open = null;
  }

  /** Waits until the gate is open; gives the milliseconds that it took. Rejects with the signal's reason on an abort. */
  async pass(signal: AbortSignal): Promise<number> {
    const began = performance.now();
    let onAbort = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (onAbort = resolve));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      // Opened and shut again before it was looked at: that is still shut.
      while (this.#opened !== null && !signal.aborted) await Promise.race([this.#opened, aborted]);
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    return performance.now() - began;
  }
}
