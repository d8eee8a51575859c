import { describe, expect, it } from 'vitest';
import type { Picture } from '../app/picture.ts';
import type { Thumbnails } from '../app/thumbnails.ts';
import { ThumbnailView } from '../ui/thumbnail-view.ts';
import { makeThumbnail, thumbnailFile } from './thumbnails.ts';

/** Red, green, blue, yellow: the upright picture's corners, from the upper left on in reading order. */
const CORNERS = ['#f00', '#0f0', '#00f', '#ff0'];
const UPRIGHT = { width: 40, height: 60 };

/** A JPEG that is stored lying and to be turned by 90° clockwise: EXIF's orientation 6. */
async function lyingJpeg(): Promise<File> {
  const canvas = new OffscreenCanvas(UPRIGHT.height, UPRIGHT.width);
  const context = canvas.getContext('2d')!;
  context.translate(0, UPRIGHT.width);
  context.rotate(-Math.PI / 2);
  for (const [index, colour] of CORNERS.entries()) {
    context.fillStyle = colour;
    context.fillRect((index % 2) * 20, Math.floor(index / 2) * 30, 20, 30);
  }
  const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 })).arrayBuffer());
  const ifd = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const exif = [...new TextEncoder().encode('Exif\0\0'), ...ifd];
  const segment = Uint8Array.from([0xff, 0xe1, 0, exif.length + 2, ...exif]);
  return new File([jpeg.subarray(0, 2), segment, jpeg.subarray(2)], 'lying.jpg', { type: 'image/jpeg' });
}

/** The colours of the corners, each channel as 0 or f. */
function cornersOf(source: CanvasImageSource & { readonly width: number; readonly height: number }): string[] {
  const { width, height } = source;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(source, 0, 0);
  return [0, 1, 2, 3].map((index) => {
    const x = index % 2 === 0 ? 4 : width - 5;
    const y = index < 2 ? 4 : height - 5;
    const pixel = context.getImageData(x, y, 1, 1).data.slice(0, 3);
    return `#${[...pixel].map((sample) => (sample > 127 ? 'f' : '0')).join('')}`;
  });
}

describe('a thumbnail of a picture that its EXIF turns', () => {
  it('is upright in the list', async () => {
    const view = new ThumbnailView();
    view.picture = { id: 'lying', file: await lyingJpeg(), size: UPRIGHT } as unknown as Picture;
    view.thumbnails = {
      make: ({ file, size }: Picture) => makeThumbnail(file, size!, 160),
    } as unknown as Thumbnails;
    document.body.append(view);
    await expect.poll(() => view.renderRoot.querySelector('canvas:not([hidden])')).not.toBeNull();
    const canvas = view.renderRoot.querySelector('canvas')!;
    await expect.poll(() => canvas.width).toBe(UPRIGHT.width);
    expect(canvas.height).toBe(UPRIGHT.height);
    expect(cornersOf(canvas)).toEqual(CORNERS);
    view.remove();
  });

  it('is upright where it is kept', async () => {
    const made = await makeThumbnail(await lyingJpeg(), UPRIGHT, 128);
    const bitmap = await createImageBitmap(await thumbnailFile(made!));
    expect([bitmap.width, bitmap.height]).toEqual([UPRIGHT.width, UPRIGHT.height]);
    expect(cornersOf(bitmap)).toEqual(CORNERS);
  });
});
