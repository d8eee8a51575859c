import type { PictureList } from './picture-list.ts';
import { applyChange, ownSettings, readSettings, type Settings, type SettingsChange } from './settings.ts';
import { Store } from './store.ts';

const KEY = 'pro-upscaler.settings';

/** The part of Web Storage that is used. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** What an earlier visit stored under a key; null where there is nothing readable. */
export function loadStored(storage: KeyValueStorage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null');
  } catch {
    // Damaged text, or storage that the browser forbids: start from the defaults.
    return null;
  }
}

/** Keeps a value for the next visit, where the browser allows it. */
export function keepStored(storage: KeyValueStorage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage only means that the next visit starts from the defaults.
  }
}

/** The settings that new pictures get: those used last, kept from visit to visit. */
export class DefaultSettings {
  readonly #storage: KeyValueStorage;
  #value: Settings;

  constructor(storage: KeyValueStorage) {
    this.#storage = storage;
    this.#value = readSettings(loadStored(storage, KEY));
  }

  get value(): Settings {
    return this.#value;
  }

  set(settings: Settings): void {
    this.#value = settings;
    keepStored(this.#storage, KEY, settings);
  }
}

/**
 * The settings that the page shows: those of the picture that is looked at, or without pictures the ones that new pictures
 * get. A change goes to all chosen pictures, and new pictures get it too.
 */
export class SettingsStore extends Store<Settings> {
  readonly #defaults: DefaultSettings;
  readonly #list: PictureList;

  constructor(defaults: DefaultSettings, list: PictureList) {
    super(list.selected?.settings ?? defaults.value);
    this.#defaults = defaults;
    this.#list = list;
    list.subscribe(() => this.set(list.selected?.settings ?? this.#defaults.value));
  }

  change(change: SettingsChange): void {
    this.#list.updateAll(this.#list.value.chosen, ({ settings }) => ({ settings: applyChange(settings, change) }));
    this.#defaults.set(ownSettings(applyChange(this.value, change), this.#defaults.value));
    this.set(this.#list.selected?.settings ?? this.#defaults.value);
  }

  /** Gives other pictures the settings that are shown; what belongs to each picture alone stays as it is. */
  applyTo(ids: Iterable<number>): void {
    const { value } = this;
    this.#list.updateAll(ids, ({ settings }) => ({ settings: ownSettings(value, settings) }));
  }
}
