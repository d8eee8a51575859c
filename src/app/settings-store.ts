import { applyChange, readSettings, type Settings, type SettingsChange } from './settings.ts';
import { Store } from './store.ts';

const KEY = 'pro-upscaler.settings';

/** The part of Web Storage that is used. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem'>;

function load(storage: KeyValueStorage): unknown {
  try {
    return JSON.parse(storage.getItem(KEY) ?? 'null');
  } catch {
    // Damaged text, or storage that the browser forbids: start from the defaults.
    return null;
  }
}

/** The settings of the page, kept from visit to visit where the browser allows it. */
export class SettingsStore extends Store<Settings> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    super(readSettings(load(storage)));
    this.#storage = storage;
  }

  change(change: SettingsChange): void {
    this.set(applyChange(this.value, change));
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.value));
    } catch {
      // A full or forbidden storage only means that the next visit starts from the defaults.
    }
  }
}
