import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { applyChange, DEFAULT_SETTINGS, readSettings, toJobOptions } from './settings.ts';
import { SettingsStore } from './settings-store.ts';

function memoryStorage(initial: string | null = null) {
  let stored = initial;
  return {
    getItem: () => stored,
    setItem: (_key: string, value: string) => {
      stored = value;
    },
  };
}

describe('toJobOptions', () => {
  test('the defaults of the page are the defaults of the engine', () => {
    expect(toJobOptions(DEFAULT_SETTINGS)).toEqual(DEFAULT_OPTIONS);
  });

  test('a print writes its own density', () => {
    const settings = applyChange(DEFAULT_SETTINGS, { size: { mode: 'print', printDpi: 240 } });
    expect(toJobOptions(settings).dpi).toBe(240);
    expect(toJobOptions({ ...settings, dpi: 72 }).dpi).toBe(72);
  });
});

describe('readSettings', () => {
  test('what was stored comes back', () => {
    const settings = applyChange(DEFAULT_SETTINGS, {
      kernel: 'mitchell',
      format: 'jpeg',
      quality: 77,
      dpi: 300,
      depth: 16,
      background: [1, 2, 3],
      size: { mode: 'print', unit: 'in', printWidth: 8 },
    });
    expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });

  test.each([null, 7, 'text', [], {}, { size: null }])('%j gives the defaults', (value) => {
    expect(readSettings(value)).toEqual(DEFAULT_SETTINGS);
  });

  test('each field that makes no sense gets its default, alone', () => {
    const read = readSettings({
      kernel: 'sinc',
      quality: 400,
      format: 'webp',
      linear: 'yes',
      depth: 12,
      dpi: -3,
      background: [0, 0, 999],
      size: { mode: 'area', factor: 1e9, width: 5 },
    });
    expect(read).toEqual({ ...DEFAULT_SETTINGS, format: 'webp', size: { ...DEFAULT_SETTINGS.size, width: 5 } });
  });
});

describe('SettingsStore', () => {
  test('keeps changes for the next visit', () => {
    const storage = memoryStorage();
    const store = new SettingsStore(storage);
    let changes = 0;
    store.subscribe(() => changes++);
    store.change({ format: 'tiff', size: { factor: 4 } });
    expect(changes).toBe(1);
    expect(new SettingsStore(storage).value).toMatchObject({ format: 'tiff', size: { factor: 4, mode: 'factor' } });
  });

  test('damaged and forbidden storage give the defaults', () => {
    expect(new SettingsStore(memoryStorage('{"format":')).value).toEqual(DEFAULT_SETTINGS);
    const forbidden = {
      getItem: (): string => {
        throw new Error('forbidden');
      },
      setItem: (): void => {
        throw new Error('forbidden');
      },
    };
    const store = new SettingsStore(forbidden);
    store.change({ quality: 50 });
    expect(store.value.quality).toBe(50);
  });
});
