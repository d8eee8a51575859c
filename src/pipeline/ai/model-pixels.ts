import type { AiOptions } from '../../core/ai.ts';
import { pixelCount, type Rect } from '../../core/geometry.ts';
import { maxSample, samplesOf, type Channels, type Depth } from '../../core/pixels.ts';
import type { AiPass } from '../../core/plan/ai-passes.ts';
import {
  keptPart,
  planTiles,
  seamWeight,
  tileAt,
  tilesUnder,
  type Tile,
  type TileGrid,
} from '../../core/plan/tiles.ts';
import type { ModelRunners } from '../../models/runner.ts';
import { ColourLock, LOCK_REACH } from './colour-lock.ts';
import { ENLARGE_REACH, enlargePlane } from './enlarge.ts';
import {
  alphaPlanes,
  bytesOf,
  colourChannels,
  colourPlanes,
  readPlanes,
  rounded,
  sampleArray,
  toSamples,
  type Pixels,
  type Planes,
  type PixelSource,
} from './planes.ts';
import { TileRunner } from './tile-runner.ts';
import { operationsOf, type AiTally } from './tally.ts';

/** The choices that change pixels. */
export type PixelChoices = Pick<AiOptions, 'tta' | 'blend' | 'colourLock' | 'alpha'>;

/** Keeps finished tiles beyond a job; a cache that has none answers null. */
export interface TileKeeper {
  get(pass: number, tile: Tile): Promise<Uint8Array<ArrayBuffer> | null>;
  /** `milliseconds` went into it. Settles when there is room for the next; never rejects. */
  put(pass: number, tile: Tile, samples: Uint8Array<ArrayBuffer>, milliseconds: number): Promise<void>;
}

export const NO_KEEPER: TileKeeper = { get: () => Promise.resolve(null), put: () => Promise.resolve() };

/** Rows of tiles that are kept in memory: what a reader from top to bottom comes back to. */
export const KEPT_TILE_ROWS = 4;

/** Tiles worked on at a time, so that one is prepared while another is in the model. */
const IN_FLIGHT = 2;

interface PassContext {
  readonly index: number;
  readonly pass: AiPass;
  readonly choices: PixelChoices;
  readonly runners: ModelRunners;
  readonly tally: AiTally;
  readonly keeper: TileKeeper;
  readonly signal: AbortSignal;
}

/**
 * The picture that one pass of a model makes of another: computed where it is looked at, tile by tile. The grid depends on the picture
 * and the options alone, so that every way of asking meets the same tiles.
 */
export class ModelPixels implements PixelSource {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly grid: TileGrid;
  readonly #source: PixelSource;
  readonly #context: PassContext;
  readonly #runner: TileRunner;
  /** The latest tiles, oldest first. */
  readonly #tiles = new Map<string, Promise<Pixels>>();
  readonly #mostTiles: number;
  /** What a tile counts as in the progress of the job. */
  readonly #work: number;
  /** Tiles that were counted: those that were let go of may have to be made again. */
  readonly #counted = new Set<string>();
  #free = IN_FLIGHT;
  #waiting: (() => void)[] = [];

