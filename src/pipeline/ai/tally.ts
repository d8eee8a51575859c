import type { AiReport, ModelBackend, RetryReason } from '../../core/ai.ts';
import type { AiPass } from '../../core/plan/ai-passes.ts';
import type { TileLog } from './tile-runner.ts';

/** Counts what happens to the tiles of a job. */
export class AiTally implements TileLog {
  readonly #backends = new Set<ModelBackend>();
  readonly #retries = new Map<RetryReason, number>();
  #tiles = 0;
  #cached = 0;
  #replaced = 0;
  #milliseconds = 0;

  planned(tiles: number): void {
    this.#tiles += tiles;
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

/** A model and its noise level, as receipts call it. */
export function nameOf({ model, noise }: Pick<AiPass, 'model' | 'noise'>): string {
  const name = model.kind === 'own' ? model.name : model.id;
  return noise === null ? name : `${name}, noise ${noise}`;
}
