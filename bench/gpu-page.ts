/// <reference types="@webgpu/types" />
/** Functions that bench/gpu.ts calls in the browser: whole jobs by the product's API, and the GPU engine by itself. */
import { AI_DEFAULTS } from '../src/core/ai.ts';
import type { BandPlace, PictureShape, Segment } from '../src/core/encoding.ts';
import type { BandModel, EngineJob } from '../src/core/engine.ts';
import type { Size } from '../src/core/geometry.ts';
import { graphWork, isGraph } from '../src/core/graph-network.ts';
import { restartRowsFor } from '../src/core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../src/core/jpeg/tables.ts';
import { bytesPerRow, type PixelFormat } from '../src/core/pixels.ts';
import { cutBands, joinBands, planBands, type RowSpan } from '../src/core/plan/bands.ts';
import type { ResampleSpec } from '../src/core/resampling.ts';
import type { SourceWindow } from '../src/core/source.ts';
import { sourceRowsFor } from '../src/core/taps.ts';
import { planStages } from '../src/core/stages.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { GpuEngine, type PixelEncoders } from '../src/gpu/engine.ts';
import { graphPasses, GraphPasses } from '../src/gpu/graph-passes.ts';
import { BufferPool, type PooledBuffer } from '../src/gpu/pool.ts';
import { openTrustedGpu } from '../src/gpu/probe.ts';
import { Recorder } from '../src/gpu/recorder.ts';
import { DEFAULT_OPTIONS, Upscaler, type JobOptions, type JobRequest, type Receipt } from '../src/index.ts';
import { bandNetwork } from '../src/workers/band-network.ts';
import { measureVariants, type VariantFigures } from './convolve-variants.ts';
import type { PeerAdapter, PeerCase, PeerFigures } from './gpu-peers-page.ts';

const RGB: PixelFormat = { channels: 3, depth: 8 };
const MEBIBYTE = 2 ** 20;

/** Takes finished pixels and codes nothing: what is left is the GPU and the bus. */
const BLANK_ENCODERS: PixelEncoders = {
  parallelism: 4,
  openCoder: () => Promise.resolve(),
  encode: () => Promise.resolve({ bytes: new Uint8Array() }),
  close: () => Promise.resolve(),
};

let context: GpuContext | null = null;
const upscaler = new Upscaler();
const files = new Map<string, Blob>();

async function openContext(): Promise<GpuContext> {
  if (context === null || context.failure !== null) context = await openTrustedGpu();
  return context;
}

async function photo(): Promise<Blob> {
  const known = files.get('photo');
  if (known) return known;
  const blob = await (await fetch('./photo.jpg')).blob();
  files.set('photo', blob);
  return blob;
}

/** The photograph, enlarged to this size by the product itself so that nothing large has to be sent here. */
async function photoOf(size: Size | null): Promise<Blob> {
  if (size === null) return photo();
  const key = `${size.width}x${size.height}`;
  const known = files.get(key);
  if (known) return known;
  const options: Partial<JobOptions> = { target: { kind: 'exact', ...size }, format: 'jpeg', quality: 92 };
  const { file } = await upscaler.run(await requestFor(options, null, { kind: 'opfs', name: `${key}.jpg` }));
  files.set(key, file!);
  return file!;
}

async function requestFor(
  options: Partial<JobOptions>,
  source: Size | null,
  output: JobRequest['output'],
): Promise<JobRequest> {
  return {
    source: await photoOf(source),
    sourceName: 'photo.jpg',
    options: { ...DEFAULT_OPTIONS, ...options },
    output,
  };
}

/** One job as a person runs it. */
export interface JobCase {
  readonly options: Partial<JobOptions>;
  /** Size of the source; null is the photograph as it is. */
  readonly source: Size | null;
  /** Where it goes: an OPFS file by a sync access handle, or a FileSystemWritableFileStream. */
  readonly sink: 'opfs' | 'stream';
}

export interface JobFigures {
  readonly ms: number;
  readonly bytes: number;
  readonly engine: string;
  readonly timings: Receipt['timings'];
  readonly warnings: readonly string[];
  readonly megapixels: number;
  readonly ai: Receipt['ai'];
}

async function runJob({ options, source, sink }: JobCase): Promise<JobFigures> {
  const root = await navigator.storage.getDirectory();
  const name = `bench-output-${sink}`;
  const output: JobRequest['output'] =
    sink === 'opfs'
      ? { kind: 'opfs', name }
      : { kind: 'file', handle: await root.getFileHandle(name, { create: true }), created: true };
  const request = await requestFor(options, source, output);
  const started = performance.now();
  const { receipt } = await upscaler.run(request);
  const ms = performance.now() - started;
  await root.removeEntry(name).catch(() => undefined);
  const { engine, timings, warnings, ai, output: written } = receipt;
  const megapixels = (written.width * written.height) / 1e6;
  return { ms, bytes: written.bytes, engine, timings, warnings, megapixels, ai };
}

/** A job with a bundled model, to JPEG. */
export interface ModelCase {
  readonly id: string;
  readonly scale: number;
  readonly source: Size | null;
}

