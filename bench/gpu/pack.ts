/** Builds bench/out/gpu: what a machine with nothing but a browser, Node.js and playwright-core needs to run bench/gpu.ts. */
import { copyFileSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { makePhoto } from '../input.ts';
import { RESOLVE } from '../vite.config.ts';
import { BUILT } from './options.ts';

const bench = dirname(dirname(fileURLToPath(import.meta.url)));

/** The weights that UpscalerJS and ours are compared with. */
const WEIGHTS = join(bench, '../node_modules/@upscalerjs/esrgan-slim/models');

async function buildPage(): Promise<void> {
  await import('../../scripts/build-wasm.ts');
  await import('../../scripts/models/build.ts');
  await build({
    configFile: false,
    root: bench,
    base: './',
    logLevel: 'warn',
    resolve: RESOLVE,
    worker: { format: 'es' },
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 8000,
      rolldownOptions: { input: join(bench, 'gpu.html') },
    },
  });
}

/** bench/gpu.ts and its modules as one file, gpu.mjs, but for what only a checkout can do: to pack, and to find a browser. */
async function buildProgram(): Promise<void> {
  await build({
    configFile: false,
    root: bench,
    logLevel: 'warn',
    build: {
      ssr: join(bench, 'gpu.ts'),
      outDir: BUILT,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: {
        external: [/\/pack\.ts$/, /\/scripts\/browser\.ts$/],
        output: { entryFileNames: 'gpu.mjs' },
      },
    },
  });
}

export async function pack(): Promise<void> {
  await buildPage();
  await buildProgram();
  for (const scale of ['x2', 'x4']) cpSync(join(WEIGHTS, scale), join(BUILT, 'slim', scale), { recursive: true });
  copyFileSync(await makePhoto(join(bench, 'out'), 2000, 3000), join(BUILT, 'photo.jpg'));
  console.log(`${BUILT} is ready: carry it to the machine with the GPU and run gpu.mjs there.`);
}
