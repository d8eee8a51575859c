import type { BandCoder, BandEncoding, BandPlace, Chroma, PictureShape } from '../encoding.ts';
import { AppError } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { JpegStatistics } from './huffman.ts';

export type JpegEncoding = Extract<BandEncoding, { kind: 'jpeg' }>;

/** A JPEG band coder that can also count the symbols of a band, to make tables from (`optimisedTables`). */
export interface JpegCoder extends BandCoder {
  /** The symbols that `encode` would write for this band, whatever tables the coder has. */
  statistics(rows: Uint8Array, place: BandPlace): JpegStatistics;
}

/** How a picture is cut into minimum coded units (ITU T.81, A.2). */
export interface JpegLayout extends Size {
  readonly components: 1 | 3;
  /** Pixels that a unit covers: 8, or 16 with 4:2:0. */
  readonly mcuSize: 8 | 16;
  readonly mcusPerRow: number;
  readonly mcuRows: number;
}

/** The most units that a restart interval can have: DRI holds 16 bits. */
const MAX_INTERVAL = 65535;

/** Rows of pixels in a row of units: 16 for 4:2:0, else 8. */
export const mcuRowHeight = (shape: PictureShape, chroma: Chroma): 8 | 16 =>
  shape.channels !== 1 && chroma === '420' ? 16 : 8;

/** Throws `bad-options` for pictures that are not 8-bit grey or RGB: transparency must have been laid on a background before. */
export function jpegLayout(shape: PictureShape, chroma: Chroma): JpegLayout {
  const { width, height, channels, depth } = shape;
  if (depth !== 8 || channels === 4) {
    throw new AppError('bad-options', `JPEG holds grey or RGB of 8 bits, not ${channels} channels of ${depth} bits.`, {
      remedy: 'Lay the picture on a background and choose 8 bits, or choose PNG or TIFF.',
      values: { channels, depth },
    });
  }
  const mcuSize = mcuRowHeight(shape, chroma);
  return {
    width,
    height,
    components: channels,
    mcuSize,
    mcusPerRow: Math.ceil(width / mcuSize),
    mcuRows: Math.ceil(height / mcuSize),
  };
}

/**
 * Rows of units in a restart interval: the fewest that hold at least 16 units, so that markers cost next to nothing in narrow
 * pictures and bands of wide ones can be as low as a row. Never more units than DRI can say (65535).
 */
export function restartRowsFor(shape: PictureShape, chroma: Chroma): number {
  const { mcusPerRow } = jpegLayout(shape, chroma);
  return Math.min(Math.ceil(16 / mcusPerRow), Math.floor(MAX_INTERVAL / mcusPerRow));
}

/** Units in a restart interval as DRI has it; 0 when the picture is one interval, which needs no marker. */
export function restartInterval(layout: JpegLayout, restartRows: number): number {
  if (restartRows >= layout.mcuRows) return 0;
  const units = restartRows * layout.mcusPerRow;
  if (!Number.isInteger(restartRows) || restartRows < 1 || units > MAX_INTERVAL) {
    throw new AppError(
      'internal',
      `A restart interval of ${restartRows} rows has ${units} units; JPEG ends at ${MAX_INTERVAL}.`,
      {
        values: { restartRows, units },
      },
    );
  }
  return units;
}

/** Throws when a band is not a whole number of restart intervals, or its rows are not all there. */
export function checkBand(layout: JpegLayout, encoding: JpegEncoding, rows: Uint8Array, place: BandPlace): void {
  const step = layout.mcuSize * Math.min(encoding.restartRows, layout.mcuRows);
  const atEnd = place.y + place.rows === layout.height;
  const whole = place.y % step === 0 && (atEnd || place.rows % step === 0) && place.rows > 0;
  const bytes = place.rows * layout.width * layout.components;
  if (whole && atEnd === place.last && rows.byteLength === bytes) return;
  throw new AppError(
    'internal',
    `A JPEG band of ${place.rows} rows at ${place.y} with ${rows.byteLength} bytes does not fit intervals of ${step} rows of ` +
      `${layout.width * layout.components} bytes in a picture of ${layout.height} rows.`,
    { values: { y: place.y, rows: place.rows, bytes: rows.byteLength } },
  );
}
