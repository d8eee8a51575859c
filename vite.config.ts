import { defineConfig } from 'vite';

/** Cross-origin isolation, which SharedArrayBuffer and WASM threads need; `scripts/serve.ts` sends the same. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default defineConfig({
  base: './',
  server: { headers: isolation, port: 4173 },
  preview: { headers: isolation, port: 4173 },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: { app: 'index.html', cli: 'cli.html', module: 'examples/module.html' } },
  },
});
