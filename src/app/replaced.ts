import { download } from '../platform/files.ts';
import type { Done, Picture } from './picture.ts';
import { saveAll, type Unsaved } from './save-all.ts';
import { Store } from './store.ts';

/** A download is read from the private storage for a while after it was asked for: so long the file stays, in milliseconds. */
export const READ_MS = 60_000;

/** What is asked of the app. */
export interface ReplacedOwner {
  /** Deletes a result from the browser's storage; settles when it is known to be nobody's, and gone. */
  discard(result: Unsaved): Promise<void>;
}

/**
 * Results that only the browser held when a later run of their pictures replaced them. They stay until they are saved, or somebody lets go of
 * them, since the run may well end when nobody looks; those of a page that is closed go when the app starts again.
 */
export class Replaced extends Store<readonly Unsaved[]> {
  readonly #owner: ReplacedOwner;

  constructor(owner: ReplacedOwner) {
    super([]);
    this.#owner = owner;
  }

  /** Takes the result that a picture had before; one that was saved needs no keeping. */
  add(picture: Picture, { place, saved }: Done): void {
    if (place.kind !== 'blob') return;
    const result = { picture, place };
    if (saved === true) this.#discardLater(result);
    else this.set([...this.value, result]);
  }

  /** Saves them: one among the downloads, several as all results are saved. Needs a user gesture. Rejects with an AppError. */
  async save(): Promise<void> {
    const results = this.value;
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

  /** Deletes them all. */
  end(): void {
    for (const result of this.value) this.#letGo(result);
  }

  #letGo(result: Unsaved): void {
    if (this.#drop(result)) void this.#owner.discard(result);
  }

  #discardLater(result: Unsaved): void {
    setTimeout(() => void this.#owner.discard(result), READ_MS);
  }

  /** Whether it was here. */
  #drop(result: Unsaved): boolean {
    const left = this.value.filter((other) => other !== result);
    if (left.length === this.value.length) return false;
    this.set(left);
    return true;
  }
}
