import { AppError } from '../errors.ts';
import type { Channels, Depth } from '../pixels.ts';
import type { ResampleSpec } from '../resampling.ts';
import { curveAt, decodeTable, encodeTable, type EncodeTable } from '../transfer.ts';

/**
 * What is made once from a spec and shared by the engines. The working space is floats, 0..1 where nothing overshoots, in `channels`
 * interleaved samples: linear light with curves, else encoded; colours multiplied by alpha.
 */
export interface ResamplePlan {
  readonly spec: ResampleSpec;
  /** Channels in the working space: 3 when alpha is laid on a background, else the input's. */
  readonly channels: Channels;
  readonly flatten: boolean;
  /** Working-space background colour; meaningful when flattening. */
  readonly background: readonly [number, number, number];
  /** Light of each sample value, one table per colour channel (the same object where curves are the same); null without curves. */
  readonly decode: readonly Float32Array[] | null;
  readonly encode: readonly EncodeTable[] | null;
}

/** `make` for each element, done once for elements that are the same object or hold the same numbers. */
function mapDistinct<T>(curves: readonly Float32Array[], make: (curve: Float32Array) => T): T[] {
  const same = (a: Float32Array, b: Float32Array): boolean =>
    a === b || (a.length === b.length && a.every((v, i) => v === b[i]));
  const made: T[] = [];
  curves.forEach((curve, i) => {
    const earlier = curves.findIndex((other) => same(other, curve));
    made.push(earlier < i ? made[earlier] : make(curve));
  });
  return made;
}

/** Tables that agree in their buckets, so that one loop can serve all channels. */
function encodeTables(curves: readonly Float32Array[], depth: Depth): EncodeTable[] {
  const tables = mapDistinct(curves, (curve) => encodeTable(curve, depth));
  const shift = Math.min(...tables.map((table) => table.bucketShift));
  if (tables.every((table) => table.bucketShift === shift)) return tables;
  return mapDistinct(curves, (curve) => encodeTable(curve, depth, shift));
}

function checked(spec: ResampleSpec): void {
  const { stages, input, output, background, curves } = spec;
  const fail = (what: string): never => {
    throw new AppError('internal', `A resampling specification cannot be right: ${what}.`);
  };
  if (stages.length === 0) fail('it has no stages');
  stages.forEach((stage, i) => {
    const before = i === 0 ? stage.from : stages[i - 1].to;
    if (before.width !== stage.from.width || before.height !== stage.from.height) {
      fail(`stage ${i} begins at ${stage.from.width} x ${stage.from.height}`);
    }
  });
  const flatten = input.channels === 4 && output.channels === 3 && background !== null;
  if (input.channels !== output.channels && !flatten) fail(`${input.channels} channels in, ${output.channels} out`);
  const colours = Math.min(output.channels, 3);
  if (curves && curves.toLinear.length !== colours) fail(`${curves.toLinear.length} curves for ${colours} channels`);
}

const plans = new WeakMap<ResampleSpec, ResamplePlan>();

/** The plan of a spec, remembered as long as the spec object lives. Throws an AppError for a spec that contradicts itself. */
export function planFor(spec: ResampleSpec): ResamplePlan {
  const known = plans.get(spec);
  if (known) return known;
  checked(spec);
  const { input, output, curves } = spec;
  const colour = spec.background ?? [0, 0, 0];
  const light = (i: number): number => (curves ? curveAt(curves.toLinear[i], colour[i]) : colour[i]);
  const flatten = input.channels === 4 && output.channels === 3;
  const plan: ResamplePlan = {
    spec,
    channels: output.channels,
    flatten,
    background: flatten ? [light(0), light(1), light(2)] : [0, 0, 0],
    decode: curves && mapDistinct(curves.toLinear, (curve) => decodeTable(curve, input.depth)),
    encode: curves && encodeTables(curves.toLinear, output.depth),
  };
  plans.set(spec, plan);
  return plan;
}
