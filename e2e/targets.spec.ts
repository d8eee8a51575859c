/** Sizes by meaning, crops and finishing, as a person asks for them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import sharp from 'sharp';
import { choose, chosenFile, chosenNames, fill, openPictures, startButton, stubPickers, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

const RGB = join(fixtures, 'png/rgb.png');

test('crops with the frame, by keys, and writes what it shows', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await page.getByRole('button', { name: 'Crop …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Crop and straighten' });
  await expect(dialog).toBeVisible();
  const { width, height } = await sharp(RGB).metadata();
  await choose(page, 'Proportions', /^1:1$/);
  await expect(page.getByText(`${height} × ${height} px`)).toBeVisible();

  // To the left border, and no further.
  const frame = page.getByRole('group', { name: /^Crop:/ });
  await frame.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press('Shift+ArrowLeft');
  await expect(page.getByRole('group', { name: /, 0 % from the left, 0 % from the top/ })).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(`${height} × ${height} px`)).toBeVisible();

  await choose(page, 'Kernel', /nearest/i);
  await fill(page, 'Size', 1);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  const got = await sharp(await chosenFile(page, 'rgb-1x.png'))
    .raw()
    .toBuffer();
  const want = await sharp(RGB).extract({ left: 0, top: 0, width: height, height }).raw().toBuffer();
  expect(width).toBeGreaterThan(height);
  expect(got.equals(want)).toBe(true);
});

test('says which pictures a size and a crop are for', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB, join(fixtures, 'png/rgba.png'));
  const settings = page.locator('settings-panel');
  const dialog = page.locator('crop-dialog');
  await page.getByRole('button', { name: 'Crop …' }).click();
  await expect(dialog.getByText('For all pictures', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  // What is added later is chosen by itself.
  await openPictures(page, join(fixtures, 'png/rgb16.png'));
  await expect(settings.getByText('For rgb16.png', { exact: true })).toBeVisible();
  await expect(settings.getByText(/for all/i)).toHaveCount(0);
  await page.getByRole('button', { name: 'Crop …' }).click();
  await expect(dialog.getByText('For rgb16.png', { exact: true })).toBeVisible();
});

test('shows the whole of the lengths of a print', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Set by', /^Print$/);
  for (const width of [360, 1280, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    for (const label of ['Width', 'Height']) {
      await fill(page, label, 118.95);
      const field = page.getByLabel(label, { exact: true }).and(page.locator('input'));
      const beyond = await field.evaluate((input) => input.scrollWidth - input.clientWidth);
      expect(beyond, `${label} at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
});

test('says how much larger than its sheet a print is, and crops to it', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Set by', /^Print$/);
  await choose(page, 'Unit', /^mm$/);
  await fill(page, 'Width', 20);
  await fill(page, 'Height', 20);
  await fill(page, 'Resolution', 254);
  const settings = page.locator('settings-panel');
  await expect(settings.getByText(/mm wider than it/)).toBeVisible();
  await settings.getByRole('button', { name: 'Crop to the print' }).click();
  await expect(settings.getByText('200 × 200 px', { exact: true })).toBeVisible();
  await expect(settings.getByText(/wider than it/)).toHaveCount(0);
});

test('turns and mirrors by buttons, and takes it back', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  const { width, height } = await sharp(RGB).metadata();
  await page.getByRole('button', { name: 'Turn right' }).click();
  await expect(page.getByText(`${2 * height} × ${2 * width} px`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Undo all' }).click();
  await expect(page.getByText(`${2 * width} × ${2 * height} px`, { exact: true })).toBeVisible();
});

test('sharpens, grains and keeps to a number of bytes', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await fill(page, 'Size', 16);
  await choose(page, 'Format', /^JPEG$/i);
  await page.getByRole('switch', { name: 'Sharpen' }).press('Space');
  await page.getByRole('switch', { name: 'Grain' }).press('Space');
  await fill(page, 'At most', 0.06);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  const bytes = await chosenFile(page, 'rgb-16x.jpg');
  expect(bytes.length).toBeLessThanOrEqual(60_000);
  expect(bytes.length).toBeGreaterThan(40_000);
});

test('takes paper and screens from the menu of presets', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Preset', /^Full HD/);
  await expect(page.getByText('1,920 × 1,080 px', { exact: true })).toBeVisible();
  await choose(page, 'Preset', /^A5/);
  await expect(page.getByText(/at 300 DPI/)).toBeVisible();
});

test('prints 60 x 90 cm at 300 DPI: the pixels and the density are there for every program', async ({ page }, info) => {
  test.setTimeout(180_000);
  const photo = info.outputPath('photo.png');
  await sharp({ create: { width: 2000, height: 3000, channels: 3, background: '#369' } }).toFile(photo);
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, photo);
  await choose(page, 'Set by', /^Print$/);
  await choose(page, 'Unit', /^cm$/);
  await fill(page, 'Width', 60);
  await fill(page, 'Height', 90);
  await fill(page, 'Resolution', 300);
  await expect(page.getByText('7,087 × 10,630 px', { exact: true })).toBeVisible();
  await expect(page.getByText(/60 × 90 cm at 300 DPI/)).toBeVisible();
  for (const [format, ending] of [
    ['JPEG', 'jpg'],
    ['PNG', 'png'],
    ['TIFF', 'tif'],
  ] as const) {
    await choose(page, 'Format', new RegExp(`^${format}$`));
    await startButton(page).click();
    const name = `photo-3.54x.${ending}`;
    await expect.poll(() => chosenNames(page), { timeout: 60_000 }).toContain(name);
    await expect(page.getByRole('status').filter({ hasText: /^Done: / })).toBeVisible({ timeout: 60_000 });
    const path = info.outputPath(name);
    writeFileSync(path, await chosenFile(page, name));
    // exiftool tells the size, and the density as each format has it: in JPEG and TIFF a number and its unit, in PNG per metre.
    const json = execFileSync('exiftool', ['-j', '-n', path], { encoding: 'utf8' });
    const tags = (JSON.parse(json) as Record<string, number>[])[0]!;
    expect([tags['ImageWidth'], tags['ImageHeight']], format).toEqual([7087, 10630]);
    if (format === 'PNG') expect(tags['PixelsPerUnitX']).toBe(Math.round(300 / 0.0254));
    else
      expect([tags['XResolution'], tags['YResolution'], tags['ResolutionUnit']], format).toEqual([
        300,
        300,
        format === 'JPEG' ? 1 : 2,
      ]);
    const read = execFileSync('vipsheader', ['-a', path], { encoding: 'utf8' });
    expect(Number(/xres: ([\d.]+)/.exec(read)?.[1]) * 25.4, format).toBeCloseTo(300, 1);
  }
});
