import { probeSource } from '../codecs/probe.ts';
import { refusalError, wordsOf } from '../core/errors.ts';
import { pixelCount } from '../core/geometry.ts';
import type { JobEvent } from '../core/job.ts';
import { say, str, type Text } from '../core/text.ts';
import { chooseEngines, heldPlan, isEngineFailure } from './ai/band-model.ts';
import { limitError, QualitySearch } from './byte-limit.ts';
import { ImageJob } from './image-job.ts';
import { withFileName, withRemedy } from './job-errors.ts';
import type { JobRequest, JobResult } from './job-request.ts';
import { planJob } from './plan-job.ts';
import type { EngineChoice, JobServices } from './services.ts';
import { discardTarget } from './sinks/discard.ts';
import { OverLimit } from './sinks/held.ts';

/**
 * Runs one picture from file to file. Rejects with an AppError, or with the reason of `signal` when that is aborted; in both
 * cases nothing is left behind: no file, no worker, no memory.
 */
export async function runJob(
  request: JobRequest,
  services: JobServices,
  onEvent: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<JobResult> {
  const started = performance.now();
  try {
    signal.throwIfAborted();
    const info = await probeSource(request.source, request.sourceName);
    signal.throwIfAborted();
    const environment = await services.environment(info);
    const plan = planJob(info, request.options, environment);
    if (plan.kind === 'refusal') throw refusalError(plan);
    const { hooks } = request.options;
    const hooked = hooks.before !== null || hooks.after !== null;
    const facts = {
      pixels: pixelCount(plan.picture),
      hooked,
      finished: plan.spec.finish !== null,
      gpuCoded: plan.meta.format === 'jpeg' && request.options.export.kind === 'file',
    };
    const search = searchFor(request.options);
    /** Why the model does not run with the bands any more, for the receipt. */
    const setbacks: Text[] = [];
    for (;;) {
      const probeMs = performance.now() - started;
      const choose = (networked: boolean): Promise<EngineChoice> =>
        services.engines(request.options.engine, environment, { ...facts, networked });
      const { engines, bandModel } = await chooseEngines(
        plan,
        request.options,
        services,
        choose,
        setbacks.length === 0,
      );
      signal.throwIfAborted();
      const job = new ImageJob({
        ...{ request, services, environment, engines, onEvent, signal, info, started, probeMs, search },
        ...{ plan: bandModel === null ? plan : heldPlan(plan), bandModel, setbacks },
      });
      try {
        return await job.run();
      } catch (error) {
        if (bandModel !== null && isEngineFailure(error) && !signal.aborted) {
          setbacks.push(say(str`The model is run in tiles: ${wordsOf(error)}`));
          continue;
        }
        if (search === null || !(error instanceof OverLimit)) throw error;
        // The next attempt chooses a lower quality, as far as there is one.
        const bytes = error.bytes / error.share;
        if (!plan.meta.lossy) throw limitError(plan.meta.format, bytes, search.limit);
        search.learn(job.quality, bytes);
      }
    }
  } catch (error) {
    await discardTarget(request.output);
    throw signal.aborted ? signal.reason : withFileName(withRemedy(error), request.sourceName);
  }
}

const searchFor = ({ maxBytes, quality, export: made }: JobRequest['options']): QualitySearch | null =>
  maxBytes === null || made.kind !== 'file' ? null : new QualitySearch(maxBytes, quality);
