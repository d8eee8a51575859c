import type { FormatMeta } from '../../core/formats.ts';

/**
 * PNG as our band encoder writes it. Sides may have up to 2^31 - 1 pixels (PNG section 11.2.1), and nothing here holds a whole picture;
 * but libpng, and with it most programs, refuses sides over 1,000,000 unless told otherwise.
 */
export const pngMeta: FormatMeta = {
  format: 'png',
  label: 'PNG',
  mime: 'image/png',
  extensions: ['png'],
  maxWidth: 1_000_000,
  maxHeight: 1_000_000,
  maxPixels: Infinity,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: false,
  banded: true,
};
