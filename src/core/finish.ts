import type { Rect, Size } from './geometry.ts';

/** An unsharp mask: what a pixel's brightness differs by from its surroundings is made stronger. */
export interface Sharpen {
  /** Standard deviation of the blur that is taken for the surroundings, in pixels of the output. */
  readonly radius: number;
  /** Per cent of the difference that are added. */
  readonly amount: number;
  /** Levels of 255: differences up to it are left alone, and larger ones count by what exceeds it, so that no step shows. */
  readonly threshold: number;
}

/** Noise of one colour like the grain of film. It depends on the seed and the position alone. */
export interface Grain {
  /** Standard deviation, in per cent of the way from black to white. */
  readonly strength: number;
  /** Width of a grain, about, in pixels of the output. */
  readonly size: number;
  /** Another whole number gives other grain. */
  readonly seed: number;
}

/** What is done to the resampled picture before it is coded, in this order. Plain data. */
export interface Finish {
  readonly sharpen: Sharpen | null;
  readonly grain: Grain | null;
}

export const NO_FINISH: Finish = { sharpen: null, grain: null };

export const FINISH_RANGES = {
  radius: { min: 0.3, max: 50 },
  amount: { min: 0, max: 500 },
  threshold: { min: 0, max: 255 },
  strength: { min: 0, max: 50 },
  size: { min: 1, max: 20 },
} as const;

/** The finishing that changes anything, or null. */
export function activeFinish({ sharpen, grain }: Finish): Finish | null {
  const sharpens = sharpen !== null && sharpen.amount > 0;
  const grains = grain !== null && grain.strength > 0;
  if (!sharpens && !grains) return null;
  return { sharpen: sharpens ? sharpen : null, grain: grains ? grain : null };
}

/** A Gaussian has 0.3 % of its weight beyond three standard deviations. */
const reachOf = (sigma: number): number => Math.max(1, Math.ceil(3 * sigma));

/** Half of a symmetric filter: the weight of the middle, then those of the neighbours on one side. They sum to 1 over both sides. */
export function gaussianHalf(sigma: number): Float64Array {
  const reach = reachOf(sigma);
  const half = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigma * sigma)));
  const sum = half.reduce((all, weight, k) => all + (k === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => weight / sum);
}

/** The filter of the surroundings. */
export const sharpenFilter = ({ radius }: Sharpen): Float64Array => gaussianHalf(radius);

/** A Gaussian is 2.355 standard deviations wide where it has half its height. */
const WIDTH_OF_SIGMA = 2.355;

/**
 * The filter that joins the noise of single pixels to grains, with weights whose squares sum to 1, so that the strength stays; null for
 * grains of a pixel.
 */
export function grainFilter({ size }: Grain): Float64Array | null {
  if (size <= 1) return null;
  const half = gaussianHalf(size / WIDTH_OF_SIGMA);
  const squares = half.reduce((all, weight, k) => all + (k === 0 ? 1 : 2) * weight * weight, 0);
  return half.map((weight) => weight / Math.sqrt(squares));
}

/** Pixels around a pixel that its finishing depends on. */
export const finishHalo = (finish: Finish | null | undefined): number =>
  finish?.sharpen ? reachOf(finish.sharpen.radius) : 0;

/** The part of the resampled picture that a rectangle of the finished one depends on. */
export function finishArea(finish: Finish, picture: Size, rect: Rect): Rect {
  const halo = finishHalo(finish);
  const x = Math.max(0, rect.x - halo);
  const y = Math.max(0, rect.y - halo);
  return {
    x,
    y,
    width: Math.min(picture.width, rect.x + rect.width + halo) - x,
    height: Math.min(picture.height, rect.y + rect.height + halo) - y,
  };
}

/** Shares of the channels in brightness (ITU-R BT.709). */
export const LUMA = { red: 0.2126, green: 0.7152, blue: 0.0722 } as const;
