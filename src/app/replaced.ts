import { download } from '../platform/files.ts';
import type { Done, Picture } from './picture.ts';
import { REGRET_MS } from './removals.ts';
import { saveAll, type Unsaved } from './save-all.ts';
import { Store } from './store.ts';

/** A download is read from the private storage for a while after it was asked for: so long the file stays, in milliseconds. */
export const READ_MS = 60_000;

/** What is asked of the app. */
export interface ReplacedOwner {
  /** Deletes a result from the browser's storage; settles when it is known to be nobody's, and gone. */
  discard(result: Unsaved): Promise<void>;
}

/** Results that later runs have replaced. */
export interface ReplacedState {
  readonly kept: readonly Unsaved[];
  /** Those that somebody has let go of, and can still have back. */
  readonly dismissed: readonly Unsaved[];
}

/**
 * Results that only the browser held when a later run of their pictures replaced them. They stay until they are saved, or somebody lets go of
 * them, since the run may well end when nobody looks; and then for a while, in which that can be undone. Those of a page that is closed go when
 * the app starts again.
 */
export class Replaced extends Store<ReplacedState> {
  readonly #owner: ReplacedOwner;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(owner: ReplacedOwner) {
    super({ kept: [], dismissed: [] });
    this.#owner = owner;
  }

  /** Takes the result that a picture had before; one that was saved needs no keeping. */
  add(picture: Picture, { place, saved }: Done): void {
    if (place.kind !== 'blob') return;
    const result = { picture, place };
    if (saved === true) this.#discardLater(result);
    else this.#setKept([...this.value.kept, result]);
  }

  /** Saves what is kept: one among the downloads, several as all results are saved. Needs a user gesture. Rejects with an AppError. */
  async save(): Promise<void> {
    const results = this.value.kept;
    const [only] = results;
    if (results.length === 1 && only !== undefined) {
      download(only.place.blob, only.place.name);
      this.#drop(only);
      this.#discardLater(only);
      return;
    }
    const isSaved = await saveAll(results, (result) => this.#letGo(result));
    if (isSaved) for (const result of results) this.#letGo(result);
  }

  /** Lets go of what is kept, in a way that can be undone for a while. */
  dismiss(): void {
    const { kept, dismissed } = this.value;
    if (kept.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.endDismissed(), REGRET_MS);
    this.set({ kept: [], dismissed: [...dismissed, ...kept] });
  }

  /** Takes back what was let go of. */
  undo(): void {
    clearTimeout(this.#timer);
    const { kept, dismissed } = this.value;
    this.set({ kept: [...dismissed, ...kept], dismissed: [] });
  }

  /** Deletes what was let go of. */
  endDismissed(): void {
    clearTimeout(this.#timer);
    const { kept, dismissed } = this.value;
    this.set({ kept, dismissed: [] });
    for (const result of dismissed) void this.#owner.discard(result);
  }

  /** Deletes them all. */
  end(): void {
    this.dismiss();
    this.endDismissed();
  }

  #letGo(result: Unsaved): void {
    if (this.#drop(result)) void this.#owner.discard(result);
  }

  #discardLater(result: Unsaved): void {
    setTimeout(() => void this.#owner.discard(result), READ_MS);
  }

  /** Whether it was kept. */
  #drop(result: Unsaved): boolean {
    const { kept } = this.value;
    const left = kept.filter((other) => other !== result);
    if (left.length === kept.length) return false;
    this.#setKept(left);
    return true;
  }

  #setKept(kept: readonly Unsaved[]): void {
    this.set({ ...this.value, kept });
  }
}
