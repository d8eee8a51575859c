import type { FormatMeta } from '../../core/formats.ts';

/** JPEG (ITU T.81, JFIF). Its headers can say 65535, but decoders built on libjpeg end at 65500. */
export const jpegMeta: FormatMeta = {
  format: 'jpeg',
  label: 'JPEG',
  mime: 'image/jpeg',
  extensions: ['jpg', 'jpeg'],
  maxWidth: 65500,
  maxHeight: 65500,
  maxPixels: Infinity,
  depths: [8],
  alpha: false,
  grey: true,
  lossy: true,
  banded: true,
};
