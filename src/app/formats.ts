import { avifMeta } from '../codecs/avif/meta.ts';
import { jpegMeta } from '../codecs/jpeg/meta.ts';
import { jxlMeta } from '../codecs/jxl/meta.ts';
import { pngMeta } from '../codecs/png/meta.ts';
import { tiffMeta } from '../codecs/tiff/meta.ts';
import { webpMeta } from '../codecs/webp/meta.ts';
import type { FormatMeta, OutputFormat } from '../core/formats.ts';

/** The formats on offer, in the order of the menu. */
export const OUTPUT_METAS: readonly FormatMeta[] = [pngMeta, jpegMeta, tiffMeta, webpMeta, avifMeta, jxlMeta];

export function metaOf(format: OutputFormat): FormatMeta {
  const meta = OUTPUT_METAS.find((candidate) => candidate.format === format);
  if (meta === undefined) throw new RangeError(`no format named ${format}`);
  return meta;
}
