import type { FormatMeta } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import { DEFAULT_NAME, expandTemplate, safePath, safeSegment, usesField } from '../core/names.ts';
import type { Problem } from './picture.ts';
import { problemOf } from './error-text.ts';
import { keepStored, loadStored, type KeyValueStorage } from './settings-store.ts';
import { stemOf } from './output-name.ts';
import { Store } from './store.ts';

/** What happens when the output folder holds a file of that name: the new one gets a number, or is not made. */
export const EXISTING_CHOICES = ['number', 'skip'] as const;
export type ExistingChoice = (typeof EXISTING_CHOICES)[number];

/** How results are called and laid out; the same for all pictures. */
export interface Naming {
  /** With the fields of core/names.ts; slashes make folders. */
  readonly template: string;
  readonly existing: ExistingChoice;
}

export const DEFAULT_NAMING: Naming = { template: DEFAULT_NAME, existing: 'number' };

/** What a name is made of. */
export interface NamedPicture {
  readonly name: string;
  readonly folders: readonly string[];
}

/** A file below the output folder. */
export interface OutputPath {
  readonly folders: readonly string[];
  readonly name: string;
}

/**
 * Where a picture's result goes below the output folder. The folders that the picture came in are mirrored, unless the template
 * says itself where they stand with {dir}. The ending is always one of the format's. Throws an AppError for an unknown field.
 */
export function outputPath(
  template: string,
  picture: NamedPicture,
  { source, output, kernel, meta }: { source: Size; output: Size; kernel: string; meta: FormatMeta },
): OutputPath {
  const ext = meta.extensions[0] ?? meta.format;
  const filled = expandTemplate(template, {
    ...{ source, output, kernel, ext, format: meta.format },
    name: stemOf(picture.name),
    dir: picture.folders.join('/'),
  });
  const parts = [
    ...(usesField(template, 'dir') ? [] : picture.folders.map((part) => safeSegment(part))),
    ...safePath(filled),
  ];
  const last = parts.at(-1) ?? '';
  const folders = parts.slice(0, -1).filter((part) => part !== '');
  const named = last === '' ? stemOf(picture.name) : last;
  const ends = meta.extensions.some((extension) => named.toLowerCase().endsWith(`.${extension}`));
  return { folders, name: ends ? named : `${named}.${ext}` };
}

/** What is wrong with a template, or null. */
export function templateProblem(template: string): Problem | null {
  const size = { width: 1, height: 1 };
  try {
    expandTemplate(template, { name: '', dir: '', source: size, output: size, kernel: '', format: '', ext: '' });
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

const KEY = 'pro-upscaler.naming';

function readNaming(value: unknown): Naming {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof Naming, unknown>>;
  const { template, existing } = fields;
  return {
    template: typeof template === 'string' && template.trim() !== '' ? template : DEFAULT_NAMING.template,
    existing: EXISTING_CHOICES.find((choice) => choice === existing) ?? DEFAULT_NAMING.existing,
  };
}

/** The naming in use, kept from visit to visit. */
export class NamingStore extends Store<Naming> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    super(readNaming(loadStored(storage, KEY)));
    this.#storage = storage;
  }

  /** An empty template stands for the usual one. */
  change(change: Partial<Naming>): void {
    this.set(readNaming({ ...this.value, ...change }));
    keepStored(this.#storage, KEY, this.value);
  }
}
