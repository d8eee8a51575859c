import type { AiReport } from '../../core/ai.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import type { AiPass } from '../../core/plan/ai-passes.ts';
import { marginOf, planTiles } from '../../core/plan/tiles.ts';
import type { RowReader } from '../../core/source.ts';
import type { ModelRunners } from '../../models/runner.ts';
import { LOCK_REACH } from './colour-lock.ts';
import { KEPT_TILE_ROWS, ModelPixels, NO_KEEPER, type PixelChoices, type TileKeeper } from './model-pixels.ts';
import type { PixelSource } from './planes.ts';
import { StreamPixels } from './stream-pixels.ts';
import { AiTally, type AiProgress } from './tally.ts';

export interface AiStage {
  readonly passes: readonly AiPass[];
  readonly choices: PixelChoices;
  readonly runners: ModelRunners;
  readonly hashOf: (pass: AiPass) => string;
  readonly keeper?: TileKeeper;
  readonly signal: AbortSignal;
  /** Is told of each tile that is there. */
  readonly onProgress?: (progress: AiProgress) => void;
}

/** The passes of a job, one upon the other: the last is the picture that is resampled to the exact size. */
export class AiPicture {
  /** The picture after the last pass. */
  readonly pixels: ModelPixels;
  readonly #passes: readonly ModelPixels[];
  readonly #stage: AiStage;
  readonly #tally: AiTally;

  constructor(source: PixelSource, stage: AiStage) {
    const { runners, keeper = NO_KEEPER, choices, signal } = stage;
    this.#tally = new AiTally(stage.onProgress);
    const made: ModelPixels[] = [];
    stage.passes.forEach((pass, index) => {
      const context = { index, pass, choices, runners, keeper, signal, tally: this.#tally };
      made.push(new ModelPixels(made.at(-1) ?? source, context));
    });
    this.#stage = stage;
    this.#passes = made;
    this.pixels = made.at(-1)!;
  }

  report(): AiReport {
    return this.#tally.report(this.#stage.passes, this.#stage.hashOf);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#passes.map((pass) => pass.close()));
  }
}

/** Rows of the source that a reader from top to bottom comes back to. */
function rowsNeeded({ input, shape }: AiPass, tta: boolean): number {
  const { core } = planTiles(input, shape, tta);
  return (KEPT_TILE_ROWS + 1) * core.height + 2 * marginOf(shape) + 2 * LOCK_REACH;
}

/** Bytes that a stage holds of pictures in memory, about: rows of tiles of every pass, and two strips of the last. */
export function aiMemory(passes: readonly AiPass[], tta: boolean, bytesPerPixel: number): number {
  const rows = passes.map(({ input, output, shape }) => {
    const { core } = planTiles(input, shape, tta);
    return output.width * (core.height + 2 * shape.overlap) * shape.scale * bytesPerPixel;
  });
  const held = rows.reduce((sum, bytes) => sum + KEPT_TILE_ROWS * bytes, 0);
  const first = passes[0];
  return held + 2 * rows.at(-1)! + rowsNeeded(first, tta) * first.input.width * bytesPerPixel;
}

/** Delivers the rows of a picture enlarged by models, from a reader of its source. Two strips are held, one of them ahead. */
export class AiReader implements RowReader {
  readonly width: number;
  readonly height: number;
  readonly channels: RowReader['channels'];
  readonly depth: RowReader['depth'];
  readonly toSrgb: boolean;
  readonly #source: RowReader;
  readonly #picture: AiPicture;
  readonly #stripRows: number;
  #strips = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  #next = 0;

  constructor(source: RowReader, stage: AiStage) {
    const rows = rowsNeeded(stage.passes[0], stage.choices.tta);
    this.#source = source;
    this.#picture = new AiPicture(new StreamPixels(source, rows), stage);
    const { width, height, channels, depth, grid } = this.#picture.pixels;
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.depth = depth;
    this.toSrgb = source.toSrgb ?? false;
    this.#stripRows = grid.core.height * grid.shape.scale;
  }

  report(): AiReport {
    return this.#picture.report();
  }

  async read(rows: number, into: Uint8Array): Promise<void> {
    const stride = bytesPerRow(this.width, this);
    for (let done = 0; done < rows;) {
      const index = Math.floor(this.#next / this.#stripRows);
      const strip = await this.#strip(index);
      // The next one is computed while this one is resampled and written.
      if ((index + 1) * this.#stripRows < this.height) this.#strip(index + 1).catch(() => undefined);
      this.#strips.delete(index - 1);
      const at = this.#next - index * this.#stripRows;
      const run = Math.min(rows - done, strip.length / stride - at);
      into.set(strip.subarray(at * stride, (at + run) * stride), done * stride);
      done += run;
      this.#next += run;
    }
  }

  async close(): Promise<void> {
    this.#strips.clear();
    await this.#picture.close();
    await this.#source.close();
  }

  #strip(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#strips.get(index);
    if (known) return known;
    const y = index * this.#stripRows;
    const height = Math.min(this.#stripRows, this.height - y);
    const strip = this.#picture.pixels.region({ x: 0, y, width: this.width, height });
    this.#strips.set(index, strip);
    return strip;
  }
}
