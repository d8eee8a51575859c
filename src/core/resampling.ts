import type { Finish } from './finish.ts';
import type { Size } from './geometry.ts';
import type { PixelFormat } from './pixels.ts';

/** Every resampling filter, by the name the command line and receipts use. */
export const KERNEL_NAMES = [
  'nearest',
  'bilinear',
  'catmull-rom',
  'mitchell',
  'lanczos2',
  'lanczos3',
  'lanczos4',
  'area',
] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/**
 * How the final size is reached: in one pass, by doublings and a last fraction (as Canvas 2D enlarges well),
 * or by a memory-aware sequence of 1.1x, 1.5x and 2x steps.
 */
export const METHOD_NAMES = ['direct', 'progressive', 'fractional'] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

/** One separable pass from a whole picture of size `from` to a whole picture of size `to`. */
export interface Stage {
  readonly from: Size;
  readonly to: Size;
  readonly kernel: KernelName;
}

/**
 * The transfer curves of a profile, one per colour channel (a single one for grey): tables that map an encoded sample,
 * at 1024 or more equal steps over 0..1, to linear light 0..1. Monotonic.
 */
export interface TransferCurves {
  readonly toLinear: readonly Float32Array[];
}

/** Everything that fixes the value of every output pixel, given the source pixels. Plain data: it crosses to workers. */
export interface ResampleSpec {
  /** At least one; each begins at the size where the one before ended. */
  readonly stages: readonly Stage[];
  readonly input: PixelFormat;
  /** `channels` equals the input's, or is 3 for an input of 4 when `background` is given. */
  readonly output: PixelFormat;
  /** Resample in linear light with these curves; null resamples the encoded samples. */
  readonly curves: TransferCurves | null;
  /** Keep every value within the range of the source samples under its taps, so that there is no ringing. */
  readonly clampOvershoot: boolean;
  /** Encoded colour, 0..1 each, to lay transparent pixels on; null keeps alpha. */
  readonly background: readonly [number, number, number] | null;
  /** Sharpening and grain, for which the picture is resampled to 16 bits whatever the output's depth; none unless given. */
  readonly finish?: Finish | null;
}

/** What is resampled when there is finishing to do. */
export const unfinished = (spec: ResampleSpec): ResampleSpec =>
  spec.finish ? { ...spec, output: { ...spec.output, depth: 16 }, finish: null } : spec;

/** The size of the finished picture. */
export function outputSize(spec: ResampleSpec): Size {
  const last = spec.stages.at(-1);
  if (!last) throw new RangeError('a ResampleSpec needs at least one stage');
  return last.to;
}
