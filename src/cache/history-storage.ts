import { openDatabase } from './database.ts';
import type { HistoryRecord } from './schema.ts';

/** The oldest jobs are forgotten beyond this many. A record is some kilobytes. */
export const HISTORY_LIMIT = 200;

const isRecord = (value: unknown): value is HistoryRecord => {
  const record = value as Partial<HistoryRecord> | null;
  return typeof record?.ended === 'number' && typeof record.receipt?.output?.name === 'string';
};

/** Remembers finished jobs. Every call may reject; only the memory is lost then. */
export interface HistoryStorage {
  /** The latest first. */
  list(): Promise<readonly HistoryRecord[]>;
  add(record: HistoryRecord): Promise<void>;
  clear(): Promise<void>;
}

export const historyStorage: HistoryStorage = {
  async list() {
    const found = await (await openDatabase()).getAllFromIndex('history', 'ended');
    return found.filter(isRecord).reverse();
  },

  async add(record) {
    const database = await openDatabase();
    const transaction = database.transaction('history', 'readwrite');
    await transaction.store.add(record);
    let over = (await transaction.store.count()) - HISTORY_LIMIT;
    let cursor = over > 0 ? await transaction.store.index('ended').openCursor() : null;
    while (cursor !== null && over-- > 0) {
      await cursor.delete();
      cursor = await cursor.continue();
    }
    await transaction.done;
  },

  async clear() {
    await (await openDatabase()).clear('history');
  },
};
