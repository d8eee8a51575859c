/** A page that dies in the middle of a job: what is finished is gone on with, and nothing half is left. */
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { filesBelow } from './support/album.ts';
import { chosenFile, chosenNames, openPictures, startButton, stubPickers, test } from './support/app.ts';

/** What the stored settings of a slow job are, and that its bands are kept. */
const prepare = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    localStorage.setItem('pro-upscaler.staging', JSON.stringify('always'));
    localStorage.setItem(
      'pro-upscaler.settings',
      JSON.stringify({ size: { mode: 'factor', factor: 4 }, engine: 'scalar', format: 'png' }),
    );
  });
};

const done = (page: Page) => expect(page.getByText(/^Done: 1 picture/)).toBeVisible({ timeout: 120_000 });

async function crash(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // Its answer never comes.
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
}

test('goes on behind the finished bands after the page was killed', async ({ page }, info) => {
  test.setTimeout(240_000);
  await stubPickers(page);
  await prepare(page);
  const path = info.outputPath('noisy.png');
  const noise = { type: 'gaussian', mean: 120, sigma: 30 } as const;
  await sharp({ create: { width: 600, height: 700, channels: 3, background: '#888', noise } })
    .png()
    .toFile(path);
  await page.goto('/');
  await openPictures(page, path);
  await startButton(page).click();
  await done(page);
  const undisturbed = await chosenFile(page, 'noisy-4x.png');
  expect((await filesBelow(page, 'stages')).size).toBe(0);

  await page.getByRole('button', { name: 'Enlarge noisy.png again' }).click();
  await expect(page.getByText('after a crash it goes on from there')).toBeVisible();
  await expect
    .poll(() => page.getByRole('progressbar').first().getAttribute('aria-valuenow').then(Number))
    .toBeGreaterThan(20);
  await crash(page);

  // The page that takes its place; the dead one's locks are free.
  const next = (await page.context().newPage()) as Page;
  await stubPickers(next);
  await prepare(next);
  await next.goto('/');
  await expect(next.getByText(/“noisy.png” goes on at [2-9]\d\s?%/)).toBeVisible();
  expect(await chosenNames(next)).toEqual(['noisy-4x.png']);
  await next.getByRole('button', { name: 'Continue' }).click();
  await done(next);
  expect(await chosenNames(next)).toEqual(['noisy-4x (2).png', 'noisy-4x.png']);
  expect((await chosenFile(next, 'noisy-4x (2).png')).equals(undisturbed)).toBe(true);
  expect((await filesBelow(next, 'stages')).size).toBe(0);
});

test('takes away what dead pages left in the private storage, and nothing of the living', async ({ page }) => {
  await page.goto('/');
  const context = page.context();
  const other = await context.newPage();
  await other.goto('/');
  // As a worker of that page holds it while it writes.
  const put = (folder: string, name: string): Promise<void> =>
    page.evaluate(
      async ([folderName, fileName]) => {
        const root = await navigator.storage.getDirectory();
        const directory = await root.getDirectoryHandle(folderName, { create: true });
        const writable = await (await directory.getFileHandle(fileName, { create: true })).createWritable();
        await writable.write('bytes');
        await writable.close();
      },
      [folder, name] as const,
    );
  for (const name of ['dead', 'alive']) await put('stages', name);
  for (const name of ['dead.png', 'dead.png.part', 'alive.png.part']) await put('outputs', name);
  await other.evaluate(() => {
    for (const name of ['stage.alive', 'output.alive.png']) {
      void navigator.locks.request(`pro-upscaler.${name}`, () => new Promise(() => undefined));
    }
  });
  await page.reload();
  await expect.poll(async () => [...(await filesBelow(page, 'stages')).keys()]).toEqual(['alive']);
  await expect.poll(async () => [...(await filesBelow(page, 'outputs')).keys()]).toEqual(['alive.png.part']);
});
