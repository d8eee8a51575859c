import type { Size } from '../core/geometry.ts';

/** Above this many pixels a browser's decoder takes too much memory for a thumbnail; an icon stands in. */
export const THUMBNAIL_MAX_PIXELS = 50e6;

/** Decodes that may run at a time: each holds a whole picture for a moment. */
const MOST_AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await task();
  } finally {
    // The place passes on to who waits, or becomes free.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** The size of a copy whose long side is at most `longSide` pixels. */
export function thumbnailSize({ width, height }: Size, longSide: number): Size {
  const factor = Math.min(1, longSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/**
 * A small upright copy of a picture whose long side is at most `longSide` pixels, decoded off the main thread.
 * `size` is the upright size. Null where the browser cannot, or should not, decode it. The caller closes the bitmap.
 */
export async function makeThumbnail(file: Blob, size: Size, longSide: number): Promise<ImageBitmap | null> {
  if (size.width * size.height > THUMBNAIL_MAX_PIXELS) return null;
  const { width, height } = thumbnailSize(size, longSide);
  try {
    const resize = { resizeWidth: width, resizeHeight: height, resizeQuality: 'medium' } as const;
    return await inTurn(() => createImageBitmap(file, resize));
  } catch {
    // A format that this browser does not decode (TIFF, JPEG XL): our own decoders may still read it.
    return null;
  }
}

/**
 * Shows a bitmap, all of it, on a canvas, which takes its size, and closes it. `transferFromImageBitmap` would spare the copy, but
 * Chromium forgets there that a JPEG is to be turned, and squeezes the unturned picture in.
 */
export function putBitmap(canvas: HTMLCanvasElement | OffscreenCanvas, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/** A bitmap, which is closed, as a small file to keep. */
export async function thumbnailFile(bitmap: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  putBitmap(canvas, bitmap);
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
}
