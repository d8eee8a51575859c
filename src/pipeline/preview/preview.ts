import { chooseDecoder } from '../../codecs/choose.ts';
import { probeSource } from '../../codecs/probe.ts';
import { isUnedited } from '../../core/edit/edit.ts';
import { planEdit } from '../../core/edit/plan-edit.ts';
import type { EngineName } from '../../core/engine.ts';
import { AppError, refusalError, type Refusal } from '../../core/errors.ts';
import type { SourceInfo } from '../../core/formats.ts';
import { pixelCount, type Rect, type Size } from '../../core/geometry.ts';
import type { JobOptions } from '../../core/options.ts';
import { bytesPerPixel, bytesPerRow, type Raster } from '../../core/pixels.ts';
import { outputSize, type ResampleSpec } from '../../core/resampling.ts';
import { copyWindowRows, type RowReader, type SourceWindow } from '../../core/source.ts';
import { sourceRowsFor } from '../../core/taps.ts';
import { fileHash } from '../../models/catalogue.ts';
import type { ModelRunners } from '../../models/runner.ts';
import { MemoryTiles } from '../ai/memory-tiles.ts';
import { fileDigest, sourceName } from '../ai/source-name.ts';
import { keepTiles } from '../ai/tile-keys.ts';
import { editedReader } from '../edited-reader.ts';
import { EngineChain } from '../engine-chain.ts';
import type { Environment } from '../environment.ts';
import { uprightReader } from '../oriented-reader.ts';
import { curvesOf, planJob, type JobPlan } from '../plan-job.ts';
import { AiSource } from './ai-source.ts';
import { GiantSource } from './giant-source.ts';
import { WholeSource, type HeldSource } from './held-source.ts';
import { levelSpec, runsOf, sameSize, sourceRectFor } from './level-spec.ts';
import { Pyramid } from './pyramid.ts';
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
/** Specifications remembered. */
const MOST_PLANS = 64;

const NO_HOOKS = { before: null, after: null };

type Planned = JobPlan | (Refusal & { readonly kind: 'refusal' });

/** What a region at a size is computed from. */
interface Level {
  readonly spec: ResampleSpec;
  readonly pyramid: Pyramid;
  readonly halvings: number;
  /** The picture that models make of the source, when they are asked for and the level enlarges. */
  readonly ai: AiSource | null;
}

interface OpenEngine {
  readonly chain: EngineChain;
  readonly opened: Promise<void>;
}

/** Pictures made by models, side by side in a comparison, that are kept open. */
const MOST_AI = 6;
/** Bytes of their tiles that are kept, so that other blends, sizes and formats cost no run of a model. */
const AI_TILE_BYTES = 192 << 20;

/** The source after an edit, beside the unedited one. */
interface Edited {
  readonly key: string;
  readonly pyramid: Promise<Pyramid>;
}

/**
 * A picture that is looked at before, or while, it is enlarged. Its pixels are decoded once; whatever is asked for with whatever
 * options is computed from them by the engines that write the file. One call of `region` at a time.
 */
export class Preview {
  readonly info: SourceInfo;
  /** The profile that the pixels really have; null for sRGB. */
  readonly icc: SourceInfo['metadata']['icc'];
  readonly #services: PreviewServices;
  readonly #environment: Environment;
  readonly #signal: AbortSignal;
  readonly #base: Pyramid;
  #edited: Edited | null = null;
  #pyramids = 0;
  readonly #engines = new Map<string, OpenEngine>();
  readonly #reducers = new WeakMap<ResampleSpec, Promise<EngineChain>>();
  readonly #plans = new Map<string, Planned>();
  readonly #aiSources = new Map<string, AiSource>();
  readonly #aiTiles: MemoryTiles;
  readonly #digest: () => Promise<string | null>;
  #models: ModelRunners | null = null;

