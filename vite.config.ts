import { defaultClientConditions, defineConfig } from 'vite';
import { licences, manifest, security, styleMapByObject } from './scripts/vite-plugins.ts';
import { serviceWorker } from './scripts/vite-service-worker.ts';
import { ISOLATION_HEADERS, SECURITY_HEADERS } from './src/core/security-headers.ts';

export default defineConfig({
  plugins: [licences, manifest, security, styleMapByObject, serviceWorker()],
  base: './',
  // ONNX Runtime without its WebAssembly inside: src/models/ort.ts names the files.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  server: { headers: ISOLATION_HEADERS, port: 4173 },
  preview: { headers: SECURITY_HEADERS, port: 4173 },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: { app: 'index.html', cli: 'cli.html', module: 'examples/module.html' } },
  },
});
