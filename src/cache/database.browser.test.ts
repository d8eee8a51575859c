import { afterEach, expect, it, vi } from 'vitest';
import { openDatabase } from './database.ts';
import { historyStorage } from './history-storage.ts';
import { journalStorage } from './journal-storage.ts';
import { queueStorage } from './queue-storage.ts';
import type { HistoryRecord, SessionRecord } from './schema.ts';

const session: SessionRecord = {
  ...{ order: [], selectedId: null, running: false },
  destination: { kind: 'download', folder: null },
};
const receipt = { output: { name: 'a.png' } };
const ended = { ended: 1, receipt, place: null, thumbnail: new Blob(['small']) } as unknown as HistoryRecord;

afterEach(async () => {
  vi.restoreAllMocks();
  const database = await openDatabase();
  for (const name of database.objectStoreNames) await database.clear(name);
});

it('has one writer at a time: all hold the same store', async () => {
  await openDatabase();
  const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const writers: readonly (() => Promise<void>)[] = [
    () => queueStorage.save({ page: 'a', succeeded: [], put: [], remove: [], session }),
    () => journalStorage.put({ id: 1, target: { kind: 'memory' }, stage: null }),
    () => journalStorage.remove(1),
    () => historyStorage.add(ended),
    () => historyStorage.clear(),
  ];
  for (const write of writers) {
    begun.mockClear();
    await write();
    const writing = begun.mock.calls.filter(([, mode]) => mode === 'readwrite');
    expect(writing).toHaveLength(1);
    expect([writing[0]![0]].flat()).toContain('session');
  }
});

it('keeps the history', async () => {
  await historyStorage.add(ended);
  await historyStorage.add({ ...ended, ended: 2 });
  expect((await historyStorage.list()).map((record) => record.ended)).toEqual([2, 1]);
  await historyStorage.clear();
  expect(await historyStorage.list()).toEqual([]);
});