  constructor(source: PixelSource, context: PassContext) {
    const { pass, choices, runners, tally } = context;
    this.#source = source;
    this.#context = context;
    this.width = pass.output.width;
    this.height = pass.output.height;
    this.channels = source.channels;
    this.depth = source.depth;
    this.grid = planTiles(pass.input, pass.shape, choices.tta);
    this.#runner = new TileRunner(runners, pass, this.grid, choices.tta, tally);
    this.#mostTiles = KEPT_TILE_ROWS * this.grid.columns;
    const tiles = this.grid.columns * this.grid.rows;
    this.#work = pixelCount(this.grid.input) * operationsOf(pass);
    tally.planned(tiles * (this.#alphaByModel ? 2 : 1), tiles * this.#work);
  }

  /** Pixels of the enlarged picture, in the source's format. */
  async region(rect: Rect): Promise<Uint8Array<ArrayBuffer>> {
    this.#context.signal.throwIfAborted();
    const { blend, colourLock } = this.#context.choices;
    const finished = this.channels !== 4 && blend === 1 && !colourLock;
    const samples = finished ? await this.#composed(rect) : await this.#mixed(rect);
    return new Uint8Array(samples.buffer, samples.byteOffset, bytesOf(rect, this));
  }

  async close(): Promise<void> {
    this.#tiles.clear();
    await this.#runner.close();
  }

  get #alphaByModel(): boolean {
    return this.channels === 4 && this.#context.choices.alpha === 'model';
  }

  /** Colours held against the source's, mixed with it, and joined by transparency. */
  async #mixed(rect: Rect): Promise<Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>> {
    const { blend, colourLock } = this.#context.choices;
    const { scale } = this.grid.shape;
    const around = this.#around(rect);
    const source = await readPlanes(this.#source, around);
    const wide = {
      ...{ x: around.x * scale, y: around.y * scale },
      ...{ width: around.width * scale, height: around.height * scale },
    };
    const model = await this.#composed(wide);
    const colours = colourChannels(this.channels);
    const most = maxSample(this.depth);
    const given = this.#alphaByModel ? 4 : colours;
    const lock = colourLock ? new ColourLock(source, model, colours, given, scale, most) : null;
    const plane = (c: number): Float32Array => {
      const area = around.width * around.height;
      return enlargePlane(source.data.subarray(c * area, (c + 1) * area), around, scale);
    };
    const original = blend < 1 ? Array.from({ length: colours }, (_, c) => plane(c)) : null;
    const alpha = this.channels === 4 && !this.#alphaByModel ? plane(3) : null;

    const { channels } = this;
    const result = sampleArray(rect.width * rect.height * channels, this.depth);
    const left = rect.x - wide.x;
    const correction = new Float32Array(rect.width);
    for (let y = 0; y < rect.height; y++) {
      const line = rect.y - wide.y + y;
      const from = line * wide.width + left;
      const to = y * rect.width * channels;
      for (let c = 0; c < colours; c++) {
        lock?.row(c, line, left, correction);
        const plane = original?.[c] ?? null;
        for (let x = 0; x < rect.width; x++) {
          let value = model[(from + x) * given + c] + correction[x];
          if (plane !== null) value = blend * value + (1 - blend) * most * plane[from + x];
          result[to + x * channels + c] = value < 0 ? 0 : value > most ? most : value + 0.5;
        }
      }
      if (channels !== 4) continue;
      for (let x = 0; x < rect.width; x++) {
        result[to + 4 * x + 3] = alpha === null ? model[(from + x) * 4 + 3] : rounded(alpha[from + x], most);
      }
    }
    return result;
  }

  /** The source pixels under a rectangle, with what the colour lock and Lanczos look at around them. */
  #around(rect: Rect): Rect {
    const { scale } = this.grid.shape;
    const { width, height } = this.#source;
    const reach = this.#context.choices.colourLock ? LOCK_REACH : ENLARGE_REACH;
    const x = Math.max(0, Math.floor(rect.x / scale) - reach);
    const y = Math.max(0, Math.floor(rect.y / scale) - reach);
    const right = Math.min(width, Math.ceil((rect.x + rect.width) / scale) + reach);
    const bottom = Math.min(height, Math.ceil((rect.y + rect.height) / scale) + reach);
    return { x, y, width: right - x, height: bottom - y };
  }

