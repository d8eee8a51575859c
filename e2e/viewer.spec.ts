/** Looking at pictures before they are written, with keys mostly, and what is seen against what is written. */
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';
import { chosenFile, choose, fill, openFiles, openPictures, startButton, stubPickers, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode } from './support/pixels.ts';

const RGB = join(fixtures, 'png/rgb.png');

const surface = (page: Page): Locator => page.getByRole('application', { name: /^Picture/ });
const zoomText = (page: Page): Locator => page.getByRole('group', { name: 'Zoom' });
const percent = async (page: Page): Promise<number> =>
  Number.parseFloat((await zoomText(page).textContent())!.replace(/[^\d.]*/, ''));
const isLoaded = (page: Page): Promise<void> => expect(page.locator('deep-zoom[loaded]')).toBeVisible();

/** A picture large enough to be zoomed and moved. */
async function largePicture(path: string, width = 900, height = 700): Promise<string> {
  const data = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 128 + 60 * Math.sin(x / 9 + (i % 3)) + 50 * Math.cos((x * y) / 900);
    }),
  );
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  return path;
}

test('shows the whole picture side by side, and again when it is alone', async ({ page }, info) => {
  const path = info.outputPath('large.png');
  await largePicture(path);
  await page.goto('/');
  await openPictures(page, path);
  await isLoaded(page);
  const alone = await percent(page);
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: 'Side by side', pressed: true })).toBeVisible();
  await expect.poll(() => percent(page)).toBeLessThan(0.6 * alone);
  await page.keyboard.press('r');
  await expect.poll(() => percent(page)).toBe(alone);
});

