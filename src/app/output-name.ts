import type { FormatMeta } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { JobOptions } from '../core/options.ts';

const LONGEST_STEM = 120;

/** The name, or the first of `name (2).png`, `name (3).png`, … that is not taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${stem} (${n})${extension}`;
  return free;
}

/** A file's name without its folder and extension, safe as a part of a new name. */
export function stemOf(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  const stem = (dot > 0 ? base.slice(0, dot) : base).replace(/[<>:"|?*]|\p{Cc}/gu, '_').trim();
  return stem === '' ? 'picture' : [...stem].slice(0, LONGEST_STEM).join('');
}

/** The name proposed for a result: `photo-4x.png`, or `photo-7087x10630.png` where no plain factor was asked for. */
export function outputName(sourceName: string, options: JobOptions, output: Size, meta: FormatMeta): string {
  const { target } = options;
  const label =
    target.kind === 'scale' && target.x === target.y
      ? `${Number(target.x.toFixed(2))}x`
      : `${output.width}x${output.height}`;
  return `${stemOf(sourceName)}-${label}.${meta.extensions[0] ?? meta.format}`;
}
