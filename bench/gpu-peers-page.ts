/// <reference types="@webgpu/types" />
/**
 * UpscalerJS on TensorFlow.js' GPU backends and ours, with the same weights: from source pixels to result pixels, both in the memory of the processor. A module
 * of its own, so that TensorFlow.js is loaded only where it is measured.
 */
import * as tf from '@tensorflow/tfjs';
import slim2x from '@upscalerjs/esrgan-slim/2x';
import slim4x from '@upscalerjs/esrgan-slim/4x';
import Peer from 'upscaler';
import { AI_DEFAULTS, type ModelRef } from '../src/core/ai.ts';
import type { EngineJob } from '../src/core/engine.ts';
import { wholeOf, type Size } from '../src/core/geometry.ts';
import { isGraph, type GraphNetwork } from '../src/core/graph-network.ts';
import type { PixelFormat } from '../src/core/pixels.ts';
import type { SourceWindow } from '../src/core/source.ts';
import { DEFAULT_OPTIONS } from '../src/core/options.ts';
import { planStages } from '../src/core/stages.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { GpuEngine, type PixelEncoders } from '../src/gpu/engine.ts';
import { gpuNetworkOf } from '../src/models/gpu-network-of.ts';
import { readOnnx } from '../src/models/onnx.ts';
import { listOwnModels, type OwnModel } from '../src/models/own-models.ts';
import type { ModelRunner, ModelRunners } from '../src/models/runner.ts';
import { ModelPixels, NO_KEEPER } from '../src/pipeline/ai/model-pixels.ts';
import type { PixelSource } from '../src/pipeline/ai/planes.ts';
import { AiTally } from '../src/pipeline/ai/tally.ts';
import { addOwnModel } from '../src/workers/add-model.ts';
import { Upscaler } from '../src/workers/client.ts';
import { WorkerModelRunners } from '../src/workers/model-runners.ts';
import { esrganOnnx, weightPaths, type EsrganFile } from './peers/esrgan-convert.ts';

/**
 * `jpeg`, `png`: whole jobs of ours with the weights as a user's model, from a JPEG to a file. `shaders`: the GPU engine alone, as in these, from pixels
 * to pixels. `tiles`: ours tile by tile through a worker, as where the GPU engine cannot run a model with its bands.
 */
export type PeerName = 'jpeg' | 'png' | 'shaders' | 'tiles' | 'webgpu' | 'webgl';

export interface PeerCase {
  readonly by: PeerName;
  readonly scale: 2 | 4;
  readonly source: Size;
  /** UpscalerJS' `patchSize`, or null for the picture in one piece. Ours cut as they do in the app. */
  readonly tile: number | null;
  /** `pixel`: of the result one pixel is read, so that the time is that of the computing alone. Only for TensorFlow.js. */
  readonly read: 'all' | 'pixel';
}

export interface PeerFigures {
  readonly ms: number;
  readonly megapixels: number;
  /** From what our shaders give, in levels of 255, without `BORDER`; null for that itself, and where not all is read. */
  readonly difference: { readonly from: PeerName; readonly largest: number; readonly mean: number } | null;
}

export interface PeerAdapter {
  readonly by: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
}

const RGB: PixelFormat = { channels: 3, depth: 8 };

/** Source pixels that the network looks at around each: what UpscalerJS' tiles must overlap by, so that they have no seams. */
const REACH = 10;
/** Source pixels at the edges, beyond which TensorFlow.js has zeros and ours have the picture: they are not compared. */
const BORDER = REACH + 2;

// UpscalerJS.

/** Packages of their own that this file can be read without. */
const backends = import.meta.glob<{ setWebGLContext?: (version: number, context: WebGL2RenderingContext) => void }>(
  [
    '../node_modules/@tensorflow/tfjs-backend-webgl/dist/index.js',
    '../node_modules/@tensorflow/tfjs-backend-webgpu/dist/index.js',
  ],
  { eager: true },
);

/** What TensorFlow.js' device has complained of since it was last asked: it goes on with zeros. */
const complaints: string[] = [];

let isPrepared = false;

function prepareBackends(): void {
  isPrepared = true;
  // TensorFlow.js 4.11 asks in a way that browsers have given up since.
  const adapter = GPUAdapter.prototype as GPUAdapter & { requestAdapterInfo?: () => Promise<GPUAdapterInfo> };
  adapter.requestAdapterInfo ??= function (this: GPUAdapter) {
    return Promise.resolve(this.info);
  };
  // As TensorFlow.js makes its own, but of the fastest card, and whatever computes it.
  const attributes = { alpha: false, antialias: false, premultipliedAlpha: false, depth: false, stencil: false };
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('webgl2', { ...attributes, powerPreference: 'high-performance' });
  if (context === null) return;
  for (const { setWebGLContext } of Object.values(backends)) setWebGLContext?.(2, context);
}

