import { beginWriting, openDatabase } from './database.ts';
import type { QueueRecord, SessionRecord } from './schema.ts';

/** The queue of one page of the app. */
export interface SavedQueue {
  readonly session: SessionRecord | null;
  readonly records: readonly QueueRecord[];
  /** Pictures that it should have, whose records make no sense or are gone. */
  readonly lost: readonly number[];
}

/** Where the queue of a page stands; that of versions that knew only one page has no name. */
const SESSION_KEY = 'queue';
const PREFIX = `${SESSION_KEY} `;
const keyOf = (page: string): string => (page === '' ? SESSION_KEY : PREFIX + page);

/** Keeps the queues of pages. Every call may reject; nothing but the memory of a queue is lost then. */
export interface QueueStorage {
  /** By the names of their pages. Pictures that belong to none are given to the nameless one. */
  load(): Promise<ReadonlyMap<string, SavedQueue>>;
  /** Writes and removes pictures of a page, and its session, in one step. The pages `succeeded` have lost theirs to it. */
  save(change: {
    readonly page: string;
    readonly succeeded: readonly string[];
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
    // In one step: a picture and the session that lists it are written in one.
    const transaction = (await openDatabase()).transaction(['queue', 'session']);
    const sessions = transaction.objectStore('session');
    const [found, keys, values] = await Promise.all([
      transaction.objectStore('queue').getAll(),
      sessions.getAllKeys(),
      sessions.getAll(),
    ]);
    const left = new Map(found.filter(isRecord).map((record) => [record.id, record]));
    // The database has them under their ids, whatever else they are.
    const damaged = new Set(found.filter((record: unknown) => !isRecord(record)).map(({ id }) => id));
    const queues = new Map<string, SavedQueue>();
    keys.forEach((key, i) => {
      if (key !== SESSION_KEY && !key.startsWith(PREFIX)) return;
      const value = values[i];
      const session = isSession(value) ? value : null;
      const order = session?.order.filter(Number.isInteger) ?? [];
      const records = order.flatMap((id) => left.get(id) ?? []);
      const lost = order.filter((id) => !left.has(id));
      for (const id of order) {
        left.delete(id);
        damaged.delete(id);
      }
      queues.set(key.slice(PREFIX.length), { session, records, lost });
    });
    const { session, records, lost } = queues.get('') ?? { session: null, records: [], lost: [] };
    if (left.size + damaged.size > 0)
      queues.set('', { session, records: [...records, ...left.values()], lost: [...lost, ...damaged] });
    return queues;
  },

  async save({ page, succeeded, put, remove, session }) {
    const transaction = await beginWriting('queue');
    const queue = transaction.objectStore('queue');
    const sessions = transaction.objectStore('session');
    await Promise.all([
      ...put.map((record) => queue.put(record)),
      ...remove.map((id) => queue.delete(id)),
      ...succeeded.map((gone) => sessions.delete(keyOf(gone))),
      sessions.put(session, keyOf(page)),
      transaction.done,
    ]);
  },
};
