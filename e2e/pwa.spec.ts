/** The app as an app: offline, installed, opened with files, shared to, updated. On a plain host that sends no headers, under a sub-path. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { BROWSER_FLAGS, ensureBrowser } from '../scripts/browser.ts';
import { chosenFile, chosenNames, isRead, openPictures, startButton, stubPickers } from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode, repeated } from './support/pixels.ts';
import { StaticHost } from './support/static-host.ts';

const RGB = join(fixtures, 'png/rgb.png');
const JPEG = join(fixtures, 'jpeg/444.jpg');

const test = base.extend<{ host: StaticHost; context: BrowserContext; page: Page }>({
  // Playwright reads the names of fixtures out of this pattern, so it must be there even when it is empty.
  // eslint-disable-next-line no-empty-pattern
  host: async ({}, use) => {
    const host = new StaticHost();
    await host.start();
    await use(host);
    await host.remove();
  },
  context: async ({ host }, use) => {
    const profile = mkdtempSync(join(tmpdir(), 'pwa-e2e-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: ensureBrowser(),
      args: [...BROWSER_FLAGS],
      headless: true,
      viewport: { width: 1280, height: 900 },
    });
    const faults: string[] = [];
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${host.origin}/`) && !/^(data|blob):/.test(url)) faults.push(`foreign: ${url}`);
    });
    context.on('weberror', (error) => faults.push(`uncaught: ${error.error().message}`));
    context.on('console', (message) => {
      if (/content.security.policy|trusted/i.test(message.text())) faults.push(message.text());
    });
    await use(context as BrowserContext);
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    expect(faults).toEqual([]);
  },
  page: async ({ context }, use) => {
    const page = context.pages()[0] ?? (await context.newPage());
    await stubPickers(page);
    await use(page);
  },
});

/** The first visit: the service worker takes over, and the page is loaded once more to be isolated. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller !== null);
}

/** Settings of an earlier visit, from the next load on: set in the page, they could be written over by its own. */
const useSettings = (page: Page, settings: object): Promise<unknown> =>
  page.addInitScript((text) => localStorage.setItem('pro-upscaler.settings', text), JSON.stringify(settings));

test('works without a connection from the first visit on, with every engine', async ({ host, page }) => {
  // A software GPU compiles its shaders slowly.
  test.setTimeout(240_000);
  const seen: string[] = [];
  let loads = 0;
  page.on('load', () => (loads += 1));
  await visit(page, host.app);
  await expect(page.getByRole('main').getByRole('button', { name: 'Open pictures' })).toBeVisible();
  expect(loads).toBe(2);

  await host.stop();
  await page.reload();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  for (const engine of ['scalar', 'simd', 'gpu']) {
    await useSettings(page, { engine, kernel: 'nearest' });
    await page.reload();
    await openPictures(page, RGB);
    await startButton(page).click();
    // The queue keeps what the runs before have made.
    const results = page.getByRole('button', { name: 'Open', exact: true });
    await expect(results).toHaveCount(seen.length + 1, { timeout: 120_000 });
    await expect(page.getByText(new RegExp(`${engine} engine was asked for`, 'i'))).toBeAttached();
    const output = (await chosenNames(page)).find((name) => !seen.includes(name))!;
    seen.push(output);
    expect(await decode(await chosenFile(page, output))).toEqual(repeated(await decode(RGB), 2));
  }
});

test('isolates itself again after a reload that goes round the service worker', async ({ host, page }) => {
  // And has noted that: of a reload before that, it could not tell that the last one was not in vain.
  const isolatedAfter = (before: number): Promise<unknown> =>
    page.waitForFunction((time) => {
      const noted = Number(localStorage.getItem('pro-upscaler.isolated-at'));
      return performance.timeOrigin > time && crossOriginIsolated && noted > performance.timeOrigin;
    }, before);
  await visit(page, host.app);
  await isolatedAfter(0);
  const devtools = await page.context().newCDPSession(page);
  for (let times = 0; times < 2; times++) {
    const before = await page.evaluate(() => performance.timeOrigin);
    await devtools.send('Page.reload', { ignoreCache: true });
    await isolatedAfter(before);
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  }
});

