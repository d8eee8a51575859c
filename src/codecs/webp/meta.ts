import type { FormatMeta } from '../../core/formats.ts';

/**
 * WebP through libvips. Sides are written as 14 bits, less one (RFC 9649, 2.7.1). The encoder holds the picture whole in 2 GiB: with a noisy
 * alpha channel, the worst there is, 25 MP go through (1.46 GB with the browser's side) and 32 MP fail; without alpha 128 MP go through
 * (15.5 bytes a pixel) and 200 MP fail. Measured by bench/vips-memory.ts. Grey is stored as RGB.
 */
export const webpMeta: FormatMeta = {
  format: 'webp',
  label: 'WebP',
  mime: 'image/webp',
  extensions: ['webp'],
  maxWidth: 16383,
  maxHeight: 16383,
  maxPixels: 25_000_000,
  maxPlainPixels: 120_000_000,
  depths: [8],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
