import type { KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

const KEY = 'pro-upscaler.visited';

/** True until the person has started a job or has had enough of hints. */
export class FirstVisit extends Store<boolean> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    let visited = true;
    try {
      visited = storage.getItem(KEY) !== null;
    } catch {
      // Where nothing can be kept, the hint would come at every visit.
    }
    super(!visited);
    this.#storage = storage;
  }

  end(): void {
    this.set(false);
    try {
      this.#storage.setItem(KEY, 'yes');
    } catch {
      // The hint comes again.
    }
  }
}
