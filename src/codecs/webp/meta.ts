import type { FormatMeta } from '../../core/formats.ts';

export const webpMeta: FormatMeta = {
  format: 'webp',
  label: 'WebP',
  mime: 'image/webp',
  extensions: ['webp'],
  maxWidth: 16383,
  maxHeight: 16383,
  maxPixels: 40_000_000,
  depths: [8],
  alpha: true,
  grey: false,
  lossy: true,
  banded: false,
};
