/** Small copies of pictures that browsers do not decode, or show in wrong colours. */
import { basename, join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { openPictures, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

const fixture = (path: string): string => join(fixtures, path);

/** Mean of each colour, by libvips. */
async function meansOf(path: string): Promise<number[]> {
  const { channels } = await sharp(await sharp(path).toColourspace('srgb').removeAlpha().png().toBuffer()).stats();
  return channels.map(({ mean }) => mean);
}

/** Mean of each colour of the thumbnail of a picture in the list; null while there is none. */
const thumbnailMeans = (page: Page, name: string): Promise<number[] | null> =>
  page
    .getByRole('listitem')
    .filter({ hasText: name })
    .locator('thumbnail-view canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      if (canvas.hidden || canvas.width === 0) return null;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const sums = [0, 0, 0];
      for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4]! += data[i]!;
      return sums.map((sum) => (sum * 4) / data.length);
    });

/** Two conversions of CMYK differ in what they do with black and with colours that a screen does not have. */
const farthestOf = (name: string): number => (name.startsWith('cmyk') ? 6 : 1.5);

async function expectMeans(page: Page, name: string, wanted: readonly number[]): Promise<void> {
  const farthest = async (): Promise<number> => {
    const means = await thumbnailMeans(page, name);
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
    await expectMeans(page, basename(file), await meansOf(fixture(oracle)));
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
  await expectMeans(page, 'cmyk.jpg', await meansOf(fixture('jpeg/cmyk.jpg')));
  await expect.poll(() => previews(page)).toBe(1);
});