test('zooms, compares and moves the border by keys', async ({ page }, info) => {
  await page.goto('/');
  await openPictures(page, await largePicture(info.outputPath('large.png')));
  await isLoaded(page);
  const fitted = await percent(page);
  await page.keyboard.press('1');
  await expect(zoomText(page)).toContainText('100');
  await page.keyboard.press('+');
  await expect.poll(() => percent(page)).toBe(150);
  await page.keyboard.press('-');
  await page.keyboard.press('0');
  await expect.poll(() => percent(page)).toBe(fitted);
  await isLoaded(page);

  await page.keyboard.press('s');
  const border = page.getByRole('slider', { name: /Source and Result/ });
  await expect(border).toHaveValue('50');
  await border.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await expect(border).toHaveValue('55');
  await page.keyboard.press('End');
  await expect(border).toHaveValue('100');

  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: 'Side by side' })).toHaveAttribute('aria-pressed', 'true');
  await expect(border).toHaveCount(0);
  await page.keyboard.press('d');
  await expect(page.getByRole('button', { name: 'Difference' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('r');
  await page.keyboard.down('x');
  await expect(page.locator('deep-zoom[held]')).toBeVisible();
  await page.keyboard.up('x');
  await expect(page.locator('deep-zoom[held]')).toHaveCount(0);
  await page.keyboard.press('h');
  await expect(page.getByRole('img', { name: /^Result: half of the pixels/ })).toBeVisible();
});

test('shows the source at once where it is compared, before any of its tiles is there', async ({ page }, info) => {
  await page.goto('/');
  await openPictures(page, await largePicture(info.outputPath('large.png')));
  await isLoaded(page);
  // From now on the engine gets no request.
  await page.evaluate(() => {
    Worker.prototype.postMessage = () => undefined;
    MessagePort.prototype.postMessage = () => undefined;
  });
  /** How much there is to see left and right of the middle: the standard deviation of the samples. */
  const sides = async (): Promise<readonly boolean[]> => {
    const shot = sharp(await surface(page).screenshot());
    const { width, height } = await shot.metadata();
    return Promise.all(
      [0.3, 0.6].map(async (share) => {
        const part = { left: Math.floor(width * share), top: Math.floor(height / 2) - 20, width: 40, height: 40 };
        const { channels } = await shot.clone().extract(part).stats();
        return channels[0]!.stdev > 10;
      }),
    );
  };
  for (const [key, name] of [
    ['s', 'Before and after'],
    ['b', 'Side by side'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('button', { name, pressed: true })).toBeVisible();
    await expect.poll(sides).toEqual([true, true]);
  }
});

test('tells the values that the file will have', async ({ page }, info) => {
  await stubPickers(page);
  await page.goto('/');
  const path = await largePicture(info.outputPath('large.png'));
  await openPictures(page, path);
  await fill(page, 'Size', 3);
  await choose(page, 'Kernel', /Mitchell/);
  await page.keyboard.press('1');
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  const file = await decode(await chosenFile(page, 'large-3x.png'));
  const original = await decode(path);
  const at = ({ data, width }: { data: Buffer; width: number }, x: number, y: number): number[] => [
    ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
  ];

  const box = (await surface(page).boundingBox())!;
  const readout = page.locator('viewer-status .values');
  const numbers = (text: string): number[] => text.trim().split(' ').map(Number);
  const seen = new Set<number>();
  for (const [across, down] of [
    [0.3, 0.3],
    [0.5, 0.6],
    [0.8, 0.4],
  ] as const) {
    // So that what is read is not of the point before.
    await page.mouse.move(2, 2);
    await expect(readout).toHaveCount(0);
    await page.mouse.move(box.x + across * box.width, box.y + down * box.height);
    await expect(async () => {
      const [, x, y, source, samples] = /(\d+), (\d+): ([\d ]+) → ([\d ]+)/.exec((await readout.textContent())!)!;
      expect(numbers(samples!)).toEqual(at(file, Number(x), Number(y)));
      expect(numbers(source!)).toEqual(at(original, Math.floor(Number(x) / 3), Math.floor(Number(y) / 3)));
      seen.add(Number(x));
    }).toPass({ timeout: 10_000 });
  }
  expect(seen.size).toBe(3);

  // Where the pointer rests the values follow the settings: back to Lanczos, and to Mitchell again.
  const mitchell = (await readout.textContent())!;
  await page.keyboard.press('Control+z');
  await expect(readout).not.toHaveText(mitchell);
  await page.keyboard.press('Control+Shift+z');
  await expect(readout).toHaveText(mitchell);
});

test('shows a region by all kernels and models, and takes the one that is picked', async ({ page }) => {
  test.setTimeout(200_000);
  await page.goto('/');
  await openPictures(page, RGB);
  await isLoaded(page);
  await page.keyboard.press('m');
  await expect(page.getByRole('button', { name: /^Draw a box/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Compare methods' })).toBeVisible();
  // What is slotted into the dialog is not below it in the tree.
  const sheet = page.locator('contact-sheet');
  await expect(sheet.getByRole('button', { name: 'Lanczos 3' })).toHaveAttribute('aria-pressed', 'true');
  for (const name of [
    'Lanczos 3',
    'Lanczos 4',
    'Mitchell',
    'Nearest',
    'Progressive',
    'Anime4K UL',
    'waifu2x cunet, ',
  ]) {
    const button = sheet.getByRole('button', { name });
    await expect(button).toHaveAttribute('aria-busy', 'false', { timeout: 120_000 });
    await expect(button).toBeEnabled();
  }
  await sheet.getByRole('button', { name: 'Mitchell' }).focus();
  await page.keyboard.press('Enter');
  await expect(sheet).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Kernel' })).toHaveValue(/Mitchell/);
});

test('says one thing at a time while a box is drawn over a difference', async ({ page }, info) => {
  await page.goto('/');
  await openPictures(page, await largePicture(info.outputPath('large.png'), 1800, 1400));
  await isLoaded(page);
  await page.keyboard.press('d');
  const hint = page.getByText('From afar there is little difference');
  await expect(hint).toBeVisible();
  await page.keyboard.press('m');
  await expect(page.getByText('Draw a box around what to compare', { exact: true })).toBeVisible();
  await expect(hint).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(hint).toBeVisible();
});

test('leaves the tools and most of the picture free of the histogram on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/');
  await openFiles(page, RGB);
  await isLoaded(page);
  await page.keyboard.press('b');
  await page.keyboard.press('h');
  const panel = page.locator('histogram-view');
  await expect(panel.getByRole('img')).toHaveCount(2);
  const boxOf = async (locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> =>
    (await locator.boundingBox())!;
  const overlaps = async (a: Locator, b: Locator): Promise<boolean> => {
    const [one, other] = await Promise.all([boxOf(a), boxOf(b)]);
    const apart =
      one.x + one.width <= other.x ||
      other.x + other.width <= one.x ||
      one.y + one.height <= other.y ||
      other.y + other.height <= one.y;
    return !apart;
  };
  const captions = page.locator('deep-zoom .caption');
  for (const height of [844, 600]) {
    await page.setViewportSize({ width: 390, height });
    for (const other of [zoomText(page), captions.first(), captions.last()]) {
      expect(await overlaps(panel, other), `${height}: ${await other.textContent()}`).toBe(false);
    }
    const [small, whole] = await Promise.all([boxOf(panel), boxOf(page.locator('deep-zoom'))]);
    expect(small.width * small.height).toBeLessThan((whole.width * whole.height) / 3);
    expect(await panel.evaluate((at) => at.scrollHeight - at.clientHeight)).toBe(0);
  }
});

test('a hundred fast moves pile up no work', async ({ page }, info) => {
  await page.goto('/');
  await openPictures(page, await largePicture(info.outputPath('large.png')));
  await fill(page, 'Size', 15);
  await surface(page).focus();
  await page.keyboard.press('1');
  const pending = (): Promise<number> =>
    page.locator('deep-zoom').evaluate((element) => (element as HTMLElement & { pending: number }).pending);
  let most = 0;
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press(['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'][i % 5]!);
    most = Math.max(most, await pending());
  }
  // What is seen at a time: four by three tiles, those of coarser levels, and a border; twice, as some of the view before may be
  // under way. Piled up, it would be several hundred.
  expect(most).toBeLessThanOrEqual(60);
  await isLoaded(page);
  expect(await pending()).toBe(0);
});

test('shows the source where there is no result, and says so', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Set by', /^Width$/);
  await fill(page, 'Size', 16384);
  await expect(page.getByText('there is no result of this size')).toBeVisible();
  await isLoaded(page);
});

test('leaves no worker behind when pictures come and go', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  /** Objects of the page, living or not, that stand for workers. */
  const workers = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'Worker.prototype' });
    const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId! });
    const { result: count } = await session.send('Runtime.callFunctionOn', {
      ...{ objectId: objects.objectId!, functionDeclaration: 'function () { return this.length; }' },
      returnByValue: true,
    });
    await session.send('Runtime.releaseObject', { objectId: objects.objectId! });
    return count.value as number;
  };
  const visit = async (): Promise<void> => {
    await openPictures(page, RGB);
    await isLoaded(page);
    await page.evaluate(() => {
      (document.querySelector('app-shell') as unknown as { app: { clear(): void } }).app.clear();
    });
    await expect(page.locator('deep-zoom')).toHaveCount(0);
  };
  await page.goto('/');
  await visit();
  const first = await workers();
  for (let i = 0; i < 6; i++) await visit();
  await expect.poll(workers).toBeLessThanOrEqual(first + 1);
});
