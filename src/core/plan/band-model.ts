import type { Rect, Size } from '../geometry.ts';

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

/** Source rows that rows of the enlarged picture depend on, with `radius` for the network's own sight. */
export function bandSourceRows(
  source: Size,
  rows: { readonly first: number; readonly count: number },
  scale: number,
  radius: number,
): { first: number; count: number } {
  const { y, height } = enlargedRegion(source, { x: 0, y: rows.first, width: 1, height: rows.count }, scale);
  const first = Math.max(0, y - radius);
  return { first, count: Math.min(source.height, y + height + radius) - first };
}

/** Sides that tiles of a network are tried with, largest first. */
const SIDES = [512, 384, 256, 192, 128, 96, 64, 32] as const;

/** Cuts a region into tiles as equal as can be, the largest that fit. Pure. */
export function networkTiles(region: Rect, fits: (width: number, height: number) => boolean): Rect[] {
  const side = SIDES.find((most) => fits(Math.min(most, region.width), Math.min(most, region.height))) ?? SIDES.at(-1)!;
  const columns = Math.ceil(region.width / side);
  const rows = Math.ceil(region.height / side);
  const cut = (length: number, count: number, index: number): number => Math.round((length * index) / count);
  return Array.from({ length: rows * columns }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [left, right] = [cut(region.width, columns, column), cut(region.width, columns, column + 1)];
    const [top, bottom] = [cut(region.height, rows, row), cut(region.height, rows, row + 1)];
    return { x: region.x + left, y: region.y + top, width: right - left, height: bottom - top };
  });
}
