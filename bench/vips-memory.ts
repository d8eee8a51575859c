/**
 * What libvips in the browser costs, in the built worker under cross-origin isolation:
 *   tsx bench/vips-memory.ts decode FILE...       rows a second and peak memory of decoding a file in strips
 *   tsx bench/vips-memory.ts encode FORMAT MP...  time and peak memory of coding noise-like pictures of so many megapixels;
 *                                                 FORMAT is webp, avif or jxl, with suffixes -16, -rgba, -444, -lossless
 * The maxPixels in codecs/{webp,avif}/meta.ts come from the second; JPEG XL's depend on the content, too.
 * Memory is the proportional set size of the whole browser above that of an idle page.
 */
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { BROWSER_FLAGS, ensureBrowser } from '../scripts/browser.ts';
import { findProcess, ResourceWatch } from '../scripts/cli/memory.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs in the page; `bench` is what the commands below call. */
const PAGE_SCRIPT = `
import { wrap } from 'comlink';
import { probeSource } from '/src/codecs/probe.ts';
import { installErrorTransfer } from '/src/workers/transfer.ts';

installErrorTransfer();

const start = () => {
  const worker = new Worker(new URL('/src/workers/vips.worker.ts', import.meta.url), { type: 'module' });
  return { worker, api: wrap(worker) };
};

async function decode() {
  try {
    return await decodeFile();
  } catch (error) {
    return { width: 1, height: 1, seconds: 1, error: String(error.message ?? error) };
  }
}

async function decodeFile() {
  const file = document.querySelector('input').files[0];
  const info = await probeSource(file, file.name);
  const { worker, api } = start();
  const began = performance.now();
  await api.open(file, info);
  const rows = 256;
  const stride = info.width * info.channels * info.depth / 8;
  const into = new Uint8Array(new SharedArrayBuffer(rows * stride));
  let sum = 0;
  for (let y = 0; y < info.height; y += rows) {
    const count = Math.min(rows, info.height - y);
    await api.read(count, into.subarray(0, count * stride));
    sum = (sum * 31 + into[(y * 7919) % (count * stride)]) >>> 0;
  }
  const seconds = (performance.now() - began) / 1000;
  worker.terminate();
  return { ...info, metadata: undefined, seconds, sum };
}

async function encode(format, megapixels, { depth, channels, chroma, lossless }) {
  const width = Math.min(16000, Math.round(Math.sqrt(megapixels * 1e6)));
  const height = Math.round(megapixels * 1e6 / width);
  const samples = width * height * channels;
  const data = new Uint8Array(new SharedArrayBuffer(samples * depth / 8));
  const view = depth === 8 ? data : new Uint16Array(data.buffer);
  let seed = 1;
  for (let i = 0; i < view.length; i++) {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    const ramp = ((i / channels % width) >> 3) + ((i / channels / width) >> 2);
    view[i] = (ramp & 127) * (depth === 8 ? 1 : 257) + (seed >>> (depth === 8 ? 28 : 20));
  }
  const { worker, api } = start();
  const began = performance.now();
  const metadata = { icc: null, exif: null, xmp: null, density: null, orientation: 1 };
  try {
    const options = { quality: 90, chroma, lossless };
    const bytes = await api.encode({ width, height, channels, depth, data }, format, options, metadata);
    return { width, height, bytes: bytes.length, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    return { width, height, error: String(error.message ?? error), seconds: (performance.now() - began) / 1000 };
  } finally {
    worker.terminate();
  }
}

globalThis.bench = { decode, encode };
`;

async function buildPage(folder: string): Promise<string> {
  await writeFile(join(folder, 'index.html'), '<input type="file"><script type="module" src="./main.js"></script>');
  const absolute = PAGE_SCRIPT.replaceAll("'/src/", `'${root}/src/`).replace(
    "'comlink'",
    `'${root}/node_modules/comlink'`,
  );
  // Workers must be addressed relative to their page.
  const depth = folder.split('/').length - 1;
  await writeFile(
    join(folder, 'main.js'),
    absolute.replace(`new URL('${root}`, `new URL('${'../'.repeat(depth)}${root.slice(1)}`),
  );
  const outDir = join(folder, 'dist');
  await build({
    ...{ configFile: false, root: folder, base: './', logLevel: 'error', worker: { format: 'es' } },
    build: { target: 'es2023', assetsInlineLimit: 0, outDir },
  });
  return outDir;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder with the headers that shared memory needs. */
async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const name = path === '/' ? 'index.html' : path.slice(1);
    readFile(join(folder, name)).then(
      (bytes) => {
        response.writeHead(200, {
          'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
        });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

interface Outcome {
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly bytes?: number;
  readonly error?: string;
}

async function measure(pid: number, label: string, task: () => Promise<Outcome>): Promise<void> {
  const watch = await ResourceWatch.start(pid, 50);
  const outcome = await task();
  const use = await watch.stop();
  const pixels = outcome.width * outcome.height;
  const speed = `${(pixels / 1e6 / outcome.seconds).toFixed(1)} MP/s, ${Math.round(outcome.height / outcome.seconds)} rows/s`;
  const result = outcome.error ?? `${outcome.seconds.toFixed(1)} s, ${speed}`;
  const perPixel = (use.peakBytes / pixels).toFixed(1);
  console.log(
    `${label}: ${outcome.width} x ${outcome.height}, ${result}, peak ${megabytes(use.peakBytes)} above idle ` +
      `(${perPixel} bytes a pixel), cpu ${use.cpuSeconds.toFixed(1)} s`,
  );
}

interface Bench {
  decode(): Promise<Outcome>;
  encode(format: string, megapixels: number, options: object): Promise<Outcome>;
}

const [mode, ...words] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'vips-memory-'));
const server = await serve(await buildPage(folder));
const profile = join(folder, 'profile');
const context = await chromium.launchPersistentContext(profile, {
  ...{ executablePath: ensureBrowser(), headless: true, args: [...BROWSER_FLAGS] },
});
try {
  const pid = await findProcess(`--user-data-dir=${profile}`);
  if (pid === null) throw new Error('the browser process was not found: this needs Linux');
  for (const word of mode === 'decode' ? words : words.slice(1)) {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.bench !== undefined');
    if (mode === 'decode') {
      await page.setInputFiles('input', word);
      await measure(pid, word, () => page.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.decode()));
    } else {
      const [format = 'webp', ...flags] = (words[0] ?? '').split('-');
      const options = {
        depth: flags.includes('16') ? 16 : 8,
        channels: flags.includes('rgba') ? 4 : 3,
        chroma: flags.includes('444') ? '444' : '420',
        lossless: flags.includes('lossless'),
      };
      const task = (): Promise<Outcome> =>
        page.evaluate(
          ([name, size, choice]) => (globalThis as unknown as { bench: Bench }).bench.encode(name, size, choice),
          [format, Number(word), options] as const,
        );
      await measure(pid, `${words[0]} ${word} MP`, task);
    }
    await page.close();
  }
} finally {
  await context.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
}
