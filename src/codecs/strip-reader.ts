import { AppError } from '../core/errors.ts';
import { type PixelFormat } from '../core/pixels.ts';
import type { RowReader } from '../core/source.ts';

/** Bytes of a strip of pixels: within the second-level cache of most processors. */
export const STRIP_BYTES = 1 << 20;

/** Rows of a decoded picture on their way to a reader. */
export interface Strip {
  /** Puts the samples of `rows` rows, from the strip's row `first` on, into `into` from its pixel `at` on. */
  put(first: number, rows: number, into: Uint8Array, at: number): void;
}

/** A decoded picture that gives its rows strip by strip. */
export interface StripSource {
  /** Rows of every strip but the last. */
  readonly stripRows: number;
  /** The strip that begins at row `y`. Called in order; a strip is valid until the call after the next one: it is fetched while the one before is put. */
  fetch(y: number, rows: number): Promise<Strip> | Strip;
  close(): void;
}

/** Reads a picture from top to bottom. Owns the source: closes it after the last row. */
export function stripReader(from: StripSource, width: number, height: number, format: PixelFormat): RowReader {
  const { channels, depth } = format;
  let source: StripSource | null = from;
  /** First row of the strip that is being read, of the one that is fetched meanwhile, and the next row to read. */
  let [start, fetched, next] = [0, 0, 0];
  let strip: Strip | null = null;
  let ahead: Promise<Strip> | null = null;
  const close = (): void => {
    source?.close();
    source = null;
    strip = null;
    ahead = null;
  };
  const fetchAhead = (open: StripSource): void => {
    const rows = Math.min(open.stripRows, height - fetched);
    // Within a promise, so that a failure of either kind is met by the one who waits for it.
    ahead = rows === 0 ? null : Promise.resolve().then(() => open.fetch(fetched, rows));
    ahead?.catch(() => undefined);
  };
  return {
    ...{ width, height, channels, depth },
    async read(rows, into) {
      if (source === null) throw new AppError('internal', 'read after the end or after close');
      // Each strip is small enough to stay in a processor's cache between the two copies.
      for (let done = 0; done < rows;) {
        if (next === fetched) {
          if (ahead === null) fetchAhead(source);
          strip = await ahead!;
          if (source === null) throw new AppError('internal', 'closed while it was read');
          start = fetched;
          fetched = Math.min(height, fetched + source.stripRows);
          fetchAhead(source);
        }
        const count = Math.min(fetched - next, rows - done);
        strip!.put(next - start, count, into, done * width);
        done += count;
        next += count;
      }
      if (next === height) close();
    },
    close() {
      close();
      return Promise.resolve();
    },
  };
}