test('has a model without a connection from the first visit on, and says what others lack', async ({ host, page }) => {
  test.setTimeout(240_000);
  const withModel = (id: string): object => ({
    ai: {
      ...{ model: { kind: 'bundled', id }, noise: null, tta: false, blend: 1, colourLock: true },
      ...{ alpha: 'lanczos', passes: 'all', before: [], after: [] },
    },
  });
  await visit(page, host.app);
  await useSettings(page, withModel('anime4k-ul'));
  await host.stop();
  await page.reload();
  await openPictures(page, RGB);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeVisible({ timeout: 120_000 });
  const { width, height } = await sharp(RGB).metadata();
  const [name] = await chosenNames(page);
  expect(await sharp(await chosenFile(page, name!)).metadata()).toMatchObject({
    width: 2 * width!,
    height: 2 * height!,
  });

  await useSettings(page, withModel('cunet'));
  await page.reload();
  await openPictures(page, JPEG);
  await startButton(page).click();
  const alert = page.getByRole('alert').filter({ hasText: /could not be loaded/ });
  await expect(alert).toContainText('Connect once');
  expect(await chosenNames(page)).toEqual([name]);
});

test('says what a format lacks without a connection, before Start where the browser knows', async ({ host, page }) => {
  test.setTimeout(120_000);
  await visit(page, host.app);
  await host.stop();
  await page.reload();
  await openPictures(page, join(fixtures, 'jpeg/cmyk.jpg'));
  await startButton(page).click();
  const alert = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
  await expect(alert.first()).toContainText('Connect once');
  await expect(page.getByText('stopped working')).toHaveCount(0);

  await page.context().setOffline(true);
  await expect(page.getByText(/reads this picture is not on this device yet/).first()).toBeVisible();
  await expect(startButton(page)).toBeDisabled();
});

test('has its other languages without a connection from the first visit on, and components speak them', async ({
  host,
  page,
}) => {
  await visit(page, host.app);
  const languages = (): Promise<number> =>
    page.evaluate(async () => {
      const parts = (await (await fetch('offline-parts.json')).json()) as { url: string; kind: string }[];
      const kept = (await (await caches.open('pro-upscaler.parts')).keys()).map(({ url }) => url);
      return parts.filter(({ url, kind }) => kind === 'languages' && !kept.some((key) => key.endsWith(url))).length;
    });
  await expect.poll(languages).toBe(0);
  await host.stop();
  await page.reload();
  const choose = async (name: string): Promise<void> => {
    await page
      .locator('header-bar')
      .getByRole('button', { name: /Language|Sprache|اللغة/ })
      .click();
    await page
      .getByRole('menuitemcheckbox', { name })
      .or(page.getByRole('menuitem', { name, exact: true }))
      .click();
  };
  await openPictures(page, RGB);
  await choose('Deutsch');
  await expect(page.getByRole('button', { name: 'Starten', exact: true })).toBeVisible();
  await expect(page.getByRole('separator').first()).toHaveAccessibleName('Größe ändern');
  await choose('العربية');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByRole('separator').first()).not.toHaveAccessibleName(/[a-z]/i);

  // One that is not kept: the language stays.
  await page.evaluate(() => caches.delete('pro-upscaler.parts'));
  await choose('Français');
  const connectOnce = page.getByRole('alert').filter({ hasText: 'اتصل بالشبكة مرة ليحتفظ به التطبيق.' });
  await expect(connectOnce).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
});

