import type { ModelRef } from '../core/ai.ts';

/**
 * The largest magnitudes of the layers' results of bundled networks, by model, which fixed-point kernels need (`ConvolutionLayer.range`):
 * what `networkOf` measures on its made-up picture, written down since that takes half a second. Only networks are listed that come
 * out within a quarter of one of 255 steps of the floats; upconv_7 would be off by 1.1, and animevideo, whose results reach 370, by 26.
 */
export const RESULT_RANGES: Readonly<Record<string, readonly number[]>> = {
  'anime4k-restore': [2.31, 3.67, 3.24, 3.4, 3.24, 5.31, 6.85, 7.4, 0.673],
  'anime4k-s': [2.21, 2.35, 1.89, 0.758],
  'anime4k-ul': [2.08, 4.17, 3.68, 2.82, 2.85, 3.32, 5.04, 0.803],
};

/** Whether the product's own SIMD kernels run this model: on one thread, several times as fast as ONNX Runtime's. */
export const runsOnKernels = (model: ModelRef): boolean =>
  model.kind === 'bundled' && Object.hasOwn(RESULT_RANGES, model.id);
