import { openDatabase } from './database.ts';
import type { QueueRecord, SessionRecord } from './schema.ts';

export interface SavedQueue {
  readonly session: SessionRecord | null;
  readonly records: readonly QueueRecord[];
}

const SESSION_KEY = 'queue';

/** Keeps the queue. Every call may reject; nothing but the memory of the queue is lost then. */
export interface QueueStorage {
  load(): Promise<SavedQueue>;
  /** Writes and removes pictures, and the session, in one step. */
  save(change: {
    readonly put: readonly QueueRecord[];
    readonly remove: readonly number[];
    readonly session: SessionRecord;
  }): Promise<void>;
}

const isRecord = (value: unknown): value is QueueRecord => {
  const record = value as Partial<QueueRecord> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    Number.isInteger(record.id) &&
    typeof record.name === 'string' &&
    typeof record.bytes === 'number' &&
    Array.isArray(record.folders) &&
    typeof record.state === 'object' &&
    record.state !== null
  );
};

const isSession = (value: unknown): value is SessionRecord => {
  const session = value as Partial<SessionRecord> | null;
  return typeof session === 'object' && session !== null && Array.isArray(session.order) && session.destination != null;
};

export const queueStorage: QueueStorage = {
  async load() {
    const database = await openDatabase();
    const [found, session] = await Promise.all([database.getAll('queue'), database.get('session', SESSION_KEY)]);
    return { records: found.filter(isRecord), session: isSession(session) ? session : null };
  },

  async save({ put, remove, session }) {
    const database = await openDatabase();
    const transaction = database.transaction(['queue', 'session'], 'readwrite');
    const queue = transaction.objectStore('queue');
    await Promise.all([
      ...put.map((record) => queue.put(record)),
      ...remove.map((id) => queue.delete(id)),
      transaction.objectStore('session').put(session, SESSION_KEY),
      transaction.done,
    ]);
  },
};
