import { avifMeta } from '../codecs/avif/meta.ts';
import { jpegMeta } from '../codecs/jpeg/meta.ts';
import { jxlMeta } from '../codecs/jxl/meta.ts';
import { pngMeta } from '../codecs/png/meta.ts';
import { tiffMeta } from '../codecs/tiff/meta.ts';
import { webpMeta } from '../codecs/webp/meta.ts';
import type { FormatMeta, OutputFormat } from '../core/formats.ts';

/** Every output format, in the order in which they are offered. */
export const FORMAT_METAS: Readonly<Record<OutputFormat, FormatMeta>> = {
  png: pngMeta,
  jpeg: jpegMeta,
  tiff: tiffMeta,
  webp: webpMeta,
  avif: avifMeta,
  jxl: jxlMeta,
};
