import { AppError } from '../core/errors.ts';
import type { Rect, Size } from '../core/geometry.ts';
import { bytesPerPixel, bytesPerRow } from '../core/pixels.ts';
import { planFor, type ResamplePlan } from '../core/reference/resample-plan.ts';
import { checkRequest } from '../core/reference/resample.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import { inputRect } from '../core/taps.ts';
import type { Kernels } from './kernels.ts';
import { JOB_BYTES, writeJob, type JobFields } from './resample-layout.ts';
import { canBeFixed, placeStage, placeTable, SLACK, type PlacedStage } from './resample-stage.ts';

const KIND_OF_DEPTH = { 8: 0, 16: 1 } as const;
const KIND_FLOAT = 2;

/** Which way the pixels of a job go: fixed point needs 8 bits, one stage, and no curves, limits or alpha. */
const NEVER_FIXED = 0;
const ALWAYS_FIXED = 1;
const FIXED_WHERE_OPAQUE = 2;

function pathOf({ stages, input, output, curves, clampOvershoot }: ResampleSpec): number {
  const possible =
    stages.length === 1 &&
    input.depth === 8 &&
    output.depth === 8 &&
    !curves &&
    !clampOvershoot &&
    canBeFixed(stages[0]);
  if (!possible) return NEVER_FIXED;
  return input.channels === 4 ? FIXED_WHERE_OPAQUE : ALWAYS_FIXED;
}

/** Addresses of the light tables, each distinct table placed once. */
function placeCurves(kernels: Kernels, plan: ResamplePlan): JobFields {
  const { decode, encode } = plan;
  if (!decode || !encode) return {};
  const placed = new Map<Float32Array, number>();
  const addressOf = (table: Float32Array): number => {
    const address = placed.get(table) ?? placeTable(kernels, table);
    placed.set(table, address);
    return address;
  };
  const channel = (i: number): number => Math.min(i, decode.length - 1);
  const names = ['Red', 'Green', 'Blue'] as const;
  const tables = names.map((name, i) => ({
    [`decode${name}`]: addressOf(decode[channel(i)]),
    [`thresholds${name}`]: addressOf(encode[channel(i)].thresholds),
    [`guesses${name}`]: addressOf(encode[channel(i)].guesses),
  }));
  const { firstBucket, bucketShift } = encode[0];
  const alike = plan.channels === 4 || new Set(encode).size === 1;
  const vectorCurves = Number(alike && encode.every((table) => table.steady));
  return Object.assign({ firstBucket, bucketShift, vectorCurves }, ...tables) as JobFields;
}

/** Memory that would not grow and traps as an AppError, so that another engine is tried; other errors as they are. */
function engineFailure(error: unknown, what: string): unknown {
  if (!(error instanceof RangeError || error instanceof WebAssembly.RuntimeError)) return error;
  return new AppError('engine-failed', `The SIMD engine could not ${what}: ${error.message}.`, {
    remedy: 'The scalar engine can do it, more slowly.',
    cause: error,
  });
}

/** Where the input of a stage lies in memory: `rect` of the picture that the stage begins with. */
interface PlacedInput {
  readonly address: number;
  readonly rect: Rect;
  readonly kind: number;
  readonly channels: number;
}

/**
 * Resamples rectangles of one job with SIMD: within 1 of 255 of `resampleRect` in core/reference, at 16 bits within 2 of
 * 65535. Floats of 24 bits cannot tell more, so at 16 bits that holds of translucent colours when weighed by their
 * alpha, and near black only of curves that are not infinitely steep there. Each pixel depends on nothing but the job, so any division into bands or regions gives the same picture.
 *
 * Tables and scratch of the job stay in the instance's arena from construction to `close`, so what is allocated in
 * between must be freed before `close`.
 */
export class WasmResampler {
  readonly #kernels: Kernels;
  readonly #plan: ResamplePlan;
  readonly #mark: number;
  readonly #stages: readonly PlacedStage[];
  readonly #common: JobFields;
  readonly #job: number;
  readonly #path: number;

