import type { ModelRef, ModelShape, NoiseLevel } from '../ai.ts';
import type { Size } from '../geometry.ts';

/** One run of a model over a whole picture. */
export interface AiPass {
  readonly model: ModelRef;
  readonly noise: NoiseLevel | null;
  readonly shape: ModelShape;
  readonly input: Size;
  readonly output: Size;
}

/** How a model and its stages are to be used, with what tiling must know of each. */
export interface PassRequest {
  readonly model: ModelRef;
  readonly shape: ModelShape;
  readonly noise: NoiseLevel | null;
  readonly passes: 'all' | 'first';
  readonly before: readonly StageModel[];
  readonly after: readonly StageModel[];
}

export interface StageModel {
  readonly model: ModelRef;
  readonly shape: ModelShape;
}

/** Rounding of the output's size must not ask for a pass more. */
const TOLERANCE = 1.001;

/**
 * The passes that bring a picture to the wanted size or just beyond, so that the resampling that follows reduces: 15x is 4x and 4x
 * again. An enlarging model runs once at least; noise is removed by the first run of it. Pure.
 */
export function planPasses(source: Size, wanted: Size, request: PassRequest): AiPass[] {
  const { model, shape, noise, passes, before, after } = request;
  const result: AiPass[] = [];
  let size = source;
  const add = (pass: StageModel, level: NoiseLevel | null): void => {
    const { scale } = pass.shape;
    const output = { width: size.width * scale, height: size.height * scale };
    result.push({ ...pass, noise: level, input: size, output });
    size = output;
  };
  for (const stage of before) add(stage, null);
  const factor = Math.max(wanted.width / source.width, wanted.height / source.height);
  add({ model, shape }, noise);
  for (let reached = shape.scale; passes === 'all' && shape.scale > 1 && reached * TOLERANCE < factor;) {
    add({ model, shape }, null);
    reached *= shape.scale;
  }
  for (const stage of after) add(stage, null);
  return result;
}