async function useBackend(name: 'webgpu' | 'webgl'): Promise<void> {
  if (!isPrepared) prepareBackends();
  if (tf.getBackend() !== name && !(await tf.setBackend(name))) {
    // It has told the console why, and nobody else.
    await tf.findBackendFactory(name)?.();
    throw new Error(`TensorFlow.js has no backend ${name} here`);
  }
  await tf.ready();
  const device = deviceOf();
  if (device === null || watched.has(device)) return;
  watched.add(device);
  device.addEventListener('uncapturederror', ({ error }) => complaints.push(error.message));
}

const watched = new WeakSet<GPUDevice>();

/** The device of TensorFlow.js' WebGPU; null for other backends. */
const deviceOf = (): GPUDevice | null => (tf.backend() as { device?: GPUDevice }).device ?? null;

const peers = new Map<string, InstanceType<typeof Peer>>();

function peerFor(backend: string, scale: 2 | 4): InstanceType<typeof Peer> {
  const key = `${backend} ${scale}`;
  const model = scale === 2 ? slim2x : slim4x;
  const peer = peers.get(key) ?? new Peer({ model: { ...model, path: `slim/x${scale}/model.json` } });
  peers.set(key, peer);
  return peer;
}

interface Timed {
  readonly ms: number;
  /** Samples of 0..255, interleaved; null where they are in a file. */
  readonly pixels: Uint8Array | Float32Array | null;
}

/**
 * Timed from floats, which TensorFlow.js takes as they are, to floats as it gives them: neither the bytes that pictures have before nor those that they
 * have afterwards cost it anything.
 */
async function upscalerJs(source: SourceWindow, { by, scale, tile, read }: PeerCase): Promise<Timed> {
  await useBackend(by === 'webgl' ? 'webgl' : 'webgpu');
  const peer = peerFor(by, scale);
  await peer.ready;
  const samples = Float32Array.from(source.data);
  complaints.length = 0;
  const started = performance.now();
  const input = tf.tensor3d(samples, [source.height, source.width, 3], 'float32');
  const patches = tile === null ? {} : { patchSize: tile, padding: REACH };
  const result = await peer.upscale(input, { output: 'tensor', ...patches });
  const wanted = read === 'all' ? result : result.slice([0, 0, 0], [1, 1, 1]);
  const pixels = (await wanted.data()) as Float32Array;
  const ms = performance.now() - started;
  for (const tensor of [input, result, wanted]) tensor.dispose();
  if (complaints.length > 0) throw new Error(complaints[0]);
  return { ms, pixels };
}

// Ours.

const models = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

/** The weights of UpscalerJS' package as an ONNX file. */
function modelOf(scale: 2 | 4): Promise<Uint8Array<ArrayBuffer>> {
  const known = models.get(scale) ?? readModel(`slim/x${scale}/`);
  models.set(scale, known);
  return known;
}

async function readModel(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = (await (await fetch(`${folder}model.json`)).json()) as EsrganFile;
  const parts = await Promise.all(weightPaths(file).map(async (path) => (await fetch(folder + path)).blob()));
  return esrganOnnx(file, new Uint8Array(await new Blob(parts).arrayBuffer()));
}

const networks = new Map<number, GraphNetwork>();

async function networkOf(scale: 2 | 4): Promise<GraphNetwork> {
  const known = networks.get(scale);
  if (known !== undefined) return known;
  const network = gpuNetworkOf(readOnnx(await modelOf(scale)));
  if (network === null || !isGraph(network)) throw new Error('esrgan-slim is no network that our shaders know');
  networks.set(scale, network);
  return network;
}

const NO_ENCODERS: PixelEncoders = {
  parallelism: 1,
  openCoder: () => Promise.resolve(),
  encode: () => Promise.reject(new Error('pixels are not coded here')),
  close: () => Promise.resolve(),
};

const enlarged = ({ width, height }: Size, scale: number): Size => ({ width: scale * width, height: scale * height });