  private constructor(
    services: PreviewServices,
    environment: Environment,
    info: SourceInfo,
    reader: RowReader,
    hold: (preview: Preview) => HeldSource,
    digest: () => Promise<string | null>,
    signal: AbortSignal,
  ) {
    this.#services = services;
    this.#aiTiles = new MemoryTiles(AI_TILE_BYTES, services.tiles?.(() => undefined) ?? null);
    this.#digest = digest;
    this.#environment = environment;
    this.#signal = signal;
    this.info = info;
    this.icc = reader.toSrgb ? null : (reader.icc ?? info.metadata.icc);
    this.#base = this.#pyramidOf(hold(this));
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
      const parts = await holdingParts(reader, open, services, environment);
      signal.throwIfAborted();
      const hold = (preview: Preview): HeldSource => preview.#hold(reader, parts, onProgress);
      let hashed: Promise<string | null> | null = null;
      const digest = (): Promise<string | null> => (hashed ??= fileDigest(file, signal));
      return new Preview(services, environment, info, reader, hold, digest, signal);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** The upright source, as it was decoded. */
  get source(): HeldSource {
    return this.#base.source;
  }

  /** What these options would make of the picture, or why they cannot. Decodes nothing. */
  describe(options: JobOptions): PreviewPlan {
    const plan = this.#plan(options);
    if (plan.kind === 'refusal') return plan;
    return { kind: 'plan', picture: plan.picture, warnings: plan.warnings };
  }

  /** Waits until what a region depends on is decoded, edited and reduced. */
  async ready(options: JobOptions, size: Size, rect: Rect): Promise<void> {
    const { spec, pyramid, halvings, ai } = await this.#level(options, size);
    if (ai !== null) {
      await pyramid.source.ready(pyramid.source.height - 1, 1);
      return;
    }
    if (halvings > 0) {
      await pyramid.copy(halvings);
      return;
    }
    const span = sourceRowsFor(spec, rect.y, rect.height);
    await pyramid.source.ready(span.first, span.count);
  }

  /**
   * Pixels of a rectangle of the picture at a size. At the size of the output these are the pixels that the file will have; smaller
   * sizes are levels for looking at it from farther away.
   */
  async region(options: JobOptions, size: Size, rect: Rect, signal: AbortSignal): Promise<Raster> {
    const level = await this.#level(options, size);
    const { spec, pyramid, halvings, ai } = level;
    const { channels, depth } = spec.output;
    const stride = bytesPerRow(rect.width, spec.output);
    const data = new Uint8Array(rect.height * stride);
    const window = ai?.window ?? (halvings > 0 ? await pyramid.copy(halvings) : pyramid.source.window);
    const engine = this.#engine(options.engine, level, window);
    for (const run of runsOf(spec, rect, window, window.capacity)) {
      signal.throwIfAborted();
      if (ai !== null) await ai.load(sourceRectFor(spec, run));
      else if (halvings === 0) {
        const span = sourceRowsFor(spec, run.y, run.height);
        await pyramid.source.load(span.first, span.count);
      }
      await engine.opened;
      data.set(await engine.chain.pixels(run, signal), (run.y - rect.y) * stride);
    }
    return { width: rect.width, height: rect.height, channels, depth, data };
  }

  /** The size of the source after an edit, and its own samples at a pixel of it. */
  async sourceAt(
    options: JobOptions,
    x: number,
    y: number,
  ): Promise<{ readonly samples: number[]; readonly depth: 8 | 16 }> {
    const { source } = await this.#pyramid(options);
    await source.ready(y, 1);
    await source.load(y, 1);
    const { window } = source;
    const start = (y % window.capacity) * bytesPerRow(window.width, window) + x * bytesPerPixel(window);
    const bytes = window.data.slice(start, start + bytesPerPixel(window));
    const { depth } = window;
    return { samples: [...(depth === 8 ? bytes : new Uint16Array(bytes.buffer))], depth };
  }

  /** The size of the source after the edit of these options. */
  async editedSize(options: JobOptions): Promise<Size> {
    const { width, height } = (await this.#pyramid(options)).source;
    return { width, height };
  }

  /** The engine that computes what these options ask for; null before anything was computed. */
  async engineName(options: JobOptions, size: Size): Promise<EngineName | null> {
    const level = await this.#level(options, size);
    return this.#engines.get(engineKey(options.engine, level))?.chain.name ?? null;
  }

  async close(): Promise<void> {
    const engines = [...this.#engines.values()];
    this.#engines.clear();
    await Promise.all(engines.map(({ chain }) => chain.close()));
    this.#models?.close();
    await this.#aiTiles.close();
    const edited = await this.#edited?.pyramid.catch(() => null);
    await edited?.close();
    await this.#base.close();
  }

  #plan(options: JobOptions): Planned {
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

  async #level(options: JobOptions, size: Size): Promise<Level> {
    const plan = this.#plan(options);
    if (plan.kind === 'refusal') throw refusalError(plan);
    const pyramid = await this.#pyramid(options);
    const finished = sameSize(size, plan.picture);
    const scale = size.width / plan.picture.width;
    if (plan.passes.length > 0 && (finished || size.width > pyramid.source.width)) {
      const ai = this.#aiSource(options, plan, pyramid);
      const spec = finished ? plan.spec : levelSpec(plan.spec, options, ai.window, size, scale);
      return { spec, pyramid, halvings: 0, ai };
    }
    if (finished) return { spec: plan.spec, pyramid, halvings: 0, ai: null };
    const halvings = pyramid.halvingsFor(size);
    return { spec: levelSpec(plan.spec, options, pyramid.sizeOf(halvings), size, scale), pyramid, halvings, ai: null };
  }

  /** What the models of a plan make of the source; the latest few are kept. */
  #aiSource(options: JobOptions, { passes, decoder }: JobPlan, pyramid: Pyramid): AiSource {
    const { ai } = options;
    const key = JSON.stringify([pyramid.id, ai, passes]);
    const known = this.#aiSources.get(key);
    this.#aiSources.delete(key);
    this.#models ??= this.#services.models();
    // A picture that has no name beyond this preview has one within it.
    const name = this.#digest().then((digest) => sourceName(digest, decoder, options) ?? `of preview ${pyramid.id}`);
    name.catch(() => undefined);
    const stage = {
      ...{ passes, choices: ai!, runners: this.#models, hashOf: fileHash, signal: this.#signal },
      keeper: keepTiles(this.#aiTiles, name, passes, options.ai!),
    };
    const source = known ?? new AiSource(pyramid.source, stage, this.#environment.isolated);
    this.#aiSources.set(key, source);
    for (const [oldest, old] of this.#aiSources) {
      if (this.#aiSources.size <= MOST_AI) break;
      this.#aiSources.delete(oldest);
      void old.close();
    }
    return source;
  }

  /** The source after the edit of these options. The last edit is kept, made from the decoded source. */
  #pyramid(options: JobOptions): Promise<Pyramid> {
    if (isUnedited(options.edit)) return Promise.resolve(this.#base);
    const key = JSON.stringify([options.edit, options.edit.straighten === 0 ? null : options.background]);
    if (this.#edited?.key === key) return this.#edited.pyramid;
    void this.#edited?.pyramid.then((old) => old.close()).catch(() => undefined);
    const pyramid = this.#edit(options);
    pyramid.catch(() => undefined);
    this.#edited = { key, pyramid };
    return pyramid;
  }

  async #edit({ edit, background }: JobOptions): Promise<Pyramid> {
    const { source } = this.#base;
    const plan = planEdit(source, 1, edit);
    if (plan.kind === 'refusal') throw refusalError(plan);
    const open = (): RowReader => editedReader(readerOf(source), plan, background);
    const reader = open();
    const parts = await holdingParts(reader, () => Promise.resolve(open()), this.#services, this.#environment);
    return this.#pyramidOf(this.#hold(reader, parts, () => undefined));
  }

  #pyramidOf(source: HeldSource): Pyramid {
    return new Pyramid(source, this.#pyramids++, this.#resampleRows, this.#signal);
  }

  #hold(reader: RowReader, parts: HoldingParts, onProgress: () => void): HeldSource {
    const { store, budget } = parts;
    const shared = this.#environment.isolated;
    if (store === null) return new WholeSource(reader, shared, onProgress);
    const reduction = reductionFor(reader, Math.min(PROXY_BYTES, budget / 2));
    const windowBytes = Math.min(WINDOW_BYTES, budget / 2);
    const resample = this.#resampleRows;
    return new GiantSource({ reader, store, reduction, resample, windowBytes, shared, onProgress });
  }

  #engine(choice: JobOptions['engine'], level: Level, source: SourceWindow): OpenEngine {
    const { spec } = level;
    const key = engineKey(choice, level);
    let engine = this.#engines.get(key);
    this.#engines.delete(key);
    if (engine === undefined) {
      const chain = new EngineChain(this.#services.engines(choice), () => undefined);
      const picture = { ...outputSize(spec), ...spec.output };
      const opened = chain.open({ source, spec, picture, encoding: null, hooks: NO_HOOKS });
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

  /** Rows of a reduction, by an engine that is kept as long as the specification. */
  readonly #resampleRows = async (
    spec: ResampleSpec,
    window: SourceWindow,
    y: number,
    rows: number,
  ): Promise<Uint8Array> => {
    let reducer = this.#reducers.get(spec);
    if (reducer === undefined) {
      const chain = new EngineChain(this.#services.engines('auto'), () => undefined);
      const picture = { ...outputSize(spec), ...spec.output };
      reducer = chain.open({ source: window, spec, picture, encoding: null, hooks: NO_HOOKS }).then(() => chain);
      this.#reducers.set(spec, reducer);
    }
    const { width } = outputSize(spec);
    return (await reducer).pixels({ x: 0, y, width, height: rows }, this.#signal);
  };
}

/** Whether a source is held whole, or where its rows go. */
interface HoldingParts {
  readonly store: ConstructorParameters<typeof GiantSource>[0]['store'] | null;
  readonly budget: number;
}

async function holdingParts(
  reader: RowReader,
  open: () => Promise<RowReader>,
  services: PreviewServices,
  environment: Environment,
): Promise<HoldingParts> {
  const bytes = reader.height * bytesPerRow(reader.width, reader);
  const budget = services.heldBytes ?? environment.memoryBudget * HELD_SHARE;
  if (bytes <= budget) return { store: null, budget };
  return { store: (await services.openStore(reader)) ?? new RereadRows(open), budget };
}

/** Reads a held source again from top to bottom, as if it were decoded; closing it leaves the source as it is. */
function readerOf(source: HeldSource): RowReader {
  const { width, height, channels, depth } = source;
  let next = 0;
  return {
    ...{ width, height, channels, depth },
    async read(rows, into) {
      const most = source.window.capacity;
      const stride = bytesPerRow(width, source);
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, most);
        await source.ready(next, count);
        await source.load(next, count);
        copyWindowRows(source.window, next, count, into.subarray(done * stride, (done + count) * stride));
        done += count;
        next += count;
      }
    },
    close: () => Promise.resolve(),
  };
}

const engineKey = (choice: JobOptions['engine'], { spec, pyramid, halvings, ai }: Level): string => {
  const { curves, ...plain } = spec;
  return JSON.stringify([choice, pyramid.id, halvings, ai?.id ?? null, curves !== null, plain]);
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
