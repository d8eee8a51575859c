import type { FormatMeta } from '../../core/formats.ts';

/**
 * AVIF through libvips: 8 bits, or 10 of 16. An AV1 frame ends at 65536 a side (AV1 specification, 5.5.1). The encoder holds the picture
 * whole in 2 GiB: 16-bit RGBA at 4:4:4, the worst, goes through with 12 MP (1.42 GB) and fails with 16 MP; 8-bit RGB at 4:2:0 goes through
 * with 40 MP (34 bytes a pixel) and fails with 64 MP. Measured by bench/vips-memory.ts.
 */
export const avifMeta: FormatMeta = {
  format: 'avif',
  label: 'AVIF',
  mime: 'image/avif',
  extensions: ['avif'],
  maxWidth: 65536,
  maxHeight: 65536,
  maxPixels: 12_000_000,
  maxPlainPixels: 40_000_000,
  depths: [8, 16],
  alpha: true,
  grey: true,
  lossy: true,
  banded: false,
};
