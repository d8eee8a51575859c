import { AppError } from '../core/errors.ts';

const FILES = import.meta.glob<string>('../../wgsl/**/*.wgsl', { query: '?raw', import: 'default', eager: true });

const texts = new Map(
  Object.entries(FILES).map(([path, text]) => [path.replace(/^.*\/wgsl\//, '').replace(/\.wgsl$/, ''), text]),
);

const IMPORT = /^#import\b(.*)$/;

/**
 * The WGSL of a pass with the parts it imports put in, each once and before its first use. A line `#import lib/name` names a file of
 * wgsl/ without its ending. Throws `internal` for a file that does not exist, a malformed import and a circular one.
 */
export function resolveShader(name: string, files: ReadonlyMap<string, string> = texts): string {
  const done = new Set<string>();
  const expand = (file: string, trail: readonly string[]): string => {
    const text = files.get(file);
    const path = [...trail, file].join(' > ');
    if (text === undefined) throw new AppError('internal', `There is no WGSL file of this name: ${path}.`);
    if (trail.includes(file)) throw new AppError('internal', `WGSL files import one another in a circle: ${path}.`);
    if (done.has(file)) return '';
    const lines = text.split('\n').map((line) => {
      const match = IMPORT.exec(line.trim());
      if (match === null) return line;
      const wanted = match[1].trim();
      if (!/^[\w/-]+$/.test(wanted))
        throw new AppError('internal', `This is no import of a WGSL file: ${line} in ${path}.`);
      return expand(wanted, [...trail, file]);
    });
    done.add(file);
    return lines.join('\n');
  };
  return expand(name, []);
}

/** Every pass: the files of wgsl/ that are not parts of others. */
export const PASS_NAMES: readonly string[] = [...texts.keys()].filter((name) => !name.startsWith('lib/'));
