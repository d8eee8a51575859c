import type { Channels, Depth, Raster } from '../../core/pixels.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import { cutBands } from '../../core/plan/bands.ts';
import type { ResampleSpec } from '../../core/resampling.ts';
import type { RowReader, SourceWindow } from '../../core/source.ts';
import { sourceRowsFor } from '../../core/taps.ts';
import { SourceFeeder } from '../source-feeder.ts';
import { watchedReader, windowFor, type HeldSource } from './held-source.ts';
import type { RowStore } from './row-store.ts';

/** Computes pixels of a spec from a window that holds their rows. */
export type Resample = (spec: ResampleSpec, window: SourceWindow, y: number, rows: number) => Promise<Uint8Array>;

export interface GiantParts {
  readonly reader: RowReader;
  readonly store: RowStore;
  readonly resample: Resample;
  readonly shared: boolean;
  /** Bytes of the window that regions are computed from. */
  readonly windowBytes: number;
  /** The picture is reduced by this whole number on the way. */
  readonly reduction: number;
  readonly onProgress: () => void;
}

/** Rows of the reduced picture that are made at a time. */
const PROXY_ROWS = 16;

/**
 * A picture that is too large to be held. One pass over the file puts its rows into a store and makes a reduced copy; from then
 * on a window of rows is moved over the store to where somebody looks.
 */
export class GiantSource implements HeldSource {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly window: SourceWindow;
  /** The reduced copy; complete when `proxyReady` settles, filled from the top before. */
  readonly proxy: Raster;
  readonly proxyReady: Promise<void>;
  /** By what the copy is reduced. */
  readonly reduction: number;
  readonly #parts: GiantParts;
  readonly #feeder: SourceFeeder;
  #decoded = 0;
  #stored = 0;
  #waiters: { readonly end: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #failure: { readonly error: unknown } | null = null;
  /** Rows `#low` to `#high` of the picture are in the window. */
  #low = 0;
  #high = 0;

  constructor(parts: GiantParts) {
    const { reader, reduction, windowBytes, shared } = parts;
    const { width, height, channels, depth } = reader;
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.depth = depth;
    this.reduction = reduction;
    this.#parts = parts;
    const stride = bytesPerRow(width, reader);
    const capacity = Math.min(height, Math.max(1, Math.floor(windowBytes / stride)));
    this.window = { width, height, channels, depth, capacity, data: new Uint8Array(capacity * stride) };
    const reduced = { width: Math.ceil(width / reduction), height: Math.ceil(height / reduction) };
    this.proxy = {
      ...reduced,
      channels,
      depth,
      data: new Uint8Array(reduced.height * bytesPerRow(reduced.width, reader)),
    };
    const spec = reductionSpec(reader, reduced);
    const most = sourceRowsFor(spec, 0, Math.min(PROXY_ROWS, reduced.height)).count + 2 * reduction;
    const watched = watchedReader(reader, (done) => {
      this.#decoded = done;
      parts.onProgress();
    });
    const rows = Math.min(height, 2 * most);
    this.#feeder = new SourceFeeder(watched, windowFor(reader, rows, shared));
    this.proxyReady = this.#read(spec);
    this.proxyReady.catch(() => undefined);
  }

  get progress(): number {
    return this.#decoded / this.height;
  }

  ready(first: number, count: number): Promise<void> {
    const end = first + count;
    if (this.#stored >= end) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => this.#waiters.push({ end, resolve, reject }));
  }

  async load(first: number, count: number): Promise<void> {
    const { capacity } = this.window;
    const end = first + count;
    if (first >= this.#low && end <= this.#high) return;
    if (first >= this.#low && first <= this.#high) {
      await this.#fill(this.#high, end);
      this.#high = end;
      this.#low = Math.max(this.#low, end - capacity);
    } else if (end >= this.#low && end <= this.#high) {
      await this.#fill(first, this.#low);
      this.#low = first;
      this.#high = Math.min(this.#high, first + capacity);
    } else {
      await this.#fill(first, end);
      this.#low = first;
      this.#high = end;
    }
  }

  async close(): Promise<void> {
    this.#fail(new DOMException('the preview was closed', 'AbortError'));
    await this.#feeder.close();
    await this.#parts.store.close();
  }

  /** Reads rows into their slots of the ring. A failure leaves nothing that is taken for valid. */
  async #fill(first: number, end: number): Promise<void> {
    const { window } = this;
    const stride = bytesPerRow(window.width, window);
    const [low, high] = [this.#low, this.#high];
    this.#low = this.#high = 0;
    for (let row = first; row < end;) {
      const slot = row % window.capacity;
      const rows = Math.min(end - row, window.capacity - slot);
      await this.#parts.store.read(row, rows, window.data.subarray(slot * stride, (slot + rows) * stride));
      row += rows;
    }
    this.#low = low;
    this.#high = high;
  }

  async #read(spec: ResampleSpec): Promise<void> {
    const { store, resample } = this.#parts;
    const { proxy } = this;
    const stride = bytesPerRow(proxy.width, proxy);
    try {
      for (const { y, rows, last } of cutBands(proxy.height, PROXY_ROWS)) {
        const span = sourceRowsFor(spec, y, rows);
        const end = last ? this.height : span.first + span.count;
        const release = await this.#feeder.hold(span.first, end - span.first);
        try {
          proxy.data.set(await resample(spec, this.#feeder.window, y, rows), y * stride);
          await this.#store(store, end);
        } finally {
          release();
        }
      }
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async #store(store: RowStore, end: number): Promise<void> {
    const { window } = this.#feeder;
    const stride = bytesPerRow(window.width, window);
    while (this.#stored < end) {
      const slot = this.#stored % window.capacity;
      const rows = Math.min(end - this.#stored, window.capacity - slot);
      await store.put(this.#stored, window.data.subarray(slot * stride, (slot + rows) * stride));
      this.#stored += rows;
    }
    const ready = this.#waiters.filter((waiter) => waiter.end <= this.#stored);
    this.#waiters = this.#waiters.filter((waiter) => waiter.end > this.#stored);
    for (const waiter of ready) waiter.resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) waiter.reject(error);
  }
}

/** Averages areas, in the encoded values, as programs do that show a picture smaller than it is. */
export const reductionSpec = (
  source: { readonly width: number; readonly height: number; readonly channels: Channels; readonly depth: Depth },
  to: { readonly width: number; readonly height: number },
): ResampleSpec => {
  const format = { channels: source.channels, depth: source.depth };
  const from = { width: source.width, height: source.height };
  return {
    stages: [{ from, to: { width: to.width, height: to.height }, kernel: 'area' }],
    input: format,
    output: format,
    curves: null,
    clampOvershoot: false,
    background: null,
  };
};
