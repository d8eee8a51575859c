/** Opens the benchmark's page in a browser that may use the GPU. */
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type * as Playwright from 'playwright-core';
import type { GpuBench } from '../gpu-page.ts';
import { BUILT, options } from './options.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};

const FLAGS = ['--no-sandbox', '--no-first-run', '--disable-quic', '--disable-background-networking', '--disable-sync'];
/** Without the developer features the GPU's clock is rounded to 0.1 ms. */
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--enable-webgpu-developer-features'];
/** Headless Chromium on a Linux machine with an NVIDIA driver and no display. */
const HARDWARE_FLAGS = [
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
];

export type Call = <K extends keyof GpuBench>(
  name: K,
  ...args: Parameters<GpuBench[K]>
) => Promise<Awaited<ReturnType<GpuBench[K]>>>;

/** The page in the browser. */
export interface BenchPage {
  readonly call: Call;
  readonly version: string;
  /** Where the browser's files are: the argument that its process is known by. */
  readonly profile: string;
  /** Opens the page anew: nothing of earlier jobs is left in it. */
  open(): Promise<void>;
}

/** Serves the built page cross-origin isolated, and hands it to `task`. */
export async function withPage(task: (bench: BenchPage) => Promise<void>): Promise<void> {
  const playwright = options.playwright === '' ? 'playwright-core' : join(options.playwright, 'index.mjs');
  const { chromium } = (await import(/* @vite-ignore */ playwright)) as typeof Playwright;
  const executablePath = options.browser || ((await import('../../scripts/browser.ts')).findBrowser() ?? '');
  const server = createServer((request, response) => {
    const file = join(BUILT, normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)));
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : BUILT, 'gpu-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    ignoreDefaultArgs: options.software ? [] : ['--disable-gpu'],
    args: [...FLAGS, ...WEBGPU_FLAGS, ...(options.software ? [] : HARDWARE_FLAGS)],
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => console.error(`[page] ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`[console] ${message.text()}`);
    });
    const open = async (): Promise<void> => {
      await page.goto(`http://localhost:${port}/gpu.html`);
      await page.waitForFunction(() => 'gpuBench' in window);
    };
    await open();
    const call: Call = (name, ...args) =>
      page.evaluate(
        ([method, values]) => {
          const { gpuBench } = window as unknown as { gpuBench: Record<string, (...all: unknown[]) => unknown> };
          return gpuBench[method]!(...values) as never;
        },
        [name, args] as const,
      );
    await task({ call, open, profile, version: context.browser()?.version() ?? '' });
  } finally {
    await context.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
