import type { PictureList } from './picture-list.ts';
import { applyChange, ownSettings, readSettings, type Settings, type SettingsChange } from './settings.ts';
import { DEFAULT_SIZE, switchUnit, usualUnit } from './size-settings.ts';
import { Store } from './store.ts';
import { UndoStack } from './undo.ts';

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

  /** A first visit has the unit of paper that is usual where the languages are spoken. */
  constructor(storage: KeyValueStorage, languages: readonly string[] = []) {
    this.#storage = storage;
    const stored = loadStored(storage, KEY);
    const size = switchUnit(DEFAULT_SIZE, usualUnit(languages));
    this.#value = readSettings(stored ?? { size });
  }

  get value(): Settings {
    return this.#value;
  }

  set(settings: Settings): void {
    this.#value = settings;
    keepStored(this.#storage, KEY, settings);
  }
}

/** The settings of everything at one time. */
interface Snapshot {
  readonly defaults: Settings;
  readonly pictures: ReadonlyMap<number, Settings>;
}

/**
 * The settings that the page shows: those of the picture that is looked at, or without pictures the ones that new pictures
 * get. A change goes to all chosen pictures, and new pictures get it too.
 * Changes can be taken back, also those of several pictures at once.
 */
export class SettingsStore extends Store<Settings> {
  readonly #steps = new UndoStack<Snapshot>();
  readonly #defaults: DefaultSettings;
  readonly #list: PictureList;

  constructor(defaults: DefaultSettings, list: PictureList) {
    super(list.selected?.settings ?? defaults.value);
    this.#defaults = defaults;
    this.#list = list;
    list.subscribe(() => this.#show());
  }

  get canUndo(): boolean {
    return this.#steps.canUndo;
  }

  /** How many changes can be undone. */
  get changes(): number {
    return this.#steps.value.past.length;
  }

  get canRedo(): boolean {
    return this.#steps.canRedo;
  }

  /** Of the chosen pictures, unless others are named. */
  change(change: SettingsChange, ids: ReadonlySet<number> = this.#list.value.chosen): void {
    const before = this.#snapshot();
    this.#list.updateAll(ids, ({ settings }) => ({ settings: applyChange(settings, change) }));
    this.#defaults.set(ownSettings(applyChange(this.value, change), this.#defaults.value));
    this.#show();
    this.#record(before, namesOf(change));
  }

  /** Gives other pictures the settings that are shown; what belongs to each picture alone stays as it is. */
  applyTo(ids: Iterable<number>): void {
    const { value } = this;
    const before = this.#snapshot();
    this.#list.updateAll(ids, ({ settings }) => ({ settings: ownSettings(value, settings) }));
    this.#record(before, 'all');
  }

  undo(): void {
    this.#restore(this.#steps.undo(this.#snapshot()));
  }

  redo(): void {
    this.#restore(this.#steps.redo(this.#snapshot()));
  }

  #show(): void {
    this.set(this.#list.selected?.settings ?? this.#defaults.value);
  }

  #snapshot(): Snapshot {
    const pictures = new Map(this.#list.pictures.map(({ id, settings }) => [id, settings] as const));
    return { defaults: this.#defaults.value, pictures };
  }

  /** A field that was left as it was makes no step. */
  #record(before: Snapshot, what: string): void {
    const asText = ({ defaults, pictures }: Snapshot): string => JSON.stringify([defaults, ...pictures.values()]);
    if (asText(before) !== asText(this.#snapshot())) this.#steps.record(before, what, Date.now());
  }

  /** Pictures that came later keep what they have. */
  #restore(snapshot: Snapshot | null): void {
    if (snapshot === null) return;
    const { defaults, pictures } = snapshot;
    this.#list.updateAll(pictures.keys(), ({ id }) => ({ settings: pictures.get(id)! }));
    this.#defaults.set(defaults);
    this.#show();
  }
}

/** The names of the fields that change, those of the size one by one. */
const namesOf = ({ size = {}, ...change }: SettingsChange): string =>
  [...Object.keys(change), ...Object.keys(size)].join();
