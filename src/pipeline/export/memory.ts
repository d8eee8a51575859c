import type { PictureShape } from '../../core/encoding.ts';
import { pyramidTile, ZOOM_TILE, type ExportOptions } from '../../core/exports.ts';
import { BAND_LIMITS } from '../../core/plan/bands.ts';
import { bytesPerRow } from '../../core/pixels.ts';

/** Bytes that an export holds beside the bands: a row of tiles of each level, or a band of each panel of a row. */
export function exportMemory({ kind }: ExportOptions, picture: PictureShape): number {
  const rowBytes = bytesPerRow(picture.width, picture);
  switch (kind) {
    case 'file':
      return 0;
    case 'deepzoom':
      return 2 * rowBytes * Math.min(picture.height, ZOOM_TILE.side + 2 * ZOOM_TILE.overlap);
    case 'pyramid':
      return 2 * rowBytes * Math.min(picture.height, pyramidTile(picture));
    case 'panels':
      // Two rows of panels are open where they overlap.
      return 2 * BAND_LIMITS.bandBytes;
    default:
      return kind satisfies never;
  }
}
