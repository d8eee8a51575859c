import type { Size } from './geometry.ts';

/** How strongly a model removes noise and JPEG artefacts; which levels there are depends on the model. */
export const NOISE_LEVELS = [0, 1, 2, 3] as const;
export type NoiseLevel = (typeof NOISE_LEVELS)[number];

/** What tiling must know of a model. All lengths are in pixels of the model's input. */
export interface ModelShape {
  /** Factor of enlargement; 1 for a model that restores. */
  readonly scale: number;
  /** How far the input pixels that an output pixel depends on may lie from it. */
  readonly halo: number;
  /** What the model itself cuts off each side: its output has (size - 2 * trim) * scale pixels a side. At most `halo`. */
  readonly trim: number;
  /** Sides of its input must be multiples of this. */
  readonly multiple: number;
  /**
   * Neighbouring tiles are cross-faded over this much on either side of their seam. 0 where a tile has exactly the pixels that
   * the whole picture would have; networks that average over their input (squeeze and excitation) do not.
   */
  readonly overlap: number;
  /** Largest side of the part of the picture that a tile answers for; a multiple of `multiple`. */
  readonly tile: number;
  /** The only size of input that the model takes, or null when it takes any. */
  readonly fixed: Size | null;
}

/** A model as options and receipts name it; plain data. */
export type ModelRef =
  | { readonly kind: 'bundled'; readonly id: string }
  /** One that the user has added, kept by the hash of its file. */
  | { readonly kind: 'own'; readonly name: string; readonly sha256: string; readonly shape: ModelShape };

/** What a person can choose about enlarging with a model. */
export interface AiOptions {
  readonly model: ModelRef;
  /** Null for the model without noise removal. Used in the first pass; later ones see a clean picture. */
  readonly noise: NoiseLevel | null;
  /** Average the results of all eight turned and mirrored pictures: slower by eight, slightly better. */
  readonly tta: boolean;
  /** 0..1: share of the model's picture; the rest is the source, enlarged by Lanczos. */
  readonly blend: number;
  /** Take the low frequencies, that is colour and brightness of areas, from the source. */
  readonly colourLock: boolean;
  /** What enlarges transparency. */
  readonly alpha: 'lanczos' | 'model';
  /** As many passes as the size asks for, or one, and resampling for the rest. */
  readonly passes: 'all' | 'first';
  /** Models of scale 1 to run before and after the enlargement, in this order. */
  readonly before: readonly ModelRef[];
  readonly after: readonly ModelRef[];
}

/** Everything but the model. */
export const AI_DEFAULTS: Omit<AiOptions, 'model'> = {
  noise: null,
  tta: false,
  blend: 1,
  colourLock: true,
  alpha: 'lanczos',
  passes: 'all',
  before: [],
  after: [],
};

/** Where models run: WebGPU, WebAssembly on several threads, or on one. */
export const MODEL_BACKENDS = ['webgpu', 'wasm-threads', 'wasm'] as const;
export type ModelBackend = (typeof MODEL_BACKENDS)[number];

/** Why a tile was computed again. */
export const RETRY_REASONS = ['no-memory', 'lost', 'not-finite', 'constant', 'drift'] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** What a receipt says about the models of a job. Plain JSON. */
export interface AiReport {
  readonly passes: readonly { readonly model: string; readonly sha256: string; readonly output: Size }[];
  /** All that computed tiles, in the order in which they were first used. */
  readonly backends: readonly ModelBackend[];
  /** Tiles of the grid; how many came out of the cache; how many were computed again, by reason. */
  readonly tiles: number;
  readonly cached: number;
  readonly retries: Readonly<Partial<Record<RetryReason, number>>>;
  /** Tiles for which every path failed and Lanczos stands in. */
  readonly replaced: number;
  /** Milliseconds in the models. */
  readonly inferenceMs: number;
}
