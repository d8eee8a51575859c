import type { DeflateLevel } from '../../core/encoding.ts';
import type { FileWriter } from '../../core/encoding.ts';
import type { Size } from '../../core/geometry.ts';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import type { PixelFormat } from '../../core/pixels.ts';
import { addExif } from './exif-fields.ts';
import { pictureFields, TAG, tiffHeader } from './fields.ts';
import { long8Field, longField, TiffPieces, type TiffField } from './write-ifd.ts';

/** NewSubfileType (TIFF 6.0 section 8): a smaller copy of another picture in the file. */
const REDUCED = 1;

/** The tiles of a level, in the order in which TIFF counts them. */
interface Tiles {
  readonly offsets: number[];
  readonly counts: number[];
}

/**
 * A little-endian BigTIFF of tiles of `side` pixels (TIFF 6.0 section 15) with smaller copies of the picture as further directories, the
 * largest first, as libvips and libtiff's programs read pyramids. Tiles are coded as core/reference/tiff.ts codes strips; those at the right
 * and at the bottom are filled up to the full side. The directories come last: their place in the header is patched.
 */
export class PyramidFile {
  readonly #sizes: readonly Size[];
  readonly #format: PixelFormat;
  readonly #level: DeflateLevel;
  readonly #side: number;
  readonly #metadata: Metadata;
  readonly #pieces = new TiffPieces(true);
  readonly #tiles: readonly Tiles[];
  #extraFields: TiffField[] = [];

  /** `sizes` are the levels, the whole picture first. */
  constructor(sizes: readonly Size[], format: PixelFormat, level: DeflateLevel, side: number, metadata: Metadata) {
    this.#sizes = sizes;
    this.#format = format;
    this.#level = level;
    this.#side = side;
    this.#metadata = metadata;
    this.#tiles = sizes.map(() => ({ offsets: [], counts: [] }));
  }

  begin(): Uint8Array<ArrayBuffer>[] {
    const { exif } = this.#metadata;
    const header = tiffHeader(true, 0);
    this.#pieces.add(header);
    if (exif !== null) this.#extraFields = addExif(this.#pieces, exif, header.length);
    return this.#pieces.take();
  }

  /** The next tile of a level, by rows of tiles. Levels may take turns. */
  tile(level: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    const { offsets, counts } = this.#tiles[level]!;
    offsets.push(this.#pieces.add(bytes));
    counts.push(bytes.length);
    return this.#pieces.take();
  }

  end(): ReturnType<FileWriter['end']> {
    // From the smallest on, since each directory names the next one.
    const offset = this.#sizes.reduceRight((next, _, level) => this.#pieces.addIfd(this.#fields(level), next), 0);
    return { bytes: this.#pieces.take(), patches: [{ position: 0, bytes: tiffHeader(true, offset) }] };
  }

  #fields(level: number): TiffField[] {
    const { width, height } = this.#sizes[level]!;
    const { offsets, counts } = this.#tiles[level]!;
    // The copies are for viewers, which need the profile to show the same colours.
    const metadata = level === 0 ? this.#metadata : { ...NO_METADATA, icc: this.#metadata.icc };
    return [
      ...pictureFields(this.#format, this.#level, metadata),
      longField(TAG.newSubfileType, [level === 0 ? 0 : REDUCED]),
      longField(TAG.imageWidth, [width]),
      longField(TAG.imageLength, [height]),
      longField(TAG.tileWidth, [this.#side]),
      longField(TAG.tileLength, [this.#side]),
      long8Field(TAG.tileOffsets, offsets),
      longField(TAG.tileByteCounts, counts),
      ...(level === 0 ? this.#extraFields : []),
    ];
  }
}
