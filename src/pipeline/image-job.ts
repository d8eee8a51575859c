import { jpegMetadataLosses } from '../codecs/jpeg/file.ts';
import { outputMetadata } from '../codecs/metadata/plan.ts';
import type { AiReport } from '../core/ai.ts';
import type { BandPlace, FileWriter, Segment } from '../core/encoding.ts';
import type { BandModel, EngineJob, EngineName } from '../core/engine.ts';
import { isFileSet } from '../core/exports.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import { Ledger } from '../core/ledger.ts';
import type { Metadata } from '../core/metadata.ts';
import { bytesPerRow, type Raster } from '../core/pixels.ts';
import { joinBands } from '../core/plan/bands.ts';
import type { RowReader, SourceWindow } from '../core/source.ts';
import { sourceRowsFor } from '../core/taps.ts';
import { inEnglish, type Text, type Words } from '../core/text.ts';
import { attemptTarget, bandReport, rowsUnder } from './ai/band-model.ts';
import { readThroughModels } from './ai/read-through.ts';
import { troublesOf } from './ai/tally.ts';
import type { QualitySearch } from './byte-limit.ts';
import { likelySizes } from './byte-limit.ts';
import { chooseEncoding, createFileWriter, type PixelSampler } from './encodings.ts';
import { editedReader } from './edited-reader.ts';
import { EngineChain } from './engine-chain.ts';
import type { Environment } from './environment.ts';
import { inOrder } from './in-order.ts';
import { checkShape } from './job-errors.ts';
import type { JobRequest, JobResult } from './job-request.ts';
import { curvesOf, type JobPlan } from './plan-job.ts';
import { jpegCoderMaker } from './jpeg-coder.ts';
import { ProgressMeter } from './progress.ts';
import { exportMemory } from './export/memory.ts';
import { openExport } from './export/open-export.ts';
import { makeReceipt } from './receipt.ts';
import { createSampler, localSpec } from './sampler.ts';
import type { EngineChoice, JobServices } from './services.ts';
import { heldSink, OverLimit } from './sinks/held.ts';
import { openSet, openSink, type OpenedSet, type OpenedSink } from './sinks/open.ts';
import { SourceFeeder } from './source-feeder.ts';
import { KeptBands } from './stage/kept-bands.ts';
import { encodeWithinLimit } from './whole-quality.ts';

/** What one attempt at a job works with. */
export interface JobContext {
  readonly request: JobRequest;
  readonly services: JobServices;
  readonly environment: Environment;
  readonly engines: EngineChoice;
  readonly onEvent: (event: JobEvent) => void;
  readonly signal: AbortSignal;
  readonly info: SourceInfo;
  readonly plan: JobPlan;
  /** `performance.now()` at the beginning, and the milliseconds that reading the header took. */
  readonly started: number;
  readonly probeMs: number;
  /** For the quality that keeps to a limit of bytes; null without a limit. Goes on from attempt to attempt. */
  readonly search: QualitySearch | null;
  /** The network that the GPU engine runs with the bands; null without, and where a model goes through tiles. */
  readonly bandModel: BandModel | null;
  readonly setbacks: readonly Text[];
}

/** A band that waits to be written, and what takes its bytes out of the ledger. */
interface Held<R> {
  readonly result: R;
  readonly release: () => void;
}

/** What a job holds open while it runs. */
interface OpenParts {
  readonly feeder: SourceFeeder;
  readonly output: OpenedSink | OpenedSet;
  readonly metadata: Metadata;
  readonly meter: ProgressMeter;
}

/** One planned job: opens its parts, lands its bands in order, closes everything. */
export class ImageJob {
  readonly #context: JobContext;
  #plan: JobPlan;
  /** The planned ones, or neighbours of them joined. */
  #bands: readonly BandPlace[];
  readonly #signal: AbortSignal;
  readonly #warnings: Words[] = [];
  readonly #ledger: Ledger;
  readonly #engineReason: Words[];
  readonly #chain: EngineChain;
  #writeMs = 0;
  /** Once the output is open. */
  #meter: ProgressMeter | null = null;
  #aiReport: () => AiReport | null = () => null;
  #quality: number;
  #kept: KeptBands | null = null;
  /** Bands that an earlier attempt has left. */
  #keptBands = 0;
  /** Files of a set; null for a single file. */
  #files: number | null = null;

