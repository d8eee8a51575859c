/**
 * `npx tsx bench/models-speed.ts`: the same weights (UpscalerJS's esrgan-slim, converted to ONNX) by ours and by UpscalerJS on TensorFlow.js' WebAssembly
 * backend with SIMD and threads, the fastest that works without a GPU; file to file, in turn; and our own models beside them.
 * Seconds per megapixel of output, medians after one run to warm up. `--runs N`, `--side PIXELS`, `--backends wasm,cpu`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { BROWSER_FLAGS, ensureBrowser } from '../scripts/browser.ts';
import { startServer } from '../scripts/cli/server.ts';
import { makePhoto } from './input.ts';
import type { Figures, ModelsBench } from './models-page.ts';
import { convertEsrgan } from './peers/esrgan-onnx.ts';
import { RESOLVE } from './vite.config.ts';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    side: { type: 'string', default: '256' },
    backends: { type: 'string', default: 'wasm' },
    only: { type: 'string', default: '' },
  },
});

const here = fileURLToPath(new URL('.', import.meta.url));
const built = join(here, 'out/models');
const side = Number(flags.side);

for (const script of ['scripts/build-wasm.ts', 'scripts/models/build.ts'])
  spawnSync('npx', ['tsx', script], { stdio: 'inherit' });
await build({
  configFile: false,
  root: here,
  base: './',
  logLevel: 'error',
  resolve: RESOLVE,
  worker: { format: 'es' },
  build: {
    outDir: built,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    // TensorFlow.js makes a worker out of the text of one of its functions.
    minify: false,
    chunkSizeWarningLimit: 8000,
    rolldownOptions: { input: join(here, 'models.html') },
  },
});
const weights = fileURLToPath(new URL('../node_modules/@upscalerjs/esrgan-slim/models', import.meta.url));
mkdirSync(join(built, 'slim'), { recursive: true });
for (const scale of ['x2', 'x4']) {
  cpSync(join(weights, scale), join(built, 'slim', scale), { recursive: true });
  writeFileSync(join(built, `slim-${scale}.onnx`), convertEsrgan(join(weights, scale)));
}
copyFileSync(await makePhoto(join(here, 'out'), side, side), join(built, 'photo.jpg'));

/** A peer that hangs shall not hang the others. */
const late = (name: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${name} gives no result`)), 120_000).unref());

type Call = <K extends keyof ModelsBench>(name: K, ...args: Parameters<ModelsBench[K]>) => Promise<Figures>;

/** Isolated as the app is, but without its content security policy: TensorFlow.js makes workers out of text. */
const server = await startServer({
  root: built,
  port: 0,
  headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
});
const profile = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'models-bench-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: ensureBrowser(),
  headless: true,
  args: [...BROWSER_FLAGS],
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => console.error(`[page] ${error.message}`));
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.origin}/models.html`);
  await page.waitForFunction(() => 'modelsBench' in window);
  const call: Call = (name, ...args) =>
    page.evaluate(
      ([method, values]) => {
        const { modelsBench } = window as unknown as {
          modelsBench: Record<string, (...all: unknown[]) => Promise<Figures>>;
        };
        return modelsBench[method]!(...values);
      },
      [name, args] as const,
    );
  const contestants: {
    readonly name: string;
    readonly run: () => Promise<Figures>;
    readonly times: number[];
    by: string;
  }[] = [];
  const enter = (name: string, run: () => Promise<Figures>): void => {
    if (name.includes(flags.only)) contestants.push({ name, run, times: [], by: '' });
  };
  for (const scale of [2, 4] as const) {
    enter(`esrgan-slim ${scale}x, ours`, () => call('ours', 'photo.jpg', `slim-x${scale}.onnx`));
    for (const backend of flags.backends.split(',')) {
      enter(`esrgan-slim ${scale}x, UpscalerJS, ${backend}`, () => call('peer', 'photo.jpg', scale, backend));
    }
  }
  for (const id of ['anime4k-ul', 'upconv7', 'cunet']) enter(id, () => call('ours', 'photo.jpg', id));
  for (let round = 0; round <= Number(flags.runs); round++) {
    for (const contestant of contestants) {
      const { ms, width, height, by } = await Promise.race([contestant.run(), late(contestant.name)]);
      contestant.by = by;
      if (round > 0) contestant.times.push(ms / 1000 / ((width * height) / 1e6));
      console.error(`round ${round}: ${contestant.name} ${(ms / 1000).toFixed(2)} s`);
    }
  }
  console.log(`\n${side} x ${side}, ${flags.runs} runs after one, in turn\n`);
  console.log('| network | by | s / MP | least |\n| --- | --- | ---: | ---: |');
  for (const { name, by, times } of contestants) {
    if (times.length === 0) continue;
    const sorted = times.toSorted((a, b) => a - b);
    const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
    console.log(`| ${name} | ${by} | ${median.toFixed(2)} | ${sorted[0]!.toFixed(2)} |`);
  }
} finally {
  await context.close();
  await server.close();
  rmSync(profile, { recursive: true, force: true });
}
