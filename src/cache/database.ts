import { deleteDB, openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { AppSchema } from './schema.ts';

export type AppDatabase = IDBPDatabase<AppSchema>;

const NAME = 'pro-upscaler';
const VERSION = 2;
const STORES = ['queue', 'session', 'history', 'journal'] as const;

/** Creates what is missing since `from`; every version adds its own step. */
function upgrade(database: AppDatabase, from: number): void {
  if (from < 1) {
    database.createObjectStore('queue', { keyPath: 'id' });
    database.createObjectStore('session');
    database.createObjectStore('history', { keyPath: 'id', autoIncrement: true }).createIndex('ended', 'ended');
  }
  if (from < 2) database.createObjectStore('journal', { keyPath: 'id' });
}

let opened: Promise<AppDatabase> | null = null;

/**
 * The app's database, opened once. Rejects where the browser has none or forbids it; then the app goes on without memory.
 * A newer page of the app may need to change the schema: this page then closes its connection, and opens it again when it is used next,
 * which fails if the schema became too new.
 */
export function openDatabase(): Promise<AppDatabase> {
  opened ??= open().catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/**
 * Begins to write into a store. Every writer holds the store of sessions too, so that in all pages together there is one at a time.
 * Chromium takes a database for damaged, and deletes it, when it was killed while parts of two transactions were on the disk, as parts are of
 * those with blobs or handles: at the next start it wants the locks of each for that alone, and both have that of the database
 * (`LevelDBScopes`, "Invalid locks on disk").
 */
export async function beginWriting<Name extends 'queue' | 'history' | 'journal'>(
  store: Name,
  options?: IDBTransactionOptions,
): Promise<IDBPTransaction<AppSchema, [Name, 'session'], 'readwrite'>> {
  return (await openDatabase()).transaction([store, 'session'], 'readwrite', options);
}

/**
 * Milliseconds to wait before it is tried again to open a database that could not be. A browser that was killed holds its files for a
 * while, and the one that is started meanwhile says no more than that there was an error.
 */
const RETRY_MS = [200, 500, 1000, 2000];

async function open(): Promise<AppDatabase> {
  for (let tries = 0; ; tries++) {
    try {
      return await openOnce();
    } catch (error) {
      // A database of a later version is not touched.
      if (error instanceof DOMException && error.name === 'VersionError') throw error;
      const wait = RETRY_MS[tries];
      if (wait === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  // A damaged one is worth less than a working app.
  await deleteDB(NAME);
  return openDB<AppSchema>(NAME, VERSION, { upgrade, blocking: forget, terminated: forget });
}

const forget = (): void => void (opened = null);

async function openOnce(): Promise<AppDatabase> {
  const database = await openDB<AppSchema>(NAME, VERSION, {
    upgrade: (database, from) => upgrade(database, from),
    // Another page of the app holds an old version open: it closes that as soon as it hears of us (`blocking`).
    blocked: () => undefined,
    blocking: (_current, _wanted, event) => {
      (event.target as IDBDatabase).close();
      forget();
    },
    // The browser closed it: storage was cleared, or its process died.
    terminated: forget,
  });
  if (STORES.every((name) => database.objectStoreNames.contains(name))) return database;
  database.close();
  throw new Error('the database lacks stores');
}
