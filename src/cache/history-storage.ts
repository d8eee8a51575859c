import { beginWriting, openDatabase } from './database.ts';
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
    const transaction = await beginWriting('history');
    const history = transaction.objectStore('history');
    await history.add(record);
    let over = (await history.count()) - HISTORY_LIMIT;
    let cursor = over > 0 ? await history.index('ended').openCursor() : null;
    while (cursor !== null && over-- > 0) {
      await cursor.delete();
      cursor = await cursor.continue();
    }
    await transaction.done;
  },

  async clear() {
    const transaction = await beginWriting('history');
    await Promise.all([transaction.objectStore('history').clear(), transaction.done]);
  },
};
