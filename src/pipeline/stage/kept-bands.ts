import type { BandEncoding, Segment } from '../../core/encoding.ts';
import type { EngineName } from '../../core/engine.ts';
import { AppError, wordsOf } from '../../core/errors.ts';
import { say, str, type Text } from '../../core/text.ts';
import type { JobRequest } from '../job-request.ts';
import type { JobPlan } from '../plan-job.ts';
import type { JobServices } from '../services.ts';
import { BandStage } from './band-stage.ts';
import { stageKey } from './stage-key.ts';

/** Where bands are to be kept, and what they are bands of. */
export interface KeptBandsContext {
  readonly request: JobRequest;
  readonly plan: JobPlan;
  /** The engine that computes them. */
  readonly engine: EngineName;
  readonly stages: JobServices['stages'];
  /** Is told, in a sentence, why no bands are kept. */
  warn(message: Text): void;
}

/**
 * The finished bands of one job, kept where they outlive a crash if the job asked for it. That keeping them fails is told and is never a
 * reason to end the job: from then on none are kept.
 */
export class KeptBands {
  readonly #context: KeptBandsContext;
  #stage: BandStage | null = null;
  #key = '';

  private constructor(context: KeptBandsContext) {
    this.#context = context;
  }

  /** Opens the stage that the job was given a name for, with what an earlier attempt of the same job has left in it. */
  static async open(context: KeptBandsContext): Promise<KeptBands> {
    const kept = new KeptBands(context);
    await kept.#open();
    return kept;
  }

  async #open(): Promise<void> {
    const { request, plan, engine, stages } = this.#context;
    const { hooks } = request.options;
    const hooked = hooks.before !== null || hooks.after !== null;
    if (request.stage == null || stages === undefined || hooked || plan.passes.length > 0) return;
    try {
      this.#key = await stageKey(request.source, request.options, plan, engine, stages.build);
      const file = await stages.open(request.stage);
      try {
        this.#stage = BandStage.open(file, this.#key, plan.bands.length);
      } catch (error) {
        await file.remove();
        throw error;
      }
    } catch (error) {
      this.#warnUnkept(error);
    }
  }

  /** How the bands that an earlier attempt has left are coded; null when there are none. */
  get encoding(): BandEncoding | null {
    return this.#stage?.encoding ?? null;
  }

  /** Bands that are there, from the first one on; null when none are kept. */
  get count(): number | null {
    return this.#stage?.count ?? null;
  }

  /** To be called before the first band, with how this job codes its bands. */
  async begin(encoding: BandEncoding): Promise<void> {
    const stage = this.#stage;
    if (stage === null || stage.encoding !== null) return;
    await this.#try(() => stage.begin(this.#key, encoding, this.#context.plan.bands.length));
  }

  /** The segment of a band that was there; null when none are kept any more. */
  read(index: number): Segment | null {
    return this.#stage?.read(index) ?? null;
  }

  /** Keeps the next band. */
  append(segment: Segment): Promise<void> {
    return this.#try(() => this.#stage?.append(segment));
  }

  /**
   * Gives up the bands where the file could not be written because they take the room that it needs itself, in a sink that takes once more
   * what could not be written. False where that would not help.
   */
  async yieldRoom(error: unknown): Promise<boolean> {
    const full = error instanceof AppError && error.code === 'no-quota';
    if (this.#stage === null || !full || this.#context.request.output.kind !== 'opfs') return false;
    this.#warnUnkept(error);
    await this.drop();
    return true;
  }

  /** Deletes them: the job has ended, one way or another. */
  async drop(): Promise<void> {
    const stage = this.#stage;
    this.#stage = null;
    await stage?.remove();
  }

  async #try(task: () => void): Promise<void> {
    try {
      task();
    } catch (error) {
      this.#warnUnkept(error);
      await this.drop();
    }
  }

  #warnUnkept(error: unknown): void {
    this.#context.warn(say(str`Finished parts are not kept, a crash would cost the whole job: ${wordsOf(error)}`));
  }
}
