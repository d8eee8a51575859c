import { AppError } from '../../core/errors.ts';
import type { Chroma } from '../../core/encoding.ts';
import type { Density, Metadata } from '../../core/metadata.ts';
import type { Raster } from '../../core/pixels.ts';
import { vipsReason } from './error.ts';
import type { Vips, VipsImage } from './load.ts';

/** The formats that are coded whole, by libraries. */
export type VipsFormat = 'webp' | 'avif' | 'jxl';

export interface VipsEncodeOptions {
  /** 1..100; ignored when lossless. */
  readonly quality: number;
  readonly chroma: Chroma;
  readonly lossless?: boolean;
  /** 0 (fast) to 9 (small); null is the default of the format. Mapped to the range of each encoder. */
  readonly effort?: number | null;
  /** Bits of an AVIF sample from a 16-bit raster; 10 unless told. */
  readonly avifBits?: 10 | 12;
}

/**
 * Codes a whole picture as WebP (8 bit; deeper rasters are reduced), AVIF (8, or 10 or 12 bit) or JPEG XL (8 or 16 bit), with ICC profile, EXIF, XMP
 * and density. The raster may lie in shared memory. Blocks; only for the library's own worker. Throws `no-memory` when the
 * picture does not fit the library's 2 GiB (the `maxPixels` of the metas keep clear of that), else `internal`.
 */
export function encodeWithVips(
  vips: Vips,
  raster: Raster,
  format: VipsFormat,
  options: VipsEncodeOptions,
  metadata: Metadata,
): Uint8Array<ArrayBuffer> {
  const opened: VipsImage[] = [];
  const keep = (image: VipsImage): VipsImage => {
    opened.push(image);
    return image;
  };
  try {
    const image = withMetadata(keep, rasterImage(vips, keep, raster, format), metadata);
    return save(image, raster, format, options);
  } catch (error) {
    throw encodeError(error, raster, format);
  } finally {
    for (const image of opened.reverse()) image.delete();
  }
}

type Keep = (image: VipsImage) => VipsImage;

function rasterImage(vips: Vips, keep: Keep, raster: Raster, format: VipsFormat): VipsImage {
  const { width, height, channels, depth, data } = raster;
  const samples = depth === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
  const memory = keep(
    vips.Image.newFromMemory(
      samples,
      width,
      height,
      channels,
      depth === 8 ? vips.BandFormat.uchar : vips.BandFormat.ushort,
    ),
  );
  const grey = channels === 1;
  const interpretation = depth === 8 ? (grey ? 'b-w' : 'srgb') : grey ? 'grey16' : 'rgb16';
  const image = keep(memory.copy({ interpretation }));
  if (format !== 'webp' || depth === 8) return image;
  const reduced = keep(keep(keep(image.linear(255 / 65535, 0)).rint()).cast('uchar'));
  return keep(reduced.copy({ interpretation: grey ? 'b-w' : 'srgb' }));
}

/** Blocks as libvips wants them: EXIF with the prefix of JPEG's APP1. The copy keeps the header apart from other images. */
function withMetadata(keep: Keep, image: VipsImage, metadata: Metadata): VipsImage {
  const copy = keep(image.copy(resolution(metadata.density)));
  if (metadata.density !== null) copy.setString('resolution-unit', 'in');
  if (metadata.icc !== null) copy.setBlob('icc-profile-data', metadata.icc);
  if (metadata.xmp !== null) copy.setBlob('xmp-data', metadata.xmp);
  if (metadata.exif !== null) {
    const prefixed = new Uint8Array(metadata.exif.length + 6);
    prefixed.set([0x45, 0x78, 0x69, 0x66, 0, 0]);
    prefixed.set(metadata.exif, 6);
    copy.setBlob('exif-data', prefixed);
  }
  return copy;
}

/** Pixels per millimetre. */
const resolution = (density: Density | null): { xres?: number; yres?: number } =>
  density === null ? {} : { xres: density.x / 25.4, yres: density.y / 25.4 };

/** Effort 0..9 to the range of an encoder. */
const scaleEffort = (effort: number, most: number): number => Math.round((Math.min(9, Math.max(0, effort)) / 9) * most);

function save(
  image: VipsImage,
  raster: Raster,
  format: VipsFormat,
  options: VipsEncodeOptions,
): Uint8Array<ArrayBuffer> {
  const { quality, chroma, lossless = false, effort = null } = options;
  const Q = Math.min(100, Math.max(1, Math.round(quality)));
  const keep = 'all';
  switch (format) {
    case 'webp':
      return image.webpsaveBuffer({
        ...{ Q, lossless, keep, effort: effort === null ? 4 : scaleEffort(effort, 6) },
        // Colour under transparent pixels is part of the picture; 4:4:4 does not exist, sharp chroma is as near as it gets.
        ...{ exact: lossless, smart_subsample: chroma === '444' },
      }) as Uint8Array<ArrayBuffer>;
    case 'avif':
      return image.heifsaveBuffer({
        ...{ Q, lossless, keep, compression: 'av1', effort: effort === null ? 2 : scaleEffort(effort, 9) },
        bitdepth: raster.depth === 8 ? 8 : (options.avifBits ?? 10),
        subsample_mode: chroma === '444' || lossless ? 'off' : 'on',
      }) as Uint8Array<ArrayBuffer>;
    case 'jxl':
      return image.jxlsaveBuffer({
        ...{ lossless, keep, effort: effort === null ? 4 : 1 + scaleEffort(effort, 8) },
        ...(lossless ? {} : { Q }),
      }) as Uint8Array<ArrayBuffer>;
    default:
      return format satisfies never;
  }
}

function encodeError(error: unknown, raster: Raster, format: VipsFormat): AppError {
  const reason = vipsReason(error);
  const values = { format, width: raster.width, height: raster.height, reason };
  const size = `${raster.width} x ${raster.height}`;
  if (/memory|malloc|alloc|bad_alloc|out of bounds/i.test(reason)) {
    return new AppError(
      'no-memory',
      `A ${format.toUpperCase()} of ${size} pixels does not fit the encoder's memory (2 GiB).`,
      {
        ...{ values, cause: error, remedy: 'Choose a smaller size, or PNG, JPEG or TIFF, which are written in bands.' },
      },
    );
  }
  return new AppError('internal', `The ${format.toUpperCase()} encoder failed at ${size} pixels: ${reason}.`, {
    ...{ values, cause: error, remedy: 'Choose another format.' },
  });
}