/** Timed from a job's source to the bytes of its pixels, with all that the engine does for a job: also the resampling that follows, to the same size. */
async function byShaders(context: GpuContext, source: SourceWindow, { scale }: PeerCase): Promise<Timed> {
  const to = enlarged(source, scale);
  const stages = planStages('direct', 'lanczos3', to, to);
  const job: EngineJob = {
    source,
    spec: { stages, input: RGB, output: RGB, curves: null, clampOvershoot: false, background: null },
    picture: { ...to, ...RGB },
    encoding: null,
    hooks: { before: null, after: null },
    model: { networks: [await networkOf(scale)], colourLock: false },
  };
  const started = performance.now();
  const engine = new GpuEngine(context, { encoders: NO_ENCODERS });
  try {
    await engine.open(job);
    const pixels = await engine.pixels(wholeOf(to), new AbortController().signal);
    return { ms: performance.now() - started, pixels };
  } finally {
    await engine.close();
  }
}

/** Networks stay open from run to run, as TensorFlow.js' do. */
class KeptRunners implements ModelRunners {
  readonly #runners = new WorkerModelRunners(['webgpu']);
  readonly #open = new Map<string, Promise<ModelRunner>>();

  backends: ModelRunners['backends'] = () => this.#runners.backends();

  open: ModelRunners['open'] = async (source, input, backend, tiles) => {
    const name = source.model.kind === 'own' ? source.model.sha256 : source.model.id;
    const key = `${name} ${input.width} x ${input.height} ${backend}`;
    const opening = this.#open.get(key) ?? this.#runners.open(source, input, backend, tiles);
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    const { run } = await opening;
    return { backend, run, close: () => Promise.resolve() };
  };

  close(): void {
    this.#runners.close();
    this.#open.clear();
  }
}

let runners: KeptRunners | null = null;
const added = new Map<number, Promise<OwnModel>>();

function addedModel(scale: 2 | 4): Promise<OwnModel> {
  const model = added.get(scale) ?? addModel(scale, `slim-x${scale}.onnx`);
  added.set(scale, model);
  return model;
}

/** Its trial takes seconds, and is kept when the page is opened anew. */
async function addModel(scale: 2 | 4, name: string): Promise<OwnModel> {
  const kept = (await listOwnModels()).find((model) => model.name === name);
  return kept ?? addOwnModel(new Blob([await modelOf(scale)]), name);
}

/** Timed from the bytes of the source to those of the result, in the tiles that the app cuts. */
async function inTiles(source: SourceWindow, { scale }: PeerCase): Promise<Timed> {
  const { name, sha256, shape } = await addedModel(scale);
  const model: ModelRef = { kind: 'own', name, sha256, shape };
  const output = enlarged(source, scale);
  const tally = new AiTally();
  const pass = { model, noise: null, shape, input: { width: source.width, height: source.height }, output };
  runners ??= new KeptRunners();
  const started = performance.now();
  const picture = new ModelPixels(pixelsOf(source), {
    ...{ index: 0, pass, tally, runners, keeper: NO_KEEPER, signal: new AbortController().signal },
    choices: { tta: false, blend: 1, colourLock: false, alpha: 'lanczos' },
  });
  const pixels = await picture.region(wholeOf(output));
  const ms = performance.now() - started;
  await picture.close();
  const { replaced, retries } = tally.report([pass], () => sha256);
  if (replaced > 0 || Object.keys(retries).length > 0)
    throw new Error(`the model gave nonsense: ${JSON.stringify(retries)}`);
  return { ms, pixels };
}

const upscaler = new Upscaler();
const files = new Map<string, Promise<Blob>>();

/** The source as a file. */
function fileOf({ width, height, data }: SourceWindow): Promise<Blob> {
  const key = `${width} x ${height}`;
  const known = files.get(key);
  if (known !== undefined) return known;
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0, at = 0; i < data.length; i += 3, at += 4) pixels.set(data.subarray(i, i + 3), at);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0);
  const file = canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  files.set(key, file);
  return file;
}

/** Timed from file to file, with all that a job does. Its pixels are not looked at. */
async function byJob(source: SourceWindow, { scale }: PeerCase, format: 'jpeg' | 'png'): Promise<Timed> {
  const { name, sha256, shape } = await addedModel(scale);
  const file = await fileOf(source);
  const started = performance.now();
  const { receipt } = await upscaler.run({
    ...{ source: file, sourceName: 'picture.jpg', output: { kind: 'memory', name: `out.${format}` } },
    options: {
      ...{ ...DEFAULT_OPTIONS, format, target: { kind: 'scale', x: scale, y: scale } },
      ai: { ...AI_DEFAULTS, model: { kind: 'own', name, sha256, shape }, colourLock: false },
    },
  });
  const ms = performance.now() - started;
  if (receipt.engine !== 'gpu') throw new Error(`it was done by ${receipt.engine}`);
  return { ms, pixels: null };
}

