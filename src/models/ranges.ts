import type { ModelRef } from '../core/ai.ts';
import type { Size } from '../core/geometry.ts';
import { shapeOf } from './catalogue.ts';
import { findOwnModel } from './own-models.ts';

/**
 * The largest magnitudes of the layers' results of bundled networks, by model, which fixed-point kernels need (`ConvolutionLayer.range`):
 * what `networkOf` measures on its made-up picture, written down since that takes half a second. Only networks are listed that come
 * out within a quarter of one of 255 steps of the floats; upconv_7 would be off by 1.1, and animevideo, whose results reach 370, by 26. Others run in
 * floats, `GRAPH_BYTES`.
 */
export const RESULT_RANGES: Readonly<Record<string, readonly number[]>> = {
  'anime4k-restore': [2.31, 3.67, 3.24, 3.4, 3.24, 5.31, 6.85, 7.4, 0.673],
  'anime4k-s': [2.21, 2.35, 1.89, 0.758],
  'anime4k-ul': [2.08, 4.17, 3.68, 2.82, 2.85, 3.32, 5.04, 0.803],
};

/**
 * Memory for each pixel of a tile's input, by model, of bundled networks that SIMD kernels run in floats (core/graph-network.ts): a few rows of each tensor
 * and the weights, or, where averages over a tile are waited for, whole tensors. For tiles of 128 pixels and more.
 */
export const GRAPH_BYTES: Readonly<Record<string, number>> = { cunet: 2600, upconv7: 700, animevideo: 700 };

/** How the product's own SIMD kernels run a model: on one thread, several times as fast as ONNX Runtime. */
export interface KernelFacts {
  /** What a worker takes for tiles of this size. Small networks count as nothing. */
  readonly bytes: number;
  /** Parts of a tile can be computed by themselves. */
  readonly isDivisible: boolean;
}

/** Null for models that the kernels do not run. */
export async function kernelFacts(model: ModelRef, { width, height }: Size): Promise<KernelFacts | null> {
  const isSmall = model.kind === 'bundled' && Object.hasOwn(RESULT_RANGES, model.id);
  const bytes = model.kind === 'own' ? (await findOwnModel(model.sha256))?.kernelBytes : GRAPH_BYTES[model.id];
  if (isSmall) return { bytes: 0, isDivisible: false };
  // What overlaps averages over its tile.
  return bytes === undefined ? null : { bytes: bytes * width * height, isDivisible: shapeOf(model)?.overlap === 0 };
}