  constructor(context: JobContext) {
    this.#context = context;
    this.#plan = context.plan;
    this.#bands = context.plan.bands;
    this.#signal = context.signal;
    this.#quality = context.request.options.quality;
    this.#ledger = new Ledger(context.environment.memoryBudget);
    const { factories, reasons } = context.engines;
    this.#engineReason = [...reasons];
    // Only the first engine, the GPU's, can run a network; when it fails, the job begins anew without.
    this.#chain = new EngineChain(context.bandModel === null ? factories : factories.slice(0, 1), (message) => {
      this.#engineReason.push(message);
      this.#warn(message);
    });
  }

  /** The quality of a lossy file: as asked for, or what was found to keep to the limit. */
  get quality(): number {
    return this.#quality;
  }

  async run(): Promise<JobResult> {
    const { request, services, info, environment, bandModel, setbacks } = this.#context;
    for (const message of [...this.#plan.warnings, ...setbacks]) this.#warn(message);
    let reading: Promise<RowReader> | null = null;
    let reader: RowReader | null = null;
    let feeder: SourceFeeder | null = null;
    let output: OpenedSink | OpenedSet | null = null;
    let window: SourceWindow | null = null;
    const models = this.#plan.passes.length === 0 || bandModel !== null ? null : services.models();
    const tiles = models === null ? null : (services.tiles?.((message) => this.#warn(message)) ?? null);
    // Ends the decoder and the models in the middle of whatever they do; what waits for their rows rejects.
    const onAbort = (): void => {
      models?.close();
      (feeder ?? reader)?.close().catch(() => undefined);
    };
    this.#signal.addEventListener('abort', onAbort, { once: true });
    const opening = this.#openOutputEarly();
    try {
      reading = services.openReader(this.#plan.decoder, request.source, info, environment);
      await opening;
      // The decoder is at work by now: the window's pages are had while this thread has nothing else to do.
      window = this.#takeWindow();
      this.#openChainEarly(window);
      reader = await reading;
      this.#signal.throwIfAborted();
      checkShape(reader, info);
      reader = editedReader(reader, this.#plan.edit, request.options.background);
      for (const message of reader.warnings ?? []) this.#warn(message);
      const profile = reader.toSrgb ? null : (reader.icc ?? info.metadata.icc);
      this.#useProfile(profile);
      if (models !== null) {
        const through = readThroughModels(reader, request, this.#plan, models, tiles, this.#signal, (progress) => {
          // What is computed ahead while the job is held is told when it goes on.
          if (services.gate?.paused !== true) this.#meter?.modelled(progress, this.#engineName());
        });
        this.#aiReport = () => through.report();
        reader = through;
      }
      if (bandModel !== null) this.#aiReport = () => bandReport(this.#plan, this.#bands.length);
      feeder = new SourceFeeder(reader, window);
      output = await (opening ?? this.#openOutput());
      return await this.#produce(feeder, output, profile);
    } catch (error) {
      output ??= (await opening?.catch(() => null)) ?? null;
      await output?.sink.abort();
      throw error;
    } finally {
      // Tiles that are still in a model tell nobody.
      this.#meter = null;
      // However the job has ended: only one that could not end leaves its bands.
      await this.#kept?.drop();
      this.#signal.removeEventListener('abort', onAbort);
      models?.close();
      await this.#chain.close();
      await (feeder ?? reader ?? (await reading?.catch(() => null)))?.close();
      await tiles?.close();
      if (window !== null && environment.isolated && feeder?.torn !== true) services.windows.giveBack(window.data);
    }
  }

  /** Memory for the rows that bands are made of. */
  #takeWindow(): SourceWindow {
    const { environment, services, bandModel } = this.#context;
    const { spec, passes, windowRows } = this.#plan;
    const { width, height } = bandModel === null ? spec.stages[0]!.from : passes[0]!.input;
    const bytes = windowRows * bytesPerRow(width, spec.input);
    this.#ledger.hold(bytes);
    const data = environment.isolated ? services.windows.take(bytes) : new Uint8Array(bytes);
    return { width, height, ...spec.input, capacity: windowRows, data };
  }

  /** The pool's tables are made while the picture is decoded; before bands are asked for it is opened again, with what they are coded as. */
  #openChainEarly(window: SourceWindow): void {
    const { engines, environment, request } = this.#context;
    const { before, after } = request.options.hooks;
    const isPool = engines.factories[0]!.name === 'simd' && environment.isolated;
    // Its failure is met there.
    if (isPool && before === null && after === null) this.#chain.open(this.#engineJob(window)).catch(() => undefined);
  }

  /**
   * A file of the private storage is opened while the picture is decoded, which takes as long. Where people look files appear only when the
   * picture has turned out to be readable: null then.
   */
  #openOutputEarly(): Promise<OpenedSink | OpenedSet> | null {
    if (this.#context.request.output.kind !== 'opfs') return null;
    const opening = this.#openOutput();
    // Its failure is met where it is waited for.
    opening.catch(() => undefined);
    return opening;
  }

  async #tellOpened<T extends OpenedSink>(opening: Promise<T>): Promise<T> {
    const opened = await opening;
    this.#context.onEvent({ kind: 'opened', name: opened.name });
    return opened;
  }

  #openOutput(): Promise<OpenedSink | OpenedSet> {
    const { request, search } = this.#context;
    if (isFileSet(request.options.export)) return this.#tellOpened(openSet(request.output));
    const target = attemptTarget(request.output, this.#context.bandModel);
    const open = (): Promise<OpenedSink> => this.#tellOpened(openSink(target, this.#plan.meta.mime));
    if (search === null) return open();
    const { output } = request;
    return Promise.resolve(heldSink(search.limit, output.kind === 'file' ? output.handle.name : output.name, open));
  }

  /** Linear light goes by the curves of the profile that the pixels really have, which the decoder may know better. */
  #useProfile(icc: Metadata['icc']): void {
    const { info, request } = this.#context;
    if (!request.options.linear || icc === info.metadata.icc) return;
    const curves = curvesOf({ ...info, metadata: { ...info.metadata, icc } });
    this.#plan = { ...this.#plan, spec: { ...this.#plan.spec, curves } };
  }

  async #produce(feeder: SourceFeeder, output: OpenedSink | OpenedSet, icc: Metadata['icc']): Promise<JobResult> {
    const { request, info, started, probeMs } = this.#context;
    const { picture, meta } = this.#plan;
    const { options } = request;
    const { panels } = this.#plan;
    const policy = isFileSet(options.export) ? 'none' : options.metadata;
    const { metadata, kept, dropped } = outputMetadata({ ...info.metadata, icc }, policy, {
      dpi: panels?.dpi ?? options.dpi,
      outputSize: picture,
      outputChannels: picture.channels,
    });
    const losses = meta.format === 'jpeg' ? jpegMetadataLosses(metadata).map(({ reason }) => reason) : [];
    const meter = new ProgressMeter(picture.width, picture.height, this.#context.onEvent);
    this.#meter = meter;
    const parts: OpenParts = { feeder, output, metadata, meter };
    if (options.export.kind !== 'file') await this.#writeExport(parts);
    else await (meta.banded ? this.#writeBands(parts) : this.#writeWhole(parts));
    const computeMs = meter.elapsedMs;
    // The last moment for a cancel: what is committed stays.
    this.#signal.throwIfAborted();
    this.#context.onEvent({ kind: 'committing' });
    await this.#timedWrite(() => output.sink.commit());
    const ai = this.#aiReport();
    if (ai !== null) for (const message of troublesOf(ai)) this.#warn(message);
    const timings = {
      probe: probeMs,
      decode: feeder.decodeMs,
      compute: computeMs,
      write: this.#writeMs,
      total: performance.now() - started - meter.waitedMs,
    };
    const receipt = makeReceipt(request, info, this.#plan, {
      ...{ engine: this.#engineName(), ai },
      ...{
        bands: this.#bands.length,
        outputName: output.name,
        outputBytes: meter.bytes,
        timings,
        ledgerPeakBytes: this.#ledger.peak,
      },
      ...{ quality: this.#quality, files: this.#files },
      ...(this.#keptBands === 0 ? {} : { keptBands: this.#keptBands }),
      texts: {
        engineReason: this.#engineReason,
        metadataKept: kept,
        metadataDropped: [...dropped, ...losses],
        warnings: this.#warnings,
      },
    });
    return { receipt, file: await output.file() };
  }

  /** PNG, JPEG, TIFF: bands are coded where they are computed, and land as segments. */
  async #writeBands({ feeder, output, metadata, meter }: OpenParts): Promise<void> {
    const { request, services, search } = this.#context;
    const { picture } = this.#plan;
    const job = this.#engineJob(feeder.window);
    const kept = await this.#openKept();
    const sample = this.#sampler(feeder);
    const encoding =
      kept?.encoding ?? (await chooseEncoding(request.options, picture, sample, jpegCoderMaker(services), search));
    if (encoding.kind === 'jpeg') this.#quality = encoding.quality;
    await this.#chain.open({ ...job, encoding });
    await kept?.begin(encoding);
    // Small bands keep no large GPU busy, and JPEG's bytes are the same wherever they end.
    const joins = encoding.kind === 'jpeg' && kept?.count == null && this.#plan.held && this.#chain.name === 'gpu';
    if (joins) this.#bands = joinBands(picture, this.#plan.bands);
    const bands = this.#bands;
    this.#announce(output.name);
    const writer: FileWriter = createFileWriter(picture, encoding, bands[0]!.rows, metadata);
    await this.#put(output, meter, 0, writer.begin());
    // Until there are no more, also where they have to make room for the file.
    for (const place of bands.slice(0, kept?.count ?? 0)) {
      const segment = kept?.read(place.index) ?? null;
      if (segment === null) break;
      this.#signal.throwIfAborted();
      await this.#put(output, meter, place.rows, writer.segment(segment, place));
      this.#keptBands++;
    }
    await this.#land(
      { feeder, meter },
      (place) => this.#chain.segment(place, this.#signal),
      async (place, segment: Segment) => {
        await kept?.append(segment);
        await this.#put(output, meter, place.rows, writer.segment(segment, place));
        this.#chain.recycle(segment);
      },
      bands.slice(this.#keptBands),
    );
    const end = writer.end();
    await this.#put(output, meter, 0, end.bytes);
    await this.#timedWrite(() => output.sink.patch(end.patches));
  }

  /** None where a quality is searched for: the next attempt would have another. */
  async #openKept(): Promise<KeptBands | null> {
    const { request, services, search, engines } = this.#context;
    if (search !== null) return null;
    const engine = engines.factories[0]!.name;
    const warn = (message: Words): void => this.#warn(message);
    this.#kept = await KeptBands.open({ request, plan: this.#plan, engine, stages: services.stages, warn });
    return this.#kept;
  }

  /** Tiles, a pyramid or panels: bands land as pixels, and are cut and coded in this thread. */
  async #writeExport({ feeder, output, metadata, meter }: OpenParts): Promise<void> {
    const { request, services } = this.#context;
    const { picture } = this.#plan;
    await this.#chain.open(this.#engineJob(feeder.window));
    const sample = this.#sampler(feeder);
    const encoding = await chooseEncoding(request.options, picture, sample, jpegCoderMaker(services));
    const made = await openExport({ request, services, plan: this.#plan, output, encoding, metadata });
    const release = this.#ledger.hold(exportMemory(request.options.export, picture));
    this.#announce(output.name);
    await this.#land(
      { feeder, meter },
      ({ y, rows }) => this.#chain.pixels({ x: 0, y, width: picture.width, height: rows }, this.#signal),
      async ({ rows }, pixels: Uint8Array<ArrayBuffer>) => {
        await this.#timedWrite(() => made.push(pixels));
        meter.landed(rows, made.newBytes(), this.#engineName());
      },
    );
    await this.#timedWrite(() => made.end());
    meter.landed(0, made.newBytes(), this.#engineName());
    if ('set' in output) this.#files = made.files;
    release();
  }

  /** WebP, AVIF, JPEG XL: bands land as pixels of the whole picture, which a library then codes. */
  async #writeWhole({ feeder, output, metadata, meter }: OpenParts): Promise<void> {
    const { picture } = this.#plan;
    const stride = bytesPerRow(picture.width, picture);
    const raster: Raster = { ...picture, data: new Uint8Array(new SharedArrayBuffer(picture.height * stride)) };
    const release = this.#ledger.hold(raster.data.byteLength);
    await this.#chain.open(this.#engineJob(feeder.window));
    this.#announce(output.name);
    await this.#land(
      { feeder, meter },
      ({ y, rows }) => this.#chain.pixels({ x: 0, y, width: picture.width, height: rows }, this.#signal),
      ({ y, rows }, pixels: Uint8Array) => {
        raster.data.set(pixels, y * stride);
        meter.landed(rows, 0, this.#engineName());
        return Promise.resolve();
      },
    );
    const bytes = await this.#encodeWhole(raster, metadata);
    release();
    await this.#put(output, meter, 0, [bytes]);
  }

  async #encodeWhole(raster: Raster, metadata: Metadata): Promise<Uint8Array<ArrayBuffer>> {
    const { request, services, search } = this.#context;
    const { format } = this.#plan.meta;
    const encode = (quality: number): Promise<Uint8Array<ArrayBuffer>> =>
      services.encodeWhole(raster, format, { ...request.options, quality }, metadata, this.#signal);
    if (search === null) return encode(this.#quality);
    const likely = likelySizes(request.options, this.#plan.edit.size, this.#plan.picture);
    const coded = await encodeWithinLimit(encode, format, search, likely);
    this.#quality = coded.quality;
    return coded.bytes;
  }

  /** Computes every band, a bounded number at a time, and lands them in order. */
  async #land<R extends Segment | Uint8Array>(
    { feeder, meter }: Pick<OpenParts, 'feeder' | 'meter'>,
    compute: (place: BandPlace) => Promise<R>,
    land: (place: BandPlace, result: R) => Promise<void>,
    bands = this.#bands,
  ): Promise<void> {
    const { picture } = this.#plan;
    const bandBytes = this.#bands[0]!.rows * bytesPerRow(picture.width, picture);
    // The rows of a band are claimed strictly after those of the band before: the feeder's frontier never falls.
    let claimed: Promise<unknown> = Promise.resolve();
    const start = (place: BandPlace): Promise<Held<R>> => {
      const span = this.#sourceRows(place.y, place.rows);
      const claim = claimed.then(() => feeder.hold(span.first, span.count));
      claimed = claim;
      return claim.then(async (releaseRows) => {
        const releaseBytes = this.#ledger.hold(2 * bandBytes);
        try {
          const result = await compute(place);
          const { length } = result instanceof Uint8Array ? result : result.bytes;
          return { result, release: this.#ledger.hold(length) };
        } finally {
          releaseRows();
          releaseBytes();
        }
      });
    };
    const inFlight = (): number =>
      Math.min(this.#plan.inFlight, this.#chain.parallelism + 2 + (this.#chain.parallelism >> 1));
    await inOrder(bands, inFlight, start, async (place, { result, release }) => {
      // The bands in flight are finished meanwhile, and none is started: theirs is the place of those that landed.
      meter.waited((await this.#context.services.gate?.pass(this.#signal)) ?? 0);
      this.#signal.throwIfAborted();
      await land(place, result);
      release();
    });
  }

  #sampler(feeder: SourceFeeder): PixelSampler {
    const { services, request, bandModel, search } = this.#context;
    const parts = {
      ...{ plan: this.#plan, feeder, job: this.#engineJob(feeder.window), chain: this.#chain },
      ...{ rows: (y: number, count: number) => this.#sourceRows(y, count), signal: this.#signal },
      kernels: () => services.kernels(),
    };
    return createSampler(parts, localSpec(this.#plan, request.options, bandModel, search !== null));
  }

  /** The rows of the window that rows of the finished picture depend on. */
  #sourceRows(y: number, rows: number): { first: number; count: number } {
    const { bandModel } = this.#context;
    return bandModel === null ? sourceRowsFor(this.#plan.spec, y, rows) : rowsUnder(this.#plan, bandModel, y, rows);
  }

  #engineJob(source: SourceWindow): EngineJob {
    const { spec, picture } = this.#plan;
    const { bandModel, request } = this.#context;
    const { hooks } = request.options;
    const job = { source, spec, picture, encoding: null, hooks };
    return bandModel === null ? job : { ...job, model: bandModel };
  }

  async #put(output: OpenedSink, meter: ProgressMeter, rows: number, chunks: Uint8Array<ArrayBuffer>[]): Promise<void> {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const write = (): Promise<void> => this.#timedWrite(() => output.sink.write(chunks));
    await write().catch(async (error: unknown) => {
      if (await this.#kept?.yieldRoom(error)) return write();
      throw error instanceof OverLimit ? new OverLimit(error.bytes, meter.shareWith(rows)) : error;
    });
    meter.landed(rows, bytes, this.#engineName());
  }

  async #timedWrite(write: () => Promise<void>): Promise<void> {
    const started = performance.now();
    await write();
    this.#writeMs += performance.now() - started;
  }

  #announce(name: string): void {
    const { picture } = this.#plan;
    const output = { width: picture.width, height: picture.height };
    const keptBands = this.#kept?.count ?? null;
    this.#context.onEvent({
      kind: 'started',
      name,
      output,
      bands: this.#bands.length,
      engine: this.#engineName(),
      keptBands,
    });
  }

  #engineName(): EngineName {
    return this.#chain.name ?? this.#context.engines.factories[0]!.name;
  }

  /** Once: what the header of a file has foretold, its decoder may tell again. */
  #warn(message: Words): void {
    const text = inEnglish(message);
    if (this.#warnings.some((told) => inEnglish(told) === text)) return;
    this.#warnings.push(message);
    this.#context.onEvent({ kind: 'warning', message: text });
  }
}
