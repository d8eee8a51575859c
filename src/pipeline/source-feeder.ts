import { bytesPerRow } from '../core/pixels.ts';
import type { RowReader, SourceWindow } from '../core/source.ts';

/** Bytes decoded at a time: small enough that bands start early, large enough that calls to a decoder cost nothing. */
const CHUNK_BYTES = 2 << 20;

interface Waiter {
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Keeps a window of source rows filled from a reader, ahead of the bands that use them. Bands ask in order; a row is
 * overwritten only when no band that holds it, or comes later, needs it any more.
 */
export class SourceFeeder {
  readonly window: SourceWindow;
  readonly #reader: RowReader;
  readonly #held = new Set<{ readonly first: number }>();
  /** First row of the latest band asked for: no later band begins above it. */
  #frontier = 0;
  #decoded = 0;
  #waiters: Waiter[] = [];
  #wakePump: (() => void) | null = null;
  #failure: { readonly error: unknown } | null = null;
  #closed = false;
  #reading = false;
  #torn = false;
  #decodeMs = 0;

  /** Begins to decode into the window at once; `reader` gives rows of its size and format. */
  constructor(reader: RowReader, window: SourceWindow) {
    this.window = window;
    this.#reader = reader;
    void this.#pump();
  }

  /** It was closed while the decoder was at work, which may go on to write into the window for a moment. */
  get torn(): boolean {
    return this.#torn;
  }

  /** Time spent in the decoder so far, in milliseconds. */
  get decodeMs(): number {
    return this.#decodeMs;
  }

  /**
   * Waits until rows `first` to `first + count` are in the window, and keeps them there until the returned function is called.
   * `first` may not fall from call to call. Rejects when the file turns out to be damaged, or with `close`.
   */
  async hold(first: number, count: number): Promise<() => void> {
    const claim = { first };
    this.#held.add(claim);
    this.#frontier = Math.max(this.#frontier, first);
    const release = (): void => {
      this.#held.delete(claim);
      this.#wakePump?.();
    };
    this.#wakePump?.();
    try {
      await this.#until(first + count);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** Stops decoding and frees the decoder. Waiting calls reject. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#torn ||= this.#reading;
    this.#fail(new DOMException('the source was closed', 'AbortError'));
    this.#wakePump?.();
    await this.#reader.close();
  }

  #until(end: number): Promise<void> {
    if (this.#decoded >= end) return Promise.resolve();
    const failure = this.#failure;
    if (failure !== null) return Promise.reject(failure.error);
    return new Promise((resolve, reject) => this.#waiters.push({ end, resolve, reject }));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) waiter.reject(error);
  }

  /** Rows that may be decoded now without overwriting one that is still needed. */
  #room(): number {
    let lowest = this.#frontier;
    for (const { first } of this.#held) lowest = Math.min(lowest, first);
    return Math.min(this.window.height, lowest + this.window.capacity) - this.#decoded;
  }

  async #pump(): Promise<void> {
    const { window } = this;
    const stride = bytesPerRow(window.width, window);
    const chunkRows = Math.max(1, Math.floor(CHUNK_BYTES / stride));
    try {
      while (this.#decoded < window.height && !this.#closed) {
        const slot = this.#decoded % window.capacity;
        const rows = Math.min(this.#room(), chunkRows, window.capacity - slot);
        if (rows <= 0) {
          await new Promise<void>((resolve) => (this.#wakePump = resolve));
          this.#wakePump = null;
          continue;
        }
        const started = performance.now();
        this.#reading = true;
        await this.#reader.read(rows, window.data.subarray(slot * stride, (slot + rows) * stride));
        this.#reading = false;
        this.#decodeMs += performance.now() - started;
        this.#decoded += rows;
        const ready = this.#waiters.filter((waiter) => waiter.end <= this.#decoded);
        this.#waiters = this.#waiters.filter((waiter) => waiter.end > this.#decoded);
        for (const waiter of ready) waiter.resolve();
      }
      if (!this.#closed) await this.#reader.close();
    } catch (error) {
      this.#fail(error);
    }
  }
}
