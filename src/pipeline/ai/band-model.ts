import type { AiReport } from '../../core/ai.ts';
import type { BandModel } from '../../core/engine.ts';
import { AppError } from '../../core/errors.ts';
import type { JobOptions } from '../../core/options.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import { bandSourceRows } from '../../core/plan/band-model.ts';
import { sourceRowsFor } from '../../core/taps.ts';
import { fileHash } from '../../models/catalogue.ts';
import type { EngineChoice, JobServices } from '../services.ts';
import type { OutputTarget } from '../job-request.ts';
import type { JobPlan } from '../plan-job.ts';
import { nameOf } from './tally.ts';

/** The source is held whole beside such a job; a larger one goes through the model in tiles. */
const MOST_SOURCE_BYTES = 96 * 2 ** 20;

/** Whether a job is one whose networks the GPU engine may run with its bands, if it knows them: not turned or mixed, on 8-bit pictures of three channels. */
function suitsBands({ passes, meta, spec }: JobPlan, { ai: options, export: made }: JobOptions): boolean {
  const [pass] = passes;
  if (made.kind !== 'file' || options === null || pass === undefined || !meta.banded) return false;
  const isPlain = spec.input.channels === 3 && spec.input.depth === 8 && spec.curves === null && !spec.finish;
  if (!isPlain || options.tta || options.blend < 1) return false;
  return pass.input.height * bytesPerRow(pass.input.width, spec.input) <= MOST_SOURCE_BYTES;
}

/**
 * The networks of a job, where the GPU engine can run them with its bands, so that nothing between the source's samples and the finished ones, or
 * a JPEG's bytes, leaves the GPU: those that our shaders know. Null where a model goes through tiles of its own.
 */
async function bandModelFor(
  plan: JobPlan,
  options: JobOptions,
  { factories }: EngineChoice,
  services: JobServices,
): Promise<BandModel | null> {
  if (factories[0]?.name !== 'gpu') return null;
  // A model that runs twice is read once.
  const read = new Map<string, Promise<BandModel['networks'][number] | null>>();
  for (const each of plan.passes) {
    const key = fileHash(each);
    if (!read.has(key))
      read.set(
        key,
        (services.network?.(each) ?? Promise.resolve(null)).catch(() => null),
      );
  }
  const networks = await Promise.all(plan.passes.map((each) => read.get(fileHash(each))!));
  const known = networks.filter((network) => network !== null);
  return known.length < networks.length ? null : { networks: known, colourLock: options.ai!.colourLock };
}

/**
 * The engines of a job, and its networks where the first engine can run them with the bands. `choose` gives the engines for a job with such networks, or
 * for one without: what is the fastest for the one is not for the other. Not `mayJoin`: that way has failed.
 */
export async function chooseEngines(
  plan: JobPlan,
  options: JobOptions,
  services: JobServices,
  choose: (networked: boolean) => Promise<EngineChoice>,
  mayJoin: boolean,
): Promise<{ readonly engines: EngineChoice; readonly bandModel: BandModel | null }> {
  if (mayJoin && suitsBands(plan, options)) {
    const engines = await choose(true);
    const bandModel = await bandModelFor(plan, options, engines, services);
    if (bandModel !== null) return { engines, bandModel };
  }
  return { engines: await choose(false), bandModel: null };
}

/** With the network among the bands the window holds the source itself, all of it. */
export const heldPlan = (plan: JobPlan): JobPlan => ({ ...plan, held: true, windowRows: plan.passes[0]!.input.height });

/** Where an attempt writes: one that may be followed by another leaves the file that was made for the job. */
export const attemptTarget = (output: OutputTarget, model: BandModel | null): OutputTarget =>
  model !== null && output.kind === 'file' ? { ...output, created: false } : output;

/** Failures after which a job begins anew without the network among its bands. */
export const isEngineFailure = (error: unknown): error is AppError =>
  error instanceof AppError && ['engine-failed', 'worker-died', 'no-memory'].includes(error.code);

/** Source rows that rows of the finished picture depend on, by way of the networks. */
export function rowsUnder(
  { spec, passes }: JobPlan,
  { networks }: BandModel,
  y: number,
  rows: number,
): { first: number; count: number } {
  return bandSourceRows(passes[0]!.input, sourceRowsFor(spec, y, rows), networks);
}

/** What the receipt says of it; each of its `bands` counts as a tile. */
export function bandReport({ passes }: JobPlan, bands: number): AiReport {
  return {
    passes: passes.map((pass) => ({ model: nameOf(pass), sha256: fileHash(pass), output: pass.output })),
    ...{ backends: ['webgpu'], tiles: bands, cached: 0, retries: {}, replaced: 0, inferenceMs: 0 },
  };
}
