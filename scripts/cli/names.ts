/** Output names: templates, and the format that an ending stands for. Pure. */
import { basename, dirname, extname, join } from 'node:path';
import { OUTPUT_FORMATS, type InputFormat, type OutputFormat } from '../../src/core/formats.ts';
import type { Size } from '../../src/core/geometry.ts';
import { AppError } from '../../src/core/errors.ts';
import { FORMAT_METAS } from '../../src/pipeline/format-metas.ts';

/** The name of a file put into a folder. */
export const DEFAULT_NAME = '{name}-{scale}x.{ext}';

const PLACEHOLDER = /\{(\w+)\}/g;

/** Does the path have placeholders? */
export const isTemplate = (out: string): boolean => out.search(PLACEHOLDER) >= 0;

/** The format that a path's ending stands for; null when it stands for none. */
export function formatOfPath(path: string): OutputFormat | null {
  const ending = extname(path).slice(1).toLowerCase();
  return OUTPUT_FORMATS.find((format) => FORMAT_METAS[format].extensions.includes(ending)) ?? null;
}

/**
 * The format to write: the one asked for, else by the path's ending, else (`{ext}`) the input's own where it can be written,
 * or PNG. Throws an AppError `bad-options` for an ending that stands for no format.
 */
export function chooseFormat(asked: OutputFormat | null, out: string, source: InputFormat): OutputFormat {
  if (asked !== null) return asked;
  const byEnding = formatOfPath(out);
  if (byEnding !== null) return byEnding;
  if (extname(out) === '.{ext}') return OUTPUT_FORMATS.find((format) => format === source) ?? 'png';
  const ending = extname(out);
  const what = ending === '' ? 'has no ending' : `ends in ${ending}`;
  throw new AppError('bad-options', `${basename(out)} ${what}, which stands for no format.`, {
    remedy: `Choose one with --format: ${OUTPUT_FORMATS.join(', ')}.`,
  });
}

export interface NameValues {
  /** The input's path relative to the folder that was named, or its bare name. */
  readonly relative: string;
  readonly source: Size;
  readonly output: Size;
  readonly kernel: string;
  readonly format: OutputFormat;
}

/** A factor as it stands in a name: at most two decimals, no zeros at the end. */
const factorText = (factor: number): string => String(Number(factor.toFixed(2)));

/** Fills the placeholders. Throws an AppError `bad-options` naming an unknown one. */
export function expandTemplate(template: string, values: NameValues): string {
  const { relative, source, output, kernel, format } = values;
  const horizontal = factorText(output.width / source.width);
  const vertical = factorText(output.height / source.height);
  // Rounding to whole pixels makes the two differ a little even when the proportions are kept; the longer side is the exacter one.
  const skew = Math.abs(output.width * source.height - output.height * source.width);
  const proportional = skew <= Math.max(source.width, source.height);
  const even = source.width >= source.height ? horizontal : vertical;
  const known: Readonly<Record<string, string>> = {
    name: basename(relative, extname(relative)),
    dir: dirname(relative),
    scale: proportional ? even : `${horizontal}x${vertical}`,
    width: String(output.width),
    height: String(output.height),
    kernel,
    format,
    ext: FORMAT_METAS[format].extensions[0],
  };
  return template.replace(PLACEHOLDER, (whole, key: string) => {
    const value = known[key];
    if (value !== undefined) return value;
    throw new AppError('bad-options', `${whole} is unknown in the name ${template}.`, {
      remedy: `There are {${Object.keys(known).join('}, {')}}.`,
    });
  });
}

/** The template behind `--out`: itself, or the default name in it when it is a folder. */
export const templateOf = (out: string, isFolder: boolean): string =>
  isFolder ? join(out, '{dir}', DEFAULT_NAME) : out;
