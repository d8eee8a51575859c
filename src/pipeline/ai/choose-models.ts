import type { AiOptions, ModelRef } from '../../core/ai.ts';
import type { Refusal } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { planPasses, type AiPass, type StageModel } from '../../core/plan/ai-passes.ts';
import { CATALOGUE, fileFor, findBundled, shapeOf } from '../../models/catalogue.ts';

const badOptions = (message: string, remedy: string): Refusal => ({ code: 'bad-options', message, remedy, values: {} });

/** The passes of the chosen models, or why they cannot be run. Pure. */
export function chooseModels(options: AiOptions, source: Size, wanted: Size): AiPass[] | Refusal {
  const { model, noise, passes, before, after, blend } = options;
  if (!(blend >= 0 && blend <= 1))
    return badOptions(`A blend of ${blend} is not within 0 to 1.`, 'Choose 0.8, for example.');
  const unknown = [model, ...before, ...after].find((ref) => shapeOf(ref) === null);
  if (unknown) {
    const known = CATALOGUE.map(({ id }) => id).join(', ');
    return badOptions(`There is no model ${nameOf(unknown)}.`, `There are ${known}.`);
  }
  const enlarging = [...before, ...after].find((ref) => shapeOf(ref)!.scale !== 1);
  if (enlarging) {
    return badOptions(
      `${nameOf(enlarging)} enlarges: it cannot be a stage before or after.`,
      'Choose a model of scale 1.',
    );
  }
  if (noise !== null && !denoises(model, noise)) {
    return badOptions(`${nameOf(model)} has no noise level ${noise}.`, noiseRemedy(model));
  }
  const stage = (ref: ModelRef): StageModel => ({ model: ref, shape: shapeOf(ref)! });
  const request = { model, shape: shapeOf(model)!, noise, passes, before: before.map(stage), after: after.map(stage) };
  return planPasses(source, wanted, request);
}

const nameOf = (ref: ModelRef): string => (ref.kind === 'own' ? ref.name : ref.id);

function denoises(ref: ModelRef, noise: NonNullable<AiOptions['noise']>): boolean {
  const bundled = ref.kind === 'bundled' ? findBundled(ref.id) : null;
  return bundled !== null && fileFor(bundled, noise) !== null;
}

function noiseRemedy(ref: ModelRef): string {
  const bundled = ref.kind === 'bundled' ? findBundled(ref.id) : null;
  const levels = Object.keys(bundled?.denoising ?? {});
  if (levels.length > 0) return `Choose noise level ${levels.join(' or ')}, or none.`;
  return 'Choose none, or the model cunet.';
}
