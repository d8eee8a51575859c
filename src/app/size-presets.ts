import { msg, str } from '@lit/localize';
import type { Crop } from '../core/edit/edit.ts';
import { formatNumber, lengthUnit } from './format-text.ts';
import type { SizeSettings } from './size-settings.ts';

/** A size by name. */
export interface SizePreset {
  readonly id: string;
  readonly label: string;
  readonly size: Partial<SizeSettings>;
  /** What to keep of the picture where it would be stretched otherwise; undefined leaves the crop as it is. */
  readonly crop?: Crop;
}

export interface PresetGroup {
  readonly label: string;
  readonly presets: readonly SizePreset[];
}

/** A sheet to fill: in whole units of paper, upright; a picture that lies is printed lying. */
const sheet = (name: string | null, width: number, height: number, unit: 'cm' | 'in'): SizePreset => {
  const measures = `${formatNumber(width, 1)} × ${formatNumber(height, 1)} ${lengthUnit(unit)}`;
  return {
    id: `${width}x${height}${unit}`,
    label: name === null ? measures : msg(str`${name} · ${measures}`),
    size: { mode: 'print', printWidth: width, printHeight: height, unit },
  };
};

/** Exactly these pixels, of the part of the picture that has their proportions. */
const screen = (name: string, width: number, height: number): SizePreset => ({
  id: `${width}x${height}px`,
  label: `${name} · ${width} × ${height}`,
  size: { mode: 'exact', width, height },
  crop: { kind: 'aspect', width, height, follow: false },
});

/** All presets, in groups, with labels in the present language. Paper sizes: ISO 216 and ANSI. */
export const presetGroups = (): readonly PresetGroup[] => [
  {
    label: msg('Paper'),
    presets: [
      sheet('A5', 14.8, 21, 'cm'),
      sheet('A4', 21, 29.7, 'cm'),
      sheet('A3', 29.7, 42, 'cm'),
      sheet('A2', 42, 59.4, 'cm'),
      sheet('A1', 59.4, 84.1, 'cm'),
      sheet('A0', 84.1, 118.9, 'cm'),
      sheet('Letter', 8.5, 11, 'in'),
      sheet('Tabloid', 11, 17, 'in'),
    ],
  },
  {
    label: msg('Posters and photos'),
    presets: [
      sheet(null, 10, 15, 'cm'),
      sheet(null, 20, 30, 'cm'),
      sheet(null, 30, 40, 'cm'),
      sheet(null, 50, 70, 'cm'),
      sheet(null, 60, 90, 'cm'),
      sheet(null, 70, 100, 'cm'),
      sheet(null, 100, 150, 'cm'),
      sheet(null, 18, 24, 'in'),
      sheet(null, 24, 36, 'in'),
    ],
  },
  {
    label: msg('Screens'),
    presets: [
      screen('Full HD', 1920, 1080),
      screen('QHD', 2560, 1440),
      screen('4K UHD', 3840, 2160),
      screen('5K', 5120, 2880),
      screen('8K UHD', 7680, 4320),
      screen(msg('Ultra-wide wallpaper'), 3440, 1440),
      screen(msg('Phone wallpaper'), 1440, 3200),
    ],
  },
  {
    label: msg('Social media'),
    presets: [
      screen(msg('Instagram square'), 1080, 1080),
      screen(msg('Instagram portrait'), 1080, 1350),
      screen(msg('Instagram story'), 1080, 1920),
    ],
  },
];

export const presetById = (id: string): SizePreset | null =>
  presetGroups()
    .flatMap((group) => group.presets)
    .find((preset) => preset.id === id) ?? null;

/** The preset that the fields hold at present, or null. */
export function presetOf(size: SizeSettings): SizePreset | null {
  const holds = (preset: SizePreset): boolean =>
    Object.entries(preset.size).every(([key, value]) => size[key as keyof SizeSettings] === value);
  return (
    presetGroups()
      .flatMap((group) => group.presets)
      .find(holds) ?? null
  );
}
