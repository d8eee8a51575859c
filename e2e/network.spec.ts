/** A whole session in a browser that writes down every request of its own: of pages, workers and the service worker. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { chromium, type Page } from 'playwright-core';
import { BROWSER_FLAGS, ensureBrowser } from '../scripts/browser.ts';
import { choose, openPictures, startButton, stubPickers } from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { StaticHost } from './support/static-host.ts';

const at = (name: string): string => join(fixtures, name);

/** The addresses in a log of https://www.chromium.org/developers/design-documents/network-stack/netlog. */
function addresses(log: string): string[] {
  const text = readFileSync(log, 'utf8');
  const found = new Set<string>();
  for (const [, url] of text.matchAll(/"url":"((?:https?|wss?):[^"]+)"/g)) found.add(url!);
  return [...found];
}

/** The page's own objects, as far as they are used. */
type Shell = Element & {
  app: {
    clear(): void;
    settings: { change(change: object): void };
    pictures: { pictures: readonly { state: { kind: string } }[] };
  };
};

/** Waits until so many pictures are done, and takes them off the list: rows that are out of sight show nothing. */
async function finish(page: Page, count: number): Promise<void> {
  const done = (): Promise<number> =>
    page.evaluate(() => {
      const { app } = document.querySelector('app-shell') as Shell;
      return app.pictures.pictures.filter(({ state }) => state.kind === 'done').length;
    });
  await expect.poll(done, { timeout: 180_000 }).toBe(count);
  await page.evaluate(() => (document.querySelector('app-shell') as Shell).app.clear());
  await expect.poll(done).toBe(0);
}

/** Services that Chromium itself talks to; no page can send anything there under the app's policy. */
const BROWSERS_OWN = ['accounts.google.com', 'update.googleapis.com', 'content-autofill.googleapis.com'];

async function session(page: Page): Promise<void> {
  await openPictures(page, at('png/rgb.png'), at('jpeg/444.jpg'), at('jpeg/cmyk.jpg'), at('jxl/alpha.jxl'));
  await startButton(page).click();
  await finish(page, 4);
  // Each format, with a model, and on each engine.
  for (const format of [/^JPEG$/, /^TIFF$/, /^WebP$/, /^AVIF$/]) {
    await openPictures(page, at('png/rgb.png'));
    await choose(page, 'Format', format);
    await startButton(page).click();
    await finish(page, 1);
  }
  for (const change of [
    { engine: 'scalar' },
    { engine: 'gpu', format: 'jpeg' },
    {
      ai: {
        ...{ model: { kind: 'bundled', id: 'cunet' }, noise: null, tta: false, blend: 1, colourLock: true },
        ...{ alpha: 'lanczos', passes: 'all', before: [], after: [] },
      },
    },
  ]) {
    await openPictures(page, at('png/rgb.png'));
    await page.evaluate((text) => {
      (document.querySelector('app-shell') as Shell).app.settings.change(JSON.parse(text) as object);
    }, JSON.stringify(change));
    await startButton(page).click();
    await finish(page, 1);
  }
  for (const name of ['About Pro Upscaler', 'Keyboard shortcuts', 'Storage and offline use']) {
    await page.getByRole('button', { name: 'Help' }).click();
    await page.getByRole('menuitem', { name }).click();
    await expect(page.getByRole('dialog').first()).toBeVisible();
    if (name.startsWith('Storage')) {
      await page.getByRole('button', { name: /Make everything available offline/ }).click();
      await expect(page.getByText(/Everything is available offline/)).toBeVisible({ timeout: 120_000 });
    }
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
}

test('nothing but its own files is asked for, by anything, in a whole session', async () => {
  test.setTimeout(480_000);
  const folder = mkdtempSync(join(tmpdir(), 'network-e2e-'));
  const log = join(folder, 'net.json');
  const host = new StaticHost();
  await host.start();
  const violations: string[] = [];
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: ensureBrowser(),
    args: [...BROWSER_FLAGS, `--log-net-log=${log}`, '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost'],
    headless: true,
    viewport: { width: 1280, height: 900 },
  });
  try {
    context.on('console', (message) => {
      if (/content.security.policy|trusted/i.test(message.text())) violations.push(message.text());
    });
    const page = (context.pages()[0] ?? (await context.newPage())) as Page;
    await stubPickers(page as never);
    await page.goto(host.app);
    await page.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller !== null);
    await session(page);
  } finally {
    await context.close();
    await host.remove();
  }
  const asked = addresses(log);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // The log is a real one: what was loaded is in it.
  expect(asked.some((url) => /\/assets\/vips[^/]*\.wasm$/.test(url))).toBe(true);
  expect(asked.some((url) => /\/assets\/cunet[^/]*\.onnx$/.test(url))).toBe(true);
  const others = asked.filter((url) => !BROWSERS_OWN.includes(new URL(url).hostname));
  expect(others.filter((url) => !url.startsWith(`${host.origin}/`))).toEqual([]);
  expect(violations).toEqual([]);
});
