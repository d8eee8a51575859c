import type { BandPlace, DeflateLevel, FileWriter, PictureShape, Segment } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import type { Metadata } from '../../core/metadata.ts';
import { addExif } from './exif-fields.ts';
import { pictureFields, TAG, tiffHeader } from './fields.ts';
import { long8Field, longField, TiffPieces, type TiffField } from './write-ifd.ts';

/** Offsets of a TIFF have 32 bits. Coded strips may be larger than the rows, and the metadata comes on top. */
const CLASSIC_BYTES = 3.9 * 2 ** 30;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Writes a little-endian TIFF 6.0, or a BigTIFF when `estimatedBytes` (the size of the raw pixels; coded ones are hardly larger)
 * comes near 4 GiB. Each band is a strip of `bandRows` rows, the last one of what is left, coded as core/reference/tiff.ts does: compression 8
 * (Adobe deflate) with predictor 2, or none with `store`. EXIF comes first, the directory last: its offset in the header is patched.
 */
export function createTiffFile(
  shape: PictureShape,
  bandRows: number,
  level: DeflateLevel,
  metadata: Metadata,
  estimatedBytes: number,
): FileWriter {
  return new TiffFile(shape, bandRows, level, metadata, estimatedBytes > CLASSIC_BYTES);
}

class TiffFile implements FileWriter {
  readonly #shape: PictureShape;
  readonly #bandRows: number;
  readonly #level: DeflateLevel;
  readonly #metadata: Metadata;
  readonly #pieces: TiffPieces;
  #extraFields: TiffField[] = [];
  readonly #offsets: number[] = [];
  readonly #counts: number[] = [];

  constructor(shape: PictureShape, bandRows: number, level: DeflateLevel, metadata: Metadata, big: boolean) {
    this.#shape = shape;
    this.#bandRows = bandRows;
    this.#level = level;
    this.#metadata = metadata;
    this.#pieces = new TiffPieces(big);
  }

  begin(): Bytes[] {
    const { exif } = this.#metadata;
    const header = tiffHeader(this.#pieces.big, 0);
    this.#pieces.add(header);
    if (exif !== null) this.#extraFields = addExif(this.#pieces, exif, header.length);
    return this.#pieces.take();
  }

  segment({ bytes }: Segment, { index, rows, last }: BandPlace): Bytes[] {
    if (index !== this.#offsets.length || (!last && rows !== this.#bandRows)) {
      throw new AppError('internal', `Strip ${index} of ${rows} rows came as number ${this.#offsets.length}.`);
    }
    const offset = this.#pieces.add(bytes);
    if (!this.#pieces.big && this.#pieces.position > 2 ** 32 - 2 ** 24) {
      throw new AppError('too-large-output', 'The TIFF became larger than 4 GiB, which was not foreseen.', {
        remedy: 'Choose PNG, or a smaller size.',
      });
    }
    this.#offsets.push(offset);
    this.#counts.push(bytes.length);
    return this.#pieces.take();
  }

  end(): ReturnType<FileWriter['end']> {
    const offset = this.#pieces.addIfd(this.#fields());
    return { bytes: this.#pieces.take(), patches: [{ position: 0, bytes: tiffHeader(this.#pieces.big, offset) }] };
  }

  #fields(): TiffField[] {
    const { width, height } = this.#shape;
    const offsets = this.#pieces.big ? long8Field : longField;
    return [
      ...pictureFields(this.#shape, this.#level, this.#metadata),
      longField(TAG.imageWidth, [width]),
      longField(TAG.imageLength, [height]),
      offsets(TAG.stripOffsets, this.#offsets),
      longField(TAG.rowsPerStrip, [Math.min(this.#bandRows, height)]),
      longField(TAG.stripByteCounts, this.#counts),
      ...this.#extraFields,
    ];
  }
}