  /** What the model made of the picture: tiles side by side, cross-faded where they overlap. */
  async #composed(rect: Rect): Promise<Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>> {
    const { grid } = this;
    const across = tilesUnder(grid, 'width', rect.x, rect.width);
    const down = tilesUnder(grid, 'height', rect.y, rect.height);
    const wanted: Tile[] = [];
    for (let row = down.first; row <= down.last; row++) {
      for (let column = across.first; column <= across.last; column++) wanted.push(tileAt(grid, column, row));
    }
    const tiles = await Promise.all(wanted.map(async (tile) => ({ tile, pixels: await this.#tile(tile) })));
    return grid.shape.overlap === 0
      ? joinTiles(grid, rect, tiles, this.depth)
      : fadeTiles(grid, rect, tiles, this.depth);
  }

  #tile(tile: Tile): Promise<Pixels> {
    const key = `${tile.column},${tile.row}`;
    const known = this.#tiles.get(key);
    this.#tiles.delete(key);
    const pixels = known ?? this.#make(tile);
    this.#tiles.set(key, pixels);
    if (known === undefined) {
      pixels.catch(() => this.#tiles.delete(key));
      if (this.#tiles.size > this.#mostTiles) this.#tiles.delete(this.#tiles.keys().next().value!);
    }
    return pixels;
  }

  async #make(tile: Tile): Promise<Pixels> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await this.#cachedOrComputed(tile);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async #cachedOrComputed(tile: Tile): Promise<Pixels> {
    const { keeper, index, tally, signal } = this.#context;
    signal.throwIfAborted();
    const size = keptPart(this.grid);
    const channels = this.#alphaByModel ? 4 : colourChannels(this.channels);
    const kept = await keeper.get(index, tile);
    if (kept !== null && kept.length === (size.width * size.height * channels * this.depth) / 8) {
      tally.cachedTile();
      this.#count(tile, true);
      return {
        width: size.width,
        height: size.height,
        channels,
        data: samplesOf(kept, this.depth) as Uint8Array<ArrayBuffer>,
      };
    }
    const started = performance.now();
    const pixels = await this.#computed(tile);
    this.#count(tile, false);
    const { data } = pixels;
    // A tile that Lanczos stands in for, and what later passes make of it, is not what the model would give the next time.
    if (tally.replaced === 0) {
      const milliseconds = (performance.now() - started) / IN_FLIGHT;
      await keeper.put(index, tile, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), milliseconds);
    }
    return pixels;
  }

  #count({ column, row }: Tile, cached: boolean): void {
    const key = `${column},${row}`;
    if (this.#counted.has(key)) return;
    this.#counted.add(key);
    this.#context.tally.progressed(this.#work, cached);
  }

  async #computed(tile: Tile): Promise<Pixels> {
    const source = await readPlanes(this.#source, tile.input);
    const size = keptPart(this.grid);
    const colours = toSamples(
      await this.#through(source, colourPlanes(source)),
      size,
      colourChannels(this.channels),
      this.depth,
    );
    if (!this.#alphaByModel) return colours;
    const alpha = toSamples(await this.#through(source, alphaPlanes(source)), size, 1, this.depth);
    const data = sampleArray(size.width * size.height * 4, this.depth);
    for (let i = 0; i < alpha.data.length; i++) {
      data.set(colours.data.subarray(3 * i, 3 * i + 3), 4 * i);
      data[4 * i + 3] = alpha.data[i];
    }
    return { width: size.width, height: size.height, channels: 4, data };
  }

  /** Planes through the model; Lanczos stands in where it gives nothing sensible. */
  async #through({ width, height }: Planes, planes: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    const result = await this.#runner.compute(planes);
    this.#context.signal.throwIfAborted();
    if (result !== null) return result;
    this.#context.tally.replacedTile();
    const { grid } = this;
    const { scale, overlap } = grid.shape;
    const inset = (grid.margin - overlap) * scale;
    const size = keptPart(grid);
    const stand = new Float32Array(3 * size.width * size.height);
    for (let c = 0; c < 3; c++) {
      const large = enlargePlane(
        planes.subarray(c * width * height, (c + 1) * width * height),
        { width, height },
        scale,
      );
      for (let y = 0; y < size.height; y++) {
        const from = (inset + y) * width * scale + inset;
        stand.set(large.subarray(from, from + size.width), (c * size.height + y) * size.width);
      }
    }
    return stand;
  }
}

interface Placed {
  readonly tile: Tile;
  readonly pixels: Pixels;
}

/** The overlap of a span of output pixels with what a tile has kept, in the picture's and in the tile's pixels. */
function shareOf(
  grid: TileGrid,
  axis: 'width' | 'height',
  index: number,
  from: number,
  length: number,
): [number, number, number] {
  const { scale, overlap } = grid.shape;
  const begin = (index * grid.core[axis] - overlap) * scale;
  const end = begin + (grid.core[axis] + 2 * overlap) * scale;
  const first = Math.max(from, begin);
  return [first, Math.min(from + length, end), first - begin];
}

function joinTiles(
  grid: TileGrid,
  rect: Rect,
  tiles: readonly Placed[],
  depth: Depth,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const channels = tiles[0].pixels.channels;
  const result = sampleArray(rect.width * rect.height * channels, depth);
  for (const { tile, pixels } of tiles) {
    const [left, right, tileX] = shareOf(grid, 'width', tile.column, rect.x, rect.width);
    const [top, bottom, tileY] = shareOf(grid, 'height', tile.row, rect.y, rect.height);
    for (let y = top; y < bottom; y++) {
      const from = ((tileY + y - top) * pixels.width + tileX) * channels;
      const to = ((y - rect.y) * rect.width + left - rect.x) * channels;
      result.set(pixels.data.subarray(from, from + (right - left) * channels), to);
    }
  }
  return result;
}

function fadeTiles(
  grid: TileGrid,
  rect: Rect,
  tiles: readonly Placed[],
  depth: Depth,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const channels = tiles[0].pixels.channels;
  const result = sampleArray(rect.width * rect.height * channels, depth);
  const weights = new Map<number, Float32Array>();
  for (const { tile } of tiles) {
    if (weights.has(tile.column)) continue;
    const line = Float32Array.from({ length: rect.width }, (_, x) =>
      seamWeight(grid, 'width', tile.column, rect.x + x),
    );
    weights.set(tile.column, line);
  }
  const sums = new Float32Array(rect.width * channels);
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    sums.fill(0.5);
    for (const { tile, pixels } of tiles) {
      const down = seamWeight(grid, 'height', tile.row, y);
      if (down === 0) continue;
      const [left, right, tileX] = shareOf(grid, 'width', tile.column, rect.x, rect.width);
      const tileY = shareOf(grid, 'height', tile.row, y, 1)[2];
      const from = (tileY * pixels.width + tileX) * channels;
      const across = weights.get(tile.column)!;
      for (let x = left - rect.x, i = from; x < right - rect.x; x++) {
        const weight = down * across[x];
        for (let c = 0; c < channels; c++, i++) sums[x * channels + c] += weight * pixels.data[i];
      }
    }
    result.set(sums, (y - rect.y) * rect.width * channels);
  }
  return result;
}
