import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** Cross-origin isolation, which SharedArrayBuffer and WASM threads need; `scripts/serve.ts` sends the same. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Puts the licence texts of the replaceable LGPL parts beside them. */
const licences: Plugin = {
  name: 'licences',
  generateBundle() {
    for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md']) {
      const source = readFileSync(new URL(`node_modules/wasm-vips/${file}`, import.meta.url));
      this.emitFile({ type: 'asset', fileName: `licences/wasm-vips/${file}`, source });
    }
  },
};

export default defineConfig({
  plugins: [licences],
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
