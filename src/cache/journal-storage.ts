import { openDatabase } from './database.ts';
import type { JournalRecord } from './schema.ts';

const TARGETS: readonly unknown[] = ['folder', 'file', 'private', 'memory'];

const isRecord = (value: unknown): value is JournalRecord => {
  const record = value as Partial<JournalRecord> | null;
  return (
    Number.isInteger(record?.id) &&
    TARGETS.includes(record?.target?.kind) &&
    (record?.stage === null || typeof record?.stage === 'string')
  );
};

/** Remembers which jobs run. Every call may reject; then a crash is not made up for. */
export interface JournalStorage {
  load(): Promise<readonly JournalRecord[]>;
  /** Settles when the record is on the disk. */
  put(record: JournalRecord): Promise<void>;
  remove(id: number): Promise<void>;
}

export const journalStorage: JournalStorage = {
  async load() {
    return (await (await openDatabase()).getAll('journal')).filter(isRecord);
  },

  async put(record) {
    const database = await openDatabase();
    // A power cut must not find a file that nobody knows of.
    const transaction = database.transaction('journal', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.put(record), transaction.done]);
  },

  async remove(id) {
    await (await openDatabase()).delete('journal', id);
  },
};
