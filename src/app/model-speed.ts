import type { AiOptions } from '../core/ai.ts';
import { pixelCount, type Size } from '../core/geometry.ts';
import type { Receipt } from '../core/job.ts';
import { planPasses } from '../core/plan/ai-passes.ts';
import { findBundled, shapeOf } from '../models/catalogue.ts';
import type { OwnModel } from '../models/own-models.ts';
import type { KeyValueStorage } from './settings-store.ts';

const KEY = 'pro-upscaler.model-speed';

/** Milliseconds a megapixel of output, by model. */
type Speeds = Readonly<Record<string, number>>;

const TURNS = 8;

function load(storage: KeyValueStorage): Speeds {
  try {
    const stored = JSON.parse(storage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, number] => Number(entry[1]) > 0),
    );
  } catch {
    // Damaged text, or storage that the browser forbids: nothing is known.
    return {};
  }
}

/** How fast models were on this device, learnt from the receipts of jobs. */
export class ModelSpeed {
  readonly #storage: KeyValueStorage;
  #speeds: Speeds;

  constructor(storage: KeyValueStorage) {
    this.#storage = storage;
    this.#speeds = load(storage);
  }

  /** Remembers how long a job's model took. */
  learn({ ai: report, options: { ai } }: Pick<Receipt, 'ai' | 'options'>): void {
    if (report === null || ai === null || report.cached > 0 || report.inferenceMs === 0) return;
    const plain = ai.before.length + ai.after.length === 0;
    if (!plain || ai.model.kind !== 'bundled') return;
    const pixels = report.passes.reduce((sum, { output }) => sum + pixelCount(output), 0);
    const speed = (report.inferenceMs / pixels) * 1e6;
    this.#speeds = { ...this.#speeds, [ai.model.id]: ai.tta ? speed / TURNS : speed };
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#speeds));
    } catch {
      // A full or forbidden storage only means that the next visit knows nothing.
    }
  }

  /** Milliseconds that a model will take for a picture, about; null while nothing is known of it. */
  estimate(ai: AiOptions, source: Size, output: Size, own: readonly OwnModel[]): number | null {
    const { model, noise, passes, tta } = ai;
    const shape = shapeOf(model);
    const speed = this.#speedOf(ai, own);
    if (shape === null || speed === null) return null;
    const planned = planPasses(source, output, { model, shape, noise, passes, before: [], after: [] });
    const pixels = planned.reduce((sum, pass) => sum + pixelCount(pass.output), 0);
    return (pixels / 1e6) * speed * (tta ? TURNS : 1);
  }

  /** Of the model itself, or scaled from another bundled one by the operations of both. */
  #speedOf({ model }: AiOptions, own: readonly OwnModel[]): number | null {
    if (model.kind === 'own') return own.find(({ sha256 }) => sha256 === model.sha256)?.msPerMegapixel ?? null;
    const known = this.#speeds[model.id];
    if (known !== undefined) return known;
    const wanted = findBundled(model.id);
    const [other] = Object.keys(this.#speeds).flatMap((id) => findBundled(id) ?? []);
    if (wanted === null || other === undefined) return null;
    const work = ({ operations, shape }: typeof wanted): number => operations / shape.scale ** 2;
    return (this.#speeds[other.id]! * work(wanted)) / work(other);
  }
}
