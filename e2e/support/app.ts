/** The built app in a browser with a profile on disk: in a private window the origin's file system is small and in memory. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { chromium } from 'playwright-core';
import { BROWSER_FLAGS, ensureBrowser } from '../../scripts/browser.ts';
import { startServer } from '../../scripts/cli/server.ts';
import { builtApp } from './cli.ts';

/** What a page did that it should not do; a test that expects some of it takes it out. */
export interface Misdeeds {
  readonly list: string[];
}

function watch(page: Page, origin: string): Misdeeds {
  const list: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') list.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => list.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) list.push(`request: ${url}`);
  });
  return { list };
}

interface TestFixtures {
  readonly page: Page;
  readonly misdeeds: Misdeeds;
}

/** `page` has the origin as its base; after each test it must have done nothing wrong. */
export const test = base.extend<TestFixtures & { site: { page: Page; misdeeds: Misdeeds } }, { origin: string }>({
  origin: [
    // Playwright reads the names of fixtures out of this pattern, so it must be there even when it is empty.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await startServer({ root: builtApp, port: 0 });
      await use(server.origin);
      await server.close();
    },
    { scope: 'worker' },
  ],
  site: async ({ origin }, use) => {
    const profile = mkdtempSync(join(tmpdir(), 'app-e2e-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: ensureBrowser(),
      args: [...BROWSER_FLAGS],
      headless: true,
      baseURL: origin,
      viewport: { width: 1280, height: 900 },
    });
    const page = (context.pages()[0] ?? (await context.newPage())) as Page;
    const misdeeds = watch(page, origin);
    await use({ page, misdeeds });
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    expect(misdeeds.list).toEqual([]);
  },
  page: ({ site }, use) => use(site.page),
  misdeeds: ({ site }, use) => use(site.misdeeds),
});

/** The folder of the origin's private file system that the stubbed pickers give out. */
const CHOSEN = 'chosen';

/** Puts handles from the origin's private file system in the place of the pickers, which nobody can click on here. */
export async function stubPickers(page: Page): Promise<void> {
  await page.addInitScript((folder) => {
    const chosen = async (): Promise<FileSystemDirectoryHandle> =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
    window.showDirectoryPicker = chosen;
    window.showSaveFilePicker = async (options) =>
      (await chosen()).getFileHandle(options?.suggestedName ?? 'unnamed', { create: true });
  }, CHOSEN);
}

/** The names in the chosen folder, sorted; writes that are under way show as files of the browser's own. */
export const chosenNames = (page: Page): Promise<string[]> =>
  page.evaluate(async (folder) => {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(folder, { create: true });
    const names: string[] = [];
    for await (const name of directory.keys()) names.push(name);
    return names.sort();
  }, CHOSEN);

/** The bytes of a file in the chosen folder. */
export async function chosenFile(page: Page, name: string): Promise<Buffer> {
  const text = await page.evaluate(
    async ([folder, file]) => {
      const root = await navigator.storage.getDirectory();
      const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(file);
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    },
    [CHOSEN, name] as const,
  );
  return Buffer.from(text, 'latin1');
}

/** Drops a file of this machine on the page, as a person does. */
export async function dropFile(page: Page, path: string): Promise<void> {
  const bytes = readFileSync(path).toString('base64');
  const dataTransfer = await page.evaluateHandle(
    ([text, name]) => {
      const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([data], name));
      return transfer;
    },
    [bytes, basename(path)] as const,
  );
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', type, { dataTransfer });
}

/** Gives the page files through its file input. */
export const openFiles = (page: Page, ...paths: string[]): Promise<void> =>
  page.getByLabel('Open pictures', { exact: true }).and(page.locator('input')).setInputFiles(paths);

/** As `openFiles`, until the headers of all are read: Start takes only pictures that are. */
export async function openPictures(page: Page, ...paths: string[]): Promise<void> {
  await openFiles(page, ...paths);
  for (const path of paths) await isRead(page, basename(path));
}

/** Waits until a picture of the list, the last of its name, shows its size. */
export const isRead = (page: Page, name: string): Promise<void> =>
  expect(page.getByRole('listitem').filter({ hasText: name }).last().getByText(/\d px/).first()).toBeVisible();

export const startButton = (page: Page): Locator => page.getByRole('button', { name: 'Start', exact: true });
export const cancelButton = (page: Page): Locator => page.getByRole('button', { name: 'Cancel', exact: true });

/** Chooses a value of one of the settings. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option }).click();
}

/** Fills in a number of the settings. */
export async function fill(page: Page, label: string, value: number): Promise<void> {
  const field = page.getByLabel(label, { exact: true }).and(page.locator('input'));
  await field.fill(String(value));
  await field.press('Tab');
}
