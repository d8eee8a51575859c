import type { ModelBackend, RetryReason } from '../../core/ai.ts';
import { AppError, isAbort } from '../../core/errors.ts';
import type { Rect, Size } from '../../core/geometry.ts';
import { keptPart, planTiles, tileAt, type TileGrid } from '../../core/plan/tiles.ts';
import type { ModelRunner, ModelRunners, ModelSource } from '../../models/runner.ts';
import { tileFault } from './tile-check.ts';
import { addTurnedBack, turned, TURNS } from './turns.ts';

/** How a tile can be computed: on a backend, whole or cut into `divide` x `divide` parts. */
interface Path {
  readonly backend: ModelBackend;
  readonly divide: number;
}

/** What happened, for the receipt. */
export interface TileLog {
  used(backend: ModelBackend): void;
  retried(reason: RetryReason): void;
  ran(milliseconds: number): void;
}

const MOST_PARTS = 4;
const LEAST_CORE = 32;
/** A backend that has given this many bad tiles is not asked any more. */
const TRUSTED_FAULTS = 3;

/** A part of planes; beyond their borders the last pixels repeat. */
const cut = (planes: Float32Array, size: Size, part: Rect): Float32Array<ArrayBuffer> => {
  const result = new Float32Array(3 * part.width * part.height);
  if (part.x >= 0 && part.x + part.width <= size.width && part.y >= 0 && part.y + part.height <= size.height) {
    for (let row = 0; row < 3 * part.height; row++) {
      const y = Math.floor(row / part.height) * size.height + part.y + (row % part.height);
      const from = y * size.width + part.x;
      result.set(planes.subarray(from, from + part.width), row * part.width);
    }
    return result;
  }
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < part.height; y++) {
      const row = Math.min(size.height - 1, Math.max(0, part.y + y));
      const to = (c * part.height + y) * part.width;
      for (let x = 0; x < part.width; x++) {
        const column = Math.min(size.width - 1, Math.max(0, part.x + x));
        result[to + x] = planes[(c * size.height + row) * size.width + column];
      }
    }
  }
  return result;
};

/**
 * Runs the tiles of one pass, and gives only results that have been looked at. What goes wrong is tried again on a safer path: smaller
 * tiles when memory runs out, the same backend anew when its device was lost, then the next backend.
 */
export class TileRunner {
  readonly #runners: ModelRunners;
  readonly #source: ModelSource;
  readonly #grid: TileGrid;
  readonly #tta: boolean;
  readonly #log: TileLog;
  #paths: readonly Path[] | null = null;
  /** Index of the path that tiles begin with; it only rises. */
  #path = 0;
  #reopened = false;
  #faults = 0;
  readonly #open = new Map<Path, Promise<ModelRunner>>();

  constructor(runners: ModelRunners, source: ModelSource, grid: TileGrid, tta: boolean, log: TileLog) {
    this.#runners = runners;
    this.#source = source;
    this.#grid = grid;
    this.#tta = tta;
    this.#log = log;
  }

