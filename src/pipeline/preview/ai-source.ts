import type { Rect } from '../../core/geometry.ts';
import { bytesPerPixel, bytesPerRow } from '../../core/pixels.ts';
import type { SourceWindow } from '../../core/source.ts';
import { AiPicture, type AiStage } from '../ai/ai-reader.ts';
import type { PixelSource } from '../ai/planes.ts';
import { windowFor, type HeldSource } from './held-source.ts';

/** Bytes of the enlarged picture that are held for engines; rows of it may be very long. */
const WINDOW_BYTES = 48 << 20;
const LEAST_ROWS = 64;

/** Rectangles of a held source, one after another: what one has loaded may be gone when another asks. */
function rectanglesOf(source: HeldSource): PixelSource {
  const { width, height, channels, depth } = source;
  let turn: Promise<unknown> = Promise.resolve();
  const read = async ({ x, y, width: columns, height: rows }: Rect): Promise<Uint8Array<ArrayBuffer>> => {
    const size = bytesPerPixel(source);
    const result = new Uint8Array(columns * rows * size);
    for (let done = 0; done < rows;) {
      const count = Math.min(rows - done, source.window.capacity);
      await source.ready(y + done, count);
      await source.load(y + done, count);
      const { data, capacity } = source.window;
      for (let row = done; row < done + count; row++) {
        const from = (((y + row) % capacity) * width + x) * size;
        result.set(data.subarray(from, from + columns * size), row * columns * size);
      }
      done += count;
    }
    return result;
  };
  return {
    ...{ width, height, channels, depth },
    region(rect) {
      const result = turn.then(() => read(rect));
      turn = result.catch(() => undefined);
      return result;
    },
  };
}

let count = 0;

/**
 * The picture that models make of a held source, where it is looked at: a window whose rows are as long as the picture's, but filled
 * only under the rectangle that was loaded last.
 */
export class AiSource {
  /** Names it among others, in keys. */
  readonly id = count++;
  readonly window: SourceWindow;
  readonly #picture: AiPicture;
  #loaded: Rect = { x: 0, y: 0, width: 0, height: 0 };

  constructor(source: HeldSource, stage: AiStage, shared: boolean) {
    this.#picture = new AiPicture(rectanglesOf(source), stage);
    const { pixels } = this.#picture;
    const rows = Math.max(LEAST_ROWS, Math.floor(WINDOW_BYTES / bytesPerRow(pixels.width, pixels)));
    this.window = windowFor(pixels, Math.min(pixels.height, rows), shared);
  }

  /** Computes a rectangle, of `window.capacity` rows at most, into the window. */
  async load(rect: Rect): Promise<void> {
    const { x, y, width, height } = this.#loaded;
    const right = rect.x + rect.width <= x + width && rect.x >= x;
    if (right && rect.y >= y && rect.y + rect.height <= y + height) return;
    const pixels = await this.#picture.pixels.region(rect);
    const size = bytesPerPixel(this.window);
    const { data, capacity } = this.window;
    for (let row = 0; row < rect.height; row++) {
      const to = (((rect.y + row) % capacity) * this.window.width + rect.x) * size;
      data.set(pixels.subarray(row * rect.width * size, (row + 1) * rect.width * size), to);
    }
    this.#loaded = rect;
  }

  close(): Promise<void> {
    return this.#picture.close();
  }
}
