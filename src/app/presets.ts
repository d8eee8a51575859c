import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import { readSettings, type Settings, type SettingsChange } from './settings.ts';
import type { KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

/** Settings under a name. */
export interface Preset {
  readonly name: string;
  readonly settings: PresetSettings;
}

/** What a preset holds: all settings but those that belong to one picture alone, such as its crop. */
export type PresetSettings = Omit<Settings, 'edit'>;

const KEY = 'pro-upscaler.presets';
const FILE_KIND = 'pro-upscaler-presets';
const MAX_NAME = 80;

function presetSettings(value: unknown): PresetSettings {
  const shared = Object.entries(readSettings(value)).filter(([key]) => key !== 'edit');
  return Object.fromEntries(shared) as unknown as PresetSettings;
}

function readPresets(value: unknown): readonly Preset[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { name, settings } = (entry ?? {}) as { name?: unknown; settings?: unknown };
    if (typeof name !== 'string' || name.trim() === '') return [];
    return [{ name: name.trim().slice(0, MAX_NAME), settings: presetSettings(settings) }];
  });
}

/** A JSON file as it is exported; indented, because people read it and send it to others. */
export const presetFile = (presets: readonly Preset[]): string =>
  JSON.stringify({ kind: FILE_KIND, version: 1, presets }, null, 2);

/** Reads an exported file. Fields that are unknown or make no sense are replaced by defaults. Throws an AppError otherwise. */
export function readPresetFile(text: string, fileName: string): readonly Preset[] {
  let file: unknown = null;
  try {
    file = JSON.parse(text);
  } catch {
    // Said below, as for any other file that holds no presets.
  }
  const { kind, presets } = (file ?? {}) as { kind?: unknown; presets?: unknown };
  const read = kind === FILE_KIND ? readPresets(presets) : [];
  if (read.length === 0) {
    throw new AppError('bad-input', msg(str`“${fileName}” holds no presets.`), {
      remedy: msg('Choose a file that was exported here.'),
      values: { name: fileName },
    });
  }
  return read;
}

/** The presets of this browser, by name. */
export class PresetStore extends Store<readonly Preset[]> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    let stored: unknown = null;
    try {
      stored = JSON.parse(storage.getItem(KEY) ?? 'null');
    } catch {
      // Damaged text, or storage that the browser forbids: there are none.
    }
    super(readPresets(stored));
    this.#storage = storage;
  }

  find(name: string): Preset | null {
    return this.value.find((preset) => preset.name === name) ?? null;
  }

  /** Adds presets; those with the name of an older one replace it. */
  add(presets: readonly Preset[]): void {
    const fresh = new Map(readPresets(presets).map((preset) => [preset.name, preset]));
    const kept = this.value.filter(({ name }) => !fresh.has(name));
    this.#keep([...kept, ...fresh.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })));
  }

  save(name: string, settings: Settings): void {
    this.add([{ name, settings }]);
  }

  remove(name: string): void {
    this.#keep(this.value.filter((preset) => preset.name !== name));
  }

  #keep(presets: readonly Preset[]): void {
    this.set(presets);
    try {
      this.#storage.setItem(KEY, JSON.stringify(presets));
    } catch {
      // Without storage presets last for this visit.
    }
  }
}

/** The change that makes the settings those of a preset. */
export const presetChange = (preset: Preset): SettingsChange => preset.settings;

/** Whether the settings are those of a preset. */
export const isInForce = (preset: Preset, settings: Settings): boolean =>
  JSON.stringify(presetSettings(preset.settings)) === JSON.stringify(presetSettings(settings));
