import type { DeflateLevel } from '../../core/encoding.ts';
import type { Metadata } from '../../core/metadata.ts';
import type { PixelFormat } from '../../core/pixels.ts';
import { densityRational } from '../metadata/density.ts';
import { bytesField, rationalField, shortField, TIFF_TYPE, type TiffField } from './write-ifd.ts';

/** Tags of TIFF 6.0 sections 3 to 8, 14 and 15. */
export const TAG = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  predictor: 317,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  xmp: 700,
  icc: 34675,
} as const;

/** The head of a little-endian file: the version and the place of the first directory; BigTIFF also says how wide offsets are. */
export function tiffHeader(big: boolean, ifd: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(big ? 16 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, big ? 43 : 42, true);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(ifd), true);
  } else {
    view.setUint32(4, ifd, true);
  }
  return header;
}

/** What a directory says of its samples and of the picture, beside its size and where its data is. */
export function pictureFields(
  { channels, depth }: PixelFormat,
  level: DeflateLevel,
  { density, orientation, icc, xmp }: Metadata,
): TiffField[] {
  const packed = level !== 'store';
  return [
    shortField(TAG.bitsPerSample, ...Array<number>(channels).fill(depth)),
    shortField(TAG.compression, packed ? 8 : 1),
    shortField(TAG.photometric, channels === 1 ? 1 : 2),
    shortField(TAG.orientation, orientation),
    shortField(TAG.samplesPerPixel, channels),
    // Without a density there is no unit, and the numbers are the proportions of a pixel.
    rationalField(TAG.xResolution, density === null ? [1, 1] : densityRational(density.x)),
    rationalField(TAG.yResolution, density === null ? [1, 1] : densityRational(density.y)),
    shortField(TAG.resolutionUnit, density === null ? 1 : 2),
    shortField(TAG.planarConfiguration, 1),
    ...(packed ? [shortField(TAG.predictor, 2)] : []),
    ...(channels === 4 ? [shortField(TAG.extraSamples, 2)] : []),
    ...(icc === null ? [] : [bytesField(TAG.icc, TIFF_TYPE.undefined, icc)]),
    ...(xmp === null ? [] : [bytesField(TAG.xmp, TIFF_TYPE.byte, xmp)]),
  ];
}
