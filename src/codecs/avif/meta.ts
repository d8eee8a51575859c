import type { FormatMeta } from '../../core/formats.ts';

export const avifMeta: FormatMeta = {
  format: 'avif',
  label: 'AVIF',
  mime: 'image/avif',
  extensions: ['avif'],
  maxWidth: 65536,
  maxHeight: 65536,
  maxPixels: 40_000_000,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
