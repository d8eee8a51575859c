import type { BandPlace, DeflateLevel, FileWriter, PictureShape, Segment } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import type { Metadata } from '../../core/metadata.ts';
import { densityRational } from '../metadata/density.ts';
import { addExif } from './exif-fields.ts';
import {
  bytesField,
  long8Field,
  longField,
  rationalField,
  shortField,
  TIFF_TYPE,
  TiffPieces,
  type TiffField,
} from './write-ifd.ts';

const TAG = {
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  predictor: 317,
  extraSamples: 338,
  xmp: 700,
  icc: 34675,
} as const;

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
    const header = this.#header(0);
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
    return { bytes: this.#pieces.take(), patches: [{ position: 0, bytes: this.#header(offset) }] };
  }

  /** The version and the place of the directory; BigTIFF also says how wide offsets are. */
  #header(ifd: number): Bytes {
    const { big } = this.#pieces;
    const header = new Uint8Array(big ? 16 : 8);
    const view = new DataView(header.buffer);
    view.setUint16(0, 0x4949, true);
    view.setUint16(2, big ? 43 : 42, true);
    if (big) {
      view.setUint16(4, 8, true);
      view.setBigUint64(8, BigInt(ifd), true);
    } else {
      view.setUint32(4, ifd, true);
    }
    return header;
  }

  #fields(): TiffField[] {
    const { width, height, channels, depth } = this.#shape;
    const { density, orientation, icc, xmp } = this.#metadata;
    const packed = this.#level !== 'store';
    const offsets = this.#pieces.big ? long8Field : longField;
    const fields = [
      longField(TAG.imageWidth, [width]),
      longField(TAG.imageLength, [height]),
      shortField(TAG.bitsPerSample, ...Array<number>(channels).fill(depth)),
      shortField(TAG.compression, packed ? 8 : 1),
      shortField(TAG.photometric, channels === 1 ? 1 : 2),
      offsets(TAG.stripOffsets, this.#offsets),
      shortField(TAG.orientation, orientation),
      shortField(TAG.samplesPerPixel, channels),
      longField(TAG.rowsPerStrip, [Math.min(this.#bandRows, height)]),
      longField(TAG.stripByteCounts, this.#counts),
      // Without a density there is no unit, and the numbers are the proportions of a pixel.
      rationalField(TAG.xResolution, density === null ? [1, 1] : densityRational(density.x)),
      rationalField(TAG.yResolution, density === null ? [1, 1] : densityRational(density.y)),
      shortField(TAG.resolutionUnit, density === null ? 1 : 2),
      shortField(TAG.planarConfiguration, 1),
      ...(packed ? [shortField(TAG.predictor, 2)] : []),
      ...(channels === 4 ? [shortField(TAG.extraSamples, 2)] : []),
      ...(icc === null ? [] : [bytesField(TAG.icc, TIFF_TYPE.undefined, icc)]),
      ...(xmp === null ? [] : [bytesField(TAG.xmp, TIFF_TYPE.byte, xmp)]),
    ];
    return [...fields, ...this.#extraFields];
  }
}
