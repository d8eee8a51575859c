import type { BandEncoding, PictureShape } from '../../core/encoding.ts';
import { halvings, ZOOM_TILE } from '../../core/exports.ts';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import { codeWhole, type MakeCoder } from './coders.ts';
import type { FileSet } from './file-set.ts';
import type { CountBytes, PictureExport } from './picture-export.ts';
import { cutColumns, TileRows, type TileRow } from './tile-rows.ts';
import { viewerPage } from './viewer-page.ts';

/** What an export of tiles is made with. */
export interface DeepZoomParts {
  readonly set: FileSet;
  readonly picture: PictureShape;
  readonly encoding: BandEncoding;
  readonly make: MakeCoder;
  /** Each tile gets its profile and nothing else. */
  readonly metadata: Metadata;
  /** What the picture is called, in the page and in the names of files. */
  readonly title: string;
  /** The viewer's program, for the page that shows the tiles. */
  readonly viewer: Uint8Array<ArrayBuffer>;
  readonly count: CountBytes;
}

const NAME = 'picture';

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

/**
 * Deep Zoom Image tiles (Microsoft's DZI, schema 2008): `picture.dzi` and `picture_files/<level>/<column>_<row>.<ending>`, level 0 being
 * one pixel; with a page that shows them from the disk, without a network.
 */
export class DeepZoomExport implements PictureExport {
  readonly #parts: DeepZoomParts;
  readonly #tiles: TileRows;
  readonly #levels: number;
  readonly #ending: string;
  #files = 0;

  constructor(parts: DeepZoomParts) {
    this.#parts = parts;
    this.#ending = parts.encoding.kind === 'jpeg' ? 'jpg' : 'png';
    const sizes = halvings(parts.picture, 1);
    this.#levels = sizes.length;
    this.#tiles = new TileRows(sizes, parts.picture, ZOOM_TILE, (row) => this.#write(row));
  }

  get files(): number {
    return this.#files;
  }

  push(pixels: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#tiles.push(pixels);
  }

  async end(): Promise<void> {
    const { picture, title, viewer } = this.#parts;
    const { width, height } = picture;
    const { side, overlap } = ZOOM_TILE;
    const xmlns = 'http://schemas.microsoft.com/deepzoom/2008';
    const descriptor =
      `<?xml version="1.0" encoding="UTF-8"?>\n<Image xmlns="${xmlns}" Format="${this.#ending}" Overlap="${overlap}" ` +
      `TileSize="${side}">\n  <Size Width="${width}" Height="${height}"/>\n</Image>\n`;
    const source = {
      Image: {
        ...{ xmlns, Url: `${NAME}_files/`, Format: this.#ending, Overlap: String(overlap), TileSize: String(side) },
        Size: { Width: String(width), Height: String(height) },
      },
    };
    await this.#add(`${NAME}.dzi`, [text(descriptor)]);
    await this.#add('viewer/openseadragon.min.js', [viewer]);
    for (const [path, content] of viewerPage(title, source)) await this.#add(path, [text(content)]);
  }

  async #write(tileRow: TileRow): Promise<void> {
    const { picture, encoding, make, metadata } = this.#parts;
    const { level, levelIndex, row, rows } = tileRow;
    const { side, overlap } = ZOOM_TILE;
    const folder = `${NAME}_files/${this.#levels - 1 - levelIndex}`;
    for (let column = 0; column * side < level.width; column++) {
      const x = Math.max(0, column * side - overlap);
      const width = Math.min(level.width, (column + 1) * side + overlap) - x;
      const pixels = cutColumns(tileRow, x, width, picture);
      const shape = { width, height: rows, channels: picture.channels, depth: picture.depth };
      const bytes = codeWhole(make, shape, encoding, { ...NO_METADATA, icc: metadata.icc }, pixels);
      await this.#add(`${folder}/${column}_${row}.${this.#ending}`, bytes);
    }
  }

  async #add(path: string, chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    await this.#parts.set.add(path, chunks);
    this.#parts.count(chunks.reduce((sum, { length }) => sum + length, 0));
    this.#files++;
  }
}
