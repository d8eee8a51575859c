import type { BandCoder, BandPlace, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { createReferenceCoder } from '../core/reference/coder.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { deflateSmall } from '../wasm/deflate-small.ts';
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
  #coder: BandCoder | null = null;

  async open(job: EngineJob): Promise<void> {
    this.#hooks = await loadHooks(job.hooks);
    this.#job = job;
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
    const rowBytes = (rect.width * job.picture.channels * job.picture.depth) / 8;
    const rows = new Uint8Array(rect.height * rowBytes);
    for (let done = 0; done < rect.height; done += ROWS_PER_TURN) {
      const height = Math.min(ROWS_PER_TURN, rect.height - done);
      rows.set(resampleRect(job.spec, window, { ...rect, y: rect.y + done, height }), done * rowBytes);
      await breathe();
      signal.throwIfAborted();
    }
    return rows;
  }
}

/** Lets messages in; a MessageChannel has no minimum delay, unlike a nested timeout. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
