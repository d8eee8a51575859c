import { PyramidFile } from '../../codecs/tiff/pyramid-file.ts';
import type { BandCoder, DeflateLevel, PictureShape } from '../../core/encoding.ts';
import { halvings, pyramidTile } from '../../core/exports.ts';
import type { Metadata } from '../../core/metadata.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import type { Sink } from '../../core/sink.ts';
import type { MakeCoder } from './coders.ts';
import type { CountBytes, PictureExport } from './picture-export.ts';
import { cutColumns, TileRows, type TileRow } from './tile-rows.ts';

/** What a pyramid is made with. */
export interface PyramidParts {
  readonly sink: Sink;
  readonly picture: PictureShape;
  readonly level: DeflateLevel;
  readonly make: MakeCoder;
  readonly metadata: Metadata;
  readonly count: CountBytes;
}

/** One TIFF of tiles, with halvings of the picture down to one that fits into a tile. */
export class PyramidExport implements PictureExport {
  readonly files = 1;
  readonly #parts: PyramidParts;
  readonly #file: PyramidFile;
  readonly #tiles: TileRows;
  readonly #coder: BandCoder;
  readonly #side: number;
  #begun = false;

  constructor(parts: PyramidParts) {
    const { picture, level, make, metadata } = parts;
    this.#parts = parts;
    const side = pyramidTile(picture);
    this.#side = side;
    const sizes = halvings(picture, side);
    this.#file = new PyramidFile(sizes, picture, level, side, metadata);
    this.#tiles = new TileRows(sizes, picture, { side, overlap: 0 }, (row) => this.#write(row));
    this.#coder = make({ ...picture, width: side, height: side }, { kind: 'tiff', level });
  }

  async push(pixels: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#begun) await this.#put(this.#file.begin());
    this.#begun = true;
    await this.#tiles.push(pixels);
  }

  async end(): Promise<void> {
    const { bytes, patches } = this.#file.end();
    await this.#put(bytes);
    await this.#parts.sink.patch(patches);
  }

  async #write(tileRow: TileRow): Promise<void> {
    const { picture } = this.#parts;
    const { level, levelIndex, rows } = tileRow;
    const side = this.#side;
    const place = { index: 0, y: 0, rows: side, first: true, last: true };
    for (let x = 0; x < level.width; x += side) {
      const width = Math.min(side, level.width - x);
      const pixels = filled(cutColumns(tileRow, x, width, picture), width, rows, side, picture);
      await this.#put(this.#file.tile(levelIndex, this.#coder.encode(pixels, place).bytes));
    }
  }

  async #put(chunks: Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.#parts.count(chunks.reduce((sum, { length }) => sum + length, 0));
    await this.#parts.sink.write(chunks);
  }
}

/** A tile of the full side: the last column and the last row repeated, which code into next to nothing. */
function filled(
  pixels: Uint8Array<ArrayBuffer>,
  width: number,
  rows: number,
  side: number,
  picture: PictureShape,
): Uint8Array<ArrayBuffer> {
  if (width === side && rows === side) return pixels;
  const length = bytesPerRow(width, picture);
  const stride = bytesPerRow(side, picture);
  const pixel = bytesPerRow(1, picture);
  const tile = new Uint8Array(side * stride);
  for (let row = 0; row < side; row++) {
    const from = Math.min(row, rows - 1) * length;
    tile.set(pixels.subarray(from, from + length), row * stride);
    for (let at = length; at < stride; at += pixel) {
      tile.copyWithin(row * stride + at, row * stride + length - pixel, row * stride + length);
    }
  }
  return tile;
}
