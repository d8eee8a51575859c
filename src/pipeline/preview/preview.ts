import { chooseDecoder } from '../../codecs/choose.ts';
import { probeSource } from '../../codecs/probe.ts';
import type { EngineName } from '../../core/engine.ts';
import { AppError, refusalError, type Refusal } from '../../core/errors.ts';
import type { SourceInfo } from '../../core/formats.ts';
import { pixelCount, type Rect, type Size } from '../../core/geometry.ts';
import type { JobOptions } from '../../core/options.ts';
import { uprightSize } from '../../core/orientation.ts';
import { bytesPerPixel, bytesPerRow, type Raster } from '../../core/pixels.ts';
import { outputSize, type ResampleSpec } from '../../core/resampling.ts';
import type { RowReader, SourceWindow } from '../../core/source.ts';
import { sourceRowsFor } from '../../core/taps.ts';
import { breathe } from '../breathe.ts';
import { EngineChain } from '../engine-chain.ts';
import type { Environment } from '../environment.ts';
import { uprightReader } from '../oriented-reader.ts';
import { curvesOf, planJob, type JobPlan } from '../plan-job.ts';
import { GiantSource, reductionSpec } from './giant-source.ts';
import { WholeSource, type HeldSource } from './held-source.ts';
import { halvedSize, halvingsFor, levelSpec, runsOf, sameSize } from './level-spec.ts';
import { RereadRows } from './row-store.ts';
import type { PreviewServices } from './services.ts';
import type { PreviewPlan } from './types.ts';

/** The part of the memory budget that a held source may take, so that a job beside it still finds its own. */
const HELD_SHARE = 1 / 4;
/** Of a giant: its reduced copy, and the window that regions are computed from. */
const PROXY_BYTES = 96 << 20;
const WINDOW_BYTES = 96 << 20;
/** Engines kept open, each for one specification: the levels and the kernels that are looked at. */
const MOST_ENGINES = 8;
/** More than any side can be halved. */
const MOST_HALVINGS = 31;
/** Specifications remembered. */
const MOST_PLANS = 64;

/**
 * A picture that is looked at before, or while, it is enlarged. Its pixels are decoded once; whatever is asked for with whatever
 * options is computed from them by the engines that write the file. One call at a time.
 */
export class Preview {
  readonly info: SourceInfo;
  /** The profile that the pixels really have; null for sRGB. */
  readonly icc: SourceInfo['metadata']['icc'];
  readonly upright: Size;
  readonly source: HeldSource;
  readonly #services: PreviewServices;
  readonly #environment: Environment;
  readonly #signal: AbortSignal;
  readonly #halved = new Map<number, Promise<SourceWindow>>();
  readonly #engines = new Map<string, { readonly chain: EngineChain; readonly opened: Promise<void> }>();
  readonly #reducers = new WeakMap<ResampleSpec, Promise<EngineChain>>();
  readonly #plans = new Map<string, JobPlan | (Refusal & { readonly kind: 'refusal' })>();

  private constructor(
    services: PreviewServices,
    environment: Environment,
    info: SourceInfo,
    reader: RowReader,
    source: (preview: Preview) => HeldSource,
    signal: AbortSignal,
  ) {
    this.#services = services;
    this.#environment = environment;
    this.#signal = signal;
    this.info = info;
    this.icc = reader.toSrgb ? null : (reader.icc ?? info.metadata.icc);
    this.upright = uprightSize(info, info.metadata.orientation);
    this.source = source(this);
  }

