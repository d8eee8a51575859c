/** The queue as a person uses it: folders, settings of one's own, names, and a page that goes away in the middle. */
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';
import { BROKEN, filesBelow, makeAlbum, putAlbum, type Album } from './support/album.ts';
import {
  cancelButton,
  choose,
  chosenNames,
  fill,
  openFiles,
  openPictures,
  startButton,
  stubPickers,
  test,
} from './support/app.ts';
import { fixtures } from './support/cli.ts';

const RGB = join(fixtures, 'png/rgb.png');
const JPEG = join(fixtures, 'jpeg/444.jpg');
const PHOTO = join(import.meta.dirname, '../public/sample.jpg');

/** Stubs the pickers: "album" is the folder to read, "chosen" the one to write into. */
async function stubFolders(page: Page): Promise<void> {
  await stubPickers(page);
  await page.addInitScript(() => {
    window.showDirectoryPicker = async (options) =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(options?.id === 'input-folder' ? 'album' : 'chosen', {
        create: true,
      });
  });
}

/** Everything that has changed is written down; a page that goes away now loses none of it. */
const flushed = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    interface Shell {
      readonly app: { readonly session: { readonly keeper: { flush(): Promise<void> } } };
    }
    await (document.querySelector('app-shell') as unknown as Shell).app.session.keeper.flush();
  });

/** What the album becomes at twice the size as PNG. */
const expectedNames = (album: Album): string[] =>
  [...album.keys()]
    .filter((path) => !path.endsWith('.txt') && !(BROKEN as readonly string[]).includes(path))
    .map((path) => `album/${path.replace(/\.\w+$/, '')}-2x.png`)
    .sort();

/** The kernels of the stored pictures. */
const storedKernels = (page: Page): Promise<unknown[]> =>
  page.evaluate(
    () =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open('pro-upscaler');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const all = opening.result.transaction('queue').objectStore('queue').getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve((all.result as { settings: { kernel: unknown } }[]).map(({ settings }) => settings.kernel));
          };
        };
      }),
  );

const bulk = async (page: Page, item: string): Promise<void> => {
  await page.getByRole('button', { name: 'More for all pictures' }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('enlarges a folder with everything in it, reports what is broken, and goes on after a reload', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const album = await makeAlbum();
  await stubFolders(page);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto('/');
  await putAlbum(page, 'album', album);
  await page.getByRole('main').getByRole('button', { name: 'Open a folder' }).click();
  await expect(page.getByRole('heading', { name: '30 pictures' })).toBeVisible();
  // Two are no pictures at all; the third shows its damage when it is worked on.
  await expect(page.getByText(/letter\.jpg/).first()).toBeAttached();
  await expect(startButton(page)).toBeEnabled();
  await expect(page.getByText('Reading …')).toHaveCount(0);
  await startButton(page).click();
  await expect.poll(async () => (await filesBelow(page, 'chosen')).size).toBeGreaterThan(3);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  const before = await filesBelow(page, 'chosen');
  expect(before.size).toBeLessThan(27);

  await page.reload();
  await page.getByRole('button', { name: 'Continue' }).click();
  const status = page.getByRole('status').filter({ hasText: /^Done: / });
  await expect(status).toHaveText(/ Could not be read: 2\.$/, { timeout: 120_000 });
  const after = await filesBelow(page, 'chosen');
  expect([...after.keys()].sort()).toEqual(expectedNames(album));
  for (const [path, bytes] of before) {
    if (bytes.length > 0 && after.has(path)) expect(after.get(path)!.equals(bytes), path).toBe(true);
  }
  for (const [path, bytes] of after) {
    const source = [...album.keys()].find((name) => path === `album/${name.replace(/\.\w+$/, '')}-2x.png`)!;
    const { width, height } = await sharp(album.get(source)).metadata();
    expect(await sharp(bytes).metadata(), path).toMatchObject({
      format: 'png',
      width: width! * 2,
      height: height! * 2,
    });
  }
  for (const path of BROKEN) {
    const row = page.getByRole('listitem').filter({ hasText: path.split('/').at(-1)! });
    // Rows that come to life may push it out of sight again.
    await expect(async () => {
      await row.scrollIntoViewIfNeeded();
      await expect(row.getByRole('alert')).toBeVisible({ timeout: 1000 });
    }).toPass();
  }
});

test('tells the engine of a person who acts while a job runs, and not after it', async ({ page }) => {
  await stubPickers(page);
  await page.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(window, { told });
    const post = Worker.prototype.postMessage as (this: Worker, message: unknown, transfer?: Transferable[]) => void;
    Worker.prototype.postMessage = function (message: unknown, transfer: unknown = []) {
      const call = message as { path?: string[]; argumentList?: { value: unknown }[] };
      if (call.path?.[0] === 'setActing') told.push(call.argumentList?.[0]?.value);
      post.call(this, message, transfer as Transferable[]);
    };
  });
  const told = (): Promise<unknown[]> => page.evaluate(() => (window as unknown as { told: unknown[] }).told);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 15);
  await page.keyboard.press('Shift');
  expect(await told()).toEqual([]);
  await startButton(page).click();
  // So that it lasts.
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await page.keyboard.press('Shift');
  await expect.poll(told).toContain(true);
  await expect.poll(async () => (await told()).at(-1)).toBe(false);
  await cancelButton(page).click();
  await expect(startButton(page)).toBeVisible();
  await expect.poll(async () => (await told()).at(-1)).toBe(false);
  const before = await told();
  await page.keyboard.press('Shift');
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(await told()).toEqual(before);
});

