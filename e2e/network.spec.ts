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

async function session(page: Page): Promise<void> {
  const results = page.getByRole('button', { name: 'Open', exact: true });
  await openPictures(page, at('png/rgb.png'), at('jpeg/444.jpg'), at('jpeg/cmyk.jpg'), at('jxl/alpha.jxl'));
  await startButton(page).click();
  await expect(results).toHaveCount(4, { timeout: 120_000 });
  // Each format, with a model, and on each engine.
  for (const [index, format] of [/^JPEG$/, /^TIFF$/, /^WebP$/, /^AVIF$/].entries()) {
    await openPictures(page, at('png/rgb.png'));
    await choose(page, 'Format', format);
    await startButton(page).click();
    await expect(results).toHaveCount(5 + index, { timeout: 120_000 });
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
    await page.evaluate((text) => localStorage.setItem('pro-upscaler.settings', text), JSON.stringify(change));
    await page.reload();
    const before = await results.count();
    await openPictures(page, at('webp/lossless.webp'));
    await startButton(page).click();
    await expect(results).toHaveCount(before + 1, { timeout: 180_000 });
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
  expect(asked.filter((url) => !url.startsWith(host.app))).toEqual([]);
  expect(violations).toEqual([]);
});
