import { RETRY_REASONS, type AiReport, type ModelBackend, type RetryReason } from '../../core/ai.ts';
import type { AiPass } from '../../core/plan/ai-passes.ts';
import { say, str, type Text } from '../../core/text.ts';
import { findBundled } from '../../models/catalogue.ts';
import type { TileLog } from './tile-runner.ts';

/** How much of the work of all tiles of a job is behind it, 0..1. */
export interface AiProgress {
  readonly done: number;
  /** Of `done`, what was taken over from the cache and took no time. */
  readonly cached: number;
}

/** Counts what happens to the tiles of a job. */
export class AiTally implements TileLog {
  readonly #onProgress: (progress: AiProgress) => void;
  readonly #backends = new Set<ModelBackend>();
  readonly #retries = new Map<RetryReason, number>();
  #tiles = 0;
  #cached = 0;
  #replaced = 0;
  #milliseconds = 0;
  #work = 0;
  #doneWork = 0;
  #cachedWork = 0;

  /** `onProgress` is told of each tile that is there. */
  constructor(onProgress: (progress: AiProgress) => void = () => undefined) {
    this.#onProgress = onProgress;
  }

  /** `work` is that of all these tiles, in any unit that is the same for all passes. */
  planned(tiles: number, work: number): void {
    this.#tiles += tiles;
    this.#work += work;
  }

  /** A tile is there that was not there before. */
  progressed(work: number, cached: boolean): void {
    this.#doneWork += work;
    if (cached) this.#cachedWork += work;
    this.#onProgress({ done: this.#doneWork / this.#work, cached: this.#cachedWork / this.#work });
  }

  used(backend: ModelBackend): void {
    this.#backends.add(backend);
  }

  retried(reason: RetryReason): void {
    this.#retries.set(reason, (this.#retries.get(reason) ?? 0) + 1);
  }

  ran(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }

  cachedTile(): void {
    this.#cached++;
  }

  /** Tiles that Lanczos stands in for. */
  get replaced(): number {
    return this.#replaced;
  }

  replacedTile(): void {
    this.#replaced++;
  }

  report(passes: readonly AiPass[], hashOf: (pass: AiPass) => string): AiReport {
    return {
      passes: passes.map((pass) => ({ model: nameOf(pass), sha256: hashOf(pass), output: pass.output })),
      backends: [...this.#backends],
      ...{ tiles: this.#tiles, cached: this.#cached, retries: Object.fromEntries(this.#retries) },
      ...{ replaced: this.#replaced, inferenceMs: this.#milliseconds },
    };
  }
}

/** What a model that nobody has measured counts as: one of the large ones. */
const UNKNOWN_OPERATIONS = 600_000;

/** What a pixel of input costs a model, compared with others. */
export const operationsOf = ({ model }: Pick<AiPass, 'model'>): number =>
  (model.kind === 'bundled' ? findBundled(model.id)?.operations : undefined) ?? UNKNOWN_OPERATIONS;

/** A model and its noise level, as receipts call it. */
export function nameOf({ model, noise }: Pick<AiPass, 'model' | 'noise'>): string {
  const name = model.kind === 'own' ? model.name : model.id;
  return noise === null ? name : `${name}, noise ${noise}`;
}

const TROUBLES: Readonly<Record<RetryReason, (count: number) => Text>> = {
  'no-memory': () => say('The model ran out of memory: it went on with smaller tiles.'),
  lost: () => say('The device that runs the model was lost: it was opened again, or another took over.'),
  'not-finite': (count) => say(str`Tiles that came out of the model as no numbers and were computed again: ${count}.`),
  constant: (count) =>
    say(str`Tiles of one colour where the picture has many, which the model had to compute again: ${count}.`),
  drift: (count) =>
    say(str`Tiles of quite other colours than the picture, which the model had to compute again: ${count}.`),
};

/** What went wrong with models, and what was done about it: a sentence each. Nothing where nothing did. */
export function troublesOf({ retries, replaced }: AiReport): Text[] {
  const told = RETRY_REASONS.flatMap((reason) => {
    const count = retries[reason] ?? 0;
    return count === 0 ? [] : [TROUBLES[reason](count)];
  });
  if (replaced > 0) told.push(say(str`Tiles that the model could not compute, where Lanczos stands in: ${replaced}.`));
  return told;
}
