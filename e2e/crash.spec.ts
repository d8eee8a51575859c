/** A page that dies in the middle of a job: what is finished is gone on with, and nothing half is left. */
import { expect, type Page, type TestInfo } from '@playwright/test';
import sharp from 'sharp';
import { filesBelow } from './support/album.ts';
import { choose, chosenFile, chosenNames, fill, openPictures, startButton, stubPickers, test } from './support/app.ts';

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

/** Settles when the page has taken over and cleared away what there was. */
const restored = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    interface Shell {
      readonly app: { readonly session: { readonly restored: Promise<void> } };
    }
    await (document.querySelector('app-shell') as unknown as Shell).app.session.restored;
  });

/** Settles when what the page has in its list is written down. */
const written = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    interface Shell {
      readonly app: { readonly session: { readonly keeper: { flush(): Promise<void> } } };
    }
    await (document.querySelector('app-shell') as unknown as Shell).app.session.keeper.flush();
  });

/** Everything in a folder of the private storage, folders too. */
const entriesIn = (page: Page, name: string): Promise<string[]> =>
  page.evaluate(async (folder) => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const entry of (await root.getDirectoryHandle(folder, { create: true })).keys()) names.push(entry);
    return names;
  }, name);

/** How much of the running job is done, in percent. */
const percent = (page: Page): Promise<number> =>
  page.getByRole('progressbar').first().getAttribute('aria-valuenow').then(Number);

for (const [into, made] of [
  ['chosen', 'Deep-zoom tiles'],
  ['outputs', 'Panels to print'],
] as const) {
  test(`leaves no file of an export into ${into} that a crash interrupts`, async ({ page }, info) => {
    const path = info.outputPath('large.png');
    const noise = { type: 'gaussian', mean: 120, sigma: 30 } as const;
    await sharp({ create: { width: 900, height: 900, channels: 3, background: '#888', noise } })
      .png()
      .toFile(path);
    const open = async (): Promise<Page> => {
      const next = page.url() === 'about:blank' ? page : ((await page.context().newPage()) as Page);
      if (into === 'chosen') await stubPickers(next);
      else
        await next.addInitScript(() =>
          Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined }),
        );
      await next.goto('/');
      return next;
    };
    const first = await open();
    await openPictures(first, path);
    await fill(first, 'Size', 8);
    await choose(first, 'Make', made);
    await startButton(first).click();
    await expect.poll(() => percent(first)).toBeGreaterThan(30);
    if (into === 'outputs')
      await expect.poll(() => entriesIn(first, into)).toContainEqual(expect.stringMatching(/^scratch-/));
    else expect(await entriesIn(first, into)).toHaveLength(1);
    await crash(first);
    const next = await open();
    await expect(next.getByText(/The last visit ended before everything was done/)).toBeVisible();
    await restored(next);
    expect(await entriesIn(next, into)).toEqual([]);
  });
}

test('brings back what several dead pages had in their lists, and nothing of a living one', async ({ page }, info) => {
  const context = page.context();
  const paths = ['one.png', 'two.png', 'three.png'].map((name) => info.outputPath(name));
  for (const path of paths) {
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#678' } })
      .png()
      .toFile(path);
  }
  const pages: Page[] = [];
  for (const [i, path] of paths.entries()) {
    const one = i === 0 ? page : ((await context.newPage()) as Page);
    pages.push(one);
    await one.goto('/');
    await restored(one);
    await openPictures(one, path);
    await expect(row(one, '.png')).toHaveCount(1);
    await written(one);
  }
  const [first, second, third] = pages as [Page, Page, Page];
  await crash(first);
  await third.close();
  const next = (await context.newPage()) as Page;
  await next.goto('/');
  await expect(row(next, '.png')).toHaveCount(2);
  await expect(row(next, 'one.png')).toHaveCount(1);
  await expect(row(next, 'three.png')).toHaveCount(1);
  await expect(row(second, '.png')).toHaveCount(1);
  await restored(next);
  await second.reload();
  await expect(row(second, 'two.png')).toHaveCount(1);
  await expect(row(second, '.png')).toHaveCount(1);
});

/** Puts nonsense in the place of the record of a picture in the database, or takes the whole database away. */
const damage = (page: Page, what: string): Promise<void> =>
  page.evaluate(
    (name) =>
      new Promise<void>((resolve, reject) => {
        if (name === 'database') {
          const deleting = indexedDB.deleteDatabase('pro-upscaler');
          deleting.onerror = () => reject(new Error('still there'));
          deleting.onsuccess = () => resolve();
          return;
        }
        const opening = indexedDB.open('pro-upscaler');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('queue', 'readwrite');
          transaction.objectStore('queue').openCursor().onsuccess = ({ target }) => {
            const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
            if (cursor === null) return;
            if ((cursor.value as { name: string }).name === name) cursor.update({ id: cursor.key, name: 7 });
            cursor.continue();
          };
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    what,
  );

const row = (of: Page, name: string) => of.getByRole('listitem').filter({ hasText: name });

/** A page with two pictures that dies, and what it leaves being damaged; one of the same origin without the app. */
async function damaged(page: Page, info: TestInfo, what: string): Promise<Page> {
  const paths = ['one.png', 'two.png'].map((name) => info.outputPath(name));
  for (const path of paths) {
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#678' } })
      .png()
      .toFile(path);
  }
  await page.goto('/');
  await restored(page);
  // Files that come without handles, so that they are copied.
  await page.locator('input[type=file]').first().setInputFiles(paths);
  await expect(row(page, '.png')).toHaveCount(2);
  await expect
    .poll(() =>
      page.evaluate(() => {
        interface Shell {
          readonly app: { readonly pictures: { readonly pictures: readonly { readonly copy: string | null }[] } };
        }
        const { app } = document.querySelector('app-shell') as unknown as Shell;
        return app.pictures.pictures.filter(({ copy }) => copy !== null).length;
      }),
    )
    .toBe(2);
  await written(page);
  await crash(page);
  const next = (await page.context().newPage()) as Page;
  await next.goto('/icon.svg');
  await damage(next, what);
  return next;
}

test('says which pictures it cannot restore, once, and takes their records away', async ({ page }, info) => {
  const next = await damaged(page, info, 'one.png');
  // Its copy is gone too: else it would come back from that.
  await next.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('inputs');
    const names: string[] = [];
    for await (const name of folder.keys()) if (name.endsWith('.one.png')) names.push(name);
    for (const name of names) await folder.removeEntry(name);
  });
  await next.goto('/');
  await expect(row(next, '.png')).toHaveCount(1);
  const notice = next.getByText('Not restored from the last visit: 1 picture.');
  await expect(notice).toBeVisible();
  await restored(next);
  await written(next);
  await next.reload();
  await expect(row(next, 'two.png')).toHaveCount(1);
  await restored(next);
  await expect(notice).toHaveCount(0);
});

test('brings pictures back from their copies when the browser has lost its database', async ({ page }, info) => {
  const next = await damaged(page, info, 'database');
  await next.goto('/');
  await expect(row(next, 'one.png')).toHaveCount(1);
  await expect(row(next, 'two.png')).toHaveCount(1);
  await expect(next.getByText('Restored without their settings: 2 pictures.')).toBeVisible();
  await restored(next);
  await written(next);
  await next.reload();
  await expect(row(next, '.png')).toHaveCount(2);
  expect((await filesBelow(next, 'inputs')).size).toBe(2);
});

test('takes away what dead pages left in the private storage, and nothing of the living', async ({ page }) => {
  await page.goto('/');
  const context = page.context();
  const other = (await context.newPage()) as Page;
  await other.goto('/');
  await restored(other);
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