test('every picture has its own settings, names follow the template, and what exists is skipped', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await fill(page, 'Size', 3);
  await openPictures(page, JPEG);
  // The new one inherits what was set last, and differs from now on.
  await choose(page, 'Format', /^JPEG$/i);
  await page.getByRole('button', { name: 'File names' }).or(page.getByText('File names')).first().click();
  await page.getByLabel('Name of results').and(page.locator('input')).fill('big/{name} {width}.{ext}');
  const { width } = await sharp(JPEG).metadata();
  await expect(page.getByText(`Becomes big/444 ${width! * 3}.jpg`)).toBeVisible();
  await startButton(page).click();
  await expect(page.getByRole('status').filter({ hasText: 'Done: 2 pictures' })).toBeVisible();
  const rgb = (await sharp(RGB).metadata()).width! * 3;
  expect([...(await filesBelow(page, 'chosen')).keys()]).toEqual([`big/444 ${width! * 3}.jpg`, `big/rgb ${rgb}.png`]);

  await choose(page, 'If a file of that name exists', /Skip/);
  await page.getByRole('button', { name: 'rgb.png', exact: true }).click();
  await page.getByRole('button', { name: 'Enlarge rgb.png again' }).click();
  await expect(page.getByText(/Skipped: big\/rgb/)).toBeVisible();
  expect((await filesBelow(page, 'chosen')).size).toBe(2);
  await bulk(page, 'Clear finished');
  await expect(page.locator('picture-row')).toHaveCount(0);
  expect(await chosenNames(page)).toEqual(['big']);
});

test('works by keys: look, choose, move, remove', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB, JPEG, join(fixtures, 'webp/lossless.webp'));
  const names = (): Promise<string[]> => page.locator('picture-row .select').allInnerTexts();
  expect(await names()).toEqual(['rgb.png', '444.jpg', 'lossless.webp']);
  await page.getByRole('button', { name: 'rgb.png', exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: '444.jpg', exact: true })).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  expect(await names()).toEqual(['444.jpg', 'rgb.png', 'lossless.webp']);
  await page.keyboard.press('Shift+End');
  await expect(page.locator('picture-row .select[aria-pressed=true]')).toHaveCount(3);
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  expect(await names()).toEqual(['rgb.png', 'lossless.webp']);
  await expect(page.getByRole('button', { name: 'rgb.png', exact: true })).toBeFocused();
});

test('keeps the focus in the list when pictures are removed by keys', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB, JPEG, join(fixtures, 'webp/lossless.webp'));
  await page.getByRole('button', { name: 'Remove 444.jpg' }).press('Enter');
  await expect(page.getByRole('button', { name: 'lossless.webp', exact: true })).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('End');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: 'rgb.png', exact: true })).toBeFocused();
  await page.getByRole('button', { name: 'Remove rgb.png' }).press('Enter');
  await expect(page.locator('welcome-view wa-button').first()).toBeFocused();
});

