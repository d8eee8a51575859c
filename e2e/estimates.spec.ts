/** What a job will take, and whether it fits, said before Start. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { choose, chosenFile, fill, openFiles, openPictures, startButton, stubPickers, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

const PHOTO = resolve('public/sample.jpg');

/** The value beside a name in the estimate. */
const estimated = (page: Page, name: string): Promise<string> =>
  page.locator('verdict-view').locator('div', { hasText: name }).locator('dd').innerText();

/** "about 1.2 MB" in bytes. */
function bytesOf(text: string): number {
  const [, number, unit] = /([\d.,]+)\s*(B|kB|MB|GB)/.exec(text)!;
  return Number(number!.replaceAll(',', '')) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'B' | 'kB' | 'MB' | 'GB'];
}

/** A PNG whose header promises a picture of any size, and which has just the bytes that such a picture would need at least. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 16 bits, RGB with alpha, interlaced: it cannot be read from top to bottom.
  header.set([16, 6, 0, 0, 1], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(Math.ceil((width * height * 8) / 1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('says how large the file will be, follows the settings, and learns from jobs', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 4);
  await choose(page, 'Format', /^JPEG$/i);
  await expect(page.locator('verdict-view').getByText('Fits', { exact: true })).toBeVisible();
  const better = bytesOf(await estimated(page, 'File size'));
  await fill(page, 'Quality', 40);
  await expect.poll(async () => bytesOf(await estimated(page, 'File size'))).toBeLessThan(better);
  expect(await estimated(page, 'Memory')).toMatch(/^up to [\d.]+ MB$/);
  await expect(page.getByTitle(/A first guess/)).toBeVisible();

  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  const name = `sample-4x.jpg`;
  const written = (await chosenFile(page, name)).length;
  await expect(page.getByTitle(/Measured on this device.*: 1\./)).toBeVisible();
  // The same picture again: what was learnt is about it.
  expect(bytesOf(await estimated(page, 'File size')) / written).toBeGreaterThan(0.9);
  expect(bytesOf(await estimated(page, 'File size')) / written).toBeLessThan(1.1);
  await page.reload();
  await openPictures(page, PHOTO);
  await expect(page.getByTitle(/Measured on this device.*: 1\./)).toBeVisible();
});

test('offers the ways out of a limit of the format, each of which works', async ({ page }, info) => {
  const wide = info.outputPath('wide.png');
  await sharp({ create: { width: 1000, height: 40, channels: 3, background: '#369' } }).toFile(wide);
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, wide);
  await choose(page, 'Format', /^WebP$/i);
  await choose(page, 'Set by', /^Width$/);
  await fill(page, 'Size', 20_000);
  await expect(page.getByText(/WebP ends at 16,383/).first()).toBeVisible();
  await expect(startButton(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Make it 16,383 px wide' }).click();
  await expect(page.getByText('16,383 × 655 px', { exact: true })).toBeVisible();
  await expect(startButton(page)).toBeEnabled();

  await fill(page, 'Size', 20_000);
  await page.getByRole('button', { name: 'Use PNG' }).click();
  await expect(page.getByRole('combobox', { name: 'Format', exact: true })).toHaveValue('PNG');
  await expect(startButton(page)).toBeEnabled();
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  expect(await sharp(await chosenFile(page, 'wide-20x.png')).metadata()).toMatchObject({ width: 20_000, height: 800 });
});

test('refuses what the storage of the browser has no room for, and offers a folder', async ({ page }) => {
  await stubPickers(page);
  await page.addInitScript(() => {
    navigator.storage.estimate = () => Promise.resolve({ usage: 9e6, quota: 10e6 });
  });
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 8);
  await expect(startButton(page)).toBeEnabled();
  await choose(page, 'Save to', 'Download');
  await expect(page.getByText(/the browser's storage has 1 MB left/).first()).toBeVisible();
  await expect(startButton(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Save to a folder instead' }).click();
  await expect(page.getByRole('combobox', { name: 'Save to', exact: true })).toHaveValue('Folder');
  await expect(startButton(page)).toBeEnabled();
});

test('refuses what the memory of this device cannot hold', async ({ page }, info) => {
  const huge = info.outputPath('huge.png');
  writeFileSync(huge, hugePng(18_000, 18_000));
  await page.goto('/');
  await openFiles(page, huge);
  await expect(page.getByText(/MB of memory; [\d,]+ MB may be used/).first()).toBeVisible();
  await expect(startButton(page)).toBeDisabled();
});

test('adds up what several pictures will take', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, PHOTO, join(fixtures, 'jpeg/444.jpg'));
  await expect(page.getByText(/^2 pictures: about [\d.]+ [kM]B, [\d.]+ s\.$/)).toBeVisible();
});
