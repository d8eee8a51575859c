import type { ModelShape } from '../ai.ts';
import type { Rect, Size } from '../geometry.ts';

/** How a picture is cut for a model. Every tile has the same input size, since runtimes do badly with changing ones. */
export interface TileGrid {
  readonly picture: Size;
  readonly shape: ModelShape;
  readonly columns: number;
  readonly rows: number;
  /** The part that a tile answers for; the last of a row or column may be cut short by the picture's edge. */
  readonly core: Size;
  /** Context around the core on each side: halo and overlap. */
  readonly margin: number;
  /** Size of the model's input. */
  readonly input: Size;
}

/** One tile, in pixels of the picture before enlargement. */
export interface Tile {
  readonly column: number;
  readonly row: number;
  readonly core: Rect;
  /** What the model sees; reaches beyond the picture at its edges, where it is filled by reflection. */
  readonly input: Rect;
}

/** A row of finished tiles is held in memory: its bytes bound the tiles' height in very wide pictures. */
const TILE_ROW_BYTES = 48 * 2 ** 20;
const LEAST_TILE = 64;

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** The context around a core, such that the input's sides are multiples of what the model wants. */
export const marginOf = ({ halo, overlap, multiple }: ModelShape): number => roundUp(halo + overlap, multiple);

/**
 * Cuts a picture into tiles as equal as the model allows. Depends on nothing but the arguments, so that a preview meets the tiles
 * of the job. `square` is for runs that also turn the picture.
 */
export function planTiles(picture: Size, shape: ModelShape, square = false): TileGrid {
  const margin = marginOf(shape);
  const core = shape.fixed === null ? freeCore(picture, shape, square) : fixedCore(shape.fixed, margin);
  const input = shape.fixed ?? { width: core.width + 2 * margin, height: core.height + 2 * margin };
  return {
    ...{ picture, shape, core, margin, input },
    columns: Math.ceil(picture.width / core.width),
    rows: Math.ceil(picture.height / core.height),
  };
}

function fixedCore(fixed: Size, margin: number): Size {
  const core = { width: fixed.width - 2 * margin, height: fixed.height - 2 * margin };
  if (Math.min(core.width, core.height) < 1) {
    throw new RangeError(`an input of ${fixed.width} x ${fixed.height} has no room for ${margin} pixels of context`);
  }
  return core;
}

function freeCore(picture: Size, { scale, tile, multiple }: ModelShape, square: boolean): Size {
  const side = (length: number, most: number): number => roundUp(length / Math.ceil(length / most), multiple);
  const rowBytes = (height: number): number => picture.width * scale * height * scale * 3;
  let most = tile;
  while (most / 2 >= LEAST_TILE && rowBytes(most) > TILE_ROW_BYTES) most = roundUp(most / 2, multiple);
  const width = side(picture.width, square ? most : tile);
  const height = side(picture.height, most);
  if (!square) return { width, height };
  const larger = Math.max(width, height);
  return { width: larger, height: larger };
}

export function tileAt(grid: TileGrid, column: number, row: number): Tile {
  const { picture, core, margin, input } = grid;
  const x = column * core.width;
  const y = row * core.height;
  const width = Math.min(core.width, picture.width - x);
  const height = Math.min(core.height, picture.height - y);
  return { column, row, core: { x, y, width, height }, input: { x: x - margin, y: y - margin, ...input } };
}

/** The part of a tile's result that is kept, in pixels of the model's output: the core and the overlap around it. */
export function keptPart({ shape, core, margin }: TileGrid): Rect {
  const { scale, overlap, trim } = shape;
  const offset = (margin - overlap - trim) * scale;
  return {
    ...{ x: offset, y: offset },
    width: (core.width + 2 * overlap) * scale,
    height: (core.height + 2 * overlap) * scale,
  };
}

/** First and last index of the tiles on one axis that have a share in output pixels `from` to `from + length`. */
export function tilesUnder(
  grid: TileGrid,
  axis: 'width' | 'height',
  from: number,
  length: number,
): { first: number; last: number } {
  const { overlap, scale } = grid.shape;
  const side = grid.core[axis] * scale;
  const reach = overlap * scale;
  const count = axis === 'width' ? grid.columns : grid.rows;
  return {
    first: Math.max(0, Math.floor((from - reach) / side)),
    last: Math.min(count - 1, Math.floor((from + length - 1 + reach) / side)),
  };
}

/**
 * Weight of tile `index` along one axis at output pixel `position`: 1 inside, and a smooth step across each seam that it shares;
 * the weights of all tiles add up to 1.
 */
export function seamWeight(grid: TileGrid, axis: 'width' | 'height', index: number, position: number): number {
  const { overlap, scale } = grid.shape;
  const side = grid.core[axis] * scale;
  const reach = overlap * scale;
  const count = axis === 'width' ? grid.columns : grid.rows;
  const centre = position + 0.5;
  const before = index === 0 ? 1 : rise(centre - index * side, reach);
  const after = index === count - 1 ? 1 : 1 - rise(centre - (index + 1) * side, reach);
  return before * after;
}

/** 0 below -reach, 1 above reach, and a cubic without kinks between. */
function rise(distance: number, reach: number): number {
  if (distance <= -reach) return 0;
  if (distance >= reach) return 1;
  const t = (distance + reach) / (2 * reach);
  return t * t * (3 - 2 * t);
}

/** The pixel of 0..length-1 that stands at `position` when the picture is mirrored at its border pixels, without end. */
export function reflect(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((position % period) + period) % period;
  return within < length ? within : period - within;
}
