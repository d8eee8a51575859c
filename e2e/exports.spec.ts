/** Results that are many files: tiles, pyramids, panels; and saving everything at once. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { filesBelow } from './support/album.ts';
import {
  cancelButton,
  choose,
  chosenFile,
  chosenNames,
  fill,
  openPictures,
  startButton,
  stubPickers,
  test,
} from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode, psnr, repeated } from './support/pixels.ts';

const PHOTO = resolve('public/sample.jpg');
const RGB = join(fixtures, 'png/rgb.png');

const done = (page: Page): Promise<void> =>
  expect(page.getByRole('status').filter({ hasText: /^Done: / })).toBeVisible({ timeout: 60_000 });

/** A path that is a folder, or a file, as files on this machine. */
function unpack(files: Iterable<readonly [string, Uint8Array]>, folder: string): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function withoutPickers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
}

// Where paper is measured in centimetres.
test.use({ locale: 'en-GB' });

test('makes deep-zoom tiles in a folder, which a page shows from the disk', async ({ page }, info) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 4);
  await choose(page, 'Make', 'Deep-zoom tiles');
  await choose(page, 'Format', /^JPEG$/);
  await startButton(page).click();
  await done(page);
  expect(await chosenNames(page)).toEqual(['sample-4x-tiles']);
  const files = await filesBelow(page, 'chosen');
  const paths = [...files.keys()].map((path) => path.replace('sample-4x-tiles/', ''));
  expect(paths).not.toContain('unfinished.txt');
  // 3840 x 2560 in tiles of 510: eight by six, below 4096 = 2^12.
  expect(paths.filter((path) => path.startsWith('picture_files/12/'))).toHaveLength(8 * 6);
  await expect(page.getByText(`Files: ${files.size}`)).toBeVisible();

  const folder = info.outputPath('site');
  unpack(files, folder);
  const viewer = await page.context().newPage();
  const asked: string[] = [];
  viewer.on('request', (request) => asked.push(request.url()));
  await viewer.setViewportSize({ width: 960, height: 640 });
  await viewer.goto(pathToFileURL(join(folder, 'sample-4x-tiles/index.html')).href);
  await expect(viewer).toHaveTitle('sample');
  const shown = async (): Promise<number> => {
    const got = await sharp(await viewer.screenshot())
      .removeAlpha()
      .raw()
      .toBuffer();
    const want = await sharp(PHOTO).raw().toBuffer();
    return psnr(
      { width: 960, height: 640, channels: 3, data: got },
      { width: 960, height: 640, channels: 3, data: want },
    );
  };
  await expect.poll(shown).toBeGreaterThan(25);
  expect(asked.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
  await viewer.close();
});

test('makes the tiles a ZIP where there is no picker', async ({ page }) => {
  await withoutPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Kernel', /nearest/i);
  await choose(page, 'Format', /^PNG$/);
  await choose(page, 'Make', 'Deep-zoom tiles');
  await startButton(page).click();
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as', exact: true }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('rgb-2x-tiles.zip');
  const files = unzipSync(readFileSync(await download.path()));
  const size = repeated(await decode(RGB), 2);
  const top = Math.ceil(Math.log2(Math.max(size.width, size.height)));
  expect(await decode(Buffer.from(files[`picture_files/${top}/0_0.png`]!))).toEqual(size);
});

test('leaves nothing of tiles that are cancelled, and clears what a reload left', async ({ page }) => {
  test.setTimeout(180_000);
  await stubPickers(page);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 15);
  await choose(page, 'Make', 'Deep-zoom tiles');
  const begin = async (): Promise<void> => {
    await startButton(page).click();
    await expect.poll(async () => (await filesBelow(page, 'chosen')).size).toBeGreaterThan(3);
  };
  await begin();
  await cancelButton(page).click();
  await expect(page.getByText('Cancelled').first()).toBeVisible();
  expect(await chosenNames(page)).toEqual([]);

  await begin();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  expect(await chosenNames(page)).toEqual(['sample-15x-tiles']);
  await page.reload();
  // By the page that takes over, without being asked where no permission is needed.
  await expect.poll(() => chosenNames(page)).toEqual([]);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('status').filter({ hasText: /^Done: / })).toBeVisible({ timeout: 120_000 });
  expect(await chosenNames(page)).toEqual(['sample-15x-tiles']);
  expect([...(await filesBelow(page, 'chosen')).keys()].filter((path) => path.endsWith('unfinished.txt'))).toEqual([]);
});