/** Runs one; tiles that an earlier one has kept are deleted first. */
async function runModel({ id, scale, source }: ModelCase): Promise<JobFigures> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase('pro-upscaler-tiles');
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('the tiles could not be deleted'));
  });
  const ai = { ...AI_DEFAULTS, model: { kind: 'bundled', id } } as const;
  const target = { kind: 'scale', x: scale, y: scale } as const;
  return runJob({ options: { format: 'jpeg', quality: 90, engine: 'gpu', target, ai }, source, sink: 'opfs' });
}

async function decode(size: Size | null): Promise<SourceWindow> {
  const bitmap = await createImageBitmap(
    await photo(),
    size ? { resizeWidth: size.width, resizeHeight: size.height } : {},
  );
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  canvas.drawImage(bitmap, 0, 0);
  const rgba = canvas.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3));
  for (let i = 0, j = 0; i < data.length; i += 3, j += 4) data.set(rgba.subarray(j, j + 3), i);
  return { width, height, ...RGB, capacity: height, data };
}

/** The engine by itself: source decoded before, coded bytes thrown away. */
export interface EngineCase {
  readonly scale: number;
  readonly source: Size | null;
  /** `pixels`: finished pixels are read back, as for PNG. */
  readonly output: 'jpeg' | 'pixels';
  readonly method?: JobOptions['method'];
  readonly depth?: number;
  /** MiB of finished pixels in a band; absent, bands are what jobs have. */
  readonly bandMebibytes?: number;
  readonly profile?: boolean;
  /** A bundled model that enlarges to the scale, run as often as that takes. */
  readonly model?: string;
}

export interface EngineFigures {
  readonly megapixels: number;
  readonly openMs: number;
  readonly ms: number;
  readonly bytes: number;
  readonly bands: number;
  /** Milliseconds of the GPU by pass, when profiled. */
  readonly passes: Record<string, number>;
  readonly peakBytes: number;
}

const windows = new Map<string, SourceWindow>();

async function windowOf(size: Size | null): Promise<SourceWindow> {
  const key = size ? `${size.width}x${size.height}` : 'photo';
  const known = windows.get(key) ?? (await decode(size));
  windows.set(key, known);
  return known;
}

/** The networks of a model, such that together they enlarge to a scale. */
async function modelFor(id: string, scale: number): Promise<BandModel> {
  const network = await bandNetwork({ model: { kind: 'bundled', id }, noise: null });
  if (network === null) throw new Error(`our shaders do not know ${id}`);
  const runs = Math.round(Math.log(scale) / Math.log(network.scale));
  return { networks: Array.from({ length: runs }, () => network), colourLock: true };
}

function engineJob(source: SourceWindow, { scale, output, method, model }: EngineCase): EngineJob {
  const to = { width: Math.round(source.width * scale), height: Math.round(source.height * scale) };
  const from = model === undefined ? { width: source.width, height: source.height } : to;
  const stages = planStages(method ?? 'direct', 'lanczos3', from, to);
  const common = { curves: null, clampOvershoot: false, background: null } as const;
  const spec: ResampleSpec = { stages, input: RGB, output: RGB, ...common };
  const picture: PictureShape = { ...to, ...RGB };
  const restartRows = restartRowsFor(picture, '420');
  const jpeg = { kind: 'jpeg', quality: 90, chroma: '420', tables: STANDARD_TABLES, restartRows } as const;
  const encoding = output === 'jpeg' ? jpeg : ({ kind: 'png', level: 'fast' } as const);
  return { source, spec, picture, encoding, hooks: { before: null, after: null } };
}

async function runEngine(kase: EngineCase): Promise<EngineFigures> {
  const source = await windowOf(kase.source);
  const plain = engineJob(source, kase);
  const job = kase.model === undefined ? plain : { ...plain, model: await modelFor(kase.model, kase.scale) };
  const options = { encoders: BLANK_ENCODERS, profile: kase.profile ?? false };
  const engine = new GpuEngine(
    await openContext(),
    kase.depth === undefined ? options : { ...options, depth: kase.depth },
  );
  try {
    const opening = performance.now();
    await engine.open(job);
    const started = performance.now();
    const { bands, bytes } = await runBands(engine, bandsOf(job, kase.bandMebibytes));
    const ms = performance.now() - started;
    const megapixels = (job.picture.width * job.picture.height) / 1e6;
    const { peakBytes } = engine.stats;
    return { megapixels, openMs: started - opening, ms, bytes, bands, passes: await engine.takeTimings(), peakBytes };
  } finally {
    await engine.close();
  }
}

function bandsOf({ spec, source, picture, encoding }: EngineJob, mebibytes: number | undefined): BandPlace[] {
  const align = 16 * restartRowsFor(picture, '420');
  if (mebibytes === undefined) {
    const span: RowSpan = (y, rows) => sourceRowsFor(spec, y, rows);
    const bands = planBands(picture, bytesPerRow(source.width, source), span, align);
    if (encoding?.kind !== 'jpeg') return bands;
    return joinBands(picture, bands);
  }
  const fitting = Math.floor((mebibytes * MEBIBYTE) / bytesPerRow(picture.width, picture) / align);
  return cutBands(picture.height, Math.max(1, fitting) * align);
}

