import { AppError } from '../../core/errors.ts';
import type { Chroma } from '../../core/encoding.ts';
import type { Size } from '../../core/geometry.ts';
import type { Metadata } from '../../core/metadata.ts';
import type { Raster } from '../../core/pixels.ts';
import { embedInJxl, embedInWebp, exifForDensity } from './embed.ts';
import { vipsReason } from './error.ts';
import type { Vips, VipsImage } from './load.ts';
import { say, str } from '../../core/text.ts';

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
    const image = withMetadata(keep, rasterImage(vips, keep, raster, format), format, metadata);
    return embed(save(image, raster, format, options), format, metadata);
  } catch (error) {
    throw encodeError(error, raster, format);
  } finally {
    for (const image of opened.reverse()) image.delete();
  }
}

function embed(file: Uint8Array<ArrayBuffer>, format: VipsFormat, metadata: Metadata): Uint8Array<ArrayBuffer> {
  if (format === 'avif') return file;
  const exif = exifForDensity(metadata);
  return format === 'webp' ? embedInWebp(file, exif, metadata.xmp) : embedInJxl(file, exif, metadata.xmp);
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

/**
 * The profile, and for AVIF the other blocks, EXIF with the prefix of JPEG's APP1. WebP and JPEG XL get those afterwards. The
 * copy keeps the header apart from other images.
 */
function withMetadata(keep: Keep, image: VipsImage, format: VipsFormat, metadata: Metadata): VipsImage {
  const copy = keep(image.copy());
  const { icc, xmp } = metadata;
  if (icc !== null) copy.setBlob('icc-profile-data', icc);
  if (format !== 'avif') return copy;
  const exif = exifForDensity(metadata);
  if (xmp !== null) copy.setBlob('xmp-data', xmp);
  if (exif !== null) copy.setBlob('exif-data', new Uint8Array([0x45, 0x78, 0x69, 0x66, 0, 0, ...exif]));
  return copy;
}

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

const LABELS: Readonly<Record<VipsFormat, string>> = { webp: 'WebP', avif: 'AVIF', jxl: 'JPEG XL' };

/**
 * What a failed encoder is told as; the words of the library stay in the values. JPEG XL's does not always say that memory ran out: it may
 * only say that the picture could not be added.
 */
export function encodeError(error: unknown, { width, height }: Size, format: VipsFormat): AppError {
  const reason = vipsReason(error);
  const size = `${width} x ${height}`;
  const label = LABELS[format];
  const details = {
    ...{ values: { format, width, height, reason }, cause: error },
    remedy: say('Choose PNG, JPEG or TIFF, or a smaller size.'),
  };
  if (/memory|alloc|out of bounds|unreachable|aborted|write failed|JxlEncoderAddImageFrame/i.test(reason)) {
    const message = say(str`A ${label} of ${size} pixels does not fit the encoder's memory (2 GiB).`);
    return new AppError('no-memory', message, details);
  }
  return new AppError('internal', say(str`The picture of ${size} pixels could not be written as ${label}.`), details);
}
