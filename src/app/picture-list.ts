import { msg } from '@lit/localize';
import { toErrorRecord } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { GivenFile } from '../platform/given-files.ts';
import { isBusy, type Picture, type PictureState, type Problem } from './picture.ts';
import { Store } from './store.ts';

/** What is learnt about a file from its header. */
export interface Inspection {
  readonly info: SourceInfo;
  readonly size: Size;
  readonly profile: string | null;
}

interface ListState {
  readonly pictures: readonly Picture[];
  readonly selectedId: number | null;
}

/** Any thrown value as words for the reader. */
export function problemOf(error: unknown): Problem {
  const { message, remedy } = toErrorRecord(error);
  return { message: message === '' ? msg('Something went wrong without saying what.') : message, remedy };
}

/** The pictures of this visit, in the order they came, and which one is looked at. */
export class PictureList extends Store<ListState> {
  readonly #inspect: (file: File) => Promise<Inspection>;
  #nextId = 1;

  /** `inspect` reads a header; what it rejects with is shown at the picture. */
  constructor(inspect: (file: File) => Promise<Inspection>) {
    super({ pictures: [], selectedId: null });
    this.#inspect = inspect;
  }

  get pictures(): readonly Picture[] {
    return this.value.pictures;
  }

  get selected(): Picture | null {
    return this.find(this.value.selectedId);
  }

  find(id: number | null): Picture | null {
    return this.pictures.find((picture) => picture.id === id) ?? null;
  }

  /** Adds files and reads their headers; settles when all are read or have failed. Looks at the first new one that can be read. */
  async add(files: readonly GivenFile[]): Promise<void> {
    if (files.length === 0) return;
    const added = files.map(({ file, handle }): Picture => ({
      id: this.#nextId++,
      name: file.name,
      file,
      handle,
      info: null,
      size: null,
      profile: null,
      state: { kind: 'reading' },
    }));
    const before = this.value.selectedId;
    this.set({ pictures: [...this.pictures, ...added], selectedId: added[0]!.id });
    // One after another: a folder of pictures must not open hundreds of files at a time.
    for (const { id, file } of added) {
      await this.#read(id, file);
      this.#lookAway(id, added, before);
    }
  }

  /** A picture that turned out to be unreadable is not worth looking at while there is another. */
  #lookAway(id: number, added: readonly Picture[], before: number | null): void {
    if (this.value.selectedId !== id || this.find(id)?.info !== null) return;
    const next = added.find((picture) => picture.id > id) ?? this.find(before);
    if (next !== null) this.select(next.id);
  }

  async #read(id: number, file: File): Promise<void> {
    if (this.find(id) === null) return;
    try {
      this.update(id, { ...(await this.#inspect(file)), state: { kind: 'ready' } });
    } catch (error) {
      this.setState(id, { kind: 'failed', problem: problemOf(error) });
    }
  }

  /** Changes a picture; one that was removed meanwhile stays removed. */
  update(id: number, change: Partial<Omit<Picture, 'id'>>): void {
    const pictures = this.pictures.map((picture) => (picture.id === id ? { ...picture, ...change } : picture));
    if (this.find(id) !== null) this.set({ ...this.value, pictures });
  }

  setState(id: number, state: PictureState): void {
    this.update(id, { state });
  }

  select(id: number): void {
    if (this.find(id) !== null) this.set({ ...this.value, selectedId: id });
  }

  /** Takes a picture off the list, unless a job owns it; its neighbour is looked at instead. */
  remove(id: number): void {
    const index = this.pictures.findIndex((picture) => picture.id === id);
    const picture = this.pictures[index];
    if (picture === undefined || isBusy(picture)) return;
    const pictures = this.pictures.filter((other) => other.id !== id);
    const neighbour = pictures[Math.min(index, pictures.length - 1)] ?? null;
    const selectedId = this.value.selectedId === id ? (neighbour?.id ?? null) : this.value.selectedId;
    this.set({ pictures, selectedId });
  }
}