test('moves the focus to what comes back, by whatever it was taken off and had back', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB, JPEG, join(fixtures, 'webp/lossless.webp'));
  const row = (name: string): Locator => page.getByRole('button', { name, exact: true });
  await row('rgb.png').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Delete');
  await expect(row('lossless.webp')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(row('444.jpg')).toBeFocused();
  await page.getByRole('button', { name: 'Remove rgb.png' }).press('Enter');
  await expect(row('444.jpg')).toBeFocused();
  await row('Undo').and(page.locator('app-notices button')).press('Enter');
  await expect(row('rgb.png')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await expect(page.locator('welcome-view wa-button').first()).toBeFocused();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(row('rgb.png')).toBeFocused();
  // Who is at work elsewhere stays there.
  await page.getByRole('button', { name: 'Remove 444.jpg' }).click();
  await startButton(page).focus();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(row('444.jpg')).toBeVisible();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(startButton(page)).toBeFocused();
});

test('gives removed results back that were never saved, and undoes nothing else', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB, JPEG);
  await choose(page, 'Save to', /Download/);
  await fill(page, 'Size', 3);
  await startButton(page).click();
  await expect(page.getByRole('status').filter({ hasText: /^Done: / })).toBeVisible();
  const results = (): Promise<string[]> =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const names: string[] = [];
      for await (const name of (await root.getDirectoryHandle('outputs')).keys()) names.push(name);
      return names.sort();
    });
  const before = await results();
  expect(before).toHaveLength(2);
  await page.getByRole('button', { name: 'Remove rgb.png' }).click();
  await expect(page.locator('picture-row')).toHaveCount(1);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(page.locator('picture-row')).toHaveCount(2);
  await expect(page.getByLabel('Size', { exact: true }).and(page.locator('input'))).toHaveValue('3');
  await bulk(page, 'Clear all');
  await expect(page.locator('picture-row')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.locator('result-view')).toHaveCount(2);
  expect(await results()).toEqual(before);
});

test('knows over a reload what was saved, and clears that alone', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await page.goto('/');
  await openPictures(page, RGB, JPEG);
  await startButton(page).click();
  await expect(page.locator('result-view')).toHaveCount(2);
  const [rgb, jpeg] = ['rgb.png', '444.jpg'].map((name) => page.locator('picture-row').filter({ hasText: name }));
  const waiting = page.waitForEvent('download');
  await rgb!.getByRole('button', { name: 'Save as', exact: true }).click();
  await waiting;
  await expect(rgb!).toContainText('rgb-2x.png, saved');
  await flushed(page);
  await page.reload();
  await expect(rgb!).toContainText('rgb-2x.png, saved');
  await expect(jpeg!).toContainText('444-2x.png, ready to be saved');

  await bulk(page, 'Clear finished');
  await expect(page.locator('picture-row')).toHaveCount(1);
  await expect(jpeg!).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(rgb!).toContainText('rgb-2x.png, saved');
});

test('another run costs no result before it is done, and one that was never saved not even then', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await page.goto('/');
  await openPictures(page, PHOTO);
  const { width } = await sharp(PHOTO).metadata();
  const again = page.getByRole('button', { name: 'Enlarge sample.jpg again' });
  const row = page.locator('picture-row');
  const widthSavedBy = async (place: Locator): Promise<number> => {
    const waiting = page.waitForEvent('download');
    await place.getByRole('button', { name: 'Save as', exact: true }).click();
    return (await sharp(await (await waiting).path()).metadata()).width;
  };
  await fill(page, 'Size', 2);
  await startButton(page).click();
  await expect(row.locator('result-view')).toBeVisible();

  await fill(page, 'Size', 15);
  await again.click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(row.locator('result-view')).toHaveCount(0);
  // The page goes away in the middle, and the result is there as it was.
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
  await expect(row.locator('result-view')).toBeVisible();

  await again.click();
  await expect(row.locator('result-view')).toHaveCount(0);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await cancelButton(page).click();
  await expect(row.locator('result-view')).toBeVisible();

  await fill(page, 'Size', 3);
  await again.click();
  const notice = page.locator('app-notices');
  await expect(notice).toContainText('never saved: 1 picture');
  expect(await widthSavedBy(notice)).toBe(2 * width);
  await expect(notice).not.toContainText('never saved');
  expect(await widthSavedBy(row)).toBe(3 * width);

  // Saved as it is, it is not asked about.
  await fill(page, 'Size', 1);
  await again.click();
  await expect(row.locator('result-view')).toContainText('sample-1x');
  await expect(notice).not.toContainText('never saved');
});

