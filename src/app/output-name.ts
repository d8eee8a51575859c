import { safeSegment } from '../core/names.ts';

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
  const stem = safeSegment(dot > 0 ? base.slice(0, dot) : base, LONGEST_STEM);
  return stem === '' ? 'picture' : stem;
}
