import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { GivenFile } from '../platform/given-files.ts';
import { problemOf } from './error-text.ts';
import { movedBefore, rangeBetween } from './order.ts';
import { heldResult, isBusy, type Picture, type PictureState } from './picture.ts';
import type { Settings } from './settings.ts';
import { Store } from './store.ts';

/** What is learnt about a file from its header. */
export interface Inspection {
  readonly info: SourceInfo;
  readonly size: Size;
  readonly profile: string | null;
}

export interface ListState {
  readonly pictures: readonly Picture[];
  /** The one that is looked at. */
  readonly selectedId: number | null;
  /** Those that the settings are changed of; the one that is looked at is among them. */
  readonly chosen: ReadonlySet<number>;
}

/** How a selection changes: that one alone; it joins or leaves; all from the one that is looked at to it. */
export type SelectMode = 'only' | 'toggle' | 'range';

const only = (id: number | null): ReadonlySet<number> => new Set(id === null ? [] : [id]);

/** The pictures in the order in which they are worked on, which one is looked at, and which are chosen. */
export class PictureList extends Store<ListState> {
  readonly #inspect: (file: File) => Promise<Inspection>;
  readonly #defaults: () => Settings;
  /** Pictures of all pages of the app are kept together: no other one, open at the same time or earlier, may give the same ids. */
  #nextId = crypto.getRandomValues(new Uint32Array(1))[0]! * 2 ** 20;

  /** `inspect` reads a header; what it rejects with is shown at the picture. `defaults` are the settings of new pictures. */
  constructor(inspect: (file: File) => Promise<Inspection>, defaults: () => Settings) {
    super({ pictures: [], selectedId: null, chosen: new Set() });
    this.#inspect = inspect;
    this.#defaults = defaults;
  }

  get pictures(): readonly Picture[] {
    return this.value.pictures;
  }

  get selected(): Picture | null {
    return this.find(this.value.selectedId);
  }

  /** The chosen pictures, in the list's order. */
  get chosen(): readonly Picture[] {
    return this.pictures.filter(({ id }) => this.value.chosen.has(id));
  }

  find(id: number | null): Picture | null {
    return this.pictures.find((picture) => picture.id === id) ?? null;
  }

  /**
   * Adds files and reads their headers; settles when all are read or have failed. Chooses what was added, and looks at the first
   * that can be read.
   */
  async add(files: readonly GivenFile[]): Promise<void> {
    if (files.length === 0) return;
    const settings = this.#defaults();
    const added = files.map((given): Picture => ({
      id: this.#nextId++,
      name: given.file.name,
      file: given.file,
      bytes: given.file.size,
      handle: given.handle,
      root: given.root ?? null,
      folders: given.folders ?? [],
      copy: null,
      settings,
      info: null,
      size: null,
      profile: null,
      state: { kind: 'reading' },
    }));
    const before = this.value.selectedId;
    this.set({
      pictures: [...this.pictures, ...added],
      selectedId: added[0]!.id,
      chosen: new Set(added.map(({ id }) => id)),
    });
    // One after another: a folder of pictures must not open hundreds of files at a time.
    for (const { id } of added) {
      await this.read(id);
      this.#lookAway(id, added, before);
    }
  }

  /** Puts pictures of an earlier visit at the beginning, as they are. */
  restore(pictures: readonly Picture[], selectedId: number | null): void {
    if (pictures.length === 0) return;
    const all = [...pictures, ...this.pictures];
    const wanted = this.value.selectedId ?? selectedId;
    const selected = all.find(({ id }) => id === wanted) ?? all[0]!;
    const chosen = this.value.selectedId === null ? only(selected.id) : this.value.chosen;
    this.set({ pictures: all, selectedId: selected.id, chosen });
  }

