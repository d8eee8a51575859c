/** The engine as a module: the example page. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { test } from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode } from './support/pixels.ts';

const RGB = join(fixtures, 'png/rgb.png');

test.beforeEach(async ({ page }) => {
  await page.goto('/examples/module.html');
});

async function result(page: Page): Promise<Buffer> {
  await expect(page.getByRole('status')).toHaveText(/^Done: \d+ x \d+ pixels/);
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save' }).click();
  return readFileSync(await (await waiting).path());
}

test('enlarges, and calls the hook on every finished row', async ({ page }) => {
  await page.getByLabel('Picture').setInputFiles(RGB);
  await page.getByLabel('Factor').fill('3');
  await page.getByRole('button', { name: 'Start' }).click();
  const plain = await decode(await result(page));
  const { width, height } = await sharp(RGB).metadata();
  expect([plain.width, plain.height]).toEqual([width * 3, height * 3]);

  await page.getByLabel(/Negative/).check();
  // What the first job has left there would be taken for the end of the second.
  await page.getByRole('status').evaluate((status) => (status.textContent = ''));
  await page.getByRole('button', { name: 'Start' }).click();
  const negative = await decode(await result(page));
  expect(negative.data).toEqual(Buffer.from(plain.data.map((sample) => 255 - sample)));
});

test('shows the error of a bad file', async ({ page }, info) => {
  const path = info.outputPath('letter.png');
  writeFileSync(path, 'This is a letter, and no picture.');
  await page.getByLabel('Picture').setInputFiles(path);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('alert')).toContainText('letter.png');
});

test('cancels', async ({ page }, info) => {
  const path = info.outputPath('large.png');
  await sharp({ create: { width: 1500, height: 1500, channels: 3, background: '#963' } })
    .png()
    .toFile(path);
  await page.getByLabel('Picture').setInputFiles(path);
  await page.getByLabel('Factor').fill('12');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('status')).toHaveText(/18000 x 18000 pixels on/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('status')).toHaveText('Cancelled');
  await expect(page.getByRole('link', { name: 'Save' })).toBeHidden();
});
