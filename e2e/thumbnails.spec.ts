/** Small copies of pictures that browsers do not decode, or show in wrong colours. */
import { basename, join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';
import { openPictures, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

const fixture = (path: string): string => join(fixtures, path);

/** Mean of each colour, by libvips. */
async function meansOf(path: string): Promise<number[]> {
  const { channels } = await sharp(await sharp(path).toColourspace('srgb').removeAlpha().png().toBuffer()).stats();
  return channels.map(({ mean }) => mean);
}

/** Mean of each colour of what a canvas shows; null while it shows nothing. */
const shownMeans = (canvas: Locator): Promise<number[] | null> =>
  canvas.evaluate((element: HTMLCanvasElement) => {
    if (element.hidden || element.width === 0) return null;
    const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height);
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < data.length; i++) sums[i % 4]! += data[i]!;
    return sums[3] === 0 ? null : sums.slice(0, 3).map((sum) => (sum * 4) / data.length);
  });

/** The thumbnail of a picture in the list. */
const thumbnailOf = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ hasText: name }).locator('thumbnail-view canvas');

/** Two conversions of CMYK differ in what they do with black and with colours that a screen does not have. */
const farthestOf = (name: string): number => (name.startsWith('cmyk') ? 6 : 1.5);

async function expectMeans(canvas: Locator, name: string, wanted: readonly number[]): Promise<void> {
  const farthest = async (): Promise<number> => {
    const means = await shownMeans(canvas);
    return means === null ? Infinity : Math.max(...means.map((mean, i) => Math.abs(mean - wanted[i]!)));
  };
  await expect.poll(farthest, { message: name }).toBeLessThan(farthestOf(name));
}

const previews = (page: Page): number => page.workers().filter((worker) => /preview/.test(worker.url())).length;

test('shows TIFF, JPEG XL and CMYK in the colours of the picture, and leaves no worker behind', async ({ page }) => {
  const files = ['jpeg/cmyk.jpg', 'tiff/lzw.tif', 'tiff/cmyk.tif', 'jxl/lossless.jxl'];
  await page.goto('/');
  await openPictures(page, ...files.map(fixture));
  for (const file of files) {
    // Which holds the pixels of this PNG; libvips has no decoder for it here.
    const oracle = file.startsWith('jxl') ? 'png/rgb.png' : file;
    await expectMeans(thumbnailOf(page, basename(file)), basename(file), await meansOf(fixture(oracle)));
  }
  // That of the picture that is looked at.
  await expect.poll(() => previews(page)).toBe(1);
  await page.evaluate(() => {
    (document.querySelector('app-shell') as unknown as { app: { clear(): void } }).app.clear();
  });
  await expect.poll(() => previews(page)).toBe(0);
});

test('shows CMYK that is not looked at in the colours of the picture', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, fixture('png/rgb.png'), fixture('jpeg/cmyk.jpg'));
  await expectMeans(thumbnailOf(page, 'cmyk.jpg'), 'cmyk.jpg', await meansOf(fixture('jpeg/cmyk.jpg')));
  await expect.poll(() => previews(page)).toBe(1);
});

test('shows what the browser does not decode rightly in the dialog of the crop, from the preview', async ({
  page,
}, info) => {
  // Of more pixels than the browser is asked to decode.
  const vast = info.outputPath('vast.png');
  await sharp({ create: { width: 8000, height: 6400, channels: 3, background: '#777' } })
    .toColourspace('b-w')
    .png({ compressionLevel: 1 })
    .toFile(vast);
  await page.goto('/');
  for (const path of [...['tiff/lzw.tif', 'jpeg/cmyk.jpg', 'jxl/lossless.jxl'].map(fixture), vast]) {
    await openPictures(page, path);
    await page.getByRole('button', { name: 'Crop …' }).click();
    const name = basename(path);
    const wanted =
      path === vast ? [0x77, 0x77, 0x77] : await meansOf(name.endsWith('jxl') ? fixture('png/rgb.png') : path);
    await expectMeans(page.locator('crop-frame canvas'), name, wanted);
    expect(previews(page), name).toBe(1);
    await page.keyboard.press('Escape');
    await expect(page.locator('crop-dialog')).toHaveCount(0);
  }
});