  /** A picture that turned out to be unreadable is not worth looking at while there is another. */
  #lookAway(id: number, added: readonly Picture[], before: number | null): void {
    if (this.value.selectedId !== id || this.find(id)?.info !== null) return;
    const next = added.find((picture) => picture.id > id) ?? this.find(before);
    if (next === null || this.find(next.id) === null) return;
    const chosen = new Set([...this.value.chosen, next.id]);
    this.set({ ...this.value, selectedId: next.id, chosen: added.includes(next) ? chosen : only(next.id) });
  }

  /** Reads a picture's header, and puts it into the state `then` (by default "ready") or "failed", which costs it no result. */
  async read(id: number, then: PictureState = { kind: 'ready' }): Promise<void> {
    const picture = this.find(id);
    if (picture === null) return;
    try {
      const inspection = await this.#inspect(picture.file);
      this.update(id, { ...inspection, state: then });
    } catch (error) {
      const problem = problemOf(error);
      const held = heldResult(then);
      this.setState(id, held === undefined ? { kind: 'failed', problem } : { ...held, again: problem });
    }
  }

  /** Changes a picture; one that was removed meanwhile stays removed. */
  update(id: number, change: Partial<Omit<Picture, 'id'>>): void {
    this.updateAll([id], () => change);
  }

  /** Changes several pictures at once. */
  updateAll(ids: Iterable<number>, changeOf: (picture: Picture) => Partial<Omit<Picture, 'id'>>): void {
    const wanted = new Set(ids);
    if (!this.pictures.some(({ id }) => wanted.has(id))) return;
    const pictures = this.pictures.map((picture) =>
      wanted.has(picture.id) ? { ...picture, ...changeOf(picture) } : picture,
    );
    this.set({ ...this.value, pictures });
  }

  setState(id: number, state: PictureState): void {
    this.update(id, { state });
  }

  /** Looks at a picture and chooses it; a picture that leaves the choice is not the last one in it. */
  select(id: number, mode: SelectMode = 'only'): void {
    if (this.find(id) === null) return;
    const { chosen, selectedId } = this.value;
    if (mode === 'range') {
      const ids = this.pictures.map((picture) => picture.id);
      this.set({ ...this.value, chosen: new Set(rangeBetween(ids, selectedId ?? id, id)) });
    } else if (mode === 'only') {
      this.set({ ...this.value, selectedId: id, chosen: only(id) });
    } else if (!chosen.has(id)) {
      this.set({ ...this.value, selectedId: id, chosen: new Set([...chosen, id]) });
    } else if (chosen.size > 1) {
      const left = new Set([...chosen].filter((other) => other !== id));
      const looked = selectedId === id ? (this.pictures.find((other) => left.has(other.id))?.id ?? null) : selectedId;
      this.set({ ...this.value, selectedId: looked, chosen: left });
    }
  }

  selectAll(): void {
    this.set({ ...this.value, chosen: new Set(this.pictures.map(({ id }) => id)) });
  }

  /** Moves pictures, which keep their order among themselves, to before another one; to the end without one. */
  move(ids: ReadonlySet<number>, beforeId: number | null): void {
    const pictures = movedBefore(this.pictures, ids, beforeId);
    if (pictures !== null) this.set({ ...this.value, pictures });
  }

  /** Moves the chosen pictures one place up (-1) or down (+1). */
  nudge(ids: ReadonlySet<number>, by: -1 | 1): void {
    const places = this.pictures.flatMap(({ id }, index) => (ids.has(id) ? [index] : []));
    const edge = by < 0 ? places[0] : places.at(-1);
    if (edge === undefined) return;
    const neighbour = by < 0 ? this.pictures[edge - 1] : this.pictures[edge + 2];
    if (by < 0 && neighbour === undefined) return;
    this.move(ids, neighbour?.id ?? null);
  }

  /** Puts pictures back that were taken off a list of this `order`, each behind the one that it followed, and chooses them. */
  putBack(gone: readonly Picture[], order: readonly number[]): void {
    const back = new Map(gone.map((picture) => [picture.id, picture]));
    const pictures = [...this.pictures];
    let at = 0;
    for (const id of order) {
      const picture = back.get(id);
      const place = picture === undefined ? pictures.findIndex((other) => other.id === id) + 1 : 0;
      if (place > 0) at = place;
      if (picture !== undefined) pictures.splice(at++, 0, picture);
    }
    this.set({ pictures, selectedId: gone[0]?.id ?? this.value.selectedId, chosen: new Set(back.keys()) });
  }

  /** Takes pictures off the list, unless a job owns them; a neighbour is looked at instead. Returns those taken off. */
  remove(...ids: number[]): readonly Picture[] {
    const wanted = new Set(ids);
    const gone = this.pictures.filter((picture) => wanted.has(picture.id) && !isBusy(picture));
    if (gone.length === 0) return gone;
    const pictures = this.pictures.filter((picture) => !gone.includes(picture));
    const index = this.pictures.indexOf(gone[0]!);
    const neighbour = pictures[Math.min(index, pictures.length - 1)] ?? null;
    const chosen = new Set([...this.value.chosen].filter((id) => pictures.some((picture) => picture.id === id)));
    const kept = pictures.find(({ id }) => id === this.value.selectedId)?.id;
    const selectedId = kept ?? pictures.find(({ id }) => chosen.has(id))?.id ?? neighbour?.id ?? null;
    this.set({ pictures, selectedId, chosen: chosen.size === 0 ? only(selectedId) : chosen });
    return gone;
  }
}