test('keeps everything offline when it is asked to, and gives room back by kind', async ({ host, page }) => {
  test.setTimeout(240_000);
  await visit(page, host.app);
  const openStorage = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Help' }).click();
    await page.getByRole('menuitem', { name: 'Storage and offline use' }).click();
  };
  // What is slotted into a dialog is not inside of it as the page's tree goes.
  const row = (label: string) => page.getByRole('listitem').filter({ hasText: label });
  await openStorage();
  await expect(page.getByText(/\d.* of \d.* used/)).toBeVisible();
  // On a header-less host the parts were loaded before there was a service worker, and once more through it.
  const everything = page.getByRole('button', { name: /Make everything available offline \(\d.*MB\)/ });
  await everything.click();
  await expect(page.getByText(/Everything is available offline: \d+/)).toBeVisible({ timeout: 120_000 });
  await expect(row('Models of the app').getByText(/\d\sMB/)).toBeVisible();

  // What was never used works without the host: libvips and a language.
  await host.stop();
  await page.reload();
  await openPictures(page, join(fixtures, 'jxl/alpha.jxl'));
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toHaveCount(1, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Language' }).click();
  await page
    .getByRole('menuitemcheckbox', { name: 'Français' })
    .or(page.getByRole('menuitem', { name: 'Français' }))
    .click();
  await expect(page.getByRole('button', { name: 'Démarrer' })).toBeVisible();
  await page.evaluate(() => localStorage.clear());
  await host.start();
  await page.reload();

  await openStorage();
  await row('Models of the app').getByRole('button', { name: /Clear/ }).click();
  await expect(row('Models of the app').getByText(/^0\sB$/)).toBeVisible();
  await expect(page.getByRole('button', { name: /Make everything available offline/ })).toBeVisible();
  await expect(row('The app itself').getByText(/\d\sMB/)).toBeVisible();
});

/** What another app's share sends: a real form, posted as a navigation. */
async function share(
  page: Page,
  address: string,
  files: readonly { name: string; type: string; bytes: Buffer }[],
): Promise<void> {
  await page.evaluate(
    ([target, given]) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'multipart/form-data', action: target });
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', name: 'pictures', multiple: true });
      const transfer = new DataTransfer();
      for (const { name, type, text } of given) {
        transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
      }
      input.files = transfer.files;
      form.append(input);
      document.body.append(form);
      form.submit();
    },
    [address, files.map(({ bytes, ...rest }) => ({ ...rest, text: bytes.toString('base64') }))] as const,
  );
}

const given = (path: string, type: string) => ({ name: basename(path), type, bytes: readFileSync(path) });

/** Pictures in the queue's storage that have a copy. */
async function keptCopies(): Promise<number> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('pro-upscaler');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error as Error);
  });
  const records = await new Promise<{ copy: string | null }[]>((resolve) => {
    const reading = database.transaction('queue').objectStore('queue').getAll();
    reading.onsuccess = () => resolve(reading.result as { copy: string | null }[]);
  });
  database.close();
  return records.filter(({ copy }) => copy !== null).length;
}

test('takes what other apps share, with and without a connection', async ({ host, page }) => {
  await visit(page, host.app);
  await useSettings(page, { kernel: 'nearest' });
  await share(page, `${host.app}share`, [given(RGB, 'image/png'), given(JPEG, 'image/jpeg')]);
  await isRead(page, 'rgb.png');
  await isRead(page, '444.jpg');
  expect(new URL(page.url()).search).toBe('');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toHaveCount(2, { timeout: 60_000 });
  expect(await decode(await chosenFile(page, 'rgb-2x.png'))).toEqual(repeated(await decode(RGB), 2));

  // With the host gone and no page open but a blank one: as when the app is closed.
  await host.stop();
  await page.goto(`${host.app}?`);
  await share(page, `${host.app}share`, [given(join(fixtures, 'webp/lossless.webp'), 'image/webp')]);
  await isRead(page, 'lossless.webp');
  // Beside the two that the queue has kept.
  await expect(page.getByRole('listitem').filter({ hasText: 'px' })).toHaveCount(3);
  // Shared files are copied, so that the next visit has them too.
  await expect.poll(() => page.evaluate(keptCopies)).toBe(3);

  // Nothing in it, and something that is no picture.
  await share(page, `${host.app}share`, []);
  await expect(page.getByRole('alert').filter({ hasText: 'no picture in what was shared' })).toBeVisible();
  await share(page, `${host.app}share`, [
    { name: 'letter.txt', type: 'text/plain', bytes: Buffer.from('Dear reader, …') },
  ]);
  const letter = page.getByRole('listitem').filter({ hasText: 'letter.txt' });
  await expect(letter.getByRole('alert').filter({ hasText: 'letter.txt' })).toBeVisible();
  await expect(page.getByRole('listitem').getByRole('alert')).toHaveCount(1);
});

test('a preset of a shortcut changes the settings, once', async ({ host, page }) => {
  await visit(page, `${host.app}?preset=poster`);
  const stored = await page.evaluate(() => JSON.parse(localStorage.getItem('pro-upscaler.settings')!) as unknown);
  expect(stored).toMatchObject({ size: { mode: 'print', printWidth: 60, printHeight: 90, unit: 'cm', printDpi: 300 } });
  expect(new URL(page.url()).search).toBe('');
});

