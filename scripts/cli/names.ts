/** Output names of the command line: paths, and the format that an ending stands for. Pure. */
import { basename, dirname, extname, join } from 'node:path';
import { OUTPUT_FORMATS, type InputFormat, type OutputFormat } from '../../src/core/formats.ts';
import type { Size } from '../../src/core/geometry.ts';
import { AppError } from '../../src/core/errors.ts';
import { DEFAULT_NAME, expandTemplate as fillTemplate } from '../../src/core/names.ts';
import { FORMAT_METAS } from '../../src/pipeline/format-metas.ts';

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

export interface InputValues {
  /** The input's path relative to the folder that was named, or its bare name. */
  readonly relative: string;
  readonly source: Size;
  readonly output: Size;
  readonly kernel: string;
  readonly format: OutputFormat;
}

/** Fills the placeholders. Throws an AppError `bad-options` naming an unknown one. */
export function expandTemplate(template: string, { relative, ...values }: InputValues): string {
  return fillTemplate(template, {
    ...values,
    name: basename(relative, extname(relative)),
    dir: dirname(relative),
    ext: FORMAT_METAS[values.format].extensions[0]!,
  });
}

/** The template behind `--out`: itself, or the default name in it when it is a folder. */
export const templateOf = (out: string, isFolder: boolean): string =>
  isFolder ? join(out, '{dir}', DEFAULT_NAME) : out;