async function runBands(engine: GpuEngine, places: readonly BandPlace[]): Promise<{ bands: number; bytes: number }> {
  const { signal } = new AbortController();
  let bytes = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let place: BandPlace | undefined; (place = places[next++]) !== undefined;) {
      const segment: Segment = await engine.segment(place, signal);
      bytes += segment.bytes.length;
      engine.recycle(segment);
    }
  };
  await Promise.all(Array.from({ length: engine.parallelism }, lane));
  return { bands: places.length, bytes };
}

/** One pass of a network over a tile. */
export interface LayerFigures {
  readonly pass: string;
  /** Multiplications; 0 for what does not convolve. */
  readonly work: number;
  readonly ms: number;
}

/** The passes of a network over one tile of this side, each by itself by the GPU's clock: the least of some runs. */
async function runLayers(id: string, side: number): Promise<LayerFigures[]> {
  const { device, pipelines, description } = await openContext();
  const network = await bandNetwork({ model: { kind: 'bundled', id }, noise: null });
  if (network === null || !isGraph(network)) throw new Error(`${id} has no layers of this kind`);
  await pipelines.prepare(graphPasses(network));
  const pool = new BufferPool(device, description.limits);
  const recorder = new Recorder(device, pipelines, pool, description.limits, true);
  try {
    const passes = new GraphPasses(network, pool);
    await recorder.submit('weights', () => passes.uploads());
    const storage = (bytes: number): PooledBuffer => pool.acquire(bytes, 'storage', 'layers');
    const length = (side - 2 * passes.radius) * network.scale;
    const buffers = {
      ...{ planes: storage(12 * side * side), enlarged: storage(12 * length * length) },
      tensors: passes.tensorBytes(side, side).map(storage),
      ...{ gates: passes.gateBytes === 0 ? null : storage(passes.gateBytes), findsGates: false },
    };
    const place = { width: length, height: length, x: 0, y: 0 };
    const commands = passes.submissions(side, side, buffers, place, Infinity).flat();
    const work = [0, ...graphWork(network, side, side), 0];
    const figures: LayerFigures[] = [];
    for (const [i, command] of commands.entries()) {
      const times: number[] = [];
      for (let run = 0; run < 4; run++) {
        const started = performance.now();
        await recorder.submit('layer', () => [command]);
        await recorder.done();
        const clocked = Object.values((await recorder.clock?.take()) ?? {})[0];
        times.push(clocked ?? performance.now() - started);
      }
      figures.push({
        pass: command.kind === 'pass' ? command.pass.name : '',
        work: work[i] ?? 0,
        ms: Math.min(...times),
      });
    }
    return figures;
  } finally {
    recorder.reset();
    pool.close();
  }
}

async function runVariants(quick: boolean): Promise<VariantFigures[]> {
  return measureVariants((await openContext()).device, quick);
}

/** One run of UpscalerJS' model, by it or by ours. */
async function runPeer(kase: PeerCase): Promise<PeerFigures> {
  const peers = await import('./gpu-peers-page.ts');
  return peers.runPeer(await openContext(), await windowOf(kase.source), kase);
}

async function peerAdapters(): Promise<PeerAdapter[]> {
  const peers = await import('./gpu-peers-page.ts');
  return peers.peerAdapters(await openContext());
}

/** Gigabytes a second that the card writes when it copies from buffer to buffer: the yardstick for passes. */
async function copyBandwidth(): Promise<number> {
  const { device } = await openContext();
  const size = Math.min(1 << 29, device.limits.maxBufferSize);
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [device.createBuffer({ size, usage }), device.createBuffer({ size, usage })];
  const copies = 16;
  const run = async (count: number): Promise<number> => {
    const started = performance.now();
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < count; i++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - started;
  };
  await run(1);
  const rates: number[] = [];
  // What a round trip to the GPU process costs is taken off by the difference of two lengths.
  for (let i = 0; i < 5; i++)
    rates.push((size * copies) / Math.max(0.01, (await run(copies + 1)) - (await run(1))) / 1e6);
  from.destroy();
  to.destroy();
  return rates.sort((a, b) => a - b)[2]!;
}

/** Milliseconds until a device can be used and is trusted: of the first one, and of a second beside it. */
async function openings(): Promise<{ first: number; second: number }> {
  const time = async (): Promise<[number, GpuContext]> => {
    const started = performance.now();
    const opened = await openTrustedGpu();
    return [performance.now() - started, opened];
  };
  const [first, kept] = await time();
  const [second, other] = await time();
  other.destroy();
  context = kept;
  return { first, second };
}

async function adapter(): Promise<GpuContext['description']> {
  return (await openContext()).description;
}

/** The whole contract with bench/gpu.ts. */
export const gpuBench = {
  ...{ openings, adapter, copyBandwidth, runJob, runModel, runEngine, runLayers, runVariants },
  ...{ runPeer, peerAdapters },
};
export type GpuBench = typeof gpuBench;

Object.assign(window, { gpuBench });
