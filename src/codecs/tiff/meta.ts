import type { FormatMeta } from '../../core/formats.ts';

/** Sides are LONGs (TIFF 6.0 section 3); libtiff, and so most programs, take them as signed. BigTIFF is written near 4 GiB. */
const MAX_SIDE = 2 ** 31 - 1;

/** TIFF and BigTIFF as our band encoder writes them: strips, deflate. */
export const tiffMeta: FormatMeta = {
  format: 'tiff',
  label: 'TIFF',
  mime: 'image/tiff',
  extensions: ['tif', 'tiff'],
  maxWidth: MAX_SIDE,
  maxHeight: MAX_SIDE,
  maxPixels: Infinity,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: false,
  banded: true,
};