test('a result that was never saved is there without the picture that it was made of', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await page.goto('/');
  await openPictures(page, RGB);
  await startButton(page).click();
  const row = page.locator('picture-row');
  await expect(row.locator('result-view')).toBeVisible();
  await flushed(page);
  await page.evaluate(async () => {
    await (await navigator.storage.getDirectory()).removeEntry('inputs', { recursive: true });
  });
  // Over two visits: the first one writes down what it has found.
  for (let visit = 0; visit < 2; visit++) {
    await page.reload();
    await expect(row).toContainText('“rgb.png” has to be opened again.');
    const waiting = page.waitForEvent('download');
    await row.getByRole('button', { name: 'Save as', exact: true }).click();
    const saved = await sharp(await (await waiting).path()).metadata();
    expect(saved.width).toBe(2 * (await sharp(RGB).metadata()).width);
    await expect(row.getByRole('button', { name: /again/ })).toHaveCount(0);
  }
});

test('a running job keeps the size that it was started with', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await fill(page, 'Size', 15);
  await startButton(page).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const size = page.locator('picture-row .measure').first();
  const before = await size.innerText();
  await fill(page, 'Size', 2);
  await expect(page.getByLabel('Size', { exact: true }).and(page.locator('input'))).toHaveValue('2');
  expect(await size.innerText()).toBe(before);
  await cancelButton(page).click();
  await expect(size).not.toHaveText(before);
});

test('asks with one click for files that the browser locked', async ({ page }) => {
  await stubFolders(page);
  // What the browser does after a reload: handles are there, and must be asked for.
  await page.addInitScript(() => {
    if (sessionStorage.getItem('visited') === null) {
      sessionStorage.setItem('visited', 'yes');
      return;
    }
    let granted = false;
    const { prototype } = FileSystemFileHandle;
    const getFile = prototype.getFile;
    prototype.getFile = function (this: FileSystemFileHandle) {
      const open = granted || !this.name.startsWith('picture');
      return open ? getFile.call(this) : Promise.reject(new DOMException('locked', 'NotAllowedError'));
    };
    Object.assign(FileSystemHandle.prototype, {
      queryPermission: () => Promise.resolve(granted ? 'granted' : 'prompt'),
      requestPermission: () => {
        granted = true;
        return Promise.resolve('granted');
      },
    });
  });
  await page.goto('/');
  const one = new Map([...(await makeAlbum())].slice(0, 1));
  await putAlbum(page, 'album', one);
  await page.getByRole('main').getByRole('button', { name: 'Open a folder' }).click();
  await expect(page.getByText(/24 × 40/).first()).toBeVisible();
  await choose(page, 'Kernel', /nearest/i);
  await expect.poll(() => storedKernels(page)).toEqual(['nearest']);
  await page.reload();
  await expect(page.getByText('Waits for permission')).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText(/24 × 40/).first()).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Kernel', exact: true })).toHaveValue(/nearest/i);
});

test('says beside Start why it takes nothing, of pictures that are done, too', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, PHOTO);
  await startButton(page).click();
  await expect(page.getByRole('status').filter({ hasText: /^Done: / })).toBeVisible();
  await choose(page, 'Format', 'TIFF');
  await fill(page, 'At most', 0.1);
  await expect(startButton(page)).toBeDisabled();
  await expect(page.locator('start-bar')).toContainText('0.1 MB were asked for at most');
  await fill(page, 'At most', 1000);
  await expect(startButton(page)).toBeEnabled();
  await expect(page.locator('start-bar')).not.toContainText('asked for at most');
});

test('what the app has to say leaves Start and the viewer free, and deletes nothing at once', async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { showDirectoryPicker: undefined, showSaveFilePicker: undefined });
  });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/');
  await openFiles(page, RGB);
  const notice = page.locator('app-notices');
  await startButton(page).click();
  await expect(page.locator('result-view')).toBeVisible();
  await startButton(page).click();
  await expect(notice).toContainText('never saved: 1 picture');
  // A click fails where something else takes it.
  let kept = 1;
  for (const [width, height] of [
    [360, 740],
    [320, 480],
    [700, 360],
    [1280, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await startButton(page).click();
    kept++;
    await expect(notice).toContainText(`never saved: ${kept} pictures`);
  }
  const [inList, viewer] = await Promise.all([
    notice.boundingBox(),
    page.getByRole('region', { name: 'Viewer' }).boundingBox(),
  ]);
  expect(inList!.x + inList!.width).toBeLessThanOrEqual(viewer!.x + 1);

  const close = notice.getByRole('button', { name: 'Close', exact: true });
  await close.click();
  await expect(notice).toContainText(`deleted: ${kept} pictures`);
  await notice.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(notice).toContainText(`never saved: ${kept} pictures`);
  await close.click();
  await close.click();
  await expect(notice).not.toContainText('pictures');
});