test('is installed, and opens files that the operating system gives it', async ({ host, page, context }) => {
  await visit(page, host.app);
  const devtools = await context.newCDPSession(page);
  const { errors } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
  await expect(page.getByRole('button', { name: 'Install the app' })).toBeVisible();

  // Playwright's types do not know this part of the protocol.
  const pwa = devtools as unknown as { send(method: string, parameters: object): Promise<Record<string, unknown>> };
  const manifestId = `${host.origin}/pro-upscaler`;
  await pwa.send('PWA.install', { manifestId, installUrlOrBundleUrl: host.app });
  const { fileHandlers } = (await pwa.send('PWA.getOsAppState', { manifestId })) as {
    fileHandlers: { action: string; accepts: { mediaType: string; fileExtensions: string[] }[] }[];
  };
  expect(fileHandlers.map(({ action }) => action)).toEqual([host.app]);
  const types = fileHandlers[0]!.accepts.map(({ mediaType }) => mediaType).sort();
  expect(types).toEqual([
    ...['image/avif', 'image/bmp', 'image/gif', 'image/jpeg', 'image/jxl', 'image/png', 'image/tiff', 'image/webp'],
  ]);

  // The running window takes them.
  await useSettings(page, { kernel: 'nearest' });
  await page.reload();
  await pwa.send('PWA.launchFilesInApp', { manifestId, files: [RGB, JPEG] });
  await isRead(page, 'rgb.png');
  await isRead(page, '444.jpg');
  expect(context.pages()).toHaveLength(1);
  await startButton(page).click();
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toHaveCount(2, { timeout: 60_000 });
  expect(await decode(await chosenFile(page, 'rgb-2x.png'))).toEqual(repeated(await decode(RGB), 2));
  await pwa.send('PWA.uninstall', { manifestId });
});

test('is moved by its header where the page reaches under the buttons of the window', async ({ host, page }) => {
  await visit(page, host.app);
  await expect(page.getByRole('button', { name: 'Help' })).toBeVisible();
  const regions = await page.evaluate(() => {
    const header = document.querySelector('app-shell')!.shadowRoot!.querySelector('header-bar')!;
    const region = (element: Element): string => getComputedStyle(element).getPropertyValue('app-region');
    const button = header.shadowRoot!.querySelector('wa-button')!;
    const before = region(header);
    // No browser without a window can be in this mode: the rules for it are made to hold.
    let rules = 0;
    for (const { cssRules } of header.shadowRoot!.adoptedStyleSheets) {
      for (const rule of cssRules) {
        if (!(rule instanceof CSSMediaRule) || !rule.conditionText.includes('window-controls-overlay')) continue;
        rule.media.mediaText = 'all';
        rules++;
      }
    }
    return { before, rules, header: region(header), button: region(button), overflow: header.scrollWidth > innerWidth };
  });
  expect(regions).toEqual({ before: 'none', rules: 1, header: 'drag', button: 'no-drag', overflow: false });
});

test('offers a new version, and lets it in after the running job', async ({ host, page }, info) => {
  await visit(page, host.app);
  const large = info.outputPath('large.png');
  await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#369' } })
    .png()
    .toFile(large);
  await useSettings(page, { size: { mode: 'factor', factor: 8 }, engine: 'scalar' });
  await page.reload();
  await openPictures(page, large);
  host.publishNewVersion('2');
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update());
  const update = page.getByRole('button', { name: 'Update', exact: true });
  await expect(update).toBeVisible();
  await startButton(page).click();
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await page.evaluate(() => Object.assign(window, { sameAsBefore: true }));
  await update.click();
  await expect(page.getByText('comes in when the running jobs are done')).toBeVisible();
  expect(await page.locator('meta[name=version]').count()).toBe(0);

  // The job ends in the old version, whole; then the page is of the new one.
  await expect(page.locator('meta[name=version][content="2"]')).toBeAttached({ timeout: 60_000 });
  const { width, height } = await sharp(await chosenFile(page, 'large-8x.png')).metadata();
  expect([width, height]).toEqual([9600, 7200]);
});
