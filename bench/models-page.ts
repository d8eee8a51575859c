/** Functions that bench/models-speed.ts calls in the browser: the same network by our jobs and by UpscalerJS, file to file. */
import * as tf from '@tensorflow/tfjs';
import slim2x from '@upscalerjs/esrgan-slim/2x';
import slim4x from '@upscalerjs/esrgan-slim/4x';
import Peer from 'upscaler';
import { AI_DEFAULTS, type AiOptions, type ModelRef } from '../src/core/ai.ts';
import { DEFAULT_OPTIONS, Upscaler } from '../src/index.ts';
import type { OwnModel } from '../src/models/own-models.ts';
import { addOwnModel } from '../src/workers/add-model.ts';

export interface Figures {
  readonly ms: number;
  readonly width: number;
  readonly height: number;
  /** What computed it. */
  readonly by: string;
}

/** TensorFlow.js' WebAssembly backend: a package of its own that this file can be read without. */
const backends = import.meta.glob<{ setWasmPaths(paths: Record<string, string>): void }>(
  '../node_modules/@tensorflow/tfjs-backend-wasm/dist/index.js',
);
const binaries = import.meta.glob<string>('../node_modules/@tensorflow/tfjs-backend-wasm/dist/*.wasm', {
  eager: true,
  query: '?url',
  import: 'default',
});

async function registerWasm(): Promise<void> {
  const paths = Object.entries(binaries).map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1), url] as const);
  for (const load of Object.values(backends)) (await load()).setWasmPaths(Object.fromEntries(paths));
}

const fileOf = async (url: string): Promise<Blob> => (await fetch(url)).blob();

const upscaler = new Upscaler();
const models = new Map<string, Promise<OwnModel>>();

/** A job of ours: the file in memory to a PNG in memory, with one run of a network. `model` is a bundled one, or an .onnx file beside the page. */
async function ours(source: string, model: string): Promise<Figures> {
  let ref: ModelRef = { kind: 'bundled', id: model };
  let scale = 2;
  if (model.endsWith('.onnx')) {
    const added = models.get(model) ?? addOwnModel(await fileOf(model), model);
    models.set(model, added);
    const { name, sha256, shape } = await added;
    ref = { kind: 'own', name, sha256, shape };
    scale = shape.scale;
  }
  const ai: AiOptions = { ...AI_DEFAULTS, model: ref, passes: 'first' };
  const file = await fileOf(source);
  await forgetTiles();
  const started = performance.now();
  const { receipt } = await upscaler.run({
    ...{ source: file, sourceName: source, output: { kind: 'memory', name: 'out.png' } },
    options: { ...DEFAULT_OPTIONS, target: { kind: 'scale', x: scale, y: scale }, ai },
  });
  const ms = performance.now() - started;
  const { width, height } = receipt.output;
  return { ms, width, height, by: receipt.ai!.backends.join(', ') };
}

/** Tiles that an earlier run has kept would spare this one its work. */
const forgetTiles = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('pro-upscaler-tiles');
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('the tiles could not be deleted'));
  });

const peers = new Map<string, InstanceType<typeof Peer>>();

/** UpscalerJS with the same weights: the file in memory to a PNG as a data URL, which is what it gives. */
async function peer(source: string, scale: 2 | 4, backend: string): Promise<Figures> {
  await registerWasm();
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  const key = `${backend} ${scale}`;
  const known = peers.get(key);
  const model = scale === 2 ? slim2x : slim4x;
  const peer = known ?? new Peer({ model: { ...model, path: `slim/x${scale}/model.json` } });
  peers.set(key, peer);
  const file = await fileOf(source);
  const started = performance.now();
  const bitmap = await createImageBitmap(file);
  const pixels = tf.browser.fromPixels(bitmap);
  const result = await peer.upscale(pixels, { output: 'base64' });
  const ms = performance.now() - started;
  pixels.dispose();
  const picture = await createImageBitmap(await fileOf(result));
  return {
    ms,
    width: picture.width,
    height: picture.height,
    by: `TensorFlow.js ${tf.version.tfjs}, ${tf.getBackend()}`,
  };
}

/** The whole contract with bench/models-speed.ts. */
export const modelsBench = { ours, peer };
export type ModelsBench = typeof modelsBench;

Object.assign(window, { modelsBench });
