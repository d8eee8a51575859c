import { bytesPerRow, type PixelFormat } from './pixels.ts';
import type { Text } from './text.ts';

/** Decoded rows, top to bottom, pulled in order. */
export interface RowReader extends PixelFormat {
  readonly width: number;
  readonly height: number;
  /** The decoder has converted the colours to sRGB: the file's own profile no longer describes them. */
  readonly toSrgb?: boolean;
  /** The file's profile, where only the decoder can tell it. */
  readonly icc?: Uint8Array<ArrayBuffer> | null;
  /** Whole sentences about what decoding changed. */
  readonly warnings?: readonly Text[];
  /**
   * Decodes the next `rows` rows into `into`, which holds exactly that many unpadded rows and may lie in shared memory.
   * Never asked for more rows than are left. Rejects with an AppError when the file is damaged.
   */
  read(rows: number, into: Uint8Array): Promise<void>;
  /** Frees the decoder; safe to call at any time and more than once. */
  close(): Promise<void>;
}

/**
 * Decoded source rows in memory: a ring in which row `r` lies at slot `r % capacity`.
 * A picture held whole is the case `capacity === height`. Plain data, so that it can be posted to workers.
 */
export interface SourceWindow extends PixelFormat {
  readonly width: number;
  readonly height: number;
  /** Rows held at a time. */
  readonly capacity: number;
  /** Exactly `capacity` rows; over a SharedArrayBuffer where the page is cross-origin isolated. */
  readonly data: Uint8Array;
}

/** Copies rows `first` to `first + count` of a window, unwrapping the ring. `count` may not exceed the capacity. */
export function copyWindowRows(window: SourceWindow, first: number, count: number, into: Uint8Array): void {
  const stride = bytesPerRow(window.width, window);
  for (let done = 0; done < count;) {
    const slot = (first + done) % window.capacity;
    const run = Math.min(count - done, window.capacity - slot);
    into.set(window.data.subarray(slot * stride, (slot + run) * stride), done * stride);
    done += run;
  }
}

/** Rows `first` to `first + count` of a source, contiguous: what a thread without shared memory is sent with each band. */
export interface SourceRows {
  readonly first: number;
  readonly count: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Copies rows out of a window. */
export function takeRows(window: SourceWindow, first: number, count: number): SourceRows {
  const data = new Uint8Array(count * bytesPerRow(window.width, window));
  copyWindowRows(window, first, count, data);
  return { first, count, data };
}

/** A window that holds just these rows, each at the slot where a ring of that capacity has it. */
export function windowOfRows(source: Omit<SourceWindow, 'capacity' | 'data'>, rows: SourceRows): SourceWindow {
  const { width, height, channels, depth } = source;
  const stride = bytesPerRow(width, source);
  const turn = rows.first % rows.count;
  const data = new Uint8Array(rows.data.length);
  data.set(rows.data.subarray(0, (rows.count - turn) * stride), turn * stride);
  data.set(rows.data.subarray((rows.count - turn) * stride), 0);
  return { width, height, channels, depth, capacity: rows.count, data };
}