  /** Reads the header and begins to decode. `onProgress` is called whenever more of the source is decoded. */
  static async open(
    file: Blob,
    name: string,
    services: PreviewServices,
    onProgress: () => void,
    signal: AbortSignal,
  ): Promise<Preview> {
    const info = await probeSource(file, name);
    const environment = await services.environment(info);
    const decoder = chooseDecoder(info, environment);
    if ('code' in decoder) throw refusalError(decoder);
    const open = async (): Promise<RowReader> =>
      uprightReader(await services.openReader(decoder.kind, file, info, environment), info.metadata.orientation);
    const reader = await open();
    try {
      signal.throwIfAborted();
      const bytes = reader.height * bytesPerRow(reader.width, reader);
      const budget = services.heldBytes ?? environment.memoryBudget * HELD_SHARE;
      const store = bytes <= budget ? null : ((await services.openStore(reader)) ?? new RereadRows(open));
      signal.throwIfAborted();
      const hold = (preview: Preview): HeldSource => {
        if (store === null) return new WholeSource(reader, environment.isolated, onProgress);
        const reduction = reductionFor(reader, Math.min(PROXY_BYTES, budget / 2));
        const resample = preview.#resampleRows.bind(preview);
        const windowBytes = Math.min(WINDOW_BYTES, budget / 2);
        return new GiantSource({
          ...{ reader, store, reduction, resample, windowBytes, onProgress },
          shared: environment.isolated,
        });
      };
      return new Preview(services, environment, info, reader, hold, signal);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** What these options would make of the picture, or why they cannot. Decodes nothing. */
  describe(options: JobOptions): PreviewPlan {
    const plan = this.#plan(options);
    if (plan.kind === 'refusal') return plan;
    return { kind: 'plan', picture: plan.picture, warnings: plan.warnings };
  }

  /** Waits until what a region depends on is decoded. */
  async ready(options: JobOptions, size: Size, rect: Rect): Promise<void> {
    const { spec, halvings } = this.#level(options, size);
    if (halvings > 0) {
      await this.#halvedSource(halvings);
      return;
    }
    const span = sourceRowsFor(spec, rect.y, rect.height);
    await this.source.ready(span.first, span.count);
  }

  /**
   * Pixels of a rectangle of the picture at a size. At the size of the output these are the pixels that the file will have; smaller
   * sizes are levels for looking at it from farther away.
   */
  async region(options: JobOptions, size: Size, rect: Rect, signal: AbortSignal): Promise<Raster> {
    const { spec, halvings, plan } = this.#level(options, size);
    const { channels, depth } = spec.output;
    const stride = bytesPerRow(rect.width, spec.output);
    const data = new Uint8Array(rect.height * stride);
    const window = halvings > 0 ? await this.#halvedSource(halvings) : this.source.window;
    const engine = this.#engine(plan, options.engine, spec, window, halvings);
    for (const run of runsOf(spec, rect, window, window.capacity)) {
      signal.throwIfAborted();
      if (halvings === 0) {
        const span = sourceRowsFor(spec, run.y, run.height);
        await this.source.load(span.first, span.count);
      }
      await engine.opened;
      data.set(await engine.chain.pixels(run, signal), (run.y - rect.y) * stride);
    }
    return { width: rect.width, height: rect.height, channels, depth, data };
  }

  /** The source's own samples at a pixel of the upright picture. */
  async sourceValues(x: number, y: number): Promise<number[]> {
    await this.source.ready(y, 1);
    await this.source.load(y, 1);
    const { window } = this.source;
    const start = (y % window.capacity) * bytesPerRow(window.width, window) + x * bytesPerPixel(window);
    const bytes = window.data.slice(start, start + bytesPerPixel(window));
    return [...(window.depth === 8 ? bytes : new Uint16Array(bytes.buffer))];
  }

  /** The engine that computes what these options ask for; null before anything was computed. */
  engineName(options: JobOptions, size: Size): EngineName | null {
    const { spec, halvings } = this.#level(options, size);
    return this.#engines.get(engineKey(options.engine, spec, halvings))?.chain.name ?? null;
  }

  async close(): Promise<void> {
    const engines = [...this.#engines.values()];
    this.#engines.clear();
    this.#halved.clear();
    await Promise.all(engines.map(({ chain }) => chain.close()));
    await this.source.close();
  }

  #plan(options: JobOptions): JobPlan | (Refusal & { readonly kind: 'refusal' }) {
    const key = JSON.stringify(options);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    let plan = planJob(this.info, options, this.#environment);
    if (plan.kind === 'plan' && options.linear && this.icc !== this.info.metadata.icc) {
      const { info, icc } = this;
      const curves = curvesOf({ ...info, metadata: { ...info.metadata, icc } });
      plan = { ...plan, spec: { ...plan.spec, curves } };
    }
    this.#plans.set(key, plan);
    if (this.#plans.size > MOST_PLANS) this.#plans.delete(this.#plans.keys().next().value!);
    return plan;
  }

  #level(options: JobOptions, size: Size): { spec: ResampleSpec; halvings: number; plan: JobPlan } {
    const plan = this.#plan(options);
    if (plan.kind === 'refusal') throw refusalError(plan);
    if (sameSize(size, plan.picture)) return { spec: plan.spec, halvings: 0, plan };
    const halvings = this.#halvingsFor(size);
    return { spec: levelSpec(plan.spec, options, halvedSize(this.upright, halvings), size), halvings, plan };
  }

  /** Of a giant there is no copy between the whole and the reduced one. */
  #halvingsFor(size: Size): number {
    const halvings = halvingsFor(this.upright, size, MOST_HALVINGS);
    const { source } = this;
    return source instanceof GiantSource && 2 ** halvings < source.reduction ? 0 : halvings;
  }

  #engine(
    plan: JobPlan,
    choice: JobOptions['engine'],
    spec: ResampleSpec,
    source: SourceWindow,
    halvings: number,
  ): { readonly chain: EngineChain; readonly opened: Promise<void> } {
    const key = engineKey(choice, spec, halvings);
    let engine = this.#engines.get(key);
    this.#engines.delete(key);
    if (engine === undefined) {
      const chain = new EngineChain(this.#services.engines(choice), () => undefined);
      const picture = { ...outputSize(spec), ...plan.spec.output };
      const opened = chain.open({ source, spec, picture, encoding: null, hooks: { before: null, after: null } });
      opened.catch(() => this.#engines.delete(key));
      engine = { chain, opened };
    }
    this.#engines.set(key, engine);
    for (const [oldKey, old] of this.#engines) {
      if (this.#engines.size <= MOST_ENGINES) break;
      this.#engines.delete(oldKey);
      void old.chain.close();
    }
    return engine;
  }

  /** The source halved so many times, made from the copy before, and kept. */
  #halvedSource(halvings: number): Promise<SourceWindow> {
    let halved = this.#halved.get(halvings);
    if (halved === undefined) {
      halved = this.#makeHalved(halvings);
      this.#halved.set(halvings, halved);
      halved.catch(() => this.#halved.delete(halvings));
    }
    return halved;
  }

  async #makeHalved(halvings: number): Promise<SourceWindow> {
    const { source } = this;
    if (source instanceof GiantSource) {
      const size = halvedSize(this.upright, halvings);
      if (sameSize(size, source.proxy)) {
        await source.proxyReady;
        return { ...source.proxy, capacity: source.proxy.height };
      }
    }
    if (halvings === 1) await source.ready(0, source.height);
    const from = halvings === 1 ? source.window : await this.#halvedSource(halvings - 1);
    const to = halvedSize(this.upright, halvings);
    const { channels, depth } = source;
    const data = new Uint8Array(to.height * bytesPerRow(to.width, source));
    const spec = reductionSpec(from, to);
    const stride = bytesPerRow(to.width, source);
    for (const run of runsOf(spec, { x: 0, y: 0, ...to }, source, from.capacity)) {
      await breathe();
      this.#signal.throwIfAborted();
      data.set(await this.#resampleRows(spec, from, run.y, run.height), run.y * stride);
    }
    return { ...to, channels, depth, capacity: to.height, data };
  }

  /** Rows of a reduction, by an engine that is kept as long as the specification. */
  async #resampleRows(spec: ResampleSpec, window: SourceWindow, y: number, rows: number): Promise<Uint8Array> {
    let reducer = this.#reducers.get(spec);
    if (reducer === undefined) {
      const chain = new EngineChain(this.#services.engines('auto'), () => undefined);
      const picture = { ...outputSize(spec), ...spec.output };
      const job = { source: window, spec, picture, encoding: null, hooks: { before: null, after: null } };
      reducer = chain.open(job).then(() => chain);
      this.#reducers.set(spec, reducer);
    }
    const { width } = outputSize(spec);
    return (await reducer).pixels({ x: 0, y, width, height: rows }, this.#signal);
  }
}

const engineKey = (choice: JobOptions['engine'], spec: ResampleSpec, halvings: number): string => {
  const { curves, ...plain } = spec;
  return JSON.stringify([choice, halvings, curves !== null, plain]);
};

/** The power of two by which a picture must be reduced to fit. */
function reductionFor(reader: RowReader, bytes: number): number {
  let reduction = 2;
  while ((pixelCount(reader) * bytesPerPixel(reader)) / reduction ** 2 > bytes) reduction *= 2;
  return reduction;
}

/** Throws when a rectangle is not within a picture of this size. */
export function checkRect(size: Size, { x, y, width, height }: Rect): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= size.width && y + height <= size.height)
    return;
  throw new AppError(
    'bad-options',
    `${width} x ${height} at ${x}, ${y} is not within ${size.width} x ${size.height}.`,
    {
      values: { x, y, width, height },
    },
  );
}
