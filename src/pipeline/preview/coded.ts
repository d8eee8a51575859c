import { createJpegFile } from '../../codecs/jpeg/file.ts';
import { restartRowsFor, type JpegEncoding } from '../../core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../../core/jpeg/tables.ts';
import type { Rect, Size } from '../../core/geometry.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import type { JobOptions } from '../../core/options.ts';
import type { Raster } from '../../core/pixels.ts';
import type { MakeJpegCoder } from '../encodings.ts';
import { fileOf } from './display.ts';

/** Blocks around a region that are coded with it: decoders smooth chroma across the border of blocks. */
const MARGIN = 16;

/**
 * The region that has to be coded to see how another one comes out: whole units of 16 pixels on the grid of the picture's own, and one
 * more on each side.
 */
export function codedRect(rect: Rect, size: Size): Rect {
  const x = Math.max(0, Math.floor(rect.x / MARGIN) * MARGIN - MARGIN);
  const y = Math.max(0, Math.floor(rect.y / MARGIN) * MARGIN - MARGIN);
  const right = Math.min(size.width, Math.ceil((rect.x + rect.width) / MARGIN) * MARGIN + MARGIN);
  const bottom = Math.min(size.height, Math.ceil((rect.y + rect.height) / MARGIN) * MARGIN + MARGIN);
  return { x, y, width: right - x, height: bottom - y };
}

/**
 * A region as a JPEG of the job's quality shows it: coded by the job's own coder, decoded by the browser. `around` holds the pixels of
 * `codedRect(rect)`. Huffman tables do not change pixels, so the usual ones do.
 */
export async function codedBitmap(
  around: Raster,
  place: Rect,
  rect: Rect,
  { quality, chroma }: Pick<JobOptions, 'quality' | 'chroma'>,
  icc: Uint8Array<ArrayBuffer> | null,
  makeCoder: MakeJpegCoder,
): Promise<ImageBitmap> {
  const encoding: JpegEncoding = {
    ...{ kind: 'jpeg', quality, chroma, tables: STANDARD_TABLES },
    restartRows: restartRowsFor(around, chroma),
  };
  const band = { index: 0, y: 0, rows: around.height, first: true, last: true };
  const segment = (await makeCoder(around, encoding)).encode(around.data, band);
  const file = fileOf(createJpegFile(around, encoding, { ...NO_METADATA, icc }), segment, band, 'image/jpeg');
  return createImageBitmap(file, rect.x - place.x, rect.y - place.y, rect.width, rect.height);
}
