import type { Rect, Size } from './geometry.ts';
import { maxSample, samplesOf, type PixelFormat } from './pixels.ts';
import { outputSize, type KernelName, type ResampleSpec } from './resampling.ts';
import type { SourceWindow } from './source.ts';
import { planStages } from './stages.ts';

/** Alpha in tests: as the colours, opaque throughout, or with a patch at the lower left that is not opaque. */
export type Alpha = 'noise' | 'opaque' | 'patches';

/** Noise with some flat runs at both ends of the range, so that there is overshoot to clamp; in shared memory, as the pipeline has it. */
export function noise(
  width: number,
  height: number,
  { channels, depth }: PixelFormat,
  alpha: Alpha = 'noise',
  seed = 1,
): SourceWindow {
  const data = new Uint8Array(new SharedArrayBuffer((width * height * channels * depth) / 8));
  const samples = samplesOf(data, depth);
  const max = maxSample(depth);
  let state = seed;
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    samples[i] = Math.round(Math.min(Math.max((state / 2 ** 32) * 1.5 - 0.25, 0), 1) * max);
    if (channels !== 4 || i % 4 < 3 || alpha === 'noise') continue;
    const pixel = i >> 2;
    const inPatch = pixel % width < width / 4 && pixel / width > height / 2;
    if (alpha === 'opaque' || !inPatch) samples[i] = max;
  }
  return { width, height, channels, depth, capacity: height, data };
}

/** Resampling of a whole source to another size, directly and in its own format unless something else is asked for. */
export function specOf(
  source: SourceWindow,
  to: Size,
  kernel: KernelName,
  rest: Partial<ResampleSpec> = {},
): ResampleSpec {
  const format = { channels: source.channels, depth: source.depth };
  const from = { width: source.width, height: source.height };
  const stages = planStages('direct', kernel, from, to);
  return { stages, input: format, output: format, curves: null, clampOvershoot: false, background: null, ...rest };
}

export const whole = (spec: ResampleSpec): Rect => ({ x: 0, y: 0, ...outputSize(spec) });
