import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** As in the app: ONNX Runtime without its WebAssembly inside. */
export const RESOLVE = { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] };

/** The benchmark's own page: the product's modules beside the peers, which must never be part of the app. */
export default defineConfig({
  root: join(here, 'page'),
  base: './',
  resolve: RESOLVE,
  worker: { format: 'es' },
  build: {
    outDir: join(here, 'out/page'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
  },
});
