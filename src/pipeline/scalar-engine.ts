import type { BandCoder, BandPlace, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import { finishArea, type Finish } from '../core/finish.ts';
import type { Rect } from '../core/geometry.ts';
import { bytesPerRow } from '../core/pixels.ts';
import { createReferenceCoder } from '../core/reference/coder.ts';
import { finishRect } from '../core/reference/finish.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { unfinished, type ResampleSpec } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import { deflateSmall } from '../wasm/deflate-small.ts';
import { breathe } from './breathe.ts';
import { applyAfterHook, hookedWindow, loadHooks, NO_HOOKS, type LoadedHooks } from './hooks.ts';

/** Rows computed between two pauses: short enough that a cancel is heard at once on a slow machine. */
const ROWS_PER_TURN = 32;

/**
 * Plain TypeScript in the calling thread: no SIMD, no threads, no shared memory. Works everywhere, gives way often,
 * and is the reference that the other engines are compared with.
 */
export class ScalarEngine implements Engine {
  readonly name = 'scalar';
  readonly parallelism = 1;
  #hooks: LoadedHooks = NO_HOOKS;
  #job: EngineJob | null = null;
  #resampled: ResampleSpec | null = null;
  #coder: BandCoder | null = null;

  async open(job: EngineJob): Promise<void> {
    this.#hooks = await loadHooks(job.hooks);
    this.#job = job;
    this.#resampled = unfinished(job.spec);
    this.#coder = job.encoding === null ? null : createReferenceCoder(job.picture, job.encoding, deflateSmall);
  }

  async segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    const job = this.#opened();
    const coder = this.#coder;
    if (coder === null) throw new AppError('internal', 'no encoding was given to this engine');
    const rect = { x: 0, y: place.y, width: job.picture.width, height: place.rows };
    const rows = await this.#compute(job, rect, signal);
    await applyAfterHook(this.#hooks, job.picture, rect, rows);
    return coder.encode(rows, place);
  }

  async pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const job = this.#opened();
    const rows = await this.#compute(job, rect, signal);
    await applyAfterHook(this.#hooks, job.picture, rect, rows);
    return rows;
  }

  close(): Promise<void> {
    this.#job = null;
    this.#coder = null;
    return Promise.resolve();
  }

  #opened(): EngineJob {
    if (this.#job === null) throw new AppError('internal', 'the engine was used before it was opened');
    return this.#job;
  }

  async #compute(job: EngineJob, rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const window = await hookedWindow(this.#hooks, job, rect);
    const { finish } = job.spec;
    const spec = this.#resampled ?? unfinished(job.spec);
    if (!finish) return this.#resample(spec, window, rect, signal);
    const area = finishArea(finish, job.picture, rect);
    return this.#finish(finish, job, await this.#resample(spec, window, area, signal), area, rect, signal);
  }

  #resample(
    spec: ResampleSpec,
    window: SourceWindow,
    rect: Rect,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return inTurns(rect, bytesPerRow(rect.width, spec.output), signal, (part) => resampleRect(spec, window, part));
  }

  #finish(
    finish: Finish,
    { picture }: EngineJob,
    resampled: Uint8Array<ArrayBuffer>,
    area: Rect,
    rect: Rect,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { channels, depth } = picture;
    const samples = new Uint16Array(resampled.buffer);
    const stride = area.width * channels;
    return inTurns(rect, bytesPerRow(rect.width, picture), signal, (part) => {
      const { y, height } = finishArea(finish, picture, part);
      const rows = samples.subarray((y - area.y) * stride, (y + height - area.y) * stride);
      return finishRect(finish, { samples: rows, area: { ...area, y, height }, channels, picture }, part, depth);
    });
  }
}

/** Computes a rectangle some rows at a time, with pauses in which a cancel is heard. */
async function inTurns(
  rect: Rect,
  rowBytes: number,
  signal: AbortSignal,
  compute: (part: Rect) => Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const rows = new Uint8Array(rect.height * rowBytes);
  for (let done = 0; done < rect.height; done += ROWS_PER_TURN) {
    const height = Math.min(ROWS_PER_TURN, rect.height - done);
    rows.set(compute({ ...rect, y: rect.y + done, height }), done * rowBytes);
    await breathe();
    signal.throwIfAborted();
  }
  return rows;
}
