import type { Size } from '../../core/geometry.ts';
import { bytesPerRow, type PixelFormat } from '../../core/pixels.ts';
import type { RowReader, SourceWindow } from '../../core/source.ts';
import { SourceFeeder } from '../source-feeder.ts';

/** A decoded picture whose rows can be had in any order. */
export interface HeldSource extends Size, PixelFormat {
  /** Where the rows lie; always the same object, so that engines can be opened with it. Filled by `load`. */
  readonly window: SourceWindow;
  /** 0..1 of the picture that is decoded. */
  readonly progress: number;
  /** Waits until the rows are decoded. Any number of calls at a time. */
  ready(first: number, count: number): Promise<void>;
  /** Brings rows that are ready into the window, at most `window.capacity` of them; they stay there until the next call. */
  load(first: number, count: number): Promise<void>;
  close(): Promise<void>;
}

/** A reader that tells how far it is. */
export function watchedReader(reader: RowReader, onRows: (done: number) => void): RowReader {
  let done = 0;
  return {
    ...reader,
    async read(rows, into) {
      await reader.read(rows, into);
      done += rows;
      onRows(done);
    },
    close: () => reader.close(),
  };
}

/** A window of `capacity` rows of a picture; in shared memory where a decoder in another thread writes into it. */
export function windowFor(picture: Size & PixelFormat, capacity: number, shared: boolean): SourceWindow {
  const { width, height, channels, depth } = picture;
  const bytes = capacity * bytesPerRow(width, picture);
  const data = new Uint8Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return { width, height, channels, depth, capacity, data };
}

/** A picture that is held whole. Decoding begins at once; what is decoded can be used while the rest is on its way. */
export class WholeSource implements HeldSource {
  readonly #feeder: SourceFeeder;
  #rows = 0;

  constructor(reader: RowReader, shared: boolean, onProgress: () => void) {
    const watched = watchedReader(reader, (done) => {
      this.#rows = done;
      onProgress();
    });
    this.#feeder = new SourceFeeder(watched, windowFor(reader, reader.height, shared));
  }

  get window(): SourceWindow {
    return this.#feeder.window;
  }

  get width(): number {
    return this.window.width;
  }

  get height(): number {
    return this.window.height;
  }

  get channels(): SourceWindow['channels'] {
    return this.window.channels;
  }

  get depth(): SourceWindow['depth'] {
    return this.window.depth;
  }

  get progress(): number {
    return this.#rows / this.height;
  }

  async ready(first: number, count: number): Promise<void> {
    const release = await this.#feeder.hold(first, count);
    release();
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#feeder.close();
  }
}
