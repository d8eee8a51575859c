import type { Picture } from './picture.ts';
import type { PictureList } from './picture-list.ts';
import { Store } from './store.ts';

/** How long pictures can be had back after the last removal, in milliseconds. */
export const REGRET_MS = 30_000;

/** Pictures that were taken off the list together. */
export interface Removal {
  readonly gone: readonly Picture[];
  /** The list before, to put them back where they were. */
  readonly order: readonly number[];
  /** How many changes of settings could be undone then: those made since come first. */
  readonly changes: number;
}

/** What is asked of the app. */
export interface RemovalOwner {
  /** How many changes of settings can be undone. */
  changes(): number;
  /** Nobody can have these back: what they have in the browser's storage is to be deleted. */
  discard(gone: readonly Picture[]): void;
}

/**
 * Takes pictures off the list in a way that can be undone for a while, the latest removal first. Only then their results and copies are
 * deleted; those of a page that is closed before go when the app starts again.
 */
export class Removals extends Store<readonly Removal[]> {
  readonly #list: PictureList;
  readonly #owner: RemovalOwner;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(list: PictureList, owner: RemovalOwner) {
    super([]);
    this.#list = list;
    this.#owner = owner;
  }

  /** Whether the latest removal is the last thing that was done, as far as things can be undone. */
  get isLatest(): boolean {
    const last = this.value.at(-1);
    return last !== undefined && this.#owner.changes() <= last.changes;
  }

  remove(ids: readonly number[]): void {
    const order = this.#list.pictures.map(({ id }) => id);
    const gone = this.#list.remove(...ids);
    if (gone.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), REGRET_MS);
    this.set([...this.value, { gone, order, changes: this.#owner.changes() }]);
  }

  /** Puts back what was taken off last; returns it. */
  undo(): readonly Picture[] {
    const last = this.value.at(-1);
    if (last === undefined) return [];
    this.#list.putBack(last.gone, last.order);
    this.set(this.value.slice(0, -1));
    return last.gone;
  }

  /** Makes all removals final. */
  end(): void {
    clearTimeout(this.#timer);
    const gone = this.value.flatMap((removal) => removal.gone);
    this.set([]);
    if (gone.length > 0) this.#owner.discard(gone);
  }
}