  constructor(kernels: Kernels, spec: ResampleSpec, source: Size) {
    const { from } = spec.stages[0];
    if (source.width !== from.width || source.height !== from.height) {
      throw new AppError('internal', `The source is not ${from.width} x ${from.height}, as its specification says.`);
    }
    const plan = planFor(spec);
    this.#kernels = kernels;
    this.#plan = plan;
    this.#mark = kernels.arena.mark();
    this.#path = pathOf(spec);
    const paths = { fixed: this.#path !== NEVER_FIXED, float: this.#path !== ALWAYS_FIXED };
    try {
      this.#job = kernels.arena.alloc(JOB_BYTES);
      this.#stages = spec.stages.map((stage) => placeStage(kernels, stage, plan.channels, paths));
      this.#common = {
        fixed: this.#path,
        limit: Number(spec.clampOvershoot),
        flatten: Number(plan.flatten),
        backgroundRed: plan.background[0],
        backgroundGreen: plan.background[1],
        backgroundBlue: plan.background[2],
        ...placeCurves(kernels, plan),
      };
    } catch (error) {
      kernels.arena.release(this.#mark);
      throw engineFailure(error, 'set up its tables');
    }
  }

  /**
   * Resamples a rectangle of the finished picture; the rows that `sourceRowsFor` names must be in the window. The result
   * lies in the instance's memory as the topmost allocation, for the next stage to use in place: the caller takes the arena's mark
   * before and releases it when done. The view is detached when memory grows; `addressOf` before that still serves.
   */
  run(window: SourceWindow, rect: Rect): Uint8Array<ArrayBuffer> {
    const { arena } = this.#kernels;
    const { spec } = this.#plan;
    checkRequest(spec, window, rect);
    const before = arena.mark();
    try {
      const length = rect.height * bytesPerRow(rect.width, spec.output);
      const out = arena.alloc(length + SLACK);
      const scratch = arena.mark();
      this.#stage(this.#stages.length - 1, window, rect, out);
      arena.release(scratch);
      return this.#kernels.bytes(out, length);
    } catch (error) {
      arena.release(before);
      throw engineFailure(error, `resample ${rect.width} x ${rect.height} pixels`);
    }
  }

  /** Frees the job's tables, and whatever was allocated after them. */
  close(): void {
    this.#kernels.arena.release(this.#mark);
  }

  /** Computes a rectangle of a stage's output into memory, after those of the stages before. */
  #stage(index: number, window: SourceWindow, rect: Rect, out: number): void {
    const placed = this.#stages[index];
    const last = index === this.#stages.length - 1;
    const needed = inputRect(placed.stage, this.#stripRect(placed, rect));
    const input = index === 0 ? this.#copySource(window, needed) : this.#intermediate(index, window, needed);
    const { output } = this.#plan.spec;
    const outKind = last ? KIND_OF_DEPTH[output.depth] : KIND_FLOAT;
    const inputStride = input.rect.width * (input.channels << input.kind);
    writeJob(this.#kernels.exports.memory, this.#job, {
      ...placed.fields,
      ...this.#common,
      source: input.address,
      sourceStride: inputStride,
      sourceX: input.rect.x,
      sourceY: input.rect.y,
      sourceWidth: input.rect.width,
      sourceHeight: input.rect.height,
      sourceKind: input.kind,
      sourceChannels: input.channels,
      out,
      outStride: rect.width * (this.#plan.channels << outKind),
      outKind,
      x: rect.x,
      y: rect.y,
      width: rect.width,
      height: rect.height,
      opaque: this.#kernels.arena.alloc(input.rect.height),
    });
    this.#kernels.exports.resampleStrips(this.#job, placed.stage.to.width);
  }

  /** The rectangle widened to whole strips where the path of a pixel depends on its strip. */
  #stripRect({ stage, strip }: PlacedStage, rect: Rect): Rect {
    if (this.#path !== FIXED_WHERE_OPAQUE) return rect;
    const x = rect.x - (rect.x % strip);
    const right = Math.min(Math.ceil((rect.x + rect.width) / strip) * strip, stage.to.width);
    return { ...rect, x, width: right - x };
  }

  #intermediate(index: number, window: SourceWindow, rect: Rect): PlacedInput {
    const { channels } = this.#plan;
    const address = this.#kernels.arena.alloc(rect.width * rect.height * channels * 4 + SLACK);
    const scratch = this.#kernels.arena.mark();
    this.#stage(index - 1, window, rect, address);
    this.#kernels.arena.release(scratch);
    return { address, rect, kind: KIND_FLOAT, channels };
  }

  #copySource(window: SourceWindow, rect: Rect): PlacedInput {
    const pixel = bytesPerPixel(window);
    const stride = bytesPerRow(window.width, window);
    const rowBytes = rect.width * pixel;
    const address = this.#kernels.arena.alloc(rect.height * rowBytes + SLACK);
    const into = this.#kernels.bytes(address, rect.height * rowBytes);
    for (let done = 0; done < rect.height;) {
      const slot = (rect.y + done) % window.capacity;
      const start = slot * stride + rect.x * pixel;
      const run = rect.width === window.width ? Math.min(rect.height - done, window.capacity - slot) : 1;
      into.set(window.data.subarray(start, start + run * rowBytes), done * rowBytes);
      done += run;
    }
    return { address, rect, kind: KIND_OF_DEPTH[window.depth], channels: window.channels };
  }
}
