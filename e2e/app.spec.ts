/** The app as a person uses it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import sharp from 'sharp';
import {
  cancelButton,
  choose,
  chosenFile,
  chosenNames,
  dropFile,
  fill,
  isRead,
  openFiles,
  openPictures,
  startButton,
  stubPickers,
  test,
} from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode, psnr, repeated } from './support/pixels.ts';

const RGB = join(fixtures, 'png/rgb.png');

test('is isolated, and asks nothing of anybody', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveTitle(/Pro Upscaler/);
  expect(await page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([true, 'function']);
  await expect(page.getByRole('main').getByRole('button', { name: 'Open pictures' })).toBeVisible();
});

test('offers models and receipts where pictures are opened, with a picker of its own or without', async ({ page }) => {
  await page.addInitScript(() => {
    const showOpenFilePicker = (options?: OpenFilePickerOptions): Promise<never> => {
      const kinds = options?.types?.flatMap(({ accept }) => Object.values(accept ?? {}).flat()) ?? [];
      document.documentElement.dataset['asked'] = kinds.join(' ');
      return Promise.reject(new DOMException('', 'AbortError'));
    };
    Object.assign(window, { showOpenFilePicker });
  });
  await page.goto('/');
  await page.getByRole('main').getByRole('button', { name: 'Open pictures' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-asked', /(^| )\.jpg .*\.onnx \.json$/);
  const input = page.getByLabel('Open pictures', { exact: true }).and(page.locator('input'));
  await expect(input).toHaveAttribute('accept', /\.json,.*\.onnx(,|$)/);
});

test('writes the file of a dropped picture into the chosen folder', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await dropFile(page, RGB);
  await isRead(page, 'rgb.png');
  await choose(page, 'Kernel', /nearest/i);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  expect(await chosenNames(page)).toEqual(['rgb-2x.png']);
  const bytes = await chosenFile(page, 'rgb-2x.png');
  expect(await decode(bytes)).toEqual(repeated(await decode(RGB), 2));

  // A second run takes another name.
  await startButton(page).click();
  await expect.poll(() => chosenNames(page)).toHaveLength(2);
  expect((await chosenNames(page)).every((name) => /^rgb-2x( \(2\))?\.png$/.test(name))).toBe(true);
});

test('takes the settings: factor, format, quality', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await fill(page, 'Size', 3);
  await choose(page, 'Format', /^JPEG$/i);
  await fill(page, 'Quality', 97);
  await choose(page, 'Kernel', /nearest/i);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  const bytes = await chosenFile(page, 'rgb-3x.jpg');
  expect((await sharp(bytes).metadata()).format).toBe('jpeg');
  expect(psnr(await decode(bytes), repeated(await decode(RGB), 3))).toBeGreaterThan(30);
});

test('does several pictures one after another', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB, join(fixtures, 'jpeg/444.jpg'), join(fixtures, 'webp/lossless.webp'));
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toHaveCount(3);
  expect(await chosenNames(page)).toEqual(['444-2x.png', 'lossless-2x.png', 'rgb-2x.png']);
});

test('leaves nothing behind when a job is cancelled, and goes on working', async ({ page }, info) => {
  const large = info.outputPath('large.png');
  await sharp({ create: { width: 600, height: 400, channels: 3, background: '#369' } })
    .png()
    .toFile(large);
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, large);
  await fill(page, 'Size', 50);
  await startButton(page).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page.getByText(/MP\/s/)).toBeVisible();
  await cancelButton(page).click();
  await expect(page.getByText('Cancelled').first()).toBeVisible();
  expect(await chosenNames(page)).toEqual([]);

  await fill(page, 'Size', 1);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  expect(await decode(await chosenFile(page, 'large-1x.png'))).toEqual(await decode(large));
});

test('keeps the result for download where there are no pickers', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Kernel', /nearest/i);
  await startButton(page).click();
  const waiting = page.waitForEvent('download');
  await page
    .getByRole('button', { name: 'Save as', exact: true })
    .or(page.getByRole('link', { name: 'Save as' }))
    .click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('rgb-2x.png');
  expect(await decode(await download.path())).toEqual(repeated(await decode(RGB), 2));
});

for (const [what, name, bytes, reason] of [
  ['an empty file', 'empty.png', Buffer.alloc(0), /empty/i],
  ['a text', 'letter.jpg', Buffer.from('Dear reader, this is no picture at all.\n'), /text/i],
  ['random bytes', 'noise.webp', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + 31) % 251)), /./],
  ['a truncated picture', 'cut.png', null, /./],
] as const) {
  test(`says what is wrong with ${what}, and goes on working`, async ({ page }, info) => {
    const path = info.outputPath(name);
    const whole = await sharp(RGB).toBuffer();
    writeFileSync(path, bytes ?? whole.subarray(0, whole.length >> 1));
    await stubPickers(page);
    await page.goto('/');
    await openFiles(page, path);
    const alert = page.getByRole('alert').filter({ hasText: /\S/ });
    // A header may be whole: then the damage shows when the job runs.
    await expect(
      alert.or(page.locator('wa-button:not([disabled])', { hasText: /^\s*Start\s*$/ })).first(),
    ).toBeVisible();
    if ((await alert.count()) === 0) await startButton(page).click();
    await expect(alert.first()).toContainText(name);
    await expect(alert.first()).toContainText(reason);
    await expect(page.locator('verdict-view')).toHaveCount(0);
    expect(await chosenNames(page)).toEqual([]);

    await openPictures(page, RGB);
    await startButton(page).click();
    await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
    expect(await chosenNames(page)).toEqual(['rgb-2x.png']);
  });
}

test('tells what became of a model that is opened before any picture', async ({ page }) => {
  await page.goto('/');
  const input = page.getByLabel('Open pictures', { exact: true }).and(page.locator('input'));
  await input.setInputFiles({ name: 'bad.onnx', mimeType: '', buffer: Buffer.from('no model') });
  const alert = page.getByRole('alert').filter({ hasText: 'bad.onnx' });
  await expect(alert).toBeVisible();
  await input.setInputFiles('src/models/generated/anime4k-s.onnx');
  await expect(page.getByRole('status').filter({ hasText: 'anime4k-s.onnx was added' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);

  // What was closed does not come back with the models.
  await input.setInputFiles({ name: 'bad.onnx', mimeType: '', buffer: Buffer.from('no model') });
  await alert.getByRole('button', { name: 'Close the message' }).click();
  await expect(alert).toHaveCount(0);
  await openPictures(page, RGB);
  await expect(page.getByRole('button', { name: 'Add a model …' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('refuses before Start what the format cannot hold', async ({ page }, info) => {
  const wide = info.outputPath('wide.png');
  await sharp({ create: { width: 400, height: 10, channels: 3, background: '#369' } }).toFile(wide);
  await page.goto('/');
  await openPictures(page, wide);
  await choose(page, 'Format', /^WebP$/i);
  await choose(page, 'Set by', /^Width$/);
  await fill(page, 'Size', 16384);
  await expect(page.getByText(/WebP ends at 16,383 x 16,383 pixels/).first()).toBeVisible();
  await expect(startButton(page)).toBeDisabled();
});
