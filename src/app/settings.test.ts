import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { applyChange, DEFAULT_SETTINGS, readSettings, settingsOfReceipt, toJobOptions } from './settings.ts';
import { DefaultSettings, SettingsStore } from './settings-store.ts';
import { PictureList } from './picture-list.ts';
import { fakeList, fileNamed, inspectFake } from './testing.ts';

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

test.each([
  { kind: 'scale', x: 3, y: 3 },
  { kind: 'width', pixels: 900 },
  { kind: 'height', pixels: 901 },
  { kind: 'exact', width: 5, height: 6 },
  { kind: 'long', pixels: 902 },
  { kind: 'short', pixels: 903 },
  { kind: 'megapixels', megapixels: 12 },
  { kind: 'print', widthInches: 20, heightInches: 30, dpi: 240 },
] as const)('a receipt gives back the settings of its job: %j', (target) => {
  const options = { ...DEFAULT_OPTIONS, target, kernel: 'mitchell', format: 'jpeg', quality: 71, dpi: 240 } as const;
  const output = { name: '', bytes: 0, format: 'jpeg', depth: 8, width: 1, height: 2 };
  expect(toJobOptions(settingsOfReceipt({ options, output }))).toEqual(options);
});

test('two factors become the size that they came to', () => {
  const options = { ...DEFAULT_OPTIONS, target: { kind: 'scale', x: 2, y: 3 } } as const;
  const output = { name: '', bytes: 0, format: 'png', depth: 8, width: 20, height: 30 };
  expect(toJobOptions(settingsOfReceipt({ options, output })).target).toEqual({ kind: 'exact', width: 20, height: 30 });
});

describe('SettingsStore', () => {
  test('shows the picture that is looked at, changes those that are chosen, and is inherited by new ones', async () => {
    const defaults = new DefaultSettings(memoryStorage());
    const list = new PictureList(inspectFake, () => defaults.value);
    const store = new SettingsStore(defaults, list);
    const add = (...names: string[]) => list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
    const qualities = () => list.pictures.map(({ settings }) => settings.quality);
    await add('a.jpg', 'b.jpg');
    store.change({ quality: 50 });
    expect(qualities()).toEqual([50, 50]);
    await add('c.jpg');
    store.change({ quality: 60 });
    expect(qualities()).toEqual([50, 50, 60]);
    list.select(list.pictures[0]!.id);
    expect(store.value.quality).toBe(50);
    store.applyTo([list.pictures[2]!.id]);
    expect(qualities()).toEqual([50, 50, 50]);
    list.remove(...list.pictures.map(({ id }) => id));
    expect(store.value.quality).toBe(60);
  });

  test('changes others than those that are chosen by now, when they are named', async () => {
    const defaults = new DefaultSettings(memoryStorage());
    const list = new PictureList(inspectFake, () => defaults.value);
    const store = new SettingsStore(defaults, list);
    await list.add(['a.jpg', 'b.jpg'].map((name) => ({ file: fileNamed(name), handle: null })));
    list.select(list.pictures[0]!.id);
    const { chosen } = list.value;
    list.select(list.pictures[1]!.id);
    const { quality } = store.value;
    store.change({ quality: 50 }, chosen);
    expect(list.pictures.map(({ settings }) => settings.quality)).toEqual([50, quality]);
    store.undo();
    expect(list.pictures.map(({ settings }) => settings.quality)).toEqual([quality, quality]);
  });

  test('takes changes back, of all pictures that they went to', async () => {
    const defaults = new DefaultSettings(memoryStorage());
    const list = new PictureList(inspectFake, () => defaults.value);
    const store = new SettingsStore(defaults, list);
    const add = (...names: string[]) => list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
    const shown = () => list.pictures.map(({ settings }) => `${settings.kernel} ${settings.quality}`);
    const { kernel, quality } = store.value;
    await add('a.jpg', 'b.jpg');
    store.change({ quality: 50 });
    store.change({ kernel: 'mitchell' });
    store.change({ kernel: 'mitchell' });
    await add('c.jpg');
    store.undo();
    expect(shown()).toEqual([`${kernel} 50`, `${kernel} 50`, 'mitchell 50']);
    store.undo();
    expect(shown().slice(0, 2)).toEqual([`${kernel} ${quality}`, `${kernel} ${quality}`]);
    expect([defaults.value.quality, store.canUndo, store.canRedo]).toEqual([quality, false, true]);
    store.redo();
    store.redo();
    expect(shown()).toEqual(['mitchell 50', 'mitchell 50', 'mitchell 50']);
    expect(store.canRedo).toBe(false);
  });

  test('keeps changes for the next visit', () => {
    const storage = memoryStorage();
    const store = new SettingsStore(new DefaultSettings(storage), fakeList());
    let changes = 0;
    store.subscribe(() => changes++);
    store.change({ format: 'tiff', size: { factor: 4 } });
    expect(changes).toBe(1);
    expect(new SettingsStore(new DefaultSettings(storage), fakeList()).value).toMatchObject({
      format: 'tiff',
      size: { factor: 4, mode: 'factor' },
    });
  });

  test('damaged and forbidden storage give the defaults', () => {
    expect(new DefaultSettings(memoryStorage('{"format":')).value).toEqual(DEFAULT_SETTINGS);
    const forbidden = {
      getItem: (): string => {
        throw new Error('forbidden');
      },
      setItem: (): void => {
        throw new Error('forbidden');
      },
    };
    const store = new SettingsStore(new DefaultSettings(forbidden), fakeList());
    store.change({ quality: 50 });
    expect(store.value.quality).toBe(50);
  });
});
