import { AppError } from './errors.ts';
import type { Size } from './geometry.ts';
import { say, str } from './text.ts';

/** The name of a result where none was asked for. */
export const DEFAULT_NAME = '{name}-{scale}x.{ext}';

/** What can stand in a template. */
export const NAME_FIELDS = ['name', 'scale', 'width', 'height', 'kernel', 'format', 'ext', 'dir'] as const;
export type NameField = (typeof NAME_FIELDS)[number];

const PLACEHOLDER = /\{(\w+)\}/g;

/** Does the text have placeholders? */
export const isTemplate = (text: string): boolean => text.search(PLACEHOLDER) >= 0;

/** Does the template use this field? */
export const usesField = (template: string, field: NameField): boolean => template.includes(`{${field}}`);

export interface NameValues {
  /** The input's name without its folder and ending. */
  readonly name: string;
  /** The folder of the input below the one that was given, "." when it lies in that itself. */
  readonly dir: string;
  readonly source: Size;
  readonly output: Size;
  readonly kernel: string;
  readonly format: string;
  /** The ending that files of the format get, without the dot. */
  readonly ext: string;
}

/** A factor as it stands in a name: at most two decimals, no zeros at the end. */
const factorText = (factor: number): string => String(Number(factor.toFixed(2)));

/** The factor of an enlargement, or both of them ("2x3") when the proportions change by more than two decimals tell. */
export function scaleText(source: Size, output: Size): string {
  const horizontal = factorText(output.width / source.width);
  const vertical = factorText(output.height / source.height);
  // Rounding to whole pixels makes the two differ a little even when the proportions are kept; the longer side is the exacter one.
  const skew = Math.abs(output.width * source.height - output.height * source.width);
  const differ = skew > Math.max(source.width, source.height) && horizontal !== vertical;
  if (differ) return `${horizontal}x${vertical}`;
  return source.width >= source.height ? horizontal : vertical;
}

/** Fills the placeholders. Throws an AppError `bad-options` naming an unknown one. */
export function expandTemplate(template: string, values: NameValues): string {
  const { source, output } = values;
  const known: Readonly<Record<NameField, string>> = {
    name: values.name,
    scale: scaleText(source, output),
    width: String(output.width),
    height: String(output.height),
    kernel: values.kernel,
    format: values.format,
    ext: values.ext,
    dir: values.dir,
  };
  return template.replace(PLACEHOLDER, (whole, key: string) => {
    if (Object.hasOwn(known, key)) return known[key as NameField];
    throw new AppError('bad-options', say(str`${whole} is unknown in the name ${template}.`), {
      remedy: say(str`There are ${`{${NAME_FIELDS.join('}, {')}}`}.`),
      values: { template, field: key },
    });
  });
}

/** Characters that some file system refuses, and control characters. */
const FORBIDDEN = /[<>:"|?*\\/]|\p{Cc}/gu;

/** A part of a path that every file system takes, at most `longest` characters long. */
export function safeSegment(text: string, longest = 200): string {
  const clean = [...text.replace(FORBIDDEN, '_')].slice(0, longest).join('').trim();
  // Windows drops dots and spaces at the end; a part that is all dots would lead out of the folder.
  return clean.replace(/[. ]+$/, '');
}

/** Splits a path into safe parts; empty ones and "." vanish, and ".." cannot lead out. */
export const safePath = (path: string): readonly string[] =>
  path
    .split(/[\\/]/)
    .map((part) => safeSegment(part))
    .filter((part) => part !== '');
