import type { BandModel, EngineJob } from '../core/engine.ts';
import type { JobOptions } from '../core/options.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import { planStages } from '../core/stages.ts';
import { sourceRowsFor, type Span } from '../core/taps.ts';
import type { PixelSampler } from './encodings.ts';
import type { EngineChain } from './engine-chain.ts';
import { LocalSimdEngine } from './local-simd-engine.ts';
import type { JobPlan } from './plan-job.ts';
import type { JobServices } from './services.ts';
import type { SourceFeeder } from './source-feeder.ts';

/** Where the pixels of a sample come from: what computes them, and the source rows that rows of them depend on. */
interface SampledEngine {
  readonly pixels: EngineChain['pixels'];
  readonly rows: (y: number, count: number) => Span;
}

export interface SamplerParts {
  readonly plan: JobPlan;
  readonly feeder: SourceFeeder;
  readonly job: EngineJob;
  readonly chain: EngineChain;
  /** The source rows that rows of the finished picture depend on, by the chain's engines. */
  readonly rows: SampledEngine['rows'];
  readonly kernels: JobServices['kernels'];
  readonly signal: AbortSignal;
}

/**
 * Finished pixels ahead of the bands, where the source is held whole. With `spec` (see `localSpec`) by kernels in this thread: of small
 * rectangles they are done before workers or a GPU would have answered.
 */
export function createSampler(parts: SamplerParts, spec: ResampleSpec | null): PixelSampler {
  const { plan, feeder, job, chain, signal } = parts;
  if (!plan.held) return () => Promise.resolve(null);
  const open = async (): Promise<SampledEngine> => {
    const module = spec === null ? null : await parts.kernels()?.catch(() => null);
    if (!module || spec === null) {
      await chain.open(job);
      return { pixels: (rect) => chain.pixels(rect, signal), rows: parts.rows };
    }
    const { source, picture, hooks } = job;
    const engine = new LocalSimdEngine(Promise.resolve(module));
    await engine.open({ source, spec, picture, encoding: null, hooks });
    return { pixels: (rect) => engine.pixels(rect, signal), rows: (y, count) => sourceRowsFor(spec, y, count) };
  };
  let opened: ReturnType<typeof open> | null = null;
  return async (rect) => {
    const { pixels, rows } = await (opened ??= open());
    const { first, count } = rows(rect.y, rect.height);
    const release = await feeder.hold(first, count);
    return pixels(rect, signal).finally(release);
  };
}

/**
 * How kernels alone can make what a sample is needed for; null where they cannot. In place of a network they do: its picture has symbols much like those
 * of plain enlargement. Only a search for a quality goes by the bytes of the file itself.
 */
export function localSpec(
  { spec, passes, picture }: JobPlan,
  { hooks }: JobOptions,
  bandModel: BandModel | null,
  isSearching: boolean,
): ResampleSpec | null {
  if (hooks.before !== null || hooks.after !== null) return null;
  if (bandModel === null) return spec;
  return isSearching ? null : { ...spec, stages: planStages('direct', 'lanczos3', passes[0]!.input, picture) };
}
