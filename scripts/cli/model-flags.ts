/** The command line's words about models. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AI_DEFAULTS, NOISE_LEVELS, type AiOptions, type ModelRef, type NoiseLevel } from '../../src/core/ai.ts';
import { CATALOGUE, findBundled, type BundledModel } from '../../src/models/catalogue.ts';

/** A bundled model by its name, or a file. */
export type ModelWord =
  { readonly kind: 'bundled'; readonly id: string } | { readonly kind: 'file'; readonly path: string };

/** The options of a model, but for one that is a file still to be looked at. */
export type ModelRequest = Omit<AiOptions, 'model'> & { readonly model: ModelWord };

export interface ModelFlags {
  model?: ModelWord;
  noise?: NoiseLevel;
  tta: boolean;
  blend: number;
  passes: 'all' | 'first';
  colourLock: boolean;
  alpha: 'lanczos' | 'model';
  before?: readonly ModelRef[];
  after?: readonly ModelRef[];
}

/** The flags that say how a model runs. */
export const MODEL_CHOICES: readonly (keyof ModelFlags)[] = [
  'noise',
  'tta',
  'blend',
  'passes',
  'colourLock',
  'alpha',
  'before',
  'after',
];

export function parseModel(word: string): ModelWord {
  if (/\.onnx$/i.test(word)) return { kind: 'file', path: word };
  if (findBundled(word) !== null) return { kind: 'bundled', id: word };
  const names = CATALOGUE.map(({ id }) => id).join(', ');
  throw new InvalidArgumentError(`Write ${names}, or the path of an .onnx file.`);
}

function parseStage(word: string): ModelRef[] {
  const names = CATALOGUE.filter(({ task }) => task === 'restore').map(({ id }) => id);
  if (names.includes(word)) return [{ kind: 'bundled', id: word }];
  throw new InvalidArgumentError(`Write ${names.join(', ')}.`);
}

function parseNoise(word: string): NoiseLevel {
  const level = NOISE_LEVELS.find((known) => String(known) === word);
  if (level === undefined) throw new InvalidArgumentError(`Levels are ${NOISE_LEVELS.join(', ')}.`);
  return level;
}

function parseBlend(word: string): number {
  const value = word.trim() === '' ? Number.NaN : Number(word);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

const option = (flag: string, description: string, parse: (word: string) => unknown): Option =>
  new Option(flag, description).argParser(parse);

/** Adds the flags that choose a model. */
export function addModelOptions(program: Command): Command {
  return program
    .optionsGroup('Model:')
    .addOption(
      option('--model <name>', 'enlarge with this bundled model (see --list-models), or .onnx file', parseModel),
    )
    .addOption(option('--noise <level>', 'remove noise and JPEG artefacts, where the model has the level', parseNoise))
    .option('--tta', 'average eight turned runs: eight times slower, slightly better', false)
    .addOption(
      option('--blend <0-1>', "share of the model's picture; the rest is the source", parseBlend).default(
        AI_DEFAULTS.blend,
      ),
    )
    .addOption(
      new Option('--passes <number>', 'runs of the model: as many as the size asks for, or one')
        .choices(['all', 'first'])
        .default(AI_DEFAULTS.passes),
    )
    .addOption(option('--before <name>', 'a model that restores, to run before the enlargement', parseStage))
    .addOption(option('--after <name>', 'a model that restores, to run after the enlargement', parseStage))
    .addOption(
      new Option('--alpha <how>', 'what enlarges transparency')
        .choices(['lanczos', 'model'])
        .default(AI_DEFAULTS.alpha),
    )
    .option('--no-colour-lock', 'let the model change colours')
    .option('--list-models', 'print the bundled models (with --json as JSON), and end', false);
}

/** What the flags say about a model; null when there is none. */
export function modelRequest({ model, noise, before = [], after = [], ...rest }: ModelFlags): ModelRequest | null {
  if (model === undefined) return null;
  const { tta, blend, passes, colourLock, alpha } = rest;
  return { ...AI_DEFAULTS, model, noise: noise ?? null, tta, blend, passes, colourLock, alpha, before, after };
}

/** What `--list-models --json` prints of one. */
export interface ListedModel {
  readonly name: string;
  readonly label: string;
  readonly scale: number;
  readonly task: BundledModel['task'];
  readonly kinds: BundledModel['kinds'];
  readonly noise: readonly number[];
  readonly licence: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly operationsPerPixel: number;
  readonly about: string;
  /** Flags to begin with. */
  readonly flags: string;
}

export const listModels = (): ListedModel[] =>
  CATALOGUE.map(({ id, label, shape, task, kinds, denoising, licence, plain, operations, about }) => ({
    ...{ name: id, label, scale: shape.scale, task, kinds, noise: Object.keys(denoising).map(Number) },
    ...{ licence: `${licence.spdx}, ${licence.holder}`, bytes: plain.bytes, sha256: plain.sha256 },
    ...{ operationsPerPixel: operations, about, flags: `--model ${id} --scale ${shape.scale}` },
  }));

/** The same for people, a line each. */
export function modelLines(): string[] {
  return listModels().map(({ name, scale, noise, licence, about }) => {
    const levels = noise.length > 0 ? `, --noise ${noise.join(' or ')}` : '';
    return `${name.padEnd(16)} ${scale}x${levels}: ${about} (${licence})`;
  });
}
