import type { Picture } from './picture.ts';
import type { PictureList } from './picture-list.ts';
import { Store } from './store.ts';

/** How long pictures can be had back after they were removed, in milliseconds. */
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
 * deleted; those of a page that is closed before go when the app starts again. Each removal has its own time: somebody who goes on
 * removing would otherwise keep everything.
 */
export class Removals extends Store<readonly Removal[]> {
  readonly #list: PictureList;
  readonly #owner: RemovalOwner;
  readonly #timers = new Map<Removal, ReturnType<typeof setTimeout>>();
  /** The first of what was put back last, until somebody takes note. */
  #returned: number | null = null;

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
    this.#returned = null;
    const removal = { gone, order, changes: this.#owner.changes() };
    const timer = setTimeout(() => this.#end([removal]), REGRET_MS);
    this.#timers.set(removal, timer);
    this.set([...this.value, removal]);
  }

  /** Puts back what was taken off last; returns it. */
  undo(): readonly Picture[] {
    const last = this.value.at(-1);
    if (last === undefined) return [];
    this.#returned = last.gone[0]!.id;
    this.#list.putBack(last.gone, last.order);
    this.#forget([last]);
    return last.gone;
  }

  /** The first of the pictures that were put back last, told once; the list on the page may have gone with them, and is new. */
  takeReturned(): number | null {
    const returned = this.#returned;
    this.#returned = null;
    return returned;
  }

  /** Makes all removals final. */
  end(): void {
    this.#end(this.value);
  }

  #end(removals: readonly Removal[]): void {
    this.#forget(removals);
    const gone = removals.flatMap((removal) => removal.gone);
    if (gone.length > 0) this.#owner.discard(gone);
  }

  #forget(removals: readonly Removal[]): void {
    for (const removal of removals) {
      clearTimeout(this.#timers.get(removal));
      this.#timers.delete(removal);
    }
    this.set(this.value.filter((removal) => !removals.includes(removal)));
  }
}
