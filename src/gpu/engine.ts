import type { BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import { wholeOf, type Rect } from '../core/geometry.ts';
import { SegmentBuffer, SegmentMemory } from '../core/segment-buffer.ts';
import { bytesPerPixel, bytesPerRow } from '../core/pixels.ts';
import { checkRequest } from '../core/reference/resample.ts';
import type { GpuContext } from './context.ts';
import { GpuJpegCoder, JPEG_PASSES, segmentHeaderBytes } from './jpeg.ts';
import { GpuModelStage, modelPasses } from './model-stage.ts';
import { Pace } from './pace.ts';
import { finishedBytes, planRuns, planTiles, type JpegBandPlan, type TileLimits } from './plan.ts';
import { BufferPool, type PooledBuffer } from './pool.ts';
import { readBuffer, Turnstile } from './readback.ts';
import { Recorder, type GpuCommand } from './recorder.ts';
import { GpuResampler, resamplePasses } from './resampler.ts';

/** Codes finished pixels as PNG or TIFF, or as JPEG where the GPU has failed to: the SIMD workers, seen from here. */
export interface PixelEncoders {
  /** Bands worth coding at a time. */
  readonly parallelism: number;
  /** Gets ready for the bands of a picture, replacing the one before. For JPEG it is called only if the GPU fails to code a band. */
  openCoder(picture: PictureShape, encoding: BandEncoding): Promise<void>;
  /** Codes a band. `rows` may lie in shared memory and stays as it is until the promise settles. */
  encode(rows: Uint8Array, place: BandPlace, signal: AbortSignal): Promise<Segment>;
  /** Takes the memory of a segment back that has been written. */
  recycle?(segment: Segment): void;
  close(): Promise<void>;
}

export interface GpuEngineOptions {
  readonly encoders: PixelEncoders;
  /** Bands in flight for JPEG; see bench/gpu-page.ts for how it was found. */
  readonly depth?: number;
  /** Measures each pass. */
  readonly profile?: boolean;
  /** For tests: most work of a submission, most bytes of a scratch buffer, most room for coded bytes as a share of the raw size. */
  readonly mostWork?: number;
  readonly scratchBytes?: number;
  readonly jpegRoom?: number;
}

/** What the engine's memory came to. */
export interface GpuStats {
  readonly liveBuffers: number;
  readonly bytes: number;
  readonly peakBytes: number;
  /** Bands that the GPU could not code in the room they had, and the encoders did. */
  readonly overflows: number;
}

const DEFAULT_DEPTH = 4;
/** Runs of pixels read back at a time; beyond 2 to 4 in flight nothing is won. */
const PIXEL_DEPTH = 4;
/** Encoders that are kept busy: more would have more memory at work than the way back from the GPU, 3 GB/s at best, gives them to do. */
const MOST_ENCODERS = 8;
/** Bands whose rows are here, or on their way, beyond those that the encoders work on: enough that none of these waits. */
const ROWS_AHEAD = 2;
/** Most bytes of each of a tile's working buffers: halos of bands stay cheap, and phones have the memory. */
const SCRATCH_BYTES = 48 << 20;
/** The same beside a network, whose tensors are as large. */
const MODEL_SCRATCH_BYTES = 128 << 20;
/** Most bytes of finished pixels in one run of a large request. */
const RUN_BYTES = 32 << 20;

/**
 * What is read back of a coded band before anything is known of the picture: of the raw size this share, and not more than that many bytes;
 * and how many times the largest segment after that. What is read back crosses to the processor whole, by memory of that size in two
 * processes; too little means to compute the band again. Enlargements at quality 90 take 1/80 at 15x and 1/50 at 4x.
 */
const FIRST_SHARE = 1 / 8;
const FIRST_BYTES = 1 << 20;
const SHARE_MARGIN = 2;

interface OpenJob {
  readonly job: EngineJob;
  readonly resampler: GpuResampler;
  readonly coder: GpuJpegCoder | null;
  /** The networks that the source goes through first. */
  readonly stage: GpuModelStage | null;
  /** Rejects when the browser has not taken the job's tables. */
  readonly accepted: Promise<void>;
}

/** What is to be done when all tiles of a rectangle are finished. */
interface AfterTiles {
  readonly work: number;
  readonly record: () => readonly GpuCommand[];
}

/**
 * The `gpu` engine: resamples bands and codes JPEG on the GPU, so that only coded bytes come back; for other formats pixels come back
 * and the encoders code them. Any failure of the device rejects with `engine-failed`, and every later call too.
 *
 * Each band uploads the few source rows it needs (when enlarging, less than its output by far) and nothing is kept from band to
 * band, so bands can come in any order and nothing is lost with the device.
 */
export class GpuEngine implements Engine {
  readonly name = 'gpu';
  readonly #context: GpuContext;
  readonly #options: GpuEngineOptions;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #pace: Pace;
  readonly #jpegTurns: Turnstile;
  readonly #pixelTurns = new Turnstile(PIXEL_DEPTH);
  /** Bands take memory for their rows when it is their turn: those that wait have none. */
  readonly #rowTurns: Turnstile;
  readonly #sharedRows: Uint8Array[] = [];
  readonly #memory: SegmentMemory;
  readonly #forget: () => void;
  #rejectFailed: (error: AppError) => void = () => undefined;
  /** Rejects when the device fails or the engine is closed: raced with every wait. */
  readonly #failed: Promise<never>;
  #open: OpenJob | null = null;
  #encodersOpened: Promise<void> | null = null;
  #finished: PooledBuffer | null = null;
  #packed: PooledBuffer | null = null;
  /** Largest share of the raw size that a segment took so far, which sizes the readbacks; 0 before the first. */
  #share = 0;
  #overflows = 0;
  #closed = false;
  /** Nothing was refused, and nothing given up in the middle. */
  #isSound = true;

  /** The context stays the caller's. */
  constructor(context: GpuContext, options: GpuEngineOptions) {
    const { device, pipelines, description } = context;
    this.#context = context;
    this.#options = options;
    this.#pool = new BufferPool(device, description.limits, context.spareBuffers);
    this.#recorder = new Recorder(device, pipelines, this.#pool, description.limits, options.profile ?? false);
    this.#memory = new SegmentMemory(2 * (options.depth ?? DEFAULT_DEPTH));
    this.#pace = options.mostWork === undefined ? context.pace : new Pace(options.mostWork);
    this.#pace.begin();
    this.#jpegTurns = new Turnstile(options.depth ?? DEFAULT_DEPTH);
    this.#rowTurns = new Turnstile(this.#bandsOfRows());
    this.#failed = new Promise((_, reject) => (this.#rejectFailed = reject));
    this.#failed.catch(() => undefined);
    this.#forget = context.onFailure((error) => this.#rejectFailed(error));
  }

  get parallelism(): number {
    if (this.#open?.coder) return this.#options.depth ?? DEFAULT_DEPTH;
    return this.#bandsOfRows();
  }

  #bandsOfRows(): number {
    return Math.min(MOST_ENCODERS, this.#options.encoders.parallelism) + ROWS_AHEAD;
  }

  get stats(): GpuStats {
    const { liveBuffers, bytes, peakBytes } = this.#pool;
    return { liveBuffers, bytes, peakBytes, overflows: this.#overflows };
  }

  /** Milliseconds by pass since the last call; empty without `profile` or timestamps. */
  async takeTimings(): Promise<Record<string, number>> {
    return (await this.#recorder.clock?.take()) ?? {};
  }

  async open(job: EngineJob): Promise<void> {
    const { spec, picture, encoding, hooks } = job;
    if (hooks.before !== null || hooks.after !== null) {
      throw new AppError('engine-failed', 'Hooks are functions of the processor, which the GPU cannot call.', {
        remedy: 'The SIMD engine calls them.',
      });
    }
    if (spec.finish) {
      throw new AppError('engine-failed', 'The GPU engine neither sharpens nor adds grain.', {
        remedy: 'The SIMD engine does.',
      });
    }
    checkJob(job, wholeOf({ width: 1, height: 1 }));
    if (this.#open !== null) {
      this.#closeJob();
      this.#pool.trim();
    }
    await this.#guarded(new AbortController().signal, async () => {
      const isJpeg = encoding?.kind === 'jpeg';
      const { model } = job;
      const pipelines = this.#context.pipelines.prepare([
        ...resamplePasses(spec),
        ...(isJpeg ? JPEG_PASSES : []),
        ...(model === undefined ? [] : modelPasses(model)),
      ]);
      await Promise.all([pipelines, isJpeg ? null : this.#openEncoders(job)]);
      const made: { parts?: Omit<OpenJob, 'accepted'> } = {};
      const accepted = this.#recorder.submit('tables', () => {
        const resampler = new GpuResampler(spec, this.#pool);
        const coder = isJpeg
          ? new GpuJpegCoder(picture, encoding, this.#pool, this.#mostGroups(), this.#options.jpegRoom)
          : null;
        const stage =
          model === undefined ? null : new GpuModelStage(model, job.source, this.#pool, this.#options.scratchBytes);
        made.parts = { job, resampler, coder, stage };
        return [...resampler.uploads(), ...(coder?.uploads() ?? [])];
      });
      if (made.parts === undefined) return accepted;
      // The answer takes a round trip to the GPU's process: the bands wait for it, each with its own.
      accepted.catch(() => undefined);
      this.#open = { ...made.parts, accepted };
    });
  }

  segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    const open = this.#opened();
    if (open.job.encoding === null) throw new AppError('internal', 'no encoding was given to this engine');
    return this.#guarded(signal, async () => {
      const { coder } = open;
      const coded = coder === null ? null : await this.#jpegTurns.run(() => this.#codeJpeg(open, coder, place, signal));
      return coded ?? (await this.#encodePixels(open, place, signal));
    });
  }

  recycle(segment: Segment): void {
    if (this.#open?.coder) this.#memory.giveBack(segment.bytes);
    else this.#options.encoders.recycle?.(segment);
  }

  pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const open = this.#opened();
    checkJob(open.job, rect);
    return this.#guarded(signal, async () => {
      const out = new Uint8Array(rect.height * bytesPerRow(rect.width, open.job.picture));
      await this.#readRect(open, rect, out, signal);
      return out;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.#rejectFailed(new AppError('engine-failed', 'The GPU engine was closed.'));
    this.#closeJob();
    this.#recorder.reset();
    // What a job that went wrong has used may be no buffer at all.
    this.#pool.close(this.#isSound && this.#context.failure === null);
    await this.#options.encoders.close();
  }

  #opened(): OpenJob {
    if (this.#open === null) throw new AppError('internal', 'the engine was used before it was opened');
    return this.#open;
  }

  #openEncoders({ picture, encoding }: EngineJob): Promise<void> {
    if (encoding === null) return Promise.resolve();
    return (this.#encodersOpened ??= this.#options.encoders.openCoder(picture, encoding));
  }

  #closeJob(): void {
    const open = this.#open;
    this.#open = null;
    this.#encodersOpened = null;
    open?.resampler.release();
    open?.coder?.release();
    open?.stage?.release();
    for (const buffer of [this.#finished, this.#packed]) if (buffer !== null) this.#pool.release(buffer);
    this.#finished = null;
    this.#packed = null;
    this.#sharedRows.length = 0;
    this.#memory.clear();
    this.#recorder.forgetGroups();
  }

  /** Turns whatever goes wrong into an AppError, and gives up when the device fails, the engine is closed or the signal aborts. */
  async #guarded<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let stop: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      if (this.#context.failure !== null) throw this.#context.failure;
      return await Promise.race([task(), this.#failed, aborted]);
    } catch (error) {
      this.#isSound = false;
      signal.throwIfAborted();
      throw this.#context.failure ?? asEngineError(error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #limits(): TileLimits {
    const side = this.#context.description.limits.maxComputeWorkgroupsPerDimension;
    return { bufferBytes: this.#mostBytes(SCRATCH_BYTES), work: this.#pace.mostWork, side };
  }

  #mostBytes(scratch: number): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#context.description.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize, this.#options.scratchBytes ?? scratch);
  }

  #mostGroups(): number {
    return this.#context.description.limits.maxComputeWorkgroupsPerDimension;
  }

  /** Submits commands that take `work`, and learns from the time they took. */
  #submit(label: string, work: number, record: () => readonly GpuCommand[]): Promise<void> {
    const submitted = performance.now();
    const accepted = this.#recorder.submit(label, record);
    this.#recorder
      .done()
      .then(() => this.#pace.record(work, submitted, performance.now()))
      .catch(() => undefined);
    return accepted;
  }

  /**
   * Submits what brings the rectangle's finished pixels into `#finished`, tile by tile, and then `after`. All in one go, without waiting, so
   * that bands do not mix: the GPU runs submissions in order, and all of them share the scratch buffers.
   */
  #render({ job, resampler, stage, accepted: opened }: OpenJob, rect: Rect, after: AfterTiles): Promise<unknown> {
    const limits = this.#limits();
    // Networks compute what they look at around each tile again, so that these are as large as there is memory; the networks' own work is cut
    // elsewhere, and beside it the resampling's is little.
    const room =
      stage === null ? limits : { ...limits, bufferBytes: this.#mostBytes(MODEL_SCRATCH_BYTES), work: Infinity };
    const tiles = planTiles(job.spec, rect, room);
    const accepted = [opened];
    tiles.forEach((tile, i) => {
      const joins = i === tiles.length - 1 && tile.work + after.work <= limits.work;
      const work = joins ? tile.work + after.work : tile.work;
      for (const part of stage?.submissions(tile.rects[0], () => resampler.workingFor(tile), limits.work) ?? [])
        accepted.push(this.#submit('model', part.work, part.record));
      accepted.push(
        this.#submit('tile', work, () => {
          const window = stage === null ? job.source : null;
          const commands = resampler.resample(window, tile, rect, this.#finishedFor(job, rect));
          return joins ? [...commands, ...after.record()] : commands;
        }),
      );
      if (!joins && i === tiles.length - 1) accepted.push(...this.#submitAfter(after, limits.work));
    });
    if (stage !== null) accepted.push(this.#lookAt(stage));
    return Promise.all(accepted);
  }

  /** Rejects when the network has computed nonsense. */
  async #lookAt(stage: GpuModelStage): Promise<void> {
    const flag: { buffer?: PooledBuffer } = {};
    const submitted = this.#submit('fault', 0, () => {
      flag.buffer = this.#pool.acquire(4, 'readback', 'fault');
      return [{ kind: 'copy', from: stage.faultFlag(), fromOffset: 0, to: flag.buffer, bytes: 4 }];
    });
    const read = this.#read(flag.buffer, 4, (mapped) => mapped.some((byte) => byte !== 0));
    const [, isFault] = await Promise.all([submitted, read]);
    if (isFault)
      throw new AppError('engine-failed', 'The model gave colours that have nothing to do with the picture.');
  }

  /** Submits commands in one go, or one by one where together they would hold the GPU for too long. */
  #submitAfter({ work, record }: AfterTiles, mostWork: number): Promise<void>[] {
    if (work <= mostWork) return [this.#submit('after', work, record)];
    let rest: readonly GpuCommand[] = [];
    const first = this.#submit('after', 0, () => {
      const commands = record();
      rest = commands.slice(1);
      return commands.slice(0, 1);
    });
    return [first, ...rest.map((command) => this.#submit('after', work / rest.length, () => [command]))];
  }

  #finishedFor(job: EngineJob, rect: Rect): PooledBuffer {
    const bytes = rect.width * rect.height * finishedBytes(job.spec);
    if (this.#finished !== null && this.#finished.size >= bytes) return this.#finished;
    if (this.#finished !== null) this.#pool.release(this.#finished);
    this.#finished = null;
    return (this.#finished = this.#pool.acquire(bytes, 'storage', 'finished'));
  }

  #packedFor(bytes: number): PooledBuffer {
    if (this.#packed !== null && this.#packed.size >= bytes) return this.#packed;
    if (this.#packed !== null) this.#pool.release(this.#packed);
    this.#packed = null;
    return (this.#packed = this.#pool.acquire(bytes, 'storage', 'packed'));
  }

  /** Codes a band on the GPU; null when the coded bytes did not fit the room they had. */
  async #codeJpeg(open: OpenJob, coder: GpuJpegCoder, place: BandPlace, signal: AbortSignal): Promise<Segment | null> {
    const header = segmentHeaderBytes();
    for (;;) {
      signal.throwIfAborted();
      const plan = coder.plan(place);
      const room = this.#share === 0 ? firstRoom(open, plan) : SHARE_MARGIN * this.#share * plan.rawBytes;
      const expected = Math.min(plan.segment, header + 4 * Math.ceil((1024 + room) / 4));
      const { bytes, length, overflow } = await this.#codeOnce(open, coder, plan, place, expected);
      // What is too much for its room, or for the readback, may be overwritten by another band by now: once more, with enough.
      if (overflow && coder.widen(plan)) continue;
      if (overflow) {
        this.#overflows++;
        return null;
      }
      this.#share = Math.max(this.#share, length / plan.rawBytes);
      if (bytes !== null) return { bytes };
    }
  }

  async #codeOnce(
    open: OpenJob,
    coder: GpuJpegCoder,
    plan: JpegBandPlan,
    place: BandPlace,
    expected: number,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer> | null; length: number; overflow: boolean }> {
    const rect = { x: 0, y: place.y, width: open.job.picture.width, height: place.rows };
    const readback: { buffer?: PooledBuffer } = {};
    const record = (): GpuCommand[] => {
      const { commands, segment } = coder.encode(plan, this.#finished!, Math.ceil(plan.work / this.#pace.mostWork));
      readback.buffer = this.#pool.acquire(expected, 'readback', 'segment');
      return [...commands, { kind: 'copy', from: segment, fromOffset: 0, to: readback.buffer, bytes: expected }];
    };
    const accepted = this.#render(open, rect, { work: plan.work, record });
    const read = this.#read(readback.buffer, expected, (mapped) => {
      const [length, overflow] = new Uint32Array(mapped.buffer, mapped.byteOffset, 2);
      const header = segmentHeaderBytes();
      const isWhole = overflow === 0 && header + length <= expected;
      if (!isWhole) return { bytes: null, length, overflow: overflow !== 0 };
      const segment = new SegmentBuffer(this.#memory.take());
      segment.append(mapped.subarray(header, header + length));
      return { bytes: segment.take(), length, overflow: false };
    });
    const [, result] = await Promise.all([accepted, read]);
    return result;
  }

  /** Reads a buffer that a submission has just been told to fill; when recording failed there is none, and the submission rejects. */
  #read<T>(buffer: PooledBuffer | undefined, bytes: number, take: (mapped: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    if (buffer === undefined) return this.#failed;
    return readBuffer(this.#context.device, this.#pool, buffer, bytes, take);
  }

  async #encodePixels(open: OpenJob, place: BandPlace, signal: AbortSignal): Promise<Segment> {
    const { picture } = open.job;
    const rect = { x: 0, y: place.y, width: picture.width, height: place.rows };
    const bytes = place.rows * bytesPerRow(picture.width, picture);
    return this.#rowTurns.run(async () => {
      signal.throwIfAborted();
      const held = takeRows(this.#sharedRows, bytes);
      const rows = held.subarray(0, bytes);
      await Promise.all([this.#readRect(open, rect, rows, signal), this.#openEncoders(open.job)]);
      try {
        return await this.#options.encoders.encode(rows, place, signal);
      } finally {
        this.#sharedRows.push(held);
      }
    });
  }

  /** Computes a rectangle and puts its pixels into `out`, in runs of rows where it is large. */
  async #readRect(open: OpenJob, rect: Rect, out: Uint8Array, signal: AbortSignal): Promise<void> {
    const stride = bytesPerRow(rect.width, open.job.picture);
    const runs = planRuns(open.job.spec, rect, Math.min(RUN_BYTES, this.#limits().bufferBytes));
    await Promise.all(
      runs.map((run) =>
        this.#pixelTurns.run(async () => {
          signal.throwIfAborted();
          const at = (run.y - rect.y) * stride;
          await this.#readRun(open, run, out.subarray(at, at + run.height * stride));
        }),
      ),
    );
  }

  async #readRun(open: OpenJob, run: Rect, out: Uint8Array): Promise<void> {
    const { resampler, job } = open;
    const pixels = run.width * run.height;
    const bytes = 4 * Math.ceil((pixels * bytesPerPixel(job.picture)) / 4);
    const readback: { buffer?: PooledBuffer } = {};
    const record = (): GpuCommand[] => {
      const finished = this.#finished!;
      readback.buffer = this.#pool.acquire(bytes, 'readback', 'pixels');
      const to = readback.buffer;
      if (!resampler.needsPacking) return [{ kind: 'copy', from: finished, fromOffset: 0, to, bytes }];
      const packed = this.#packedFor(bytes);
      return [...resampler.pack(pixels, finished, packed), { kind: 'copy', from: packed, fromOffset: 0, to, bytes }];
    };
    const accepted = this.#render(open, run, { work: pixels, record });
    const read = this.#read(readback.buffer, bytes, (mapped) => out.set(mapped.subarray(0, out.length)));
    await Promise.all([accepted, read]);
  }
}

/** A band that went through networks is not computed twice for the sake of memory. */
const firstRoom = ({ stage }: OpenJob, { rawBytes }: JpegBandPlan): number =>
  Math.min(rawBytes * FIRST_SHARE, stage === null ? FIRST_BYTES : Infinity);

/** Throws where a job's source is not what its specification says, or the rectangle is not within its picture. */
function checkJob({ spec, source, model }: EngineJob, rect: Rect): void {
  if (model === undefined) return checkRequest(spec, source, rect);
  const { from } = spec.stages[0];
  const scale = model.networks.reduce((product, network) => product * network.scale, 1);
  const fits = source.width * scale === from.width && source.height * scale === from.height;
  if (fits && source.channels === 3 && source.depth === 8 && spec.curves === null) return;
  throw new AppError('engine-failed', 'The GPU engine runs networks on pictures of three channels of 8 bits only.');
}

/** Memory for a band's pixels: one that is free and large enough, else a new one, shared with workers where that is allowed. */
function takeRows(free: Uint8Array[], bytes: number): Uint8Array {
  const index = free.findIndex((rows) => rows.length >= bytes);
  if (index >= 0) return free.splice(index, 1)[0];
  return new Uint8Array(globalThis.crossOriginIsolated ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
}

const asEngineError = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('engine-failed', `The GPU engine failed: ${message}`, {
    remedy: 'The SIMD engine does the same on the processor.',
    cause: error,
  });
};
