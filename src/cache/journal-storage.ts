import { beginWriting, openDatabase } from './database.ts';
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

/** Where the second copy lies: of two that tell where a job writes, one may be damaged. */
const copyKey = (id: number): string => `job ${id}`;

export const journalStorage: JournalStorage = {
  async load() {
    const database = await openDatabase();
    const [records, others] = await Promise.all([database.getAll('journal'), database.getAll('session')]);
    const found = new Map<number, JournalRecord>();
    for (const record of [...others, ...records]) if (isRecord(record)) found.set(record.id, record);
    return [...found.values()];
  },

  async put(record) {
    // A power cut must not find a file that nobody knows of.
    const transaction = await beginWriting('journal', { durability: 'strict' });
    await Promise.all([
      transaction.objectStore('journal').put(record),
      transaction.objectStore('session').put(record, copyKey(record.id)),
      transaction.done,
    ]);
  },

  async remove(id) {
    const transaction = await beginWriting('journal');
    await Promise.all([
      transaction.objectStore('journal').delete(id),
      transaction.objectStore('session').delete(copyKey(id)),
      transaction.done,
    ]);
  },
};
