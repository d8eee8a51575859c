import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The benchmark's own page: the product's modules beside the peers, which must never be part of the app. */
export default defineConfig({
  root: join(here, 'page'),
  base: './',
  worker: { format: 'es' },
  build: {
    outDir: join(here, 'out/page'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
  },
});
