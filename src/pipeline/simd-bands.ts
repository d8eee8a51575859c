import type { BandCoder, BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { unfinished } from '../core/resampling.ts';
import { SegmentBuffer } from '../core/segment-buffer.ts';
import { windowOfRows, type SourceRows, type SourceWindow } from '../core/source.ts';
import { WasmFinisher } from '../wasm/finish.ts';
import { createJpegCoder } from '../wasm/jpeg.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { createPngCoder } from '../wasm/png.ts';
import { WasmResampler } from '../wasm/resample.ts';
import { createTiffCoder } from '../wasm/tiff.ts';
import { applyAfterHook, hookedWindow, loadHooks, type LoadedHooks } from './hooks.ts';

/** The SIMD coder of an encoding. */
export function createCoder(kernels: Kernels, shape: PictureShape, encoding: BandEncoding): BandCoder {
  switch (encoding.kind) {
    case 'png':
      return createPngCoder(kernels, shape, encoding.level);
    case 'jpeg':
      return createJpegCoder(kernels, shape, encoding);
    case 'tiff':
      return createTiffCoder(kernels, shape, encoding.level);
    default:
      return encoding satisfies never;
  }
}

/** Codes finished rows. `memory` is that of an earlier segment, to be used again. */
export function codeBand(coder: BandCoder, rows: Uint8Array, place: BandPlace, memory: ArrayBuffer | null): Segment {
  const into = new SegmentBuffer(memory);
  const segment = coder.encode(rows, place, into);
  // Coders that only copy make their own: the memory must not be lost with them.
  if (memory === null || into.holds(segment.bytes)) return segment;
  into.append(segment.bytes);
  return { ...segment, bytes: into.take() };
}

/**
 * Bands of one job in one instance of the SIMD kernels: pixels are resampled into its memory and coded there, without a copy.
 * One call at a time. Every band gives back what it took of the arena, so the memory ends up at what the largest band needs.
 */
export class SimdBands {
  readonly #kernels: Kernels;
  readonly #job: EngineJob;
  readonly #hooks: LoadedHooks;
  readonly #resampler: WasmResampler;
  readonly #finisher: WasmFinisher | null;
  readonly #coder: BandCoder | null;

  private constructor(kernels: Kernels, job: EngineJob, hooks: LoadedHooks) {
    this.#kernels = kernels;
    this.#job = job;
    this.#hooks = hooks;
    this.#resampler = new WasmResampler(kernels, unfinished(job.spec), job.source);
    const { finish } = job.spec;
    this.#finisher = finish ? new WasmFinisher(kernels, finish, job.picture) : null;
    this.#coder = job.encoding === null ? null : createCoder(kernels, job.picture, job.encoding);
  }

  /** The kernels stay the caller's, and are for this job alone until it is closed. */
  static async open(kernels: Kernels, job: EngineJob): Promise<SimdBands> {
    return new SimdBands(kernels, job, await loadHooks(job.hooks));
  }

  /** Gives back what the job took of the kernels' memory. */
  close(): void {
    this.#resampler.close();
  }

  /** `sent` holds the source rows of the band where the job's own window cannot be shared. */
  segment(place: BandPlace, sent: SourceRows | null, memory: ArrayBuffer | null = null): Promise<Segment> {
    const rect = { x: 0, y: place.y, width: this.#job.picture.width, height: place.rows };
    return this.#withPixels(rect, sent, (rows) => codeBand(this.#coding(), rows, place, memory));
  }

  pixels(rect: Rect, sent: SourceRows | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#withPixels(rect, sent, (rows) => rows.slice());
  }

  #coding(): BandCoder {
    if (this.#coder === null) throw new AppError('internal', 'no encoding was given to this engine');
    return this.#coder;
  }

  async #withPixels<T>(rect: Rect, sent: SourceRows | null, use: (rows: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    const job = this.#job;
    const source = sent === null ? job.source : windowOfRows(job.source, sent);
    const window = await hookedWindow(this.#hooks, { ...job, source }, rect);
    const { arena } = this.#kernels;
    const mark = arena.mark();
    try {
      const rows = this.#pixels(window, rect);
      await applyAfterHook(this.#hooks, job.picture, rect, rows);
      return use(rows);
    } finally {
      arena.release(mark);
    }
  }

  #pixels(window: SourceWindow, rect: Rect): Uint8Array<ArrayBuffer> {
    const finisher = this.#finisher;
    if (finisher === null) return this.#resampler.run(window, rect);
    const rows = this.#resampler.run(window, finisher.area(rect));
    return finisher.run(this.#kernels.addressOf(rows), rect);
  }
}
