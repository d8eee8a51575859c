import type { FormatMeta } from '../../core/formats.ts';

export const jxlMeta: FormatMeta = {
  format: 'jxl',
  label: 'JPEG XL',
  mime: 'image/jxl',
  extensions: ['jxl'],
  maxWidth: 2 ** 30,
  maxHeight: 2 ** 30,
  maxPixels: 40_000_000,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
