import { expect, test } from 'vitest';
import { partKind } from '../../scripts/vite-service-worker.ts';
import { libraryPartOf, partCacheKey } from '../../src/core/offline.ts';

test.each([
  ['assets/app-AlmQ1V6X.js', 174e3, null, null],
  ['assets/kernels-CR9Xv0UU.wasm', 30e3, null, null],
  ['assets/job.worker-CJT5MqDD.js', 295e3, null, null],
  ['assets/job.worker-qXVUM5Wm.js', 451e3, null, null],
  ['assets/vips.worker-CWZbdA6V.js', 24e3, null, 'codecs'],
  ['assets/vips-3-VcN70V.wasm', 5e6, null, 'codecs'],
  ['assets/de-BMVi2lHG.js', 7e3, '/home/me/src/app/locales/de.ts', 'languages'],
  ['assets/de-1a2b3c4d.js', 7e3, '/home/me/node_modules/@awesome.me/webawesome/dist/translations/de.js', 'languages'],
  ['assets/cunet-BqXh2f1a.onnx', 2.6e6, null, 'models'],
  ['assets/anime4k-ul-BqXh2f1a.onnx', 73e3, null, null],
  ['assets/ort-wasm-simd-threaded.asyncify-1a2b3c4d.wasm', 27e6, null, 'engine'],
  ['assets/unknown-1a2b3c4d.bin', 1e6, null, 'other'],
] as const)('%s is kept as it should be', (name, bytes, module, kind) => {
  expect(partKind(name, bytes, module)).toBe(kind);
});

test('a part whose name has no hash is kept under its revision', () => {
  const base = 'https://pictures.example/app/';
  expect(partCacheKey({ url: 'assets/vips-1.wasm', revision: null }, base)).toBe(`${base}assets/vips-1.wasm`);
  expect(partCacheKey({ url: 'models/a.onnx', revision: '17' }, base)).toBe(`${base}models/a.onnx?revision=17`);
});

test.each([
  ['assets/vips.worker-CWZbdA6V.js', 'vips'],
  ['assets/vips-3-VcN70V.wasm', 'vips'],
  ['assets/vips-es6-_vxOdM8h.js', 'vips'],
  ['assets/vips-heif-C0XUJ6Mk.wasm', 'avif'],
  ['assets/vips-jxl-DAaBJtjz.wasm', 'jxl'],
  ['assets/zstd-DF_kwIOl.js', null],
] as const)('%s is of the part of the library that it is', (url, part) => {
  expect(libraryPartOf({ url, kind: 'codecs' })).toBe(part);
});
