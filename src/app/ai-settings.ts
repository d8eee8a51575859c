import { AI_DEFAULTS, NOISE_LEVELS, type AiOptions, type ModelRef, type ModelShape } from '../core/ai.ts';
import { fileFor, findBundled, shapeOf } from '../models/catalogue.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

function readShape(value: unknown): ModelShape | null {
  const { scale, halo, trim, multiple, overlap, tile, fixed } = fieldsOf(value);
  if (![scale, halo, trim, multiple, overlap, tile].every(isCount)) return null;
  if (scale === 0 || multiple === 0 || tile === 0) return null;
  const size = fieldsOf(fixed);
  if (fixed !== null && !(isCount(size['width']) && isCount(size['height']))) return null;
  return value as ModelShape;
}

/** A model out of something stored; null when this version does not have it, or it makes no sense. */
export function readModelRef(value: unknown): ModelRef | null {
  const { kind, id, name, sha256, shape } = fieldsOf(value);
  if (kind === 'bundled' && typeof id === 'string') return findBundled(id) === null ? null : { kind, id };
  const known = readShape(shape);
  if (kind !== 'own' || typeof name !== 'string' || typeof sha256 !== 'string' || known === null) return null;
  return { kind, name, sha256, shape: known };
}

const readStages = (value: unknown): ModelRef[] =>
  (Array.isArray(value) ? value : [])
    .map(readModelRef)
    .filter((ref): ref is ModelRef => ref !== null && shapeOf(ref)?.scale === 1);

/** What a person chose about models, out of something stored: fields that make no sense get their defaults; null without a model. */
export function readAi(value: unknown): AiOptions | null {
  const fields = fieldsOf(value);
  const model = readModelRef(fields['model']);
  if (model === null) return null;
  const level = NOISE_LEVELS.find((known) => known === fields['noise']) ?? null;
  const bundled = model.kind === 'bundled' ? findBundled(model.id) : null;
  const blend = fields['blend'];
  return {
    model,
    noise: bundled !== null && fileFor(bundled, level) !== null ? level : null,
    tta: fields['tta'] === true,
    blend: typeof blend === 'number' && blend >= 0 && blend <= 1 ? blend : AI_DEFAULTS.blend,
    colourLock: fields['colourLock'] !== false,
    alpha: fields['alpha'] === 'model' ? 'model' : AI_DEFAULTS.alpha,
    passes: fields['passes'] === 'first' ? 'first' : AI_DEFAULTS.passes,
    before: readStages(fields['before']),
    after: readStages(fields['after']),
  };
}
