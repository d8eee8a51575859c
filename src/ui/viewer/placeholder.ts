import type { Picture } from '../../app/picture.ts';
import { makeThumbnail } from '../../platform/thumbnails.ts';

/** Pixels of the long side: sharp enough for a screen, there at once. */
const LONG_SIDE = 1600;

/** The address of a picture made by the browser, to look at until the engine's own is there; null where it cannot make one. */
export async function makePlaceholder({ file, size }: Picture): Promise<string | null> {
  const bitmap = size === null ? null : await makeThumbnail(file, size, LONG_SIDE);
  if (bitmap === null) return null;
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap);
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 }));
}
