import type { Rect, Size } from '../geometry.ts';
import { graphRadius, isGraph, type GraphNetwork } from '../graph-network.ts';
import { receptiveRadius, type Network } from '../network.ts';

/** Source pixels around a rectangle that the colour lock looks at (`LOCK_REACH` in pipeline/ai/colour-lock.ts; a test holds them together). */
export const BAND_LOCK_REACH = 9;

/**
 * The part of the source that a network has to enlarge for a rectangle of its result: the pixels under it, and what the colour lock compares
 * around them. Without what the network itself looks at.
 */
export function enlargedRegion(source: Size, rect: Rect, scale: number): Rect {
  const x = Math.max(0, Math.floor(rect.x / scale) - BAND_LOCK_REACH);
  const y = Math.max(0, Math.floor(rect.y / scale) - BAND_LOCK_REACH);
  const right = Math.min(source.width, Math.ceil((rect.x + rect.width) / scale) + BAND_LOCK_REACH);
  const bottom = Math.min(source.height, Math.ceil((rect.y + rect.height) / scale) + BAND_LOCK_REACH);
  return { x, y, width: right - x, height: bottom - y };
}

/** Pixels around a region that its tiles look at: the network's own sight, and what brings their corners to even places. */
function reachOf(network: Network | GraphNetwork): number {
  return isGraph(network) ? graphRadius(network) + network.multiple - 1 : receptiveRadius(network);
}

/**
 * Source rows that rows of a picture depend on, which networks have enlarged one after the other. One that averages over the picture
 * depends on all of it.
 */
export function bandSourceRows(
  source: Size,
  rows: { readonly first: number; readonly count: number },
  networks: readonly (Network | GraphNetwork)[],
): { first: number; count: number } {
  if (networks.some((network) => isGraph(network) && network.gates.length > 0))
    return { first: 0, count: source.height };
  const [first, ...rest] = networks;
  if (first === undefined) return rows;
  const { scale } = first;
  const between = bandSourceRows({ width: source.width * scale, height: source.height * scale }, rows, rest);
  const rect = { x: 0, y: between.first, width: 1, height: between.count };
  const { y, height } = enlargedRegion(source, rect, scale);
  const reach = reachOf(first);
  const top = Math.max(0, y - reach);
  return { first: top, count: Math.min(source.height, y + height + reach) - top };
}

/** Sides of tiles below which margins would be nearly all that is computed. */
const LEAST_SIDE = 32;

/** What cutting must know of a network. */
export interface TileNeeds {
  /** Pixels at each side of a tile that are computed beside it. */
  readonly radius: number;
  /** Tiles begin and end at multiples of this, also beyond the region. */
  readonly multiple: number;
  /** Whether a tile of this size, its margins included, has room. */
  readonly fits: (width: number, height: number) => boolean;
}

/** Cuts a region into tiles as equal as can be, so that together with their margins they have the fewest pixels. Pure. */
export function networkTiles(region: Rect, { radius, multiple, fits }: TileNeeds): Rect[] {
  const from = { x: floorTo(region.x, multiple), y: floorTo(region.y, multiple) };
  const across = Math.ceil((region.x + region.width - from.x) / multiple);
  const down = Math.ceil((region.y + region.height - from.y) / multiple);
  const side = (steps: number, count: number): number => Math.ceil(steps / count) * multiple;
  const isFitting = (columns: number, rows: number): boolean =>
    fits(side(across, columns) + 2 * radius, side(down, rows) + 2 * radius);
  const most = (steps: number): number => Math.ceil((steps * multiple) / LEAST_SIDE);
  let best = { columns: most(across), rows: most(down), pixels: Infinity };
  let columns = most(across);
  for (let rows = 1; rows <= most(down); rows++) {
    if (!isFitting(columns, rows)) continue;
    while (columns > 1 && isFitting(columns - 1, rows)) columns--;
    const pixels = (across * multiple + 2 * radius * columns) * (down * multiple + 2 * radius * rows);
    if (pixels < best.pixels) best = { columns, rows, pixels };
  }
  const cut = (steps: number, count: number, index: number): number => Math.round((steps * index) / count) * multiple;
  return Array.from({ length: best.rows * best.columns }, (_, i) => {
    const [column, row] = [i % best.columns, Math.floor(i / best.columns)];
    const [left, right] = [cut(across, best.columns, column), cut(across, best.columns, column + 1)];
    const [top, bottom] = [cut(down, best.rows, row), cut(down, best.rows, row + 1)];
    return { x: from.x + left, y: from.y + top, width: right - left, height: bottom - top };
  });
}

const floorTo = (value: number, step: number): number => value - (value % step);

/** Side and number, each way, of the parts of a picture in which a network's averages are taken when all of it is too large. */
const SAMPLE_SIDE = 128;
const SAMPLES = 3;

/** The parts of a picture in which a network's averages are taken: all of it where it fits. Pure. */
export function sampleTiles(picture: Size, { radius, multiple, fits }: TileNeeds): Rect[] {
  const whole = { x: 0, y: 0, width: ceilTo(picture.width, multiple), height: ceilTo(picture.height, multiple) };
  if (fits(whole.width + 2 * radius, whole.height + 2 * radius)) return [whole];
  const along = (length: number): { readonly at: number; readonly side: number }[] => {
    const count = Math.min(SAMPLES, Math.ceil(length / SAMPLE_SIDE));
    const side = Math.min(SAMPLE_SIDE, ceilTo(length, multiple));
    return Array.from({ length: count }, (_, i) => {
      const middle = ((i + 0.5) * length) / count;
      return { at: floorTo(Math.max(0, Math.floor(middle - side / 2)), multiple), side };
    });
  };
  return along(picture.height).flatMap((row) =>
    along(picture.width).map((column) => ({ x: column.at, y: row.at, width: column.side, height: row.side })),
  );
}

const ceilTo = (value: number, step: number): number => Math.ceil(value / step) * step;
