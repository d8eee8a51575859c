import { fromPaste, type GivenFile } from './given-files.ts';
import { putBitmap } from './thumbnails.ts';

export const canCopyPictures = (): boolean => 'ClipboardItem' in window && navigator.clipboard?.write !== undefined;

export const canReadClipboard = (): boolean => navigator.clipboard?.read !== undefined;

/** Browsers take pictures for the clipboard as PNG alone. */
async function asPng(picture: Blob): Promise<Blob> {
  if (picture.type === 'image/png') return picture;
  const bitmap = await createImageBitmap(picture);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  putBitmap(canvas, bitmap);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Puts a picture on the clipboard. Needs a user gesture. Rejects when the browser or the person forbids it. */
export const copyPicture = (picture: Promise<Blob>): Promise<void> =>
  navigator.clipboard.write([new ClipboardItem({ 'image/png': picture.then(asPng) })]);

/** The pictures on the clipboard; empty when there are none. Needs a user gesture; rejects when it is forbidden. */
export async function readClipboard(now: Date): Promise<GivenFile[]> {
  const files: File[] = [];
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((candidate) => candidate.startsWith('image/'));
    if (type === undefined) continue;
    const blob = await item.getType(type);
    files.push(new File([blob], `image.${type.slice('image/'.length).replace(/\W.*/, '')}`, { type }));
  }
  return fromPaste({ files }, now);
}
