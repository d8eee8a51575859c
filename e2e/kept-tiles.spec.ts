/** Tiles of models that outlive the page: a renderer that dies in the middle, and a storage without room for them. */
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { AI_DEFAULTS } from '../src/core/ai.ts';
import type { Size } from '../src/core/geometry.ts';
import type { Receipt } from '../src/core/job.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../src/core/options.ts';
import type {} from '../src/cli-page.ts';
import { chosenFile, openPictures, startButton, stubPickers, test } from './support/app.ts';

/** Three tiles by two of upconv_7. */
const SIX_TILES = { width: 600, height: 400 };
const UPCONV_TILES = 6;
/** Two tiles of Anime4K, of 3 MB each. */
const TWO_TILES = { width: 1000, height: 500 };
const ANIME4K_TILES = 2;

/** Noise, which the browser's storage cannot make smaller: tiles are what fills it. */
async function makePicture(path: string, { width, height }: Size): Promise<void> {
  const pixels = Buffer.alloc(3 * width * height);
  let state = 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[i] = 64 + (state >>> 25);
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

const useModel = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const ai = {
      ...{ model: { kind: 'bundled', id: 'upconv7' }, noise: null, tta: false, blend: 1, colourLock: false },
      ...{ alpha: 'lanczos', passes: 'all', before: [], after: [] },
    };
    localStorage.setItem('pro-upscaler.settings', JSON.stringify({ ai }));
  });

/** All records of a store; none while there is no such database or store. */
const records = <T>(page: Page, database: string, store: string): Promise<T[]> =>
  page.evaluate(
    async ([name, from]) => {
      if (!(await indexedDB.databases()).some((known) => known.name === name)) return [];
      return new Promise<T[]>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(new Error(`no ${name}`));
        opening.onsuccess = () => {
          const { result } = opening;
          if (!result.objectStoreNames.contains(from)) return (result.close(), resolve([]));
          const all = result.transaction(from).objectStore(from).getAll();
          all.onsuccess = () => {
            result.close();
            resolve(all.result as T[]);
          };
        };
      });
    },
    [database, store] as const,
  );

const keptTiles = async (page: Page): Promise<number> => (await records(page, 'pro-upscaler-tiles', 'index')).length;

const receipts = async (page: Page): Promise<Receipt[]> =>
  (await records<{ receipt: Receipt }>(page, 'pro-upscaler', 'history')).map(({ receipt }) => receipt);

/** Waits for the result, and for its receipt, which is noted after it is shown. */
async function done(page: Page): Promise<Receipt> {
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible({ timeout: 120_000 });
  await expect.poll(async () => (await receipts(page)).length).toBe(1);
  return (await receipts(page))[0]!;
}

test('a job whose renderer died goes on from the tiles that were finished', async ({ page }, info) => {
  test.setTimeout(400_000);
  const path = info.outputPath('noise.png');
  await makePicture(path, SIX_TILES);
  await stubPickers(page);
  await page.goto('/');
  await useModel(page);
  await page.reload();
  await openPictures(page, path);
  await startButton(page).click();
  await expect.poll(() => keptTiles(page), { timeout: 120_000, intervals: [200] }).toBeGreaterThan(0);

  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  const again = await page.context().newPage();
  await stubPickers(again);
  await again.goto('/');
  const kept = await keptTiles(again);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(UPCONV_TILES);
  expect(await receipts(again)).toEqual([]);
  await again.getByRole('button', { name: 'Continue' }).click();
  const receipt = await done(again);
  expect(receipt.ai).toMatchObject({ tiles: UPCONV_TILES, retries: {}, replaced: 0 });
  // The preview may have added some.
  expect(receipt.ai!.cached).toBeGreaterThanOrEqual(kept);
  const { width, height } = await sharp(await chosenFile(again, receipt.output.name)).metadata();
  expect([width, height]).toEqual([2 * SIX_TILES.width, 2 * SIX_TILES.height]);
});

test('a storage without room for tiles is told, and the job is done', async ({ page }, info) => {
  const path = info.outputPath('noise.png');
  await makePicture(path, TWO_TILES);
  // The command line's page hands its output to a server, here to nobody: the storage is for tiles alone.
  await page.context().route(/\/output/, (route) => route.fulfill({ status: 200, body: '' }));
  await page.goto('/cli.html');
  await page.locator('input[type=file]').setInputFiles(path);
  const devtools = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
  const options: JobOptions = {
    ...DEFAULT_OPTIONS,
    ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id: 'anime4k-ul' } },
  };
  const answer = await page.evaluate(
    (given) => window.commandLine.run({ name: 'noise.png', options: given, url: '/output', outputName: 'out.png' }),
    options,
  );
  if (!answer.ok) throw new Error(answer.error.message);
  expect(answer.value.ai).toMatchObject({ tiles: ANIME4K_TILES, cached: 0, retries: {}, replaced: 0 });
  expect(answer.value.warnings).toEqual([
    expect.stringMatching(/^Finished tiles .* not kept: the storage of the browser is full/),
  ]);
  expect(await keptTiles(page)).toBe(0);
});
