import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DefaultSettings, SettingsStore } from './settings-store.ts';
import { REGRET_MS, Removals } from './removals.ts';
import { fakeList, fileNamed } from './testing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function listOf(...names: string[]) {
  const list = fakeList();
  await list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
  const settings = new SettingsStore(new DefaultSettings({ getItem: () => null, setItem: () => undefined }), list);
  const discarded: string[] = [];
  const removals = new Removals(list, {
    changes: () => settings.changes,
    discard: (gone) => discarded.push(...gone.map(({ name }) => name)),
  });
  const left = () => list.pictures.map(({ name }) => name);
  const id = (name: string) => list.pictures.find((picture) => picture.name === name)!.id;
  return { list, settings, removals, discarded, names: left, id };
}

test('what was taken off comes back where it was, and nothing of it was deleted', async () => {
  const { list, removals, discarded, names, id } = await listOf('a', 'b', 'c', 'd');
  const before = list.pictures;
  removals.remove([id('a'), id('c')]);
  removals.remove([id('b')]);
  vi.advanceTimersByTime(REGRET_MS - 1);
  expect([names(), discarded]).toEqual([['d'], []]);
  removals.undo();
  expect(names()).toEqual(['b', 'd']);
  removals.undo();
  expect(list.pictures).toEqual(before);
  expect(list.chosen.map(({ name }) => name)).toEqual(['a', 'c']);
  vi.advanceTimersByTime(2 * REGRET_MS);
  expect([names(), discarded]).toEqual([['a', 'b', 'c', 'd'], []]);
});

test('tells once what came back last, and nothing that was taken off again', async () => {
  const { removals, id } = await listOf('a', 'b', 'c');
  const [a, b] = [id('a'), id('b')];
  removals.remove([b, a]);
  expect(removals.takeReturned()).toBeNull();
  removals.undo();
  expect([removals.takeReturned(), removals.takeReturned()]).toEqual([a, null]);
  removals.remove([b]);
  removals.undo();
  removals.remove([b]);
  expect(removals.takeReturned()).toBeNull();
});

test('what nobody wants back is deleted, however soon the next is removed', async () => {
  const { removals, discarded, names, id } = await listOf('a', 'b', 'c');
  removals.remove([id('a')]);
  vi.advanceTimersByTime(REGRET_MS - 1);
  removals.remove([id('b')]);
  expect(discarded).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([discarded, removals.value.length]).toEqual([['a'], 1]);
  removals.remove([id('c')]);
  removals.end();
  expect([discarded, removals.value]).toEqual([['a', 'b', 'c'], []]);
  removals.undo();
  vi.advanceTimersByTime(2 * REGRET_MS);
  expect([discarded, names()]).toEqual([['a', 'b', 'c'], []]);
});

test('a picture that is back stays when the time of its removal would be over', async () => {
  const { list, removals, discarded, names, id } = await listOf('a', 'b');
  removals.remove([id('a')]);
  vi.advanceTimersByTime(REGRET_MS / 2);
  removals.remove([id('b')]);
  removals.undo();
  vi.advanceTimersByTime(REGRET_MS);
  expect([names(), discarded, list.pictures.length]).toEqual([['b'], ['a'], 1]);
});

test('a removal is undone before the change of settings that came before it, and after one that came later', async () => {
  const { settings, removals, id } = await listOf('a', 'b');
  settings.change({ kernel: 'nearest' });
  expect(removals.isLatest).toBe(false);
  removals.remove([id('a')]);
  expect(removals.isLatest).toBe(true);
  settings.change({ format: 'webp' });
  expect(removals.isLatest).toBe(false);
  settings.undo();
  expect(removals.isLatest).toBe(true);
  removals.undo();
  expect([removals.isLatest, settings.canUndo]).toEqual([false, true]);
});
