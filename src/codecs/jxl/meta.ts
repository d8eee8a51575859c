import type { FormatMeta } from '../../core/formats.ts';

/**
 * JPEG XL through libvips. Sides end at 2^30 (ISO/IEC 18181-1, annex D). The encoder holds the picture whole in 2 GiB, and what it needs
 * beside goes with the content: noise of the full range at quality 100 or lossless, the worst, goes through with 35 MP of 8-bit RGB and fails
 * with 40; grain of a photo at quality 100 fails with 51. 16-bit RGBA goes through with 20 MP and fails with 22, though again not with 30.
 * Measured in Node with the library as it is, at effort 4, a process for each picture.
 */
export const jxlMeta: FormatMeta = {
  format: 'jxl',
  label: 'JPEG XL',
  mime: 'image/jxl',
  extensions: ['jxl'],
  maxWidth: 2 ** 30,
  maxHeight: 2 ** 30,
  maxPixels: 16_000_000,
  maxPlainPixels: 34_000_000,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
