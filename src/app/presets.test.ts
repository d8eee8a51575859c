import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { isInForce, presetFile, PresetStore, readPresetFile } from './presets.ts';
import { applyChange, DEFAULT_SETTINGS } from './settings.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

const POSTER = applyChange(DEFAULT_SETTINGS, { kernel: 'mitchell', size: { mode: 'print', printWidth: 50 } });

test('keeps presets from visit to visit, sorted by name', () => {
  const storage = memory();
  const presets = new PresetStore(storage);
  presets.save('Web', DEFAULT_SETTINGS);
  presets.save(' Poster ', POSTER);
  const later = new PresetStore(storage);
  expect(later.value.map(({ name }) => name)).toEqual(['Poster', 'Web']);
  expect(isInForce(later.find('Poster')!, POSTER)).toBe(true);
  expect(isInForce(later.find('Poster')!, DEFAULT_SETTINGS)).toBe(false);
});

test('a preset replaces the one of its name', () => {
  const presets = new PresetStore(memory());
  presets.save('Mine', DEFAULT_SETTINGS);
  presets.save('Mine', POSTER);
  expect(presets.value).toHaveLength(1);
  expect(presets.value[0]!.settings.kernel).toBe('mitchell');
  presets.remove('Mine');
  expect(presets.value).toEqual([]);
});

test('goes out to a file and comes back', () => {
  const presets = new PresetStore(memory());
  presets.save('Poster', POSTER);
  const back = readPresetFile(presetFile(presets.value), 'presets.json');
  expect(back).toEqual(presets.value);
});

test.each([
  ['no JSON', '{'],
  ['another kind of file', '{"kind":"receipt","presets":[{"name":"x","settings":{}}]}'],
  ['nothing in it', '{"kind":"pro-upscaler-presets","presets":[{"name":""}]}'],
])('refuses a file with %s', (_, text) => {
  expect(() => readPresetFile(text, 'odd.json')).toThrow(AppError);
});

test('takes values that make no sense as the defaults', () => {
  const text = '{"kind":"pro-upscaler-presets","presets":[{"name":"x","settings":{"quality":"<b>","kernel":"magic"}}]}';
  const [preset] = readPresetFile(text, 'x.json');
  expect(preset!.settings.quality).toBe(DEFAULT_SETTINGS.quality);
  expect(preset!.settings.kernel).toBe(DEFAULT_SETTINGS.kernel);
});
