import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const calls = vi.hoisted(() => ({
  opened: 0,
  deleted: 0,
  fail: (tries: number): Error | null => (tries < 0 ? new Error() : null),
}));

vi.mock('idb', () => ({
  openDB: () => {
    const error = calls.fail(calls.opened++);
    if (error !== null) return Promise.reject(error);
    return Promise.resolve({ objectStoreNames: { contains: () => true }, close: () => undefined });
  },
  deleteDB: () => Promise.resolve(void calls.deleted++),
}));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  calls.opened = calls.deleted = 0;
});
afterEach(() => vi.useRealTimers());

const open = async (): Promise<unknown> => {
  const { openDatabase } = await import('./database.ts');
  const opening = openDatabase();
  opening.catch(() => undefined);
  await vi.runAllTimersAsync();
  return opening;
};

const busy = new DOMException('Internal error opening backing store', 'UnknownError');

test('a database that is still held by a dead browser is waited for', async () => {
  calls.fail = (tries) => (tries < 3 ? busy : null);
  await expect(open()).resolves.toBeDefined();
  expect(calls).toMatchObject({ opened: 4, deleted: 0 });
});

test('one that cannot be opened at all is made anew', async () => {
  calls.fail = () => (calls.deleted === 0 ? busy : null);
  await expect(open()).resolves.toBeDefined();
  expect(calls.deleted).toBe(1);
});

test('one of a later version is left alone', async () => {
  calls.fail = () => new DOMException('', 'VersionError');
  await expect(open()).rejects.toMatchObject({ name: 'VersionError' });
  expect(calls).toMatchObject({ opened: 1, deleted: 0 });
});
