import type { BandPlace, PictureShape } from '../encoding.ts';
import { bytesPerRow } from '../pixels.ts';

/** Band heights are multiples of this at least: a row of MCUs in 4:2:0, and two in 4:4:4. */
export const BAND_ALIGN = 16;

/** What bounds the height of a band. Bytes are of decoded pixels. */
export interface BandLimits {
  /** Most bytes of finished pixels in a band. */
  readonly bandBytes: number;
  /** Most bytes of source rows under a band, its halo included. */
  readonly sourceBytes: number;
  /** Bands to aim at, so that every core gets some; fewer when the picture has not enough rows. */
  readonly bands: number;
}

/**
 * The limits in use. They do not depend on the machine, so that the same job gives the same bytes everywhere. 5 MiB is what a picture of
 * 96 megapixels in 64 bands has, so that a larger one takes no more memory; it is high enough that the halo of an enlargement costs
 * little (at 15x, Lanczos-3, 48 rows: six source rows more for the three under them, which are filtered across alone), and low enough
 * that two bands a core fit any device. 64 bands keep 16 cores busy to the end.
 */
export const BAND_LIMITS: BandLimits = { bandBytes: 5 << 20, sourceBytes: 16 << 20, bands: 64 };

/** The source rows under a run of finished rows; `sourceRowsFor` of core/taps.ts with a spec bound to it. */
export type RowSpan = (y: number, rows: number) => { readonly first: number; readonly count: number };

/**
 * Cuts a picture into bands of equal height (the last may be shorter), a multiple of `step` rows. A band never gets less
 * than `step` rows, whatever the limits.
 */
export function planBands(
  picture: PictureShape,
  sourceRowBytes: number,
  span: RowSpan,
  step = BAND_ALIGN,
  limits = BAND_LIMITS,
): BandPlace[] {
  const { height } = picture;
  const align = (rows: number): number => Math.max(step, Math.floor(rows / step) * step);
  const byBytes = limits.bandBytes / bytesPerRow(picture.width, picture);
  let rows = align(Math.min(byBytes, height / limits.bands + step - 1));
  const middle = Math.max(0, Math.floor((height - rows) / 2));
  const sourceBytes = (count: number): number => span(middle, Math.min(count, height - middle)).count * sourceRowBytes;
  while (rows > step && sourceBytes(rows) > limits.sourceBytes) rows = align(rows / 2);
  return cutBands(height, rows);
}

/**
 * What bounds bands that are joined; `bands` are to be left, so that they still overlap. Of 98 megapixels 8 take 9 ms on a large GPU, 16 take 11,
 * and the memory is that of an output many times as large. Where networks run with the bands, each computes what they look at around it again.
 */
const JOINED_LIMITS: Pick<BandLimits, 'bandBytes' | 'bands'> = { bandBytes: 32 << 20, bands: 8 };

/**
 * Joins neighbours, as many as the limits allow, for an engine that small bands do not keep busy. Only for encodings whose bytes do
 * not depend on where bands end, and for sources that are held whole.
 */
export function joinBands(picture: PictureShape, bands: readonly BandPlace[], limits = JOINED_LIMITS): BandPlace[] {
  const { rows } = bands[0]!;
  const byBytes = Math.floor(limits.bandBytes / (rows * bytesPerRow(picture.width, picture)));
  return cutBands(picture.height, rows * Math.max(1, Math.min(byBytes, Math.floor(bands.length / limits.bands))));
}

/** Bands of a given height, for tests and for formats that fix it. */
export function cutBands(height: number, rows: number): BandPlace[] {
  const count = Math.ceil(height / rows);
  return Array.from({ length: count }, (_, index) => ({
    index,
    y: index * rows,
    rows: Math.min(rows, height - index * rows),
    first: index === 0,
    last: index === count - 1,
  }));
}

/**
 * Rows to hold of a source that is not held whole: what `inFlight` neighbouring bands need, and one more band's worth to
 * decode into meanwhile. At most the whole height.
 */
export function windowRows(sourceHeight: number, bands: readonly BandPlace[], span: RowSpan, inFlight: number): number {
  let most = 1;
  for (let i = 0; i < bands.length; i++) {
    const first = bands[i]!;
    const last = bands[Math.min(bands.length - 1, i + inFlight)]!;
    const from = span(first.y, first.rows).first;
    const end = span(last.y, last.rows);
    most = Math.max(most, end.first + end.count - from);
  }
  return Math.min(sourceHeight, most);
}
