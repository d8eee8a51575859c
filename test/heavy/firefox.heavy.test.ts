/** The main flow in Firefox, over WebDriver BiDi: open a picture, Start, the right file in the private storage, and saved. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../scripts/cli/server.ts';

declare const localStorage: { setItem(key: string, value: string): void };
declare const document: {
  querySelector(name: string): unknown;
  addEventListener(name: string, listener: (event: never) => void): void;
};

function findFirefox(): string {
  const named = process.env['FIREFOX'];
  if (named !== undefined && named !== '') return named;
  for (const name of ['firefox-esr', 'firefox']) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error(
    'There is no Firefox here: install one (Debian: apt-get install firefox-esr), or name it in FIREFOX.',
  );
}

const folder = mkdtempSync(join(tmpdir(), 'firefox-'));
const downloads = join(folder, 'downloads');
const faults: string[] = [];
let server: RunningServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const executablePath = findFirefox();
  server = await startServer({ root: 'dist', port: 0 });
  browser = await puppeteer.launch({
    ...{ browser: 'firefox', executablePath, headless: true, args: ['-profile', join(folder, 'profile')] },
    extraPrefsFirefox: {
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.always_ask_before_handling_new_types': false,
    },
  });
  console.log(await browser.version());
  page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${server.origin}/`) && !/^(data|blob|about):/.test(url)) faults.push(`request: ${url}`);
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface FirefoxApp {
  readonly pictures: {
    readonly pictures: readonly {
      readonly name: string;
      readonly info: unknown;
      readonly state: {
        readonly kind: string;
        readonly problem?: unknown;
        readonly place?: { readonly stored: string };
      };
    }[];
  };
}

const states = (): Promise<string[]> =>
  page.evaluate(() => {
    const { app } = document.querySelector('app-shell') as { app: FirefoxApp };
    return app.pictures.pictures.map(
      ({ name, state }) => `${name}: ${state.kind} ${JSON.stringify(state.problem ?? '')}`,
    );
  });

async function until<T>(look: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await look();
    if (good(value)) return value;
    if (tries === 300) throw new Error(`It stays ${JSON.stringify(value)}`);
    await new Promise((later) => setTimeout(later, 200));
  }
}

/** What lies in the private storage for pictures that are done. */
const results = (): Promise<{ name: string; text: string }[]> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const outputs = await root.getDirectoryHandle('outputs', { create: true });
    const found: { name: string; text: string }[] = [];
    for await (const entry of outputs.values()) {
      const bytes = new Uint8Array(await (await (entry as FileSystemFileHandle).getFile()).arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      found.push({ name: entry.name, text: btoa(text) });
    }
    return found.sort((a, b) => a.name.localeCompare(b.name));
  });

it('enlarges pictures of every kind, to the pixel, and saves them', async () => {
  await page.goto(server.origin, { waitUntil: 'load' });
  const settings = JSON.stringify({ kernel: 'nearest', size: { mode: 'factor', factor: 3 } });
  await page.evaluate((text) => localStorage.setItem('pro-upscaler.settings', text), settings);
  await page.reload({ waitUntil: 'load' });
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  // Noise is new each time that it is made.
  const made = sharp({ create: { width: 50, height: 40, channels: 3, background: '#888', noise } });
  const pixels = await made.raw().toBuffer();
  const image = sharp(pixels, { raw: { width: 50, height: 40, channels: 3 } });
  const paths = ['a.png', 'b.tif', 'c.webp'].map((name) => join(folder, name));
  await image.clone().png().toFile(paths[0]!);
  await image.clone().tiff({ compression: 'lzw' }).toFile(paths[1]!);
  await image.clone().webp({ lossless: true }).toFile(paths[2]!);
  const input = await page.waitForSelector('>>> input[type=file]:not([webkitdirectory])');
  await input!.uploadFile(...paths);
  await until(states, (all) => all.length === 3 && all.every((state) => state.includes(': ready')));
  const start = await page.waitForSelector('>>> start-bar >>> wa-button[variant=brand]');
  await start!.click();
  await until(states, (all) => all.every((state) => /: (done|failed)/.test(state)));
  expect(await states()).toEqual(['a.png: done ""', 'b.tif: done ""', 'c.webp: done ""']);
  const written = await results();
  expect(written.map(({ name }) => name)).toEqual(['a-3x.png', 'b-3x.png', 'c-3x.png']);
  for (const { name, text } of written) {
    const { data, info } = await sharp(Buffer.from(text, 'base64'), { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info, name).toMatchObject({ width: 150, height: 120, channels: 3 });
    let wrong = 0;
    for (let y = 0; y < 120; y++) {
      for (let x = 0; x < 150; x++) {
        const source = (Math.floor(y / 3) * 50 + Math.floor(x / 3)) * 3;
        for (let c = 0; c < 3; c++) if (data[(y * 150 + x) * 3 + c] !== pixels[source + c]) wrong++;
      }
    }
    expect(wrong, name).toBe(0);
  }

  // What the button of a result asks the page for.
  await page.evaluate(() => {
    const shell = document.querySelector('app-shell') as EventTarget & {
      app: { pictures: { pictures: readonly { id: number }[] } };
    };
    const { id } = shell.app.pictures.pictures[0]!;
    shell.dispatchEvent(new CustomEvent('ui-action', { detail: { kind: 'save-result', id } }));
  });
  await until(
    () => Promise.resolve(existsSync(join(downloads, 'a-3x.png'))),
    (there) => there,
  );
  const saved = await sharp(readFileSync(join(downloads, 'a-3x.png'))).metadata();
  expect([saved.width, saved.height]).toEqual([150, 120]);
  expect(faults).toEqual([]);
});
