import type { BandPlace, Segment } from '../core/encoding.ts';
import type { Engine, EngineJob, EngineName } from '../core/engine.ts';
import { AppError, isAbort, wordsOf } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { say, str, type Text, type TextValue } from '../core/text.ts';

/** Makes an engine; called only when it is its turn. */
export interface EngineFactory {
  readonly name: EngineName;
  create(): Promise<Engine>;
}

/** What the engines are called in sentences. */
const TITLES: Readonly<Record<EngineName, TextValue>> = { gpu: 'GPU', simd: 'SIMD', scalar: say('scalar') };

/**
 * Runs bands on the first engine that works, and goes on with the next one when it fails, in the middle of a job:
 * the band that failed is computed again, and none is lost.
 */
export class EngineChain {
  readonly #factories: readonly EngineFactory[];
  readonly #onChange: (message: Text) => void;
  #job: EngineJob | null = null;
  #index = -1;
  #current: Promise<Engine> | null = null;
  #engine: Engine | null = null;

  /** `onChange` is told, in a sentence, of each engine that was given up and why. */
  constructor(factories: readonly EngineFactory[], onChange: (message: Text) => void) {
    this.#factories = factories;
    this.#onChange = onChange;
  }

  /** The engine in use; null before `open`. */
  get name(): EngineName | null {
    return this.#engine?.name ?? null;
  }

  get parallelism(): number {
    return this.#engine?.parallelism ?? 1;
  }

  /** Gets an engine ready for the job; called again, also before it is ready, for another job in the place of the first. */
  async open(job: EngineJob): Promise<void> {
    this.#job = job;
    if (this.#current === null) await this.#start();
    else await this.#run((engine) => engine.open(job));
  }

  segment(place: BandPlace, signal: AbortSignal): Promise<Segment> {
    return this.#run((engine) => engine.segment(place, signal));
  }

  recycle(segment: Segment): void {
    this.#engine?.recycle?.(segment);
  }

  pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#run((engine) => engine.pixels(rect, signal));
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    const engine = await current?.catch(() => null);
    await engine?.close();
  }

  async #run<T>(task: (engine: Engine) => Promise<T>): Promise<T> {
    for (;;) {
      const current = this.#current;
      if (current === null) throw new AppError('internal', 'the engine was used before it was opened');
      const engine = await current;
      try {
        return await task(engine);
      } catch (error) {
        if (isAbort(error) || !isEngineFault(error)) throw error;
        // Of the calls that fail together, the first one makes the change; the others find it made.
        if (this.#current === current) void this.#start({ engine, error }).catch(() => undefined);
      }
    }
  }

  /** Opens the next engine that can be opened. Calls that come meanwhile wait for it. */
  #start(failed?: { readonly engine: Engine; readonly error: unknown }): Promise<Engine> {
    const attempt = this.#startNext(failed);
    this.#current = attempt;
    return attempt;
  }

  async #startNext(failed?: { readonly engine: Engine; readonly error: unknown }): Promise<Engine> {
    await failed?.engine.close();
    let reason = failed?.error;
    const job = this.#job;
    for (;;) {
      if (reason !== undefined) {
        const given = this.#factories[this.#index];
        if (given) this.#onChange(say(str`The ${TITLES[given.name]} engine was given up: ${wordsOf(reason)}`));
      }
      const factory = this.#factories[++this.#index];
      if (!factory || job === null) {
        const message =
          reason instanceof Error
            ? say(str`No engine could compute this picture. The last one said: ${wordsOf(reason)}`)
            : say('No engine could compute this picture.');
        throw new AppError('engine-failed', message, {
          remedy: say('Choose a smaller output, close other tabs and try again.'),
          cause: reason,
        });
      }
      let engine: Engine | null = null;
      try {
        engine = await factory.create();
        await engine.open(job);
        this.#engine = engine;
        return engine;
      } catch (error) {
        await engine?.close();
        reason = error;
      }
    }
  }
}

/** Faults of the machine, which another engine may not have; a damaged file or a wrong option is the same on all. */
const isEngineFault = (error: unknown): boolean =>
  !(error instanceof AppError) || ['engine-failed', 'worker-died', 'no-memory', 'internal'].includes(error.code);