test('makes a pyramid that libtiff reads, and panels with a plan', async ({ page }, info) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await choose(page, 'Make', 'Tiled pyramid (BigTIFF)');
  await startButton(page).click();
  await done(page);
  const path = info.outputPath('pyramid.tif');
  writeFileSync(path, await chosenFile(page, 'sample-2x.tif'));
  const read = execFileSync('tiffinfo', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  expect([...read.matchAll(/Image Width: (\d+) Image Length: (\d+)/g)].map(([, w, h]) => `${w} x ${h}`)).toEqual([
    '1920 x 1280',
    '960 x 640',
    '480 x 320',
  ]);

  await choose(page, 'Make', 'Panels to print');
  await choose(page, 'Format', /^JPEG$/);
  await fill(page, 'Panel width', 8);
  await fill(page, 'Panel height', 6);
  await expect(page.getByText(/Panels: 6 \(3 × 2\), at most/)).toBeVisible();
  await startButton(page).click();
  await expect.poll(() => chosenNames(page)).toContain('sample-2x-panels');
  await done(page);
  const files = await filesBelow(page, 'chosen');
  const panels = [...files.keys()].filter((name) => name.startsWith('sample-2x-panels/'));
  expect(panels).toHaveLength(7);
  expect(files.get('sample-2x-panels/plan.html')!.toString()).toContain('6 panels, 2 rows of 3');
  for (const name of panels.filter((panel) => panel.endsWith('.jpg'))) {
    expect((await sharp(files.get(name)).metadata()).density, name).toBe(300);
  }
});

test('saves all results at once: as a ZIP without a picker, into a folder with one', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB, join(fixtures, 'jpeg/444.jpg'));
  await page.getByRole('button', { name: 'rgb.png', exact: true }).click();
  await choose(page, 'Save to', 'Download');
  await startButton(page).click();
  await expect(page.getByText('Results that wait to be saved: 2.')).toBeVisible({ timeout: 60_000 });
  await page.evaluate(() => {
    const kept = window.showDirectoryPicker;
    Object.assign(window, { showDirectoryPicker: undefined, giveBack: () => (window.showDirectoryPicker = kept) });
  });
  const waiting = page.waitForEvent('download');
  const run = async (name: RegExp): Promise<void> => {
    await page.keyboard.press('Control+k');
    const box = page.locator('command-palette').getByRole('combobox');
    await box.fill('save all');
    await expect(page.locator('command-palette').getByRole('option', { name })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(box).toBeHidden();
  };
  await run(/as a ZIP/);
  const files = unzipSync(readFileSync(await (await waiting).path()));
  expect(Object.keys(files).sort()).toEqual(['444-2x.png', 'rgb-2x.png']);
  const { width } = await sharp(RGB).metadata();
  expect((await sharp(Buffer.from(files['rgb-2x.png']!)).metadata()).width).toBe(2 * width!);

  // Nothing waits any more, and all of it can be saved once more.
  await expect(page.getByText(/Results that wait to be saved/)).toBeHidden();
  await expect(page.getByText('rgb-2x.png, saved', { exact: true })).toBeVisible();

  await page.evaluate(() => (window as unknown as { giveBack: () => void }).giveBack());
  await run(/to a folder/);
  // The list says no more of one that waits, so the last one may be under way; its bytes are there when it is closed.
  await expect(page.getByText(/Results that wait to be saved/)).toBeHidden();
  await expect(async () => {
    for (const [name, { length }] of Object.entries(files)) {
      expect(await chosenFile(page, name)).toHaveLength(length);
    }
  }).toPass({ timeout: 20_000 });
  expect(await chosenNames(page)).toEqual(['444-2x.png', 'rgb-2x.png']);
});
