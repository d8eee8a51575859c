/** Samples in a pixel: grey, RGB, or RGB with straight alpha. Decoders widen grey with alpha to RGBA. */
export type Channels = 1 | 3 | 4;

/** Bits in a sample. */
export type Depth = 8 | 16;

/** How pixels lie in memory: interleaved, rows unpadded, top to bottom; 16-bit samples little-endian. */
export interface PixelFormat {
  readonly channels: Channels;
  readonly depth: Depth;
}

/** A picture, or a run of its rows, in memory. `data` holds exactly `height * bytesPerRow` bytes. */
export interface Raster extends PixelFormat {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export const bytesPerPixel = (format: PixelFormat): number => (format.channels * format.depth) / 8;

export const bytesPerRow = (width: number, format: PixelFormat): number => width * bytesPerPixel(format);

/** The largest sample value: 255 or 65535. */
export const maxSample = (depth: Depth): number => (depth === 8 ? 255 : 65535);

/** A picture with its own zeroed memory. */
export function createRaster(width: number, height: number, format: PixelFormat): Raster {
  const { channels, depth } = format;
  return { width, height, channels, depth, data: new Uint8Array(height * bytesPerRow(width, format)) };
}

/**
 * The samples of a run of bytes in this depth, without a copy.
 * For 16 bit the bytes must start at an even offset of their buffer.
 */
export function samplesOf(data: Uint8Array, depth: Depth): Uint8Array | Uint16Array {
  return depth === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
}
