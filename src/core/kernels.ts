import type { KernelName } from './resampling.ts';

/** A resampling filter on one axis. Distances are in source pixels when enlarging, in output pixels when reducing. */
export interface ResamplingKernel {
  /** The weight is zero at this distance and beyond. */
  readonly support: number;
  /** 1 at distance 0 and 0 at every other whole distance, so that resampling to the same size changes nothing. */
  readonly interpolating: boolean;
  /** Weight at a signed distance, before the weights of one output pixel are normalised to a sum of 1. */
  readonly at: (x: number) => number;
}

/** sin(pi x) / (pi x); exactly 0 at whole numbers, where `Math.sin` leaves a residue. */
function sinc(x: number): number {
  if (Number.isInteger(x)) return x === 0 ? 1 : 0;
  const t = Math.PI * x;
  return Math.sin(t) / t;
}

/** The windowed sinc of Lanczos with `lobes` lobes on each side (C. Duchon, 1979). */
const lanczos = (lobes: number): ResamplingKernel => ({
  support: lobes,
  interpolating: true,
  at: (x) => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0),
});

/** The two-parameter cubics of D. Mitchell and A. Netravali, "Reconstruction Filters in Computer Graphics", 1988. */
function cubic(b: number, c: number): ResamplingKernel {
  const at = (signed: number): number => {
    const x = Math.abs(signed);
    if (x < 1) return ((12 - 9 * b - 6 * c) * x * x * x + (-18 + 12 * b + 6 * c) * x * x + (6 - 2 * b)) / 6;
    if (x < 2) {
      return ((-b - 6 * c) * x * x * x + (6 * b + 30 * c) * x * x + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6;
    }
    return 0;
  };
  return { support: 2, interpolating: b === 0, at };
}

const box = (x: number): number => (x >= -0.5 && x < 0.5 ? 1 : 0);

/**
 * The filters by name. `nearest` and `area` share a box: the first is sampled at pixel centres, the second integrated
 * over the output pixel, which only `buildTaps` in core/taps.ts can tell apart.
 */
export const KERNELS: Readonly<Record<KernelName, ResamplingKernel>> = {
  nearest: { support: 0.5, interpolating: true, at: box },
  bilinear: { support: 1, interpolating: true, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  'catmull-rom': cubic(0, 0.5),
  mitchell: cubic(1 / 3, 1 / 3),
  lanczos2: lanczos(2),
  lanczos3: lanczos(3),
  lanczos4: lanczos(4),
  area: { support: 0.5, interpolating: true, at: box },
};
