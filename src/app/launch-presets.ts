import type { SettingsChange } from './settings.ts';

/** Settings that a shortcut or a link asks for by `?preset=`. */
export interface LaunchPreset {
  /** For the operating system's menus, which are not translated. */
  readonly name: string;
  readonly change: SettingsChange;
}

export const LAUNCH_PRESETS: Readonly<Record<string, LaunchPreset>> = {
  '2x': { name: 'Enlarge 2 times', change: { size: { mode: 'factor', factor: 2 } } },
  '4x': { name: 'Enlarge 4 times', change: { size: { mode: 'factor', factor: 4 } } },
  '4k': { name: 'For a 4K screen', change: { size: { mode: 'long', long: 3840 } } },
  poster: {
    name: 'Poster of 60 × 90 cm',
    change: { size: { mode: 'print', printWidth: 60, printHeight: 90, unit: 'cm', printDpi: 300 } },
  },
};

/** The query parameter that names one. */
export const PRESET_PARAMETER = 'preset';

/** The settings that an address asks for; null when it names none, or one that there is not. */
export function presetOf(query: URLSearchParams): SettingsChange | null {
  const name = query.get(PRESET_PARAMETER);
  return name !== null && Object.hasOwn(LAUNCH_PRESETS, name) ? LAUNCH_PRESETS[name]!.change : null;
}
