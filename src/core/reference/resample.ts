import { AppError } from '../errors.ts';
import type { Rect } from '../geometry.ts';
import { bytesPerRow, maxSample, samplesOf } from '../pixels.ts';
import { outputSize, type ResampleSpec } from '../resampling.ts';
import type { SourceWindow } from '../source.ts';
import { stageRects } from '../taps.ts';
import { encodeSample } from '../transfer.ts';
import { planFor, type ResamplePlan } from './resample-plan.ts';
import { SourceRows, StageRows, type RowSource } from './resample-rows.ts';

/** A light as a sample, rounded half up; NaN becomes 0. */
const rounded = (v: number, max: number): number => (v > 0 ? (v < 1 ? (v * max + 0.5) | 0 : max) : 0);

function encodeOpaque(plan: ResamplePlan, row: Float32Array, out: Uint8Array | Uint16Array, at: number): void {
  const { channels, encode } = plan;
  const max = maxSample(plan.spec.output.depth);
  if (!encode) {
    for (let i = 0; i < row.length; i++) out[at + i] = rounded(row[i], max);
    return;
  }
  for (let c = 0; c < channels; c++) {
    const table = encode[c];
    for (let i = c; i < row.length; i += channels) out[at + i] = encodeSample(table, row[i]);
  }
}

function encodeAlpha(plan: ResamplePlan, row: Float32Array, out: Uint8Array | Uint16Array, at: number): void {
  const max = maxSample(plan.spec.output.depth);
  const [red, green = red, blue = red] = plan.encode ?? [];
  // Colours fade to black where alpha rounds to nothing, instead of being the ratio of two rounding errors.
  const least = 0.5 / max;
  for (let i = 0; i < row.length; i += 4) {
    const alpha = Math.min(row[i + 3], 1);
    const scale = alpha === 1 ? 1 : 1 / Math.max(alpha, least);
    const [r, g, b] = [row[i] * scale, row[i + 1] * scale, row[i + 2] * scale];
    out[at + i] = red ? encodeSample(red, r) : rounded(r, max);
    out[at + i + 1] = green ? encodeSample(green, g) : rounded(g, max);
    out[at + i + 2] = blue ? encodeSample(blue, b) : rounded(b, max);
    out[at + i + 3] = rounded(alpha, max);
  }
}

/** Working space to samples: divided by alpha, coded, clamped and rounded once. */
function encodeRow(plan: ResamplePlan, row: Float32Array, out: Uint8Array | Uint16Array, at: number): void {
  if (plan.channels === 4) encodeAlpha(plan, row, out, at);
  else encodeOpaque(plan, row, out, at);
}

/** Throws when a window is not the source of a spec, or a rectangle is not within its output. */
export function checkRequest(spec: ResampleSpec, window: SourceWindow, rect: Rect): void {
  const { width, height } = outputSize(spec);
  const { from } = spec.stages[0];
  const { x, y } = rect;
  const inside =
    x >= 0 && y >= 0 && rect.width >= 1 && rect.height >= 1 && x + rect.width <= width && y + rect.height <= height;
  if (!inside) {
    throw new AppError('internal', `${rect.width} x ${rect.height} at ${x}, ${y} lies outside ${width} x ${height}.`);
  }
  const { input } = spec;
  const fits =
    window.width === from.width &&
    window.height === from.height &&
    window.channels === input.channels &&
    window.depth === input.depth &&
    window.data.length === window.capacity * bytesPerRow(window.width, window);
  if (!fits) {
    throw new AppError('internal', `The source window does not match its specification.`, {
      values: { width: window.width, height: window.height, channels: window.channels, depth: window.depth },
    });
  }
}

/**
 * Resamples a rectangle of the finished picture: the definition of what every engine computes, and the engine itself
 * where there is no SIMD. Returns unpadded rows in the spec's output format. The rows that `sourceRowsFor`
 * names must be in the window.
 *
 * Each stage filters rows first (kept as 32-bit floats), then columns; sums are in double precision. Between stages
 * nothing is rounded to the job's depth: rows stay 32-bit floats, premultiplied and (with curves) linear, clamped to 0..1. So
 * clamping to the depth's range and rounding (half up) happen once, at the end. With `clampOvershoot` each pass of each stage keeps to
 * the range of the samples under its taps. A `background` is laid under the source before it is resampled.
 *
 * Colours of pixels whose alpha is 0 are lost, as with any premultiplied arithmetic.
 */
export function resampleRect(spec: ResampleSpec, window: SourceWindow, rect: Rect): Uint8Array<ArrayBuffer> {
  const plan = planFor(spec);
  checkRequest(spec, window, rect);
  const rects = stageRects(spec.stages, rect);
  let rows: RowSource = new SourceRows(plan, window, rects[0]);
  spec.stages.forEach((stage, i) => {
    const last = i === spec.stages.length - 1;
    rows = new StageRows(rows, stage, plan, rects[i + 1], rects[i], last);
  });
  const stride = bytesPerRow(rect.width, spec.output);
  const out = new Uint8Array(rect.height * stride);
  const samples = samplesOf(out, spec.output.depth);
  for (let i = 0; i < rect.height; i++) {
    encodeRow(plan, rows.row(rect.y + i), samples, i * rect.width * plan.channels);
  }
  return out;
}
