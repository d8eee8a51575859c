import { msg, str } from '@lit/localize';
import { AI_DEFAULTS, type ModelRef, type NoiseLevel } from '../core/ai.ts';
import { CATALOGUE } from '../models/catalogue.ts';
import type { OwnModel } from '../models/own-models.ts';
import type { Variant, VariantSource } from './variants.ts';

/** Every model that enlarges, bundled or added, with each of its levels of noise removal; what else was chosen about models stays. */
export const modelVariants =
  (own: () => readonly OwnModel[]): VariantSource =>
  ({ ai }) => {
    const variant = (id: string, label: string, model: ModelRef, noise: NoiseLevel | null): Variant => ({
      ...{ id: `model:${id}`, label },
      change: { ai: { ...AI_DEFAULTS, ...ai, model, noise } },
    });
    const bundled = CATALOGUE.filter(({ task }) => task === 'enlarge').flatMap(({ id, label, denoising }) => {
      const model: ModelRef = { kind: 'bundled', id };
      const levels = Object.keys(denoising).map((level) => Number(level) as NoiseLevel);
      return [
        variant(id, label, model, null),
        ...levels.map((level) => variant(`${id}:${level}`, `${label}, ${msg(str`Level ${level}`)}`, model, level)),
      ];
    });
    const added = own()
      .filter(({ shape }) => shape.scale > 1)
      .map(({ name, sha256, shape }) => variant(sha256, name, { kind: 'own', name, sha256, shape }, null));
    return [...bundled, ...added];
  };