  /**
   * The kept part of a tile (`keptPart`), as planes, from the planes of its input; null when every path gives nonsense. Rejects when
   * no backend can run it.
   */
  async compute(input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer> | null> {
    const paths = await this.#allPaths();
    let index = this.#path;
    for (;;) {
      const path = paths[index];
      try {
        const result = await this.#onPath(path, input);
        const fault = this.#faultOf(input, result);
        if (fault === null) {
          this.#log.used(path.backend);
          return result;
        }
        this.#log.retried(fault);
        this.#faults++;
        index++;
        const trusted = this.#faults < TRUSTED_FAULTS || this.#nextBackend(index - 1) >= paths.length;
        if (!trusted) index = this.#moveTo(this.#nextBackend(index - 1));
        if (index >= paths.length) return null;
      } catch (error) {
        index = this.#after(error, index);
      }
    }
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async (opening) => (await opening).close()));
  }

  async #allPaths(): Promise<readonly Path[]> {
    if (this.#paths === null) {
      const backends = await this.#runners.backends();
      const { core, shape } = this.#grid;
      const parts = [1, 2, MOST_PARTS].filter(
        (divide) => divide === 1 || (shape.fixed === null && Math.min(core.width, core.height) / divide >= LEAST_CORE),
      );
      this.#paths ??= backends.flatMap((backend) => parts.map((divide) => ({ backend, divide })));
    }
    return this.#paths;
  }

  /** The path to try after an error; throws the error when there is none. */
  #after(error: unknown, index: number): number {
    if (isAbort(error) || !(error instanceof AppError)) throw error;
    const memory = error.code === 'no-memory';
    const lost = error.code === 'engine-failed' || error.code === 'worker-died';
    if (!memory && !lost) throw error;
    const failed = this.#paths![index];
    // Another tile in flight has met the same failure already.
    const known = !this.#open.has(failed);
    if (!known) this.#forget(failed);
    if (this.#path > index) {
      this.#log.retried(memory ? 'no-memory' : 'lost');
      return this.#path;
    }
    if (known && lost && this.#reopened) return index;
    let next = memory ? index + 1 : this.#nextBackend(index);
    if (lost && !this.#reopened) {
      this.#reopened = true;
      next = index;
    }
    if (next >= this.#paths!.length) throw error;
    this.#log.retried(memory ? 'no-memory' : 'lost');
    return this.#moveTo(next);
  }

  #moveTo(index: number): number {
    this.#path = Math.max(this.#path, index);
    return index;
  }

  #nextBackend(index: number): number {
    const paths = this.#paths!;
    const { backend } = paths[index];
    let next = index + 1;
    while (next < paths.length && paths[next].backend === backend) next++;
    return next;
  }

  #forget(path: Path): void {
    for (const [other, opening] of this.#open) {
      if (other.backend !== path.backend) continue;
      this.#open.delete(other);
      opening.then((runner) => runner.close()).catch(() => undefined);
    }
  }

  async #onPath(path: Path, input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    if (path.divide === 1) return this.#run(path, this.#grid, input);
    return this.#inParts(path, input);
  }

  /** Cuts the kept part of a tile into smaller tiles, whose context comes from the tile's own input. */
  async #inParts(path: Path, input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    const { shape, core, margin, input: size } = this.#grid;
    const kept = { width: core.width + 2 * shape.overlap, height: core.height + 2 * shape.overlap };
    const inset = margin - shape.overlap;
    const side = (length: number): number => Math.ceil(length / path.divide / shape.multiple) * shape.multiple;
    const tile = Math.max(side(kept.width), side(kept.height));
    const grid = planTiles(kept, { ...shape, overlap: 0, tile }, true);
    const { scale } = shape;
    const [width, height] = [kept.width * scale, kept.height * scale];
    const result = new Float32Array(3 * width * height);
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++) {
        const part = tileAt(grid, column, row);
        const from = { ...part.input, x: part.input.x + inset, y: part.input.y + inset };
        const planes = await this.#run(path, grid, cut(input, size, from));
        const stride = grid.core.width * scale;
        for (let c = 0; c < 3; c++) {
          for (let y = 0; y < part.core.height * scale; y++) {
            const at = (c * grid.core.height * scale + y) * stride;
            const line = planes.subarray(at, at + part.core.width * scale);
            result.set(line, (c * height + part.core.y * scale + y) * width + part.core.x * scale);
          }
        }
      }
    }
    return result;
  }

  /** One run of the network (eight with TTA), cut to the part that is kept. */
  async #run(path: Path, grid: TileGrid, input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    const runner = await this.#runnerFor(path, grid);
    const { scale, trim } = grid.shape;
    const size = {
      width: (grid.input.width - 2 * trim) * scale,
      height: (grid.input.height - 2 * trim) * scale,
    };
    const started = performance.now();
    let output: Float32Array<ArrayBuffer>;
    if (!this.#tta) {
      output = await runner.run(input.slice());
    } else {
      output = new Float32Array(3 * size.width * size.height);
      for (let turn = 0; turn < TURNS; turn++) {
        const planes = await runner.run(turned(input, grid.input.width, turn));
        addTurnedBack(output, planes, size.width, turn);
      }
      for (let i = 0; i < output.length; i++) output[i] /= TURNS;
    }
    this.#log.ran(performance.now() - started);
    if (output.length !== 3 * size.width * size.height) {
      throw new AppError(
        'internal',
        `The model gave ${output.length / 3} pixels instead of ${size.width * size.height}.`,
      );
    }
    return cut(output, size, keptPart(grid));
  }

  #runnerFor(path: Path, grid: TileGrid): Promise<ModelRunner> {
    const known = this.#open.get(path);
    if (known) return known;
    const opening = this.#runners.open(this.#source, grid.input, path.backend, grid.columns * grid.rows);
    this.#open.set(path, opening);
    opening.catch(() => this.#open.delete(path));
    return opening;
  }

  #faultOf(input: Float32Array<ArrayBuffer>, result: Float32Array<ArrayBuffer>): RetryReason | null {
    const { core, margin, shape, input: size } = this.#grid;
    const inset = margin - shape.overlap;
    const kept = { width: core.width + 2 * shape.overlap, height: core.height + 2 * shape.overlap };
    const before = { planes: cut(input, size, { x: inset, y: inset, ...kept }), size: kept };
    const after = { planes: result, size: { width: kept.width * shape.scale, height: kept.height * shape.scale } };
    return tileFault(before, after, shape.scale);
  }
}