function pixelsOf({ width, height, data }: SourceWindow): PixelSource {
  return {
    ...{ width, height, ...RGB },
    region: (rect) => {
      const row = 3 * rect.width;
      const bytes = new Uint8Array(row * rect.height);
      for (let y = 0; y < rect.height; y++) {
        const from = 3 * ((rect.y + y) * width + rect.x);
        bytes.set(data.subarray(from, from + row), y * row);
      }
      return Promise.resolve(bytes);
    },
  };
}

// Both.

interface Result {
  readonly by: PeerName;
  readonly pixels: NonNullable<Timed['pixels']>;
}

/** What all are compared with, by case. */
const references = new Map<string, Result>();

/** What our shaders give; `own`, the first result of the case, where they fail. */
async function referenceFor(context: GpuContext, source: SourceWindow, kase: PeerCase, own: Result): Promise<Result> {
  const key = `${kase.scale}x of ${source.width} x ${source.height}`;
  const known = references.get(key);
  if (known !== undefined) return known;
  const ours = (): Promise<Result> =>
    byShaders(context, source, kase).then(({ pixels }) => ({ by: 'shaders', pixels: pixels! }));
  const made = own.by === 'shaders' ? own : await ours().catch(() => own);
  references.set(key, made);
  return made;
}

function runOnce(context: GpuContext, source: SourceWindow, kase: PeerCase): Promise<Timed> {
  switch (kase.by) {
    case 'jpeg':
    case 'png':
      return byJob(source, kase, kase.by);
    case 'shaders':
      return byShaders(context, source, kase);
    case 'tiles':
      return inTiles(source, kase);
    default:
      return upscalerJs(source, kase);
  }
}

export async function runPeer(context: GpuContext, source: SourceWindow, kase: PeerCase): Promise<PeerFigures> {
  const { by, scale, read } = kase;
  const { ms, pixels } = await runOnce(context, source, kase);
  const size = enlarged(source, scale);
  const megapixels = (size.width * size.height) / 1e6;
  if (read === 'pixel' || pixels === null) return { ms, megapixels, difference: null };
  if (pixels.length !== 3 * size.width * size.height) throw new Error(`${pixels.length} samples were given`);
  const reference = await referenceFor(context, source, kase, { by, pixels });
  const difference = reference.by === by ? null : differenceFrom(reference, pixels, size, BORDER * scale);
  return { ms, megapixels, difference };
}

function differenceFrom(
  { by, pixels: expected }: Result,
  actual: Result['pixels'],
  { width, height }: Size,
  border: number,
): PeerFigures['difference'] {
  let [largest, sum, count] = [0, 0, 0];
  for (let y = border; y < height - border; y++) {
    for (let i = 3 * (y * width + border); i < 3 * (y * width + width - border); i++) {
      const difference = Math.abs(Math.round(actual[i]!) - Math.round(expected[i]!));
      largest = Math.max(largest, difference);
      sum += difference;
      count++;
    }
  }
  return { from: by, largest, mean: sum / count };
}

/** What computes each of them. */
export async function peerAdapters({ description: own }: GpuContext): Promise<PeerAdapter[]> {
  const { vendor, architecture, description } = own;
  const found: PeerAdapter[] = [{ by: 'ours', vendor, architecture, description }];
  for (const name of ['webgpu', 'webgl'] as const) {
    const by = `TensorFlow.js ${tf.version.tfjs}, ${name}`;
    try {
      await useBackend(name);
      found.push({ by, ...(name === 'webgpu' ? webGpuAdapter() : webGlAdapter()) });
    } catch (error) {
      found.push({ by, vendor: '', architecture: '', description: `fails: ${String(error)}` });
    }
  }
  return found;
}

type Facts = Omit<PeerAdapter, 'by'>;

function webGpuAdapter(): Facts {
  const { vendor, architecture, description } = deviceOf()!.adapterInfo;
  return { vendor, architecture, description };
}

function webGlAdapter(): Facts {
  const { gpgpu } = tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } };
  const names = gpgpu.gl.getExtension('WEBGL_debug_renderer_info');
  const text = (name: number): string => String(gpgpu.gl.getParameter(name));
  if (names === null) return { vendor: text(gpgpu.gl.VENDOR), architecture: '', description: text(gpgpu.gl.RENDERER) };
  const { UNMASKED_VENDOR_WEBGL: vendor, UNMASKED_RENDERER_WEBGL: renderer } = names;
  return { vendor: text(vendor), architecture: '', description: text(renderer) };
}
