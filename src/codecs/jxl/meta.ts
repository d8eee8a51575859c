import type { FormatMeta } from '../../core/formats.ts';

/**
 * JPEG XL through libvips. Sides end at 2^30 (ISO/IEC 18181-1, annex D). The encoder holds the picture whole in 2 GiB: 16-bit RGBA, the
 * worst, goes through with 30 MP (1.57 GB), 8-bit RGB with 70 MP (17 to 33 bytes a pixel). Measured by bench/vips-memory.ts.
 */
export const jxlMeta: FormatMeta = {
  format: 'jxl',
  label: 'JPEG XL',
  mime: 'image/jxl',
  extensions: ['jxl'],
  maxWidth: 2 ** 30,
  maxHeight: 2 ** 30,
  maxPixels: 30_000_000,
  maxPlainPixels: 70_000_000,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
