import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Done } from './picture.ts';
import { REGRET_MS } from './removals.ts';
import { READ_MS, Replaced } from './replaced.ts';
import type { Unsaved } from './save-all.ts';
import { doneNamed, pictureNamed } from './testing.ts';

const { download, saveAll } = vi.hoisted(() => ({ download: vi.fn(), saveAll: vi.fn() }));
vi.mock('../platform/files.ts', () => ({ download }));
vi.mock('./save-all.ts', () => ({ saveAll }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
});
afterEach(() => void vi.useRealTimers());

function setUp() {
  const discarded: string[] = [];
  const replaced = new Replaced({
    discard: ({ place }) => Promise.resolve(void discarded.push(place.name)),
  });
  const add = (name: string, change?: Partial<Done>) => replaced.add(pictureNamed(name), doneNamed(name, change));
  const names = () => replaced.value.kept.map(({ place }) => place.name);
  return { replaced, discarded, add, names };
}

test('what was never saved stays until somebody lets go of it', () => {
  const { replaced, discarded, add, names } = setUp();
  add('a');
  add('b');
  vi.advanceTimersByTime(1e9);
  expect([names(), discarded]).toEqual([['a', 'b'], []]);
  replaced.end();
  expect([names(), discarded]).toEqual([[], ['a', 'b']]);
});

test('what was saved is not asked about, and is there as long as a download may read it', () => {
  const { discarded, add, names } = setUp();
  add('a', { saved: true });
  add('b', { place: { kind: 'file', handle: {} as FileSystemFileHandle } });
  vi.advanceTimersByTime(READ_MS - 1);
  expect([names(), discarded]).toEqual([[], []]);
  vi.advanceTimersByTime(1);
  expect(discarded).toEqual(['a']);
});

test('a single one is downloaded under the name that was meant, and deleted afterwards', async () => {
  const { replaced, discarded, add, names } = setUp();
  add('a');
  await replaced.save();
  expect(download).toHaveBeenCalledExactlyOnceWith(expect.any(Blob), 'a');
  expect([names(), discarded]).toEqual([[], []]);
  vi.advanceTimersByTime(READ_MS);
  expect(discarded).toEqual(['a']);
});

test('of several those go that were written, and none when the question was dismissed', async () => {
  const { replaced, discarded, add, names } = setUp();
  add('a');
  add('b');
  saveAll.mockResolvedValueOnce(false);
  await replaced.save();
  expect([names(), discarded]).toEqual([['a', 'b'], []]);
  saveAll.mockImplementationOnce((results: Unsaved[], onSaved: (result: Unsaved) => void) => {
    onSaved(results[0]!);
    return Promise.reject(new Error('The disk is full.'));
  });
  await expect(replaced.save()).rejects.toThrow();
  expect([names(), discarded]).toEqual([['b'], ['a']]);
  add('c');
  saveAll.mockResolvedValueOnce(true);
  await replaced.save();
  expect([names(), discarded]).toEqual([[], ['a', 'b', 'c']]);
});

test('who lets go of them can have them back for a while, and only then they are deleted', () => {
  const { replaced, discarded, add, names } = setUp();
  add('a');
  replaced.dismiss();
  add('b');
  expect([names(), replaced.value.dismissed.length]).toEqual([['b'], 1]);
  vi.advanceTimersByTime(REGRET_MS - 1);
  replaced.undo();
  vi.advanceTimersByTime(REGRET_MS);
  expect([names(), discarded]).toEqual([['a', 'b'], []]);
  replaced.dismiss();
  vi.advanceTimersByTime(REGRET_MS - 1);
  expect([names(), discarded]).toEqual([[], []]);
  vi.advanceTimersByTime(1);
  expect([replaced.value.dismissed, discarded]).toEqual([[], ['a', 'b']]);
  replaced.undo();
  expect(names()).toEqual([]);
});

test('what was let go of is deleted at once when nobody wants to wait', () => {
  const { replaced, discarded, add, names } = setUp();
  add('a');
  replaced.dismiss();
  add('b');
  replaced.endDismissed();
  expect([names(), discarded]).toEqual([['b'], ['a']]);
  vi.advanceTimersByTime(REGRET_MS);
  expect([names(), discarded]).toEqual([['b'], ['a']]);
});
