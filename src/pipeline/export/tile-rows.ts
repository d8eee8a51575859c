import { halveRows } from '../../core/halve.ts';
import { bytesPerRow, type PixelFormat } from '../../core/pixels.ts';
import type { Size } from '../../core/geometry.ts';

/** A run of full-width rows of a level, ready to be cut into a row of tiles. Valid until the returned promise settles. */
export interface TileRow {
  readonly level: Size;
  /** From 0, the whole picture. */
  readonly levelIndex: number;
  readonly row: number;
  /** First row of `pixels` in the level, and their number; the overlap is in it. */
  readonly y: number;
  readonly rows: number;
  readonly pixels: Uint8Array;
}

export type TakeTileRow = (row: TileRow) => Promise<void>;

/** Gathers the rows of one level into rows of tiles, and hands halved rows to the next level. */
class Level {
  readonly #size: Size;
  readonly #index: number;
  readonly #format: PixelFormat;
  readonly #side: number;
  readonly #overlap: number;
  readonly #take: TakeTileRow;
  readonly #next: Level | null;
  readonly #rowBytes: number;
  readonly #held: Uint8Array;
  /** First row in `held`, and how many are there. */
  #first = 0;
  #count = 0;
  #tileRow = 0;
  /** The upper row of a pair whose lower one has not come. */
  #upper: Uint8Array | null = null;
  #seen = 0;

  constructor(
    sizes: readonly Size[],
    index: number,
    format: PixelFormat,
    tile: { readonly side: number; readonly overlap: number },
    take: TakeTileRow,
  ) {
    this.#size = sizes[index]!;
    this.#index = index;
    this.#format = format;
    this.#side = tile.side;
    this.#overlap = tile.overlap;
    this.#take = take;
    this.#rowBytes = bytesPerRow(this.#size.width, format);
    this.#held = new Uint8Array(Math.min(this.#size.height, tile.side + 2 * tile.overlap) * this.#rowBytes);
    this.#next = index + 1 < sizes.length ? new Level(sizes, index + 1, format, tile, take) : null;
  }

  async push(pixels: Uint8Array): Promise<void> {
    const rows = pixels.length / this.#rowBytes;
    for (let done = 0; done < rows;) {
      const end = this.#endOfTileRow();
      const more = Math.min(rows - done, end - this.#first - this.#count);
      const part = pixels.subarray(done * this.#rowBytes, (done + more) * this.#rowBytes);
      this.#held.set(part, this.#count * this.#rowBytes);
      this.#count += more;
      done += more;
      if (this.#first + this.#count === end) await this.#emit();
    }
    if (this.#next !== null) await this.#halve(pixels, this.#next);
  }

  #endOfTileRow(): number {
    return Math.min(this.#size.height, (this.#tileRow + 1) * this.#side + this.#overlap);
  }

  async #emit(): Promise<void> {
    await this.#take({
      ...{ level: this.#size, levelIndex: this.#index, row: this.#tileRow, y: this.#first, rows: this.#count },
      pixels: this.#held.subarray(0, this.#count * this.#rowBytes),
    });
    this.#tileRow++;
    // The next row of tiles begins a little above its own rows.
    const keepFrom = Math.min(this.#first + this.#count, Math.max(0, this.#tileRow * this.#side - this.#overlap));
    const gone = keepFrom - this.#first;
    this.#held.copyWithin(0, gone * this.#rowBytes, this.#count * this.#rowBytes);
    this.#first = keepFrom;
    this.#count -= gone;
    // What is left of a last row of tiles is the overlap alone.
    if (this.#first + this.#count === this.#size.height && this.#tileRow * this.#side < this.#size.height)
      await this.#emit();
  }

  async #halve(pixels: Uint8Array, next: Level): Promise<void> {
    const { width, height } = this.#size;
    const bytes = this.#rowBytes;
    const halved: Uint8Array[] = [];
    let at = 0;
    if (this.#upper !== null) {
      const pair = new Uint8Array(2 * bytes);
      pair.set(this.#upper);
      pair.set(pixels.subarray(0, bytes), bytes);
      this.#upper = null;
      halved.push(halveRows(pair, width, 2, this.#format));
      at = bytes;
    }
    for (; at + 2 * bytes <= pixels.length; at += 2 * bytes) {
      halved.push(halveRows(pixels.subarray(at, at + 2 * bytes), width, 2, this.#format));
    }
    this.#seen += pixels.length / bytes;
    if (at < pixels.length) {
      const last = pixels.subarray(at);
      if (this.#seen === height) halved.push(halveRows(last, width, 1, this.#format));
      else this.#upper = last.slice();
    }
    const rows = new Uint8Array(halved.reduce((sum, row) => sum + row.length, 0));
    let to = 0;
    for (const row of halved) {
      rows.set(row, to);
      to += row.length;
    }
    if (rows.length > 0) await next.push(rows);
  }
}

/**
 * Takes a picture from top to bottom and gives rows of tiles of it and of its halvings, as soon as each is complete. Holds one row of
 * tiles of each level: about twice `side` rows of the picture.
 */
export class TileRows {
  readonly #top: Level;

  /** `sizes` are the levels, the whole picture first; each is half of the one before, rounded up. */
  constructor(
    sizes: readonly Size[],
    format: PixelFormat,
    tile: { readonly side: number; readonly overlap: number },
    take: TakeTileRow,
  ) {
    this.#top = new Level(sizes, 0, format, tile, take);
  }

  /** The next rows, whole. */
  push(pixels: Uint8Array): Promise<void> {
    return this.#top.push(pixels);
  }
}

/** A tile's pixels out of rows of `width` pixels: columns from `x`, all rows. */
export function cutColumns(
  { pixels, rows, level }: Pick<TileRow, 'pixels' | 'rows' | 'level'>,
  x: number,
  width: number,
  format: PixelFormat,
): Uint8Array<ArrayBuffer> {
  const stride = bytesPerRow(level.width, format);
  const length = bytesPerRow(width, format);
  const offset = bytesPerRow(x, format);
  const tile = new Uint8Array(rows * length);
  for (let row = 0; row < rows; row++) {
    tile.set(pixels.subarray(row * stride + offset, row * stride + offset + length), row * length);
  }
  return tile;
}
