import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { say, str, type Text } from '../core/text.ts';
import type { TileStore } from '../core/tile-store.ts';

/** A database of its own: it may be deleted at any time, and a job in a worker must not hold up a new version of the app's. */
const NAME = 'pro-upscaler-tiles';
const VERSION = 1;

const MEBIBYTE = 2 ** 20;
/** All tiles together; less where the browser allows little. */
const BUDGET_BYTES = 1024 * MEBIBYTE;
const QUOTA_SHARE = 1 / 8;
/** Bytes of tiles on their way into the database; beyond it the job waits. */
const PENDING_BYTES = 24 * MEBIBYTE;
/** Several workers may write: each looks, whenever it has written this share of the budget, whether all together are too many. */
const TRIM_EVERY_SHARE = 1 / 32;
/** What is left after trimming, so that it is not needed at once again. */
const TRIMMED_SHARE = 0.9;
/** Writing and reading a mebibyte takes about so many milliseconds (bench/RESULTS.md): what is computed faster is not worth keeping. */
const WORTH_MS_PER_MEBIBYTE = 12;

interface TileSchema extends DBSchema {
  tiles: { key: string; value: Uint8Array<ArrayBuffer> };
  /** Beside the tiles, so that choosing what to give up reads none of them. */
  index: { key: string; value: { readonly key: string; readonly bytes: number; readonly used: number } };
}

type TileDatabase = IDBPDatabase<TileSchema>;

/** `onClosed` is called when the connection is closed for someone who deletes the database, or by the browser. */
function open(onClosed: () => void): Promise<TileDatabase> {
  return openDB<TileSchema>(NAME, VERSION, {
    upgrade(database) {
      database.createObjectStore('tiles');
      database.createObjectStore('index', { keyPath: 'key' });
    },
    blocking: (_current, _wanted, event) => {
      (event.target as IDBDatabase).close();
      onClosed();
    },
    terminated: onClosed,
  });
}

/** Milliseconds since 1970, with fractions: tiles may come faster than one a millisecond. */
const now = (): number => performance.timeOrigin + performance.now();

const isQuota = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError';

export interface TileStorageOptions {
  /** Called once, with a sentence for the receipt, when nothing more can be kept. */
  readonly onTrouble?: (message: Text) => void;
  /** Most bytes of all tiles; by default 1 GiB, or an eighth of what the browser allows if that is less. */
  readonly budget?: number;
}

/**
 * Tiles in IndexedDB, the least recently used given up first. They outlive a crash: a tile whose `put` has reached the database is there
 * when the page is opened again. Where there is no database, or no room in it, everything is forgotten and the job goes on.
 */
export class TileStorage implements TileStore {
  readonly #onTrouble: (message: Text) => void;
  #budgetBytes: number | null;
  #opened: Promise<TileDatabase> | null = null;
  #pending = 0;
  /** Bytes written since it was looked whether there are too many; at first nobody has looked. */
  #untrimmed = Infinity;
  #writing: Promise<void> = Promise.resolve();
  #readable = true;
  #writable = true;

  constructor({ onTrouble = () => undefined, budget }: TileStorageOptions = {}) {
    this.#onTrouble = onTrouble;
    this.#budgetBytes = budget ?? null;
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    if (!this.#readable) return null;
    try {
      const database = await this.#database();
      const bytes = (await database.get('tiles', key)) ?? null;
      // That a tile was used is worth no waiting.
      if (bytes !== null) this.#touch(database, key, bytes.length).catch(() => undefined);
      return bytes;
    } catch {
      this.#readable = false;
      return null;
    }
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, milliseconds: number): Promise<void> {
    if (!this.#writable || milliseconds < (bytes.length / MEBIBYTE) * WORTH_MS_PER_MEBIBYTE) return;
    this.#pending += bytes.length;
    const written = this.#writing.then(() => this.#keep(key, bytes)).finally(() => (this.#pending -= bytes.length));
    this.#writing = written;
    if (this.#pending > PENDING_BYTES) await written;
  }

  /** Waits for what is on its way, and closes the database. */
  async close(): Promise<void> {
    await this.#writing;
    const opened = this.#opened;
    this.#opened = null;
    await opened?.then(
      (database) => database.close(),
      () => undefined,
    );
  }

  #database(): Promise<TileDatabase> {
    this.#opened ??= open(() => (this.#opened = null));
    return this.#opened;
  }

  async #keep(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#writable) return;
    try {
      const database = await this.#database();
      this.#untrimmed += bytes.length;
      const budget = await this.#budget();
      if (this.#untrimmed > budget * TRIM_EVERY_SHARE) {
        this.#untrimmed = 0;
        await trim(database, budget);
      }
      await write(database, key, bytes).catch(async (error: unknown) => {
        if (!isQuota(error)) throw error;
        // Half of what is there makes room, where it is our tiles that fill the storage.
        await trim(database, (await bytesKept(database)) / 2);
        await write(database, key, bytes);
      });
    } catch (error) {
      this.#writable = false;
      const why = isQuota(error)
        ? say('the storage of the browser is full')
        : say(str`the browser keeps none (${String(error)})`);
      this.#onTrouble(
        say(
          str`Finished tiles of the model are not kept: ${why}. The job goes on; if it is interrupted, it begins anew.`,
        ),
      );
    }
  }

  async #touch(database: TileDatabase, key: string, bytes: number): Promise<void> {
    const transaction = database.transaction('index', 'readwrite', { durability: 'relaxed' });
    // Only what is still there: another worker may have given it up.
    if ((await transaction.store.get(key)) !== undefined) await transaction.store.put({ key, bytes, used: now() });
    await transaction.done;
  }

  async #budget(): Promise<number> {
    if (this.#budgetBytes === null) {
      const { quota = Infinity } = await navigator.storage.estimate();
      this.#budgetBytes = Math.min(BUDGET_BYTES, quota * QUOTA_SHARE);
    }
    return this.#budgetBytes;
  }
}

async function write(database: TileDatabase, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const transaction = database.transaction(['tiles', 'index'], 'readwrite', { durability: 'relaxed' });
  const settled = await Promise.allSettled([
    // The transaction knows why it was aborted; what was asked of it only that it was.
    transaction.done,
    transaction.objectStore('tiles').put(bytes, key),
    transaction.objectStore('index').put({ key, bytes: bytes.length, used: now() }),
  ]);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}

async function bytesKept(database: TileDatabase): Promise<number> {
  return (await database.getAll('index')).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Gives up the least recently used tiles when all together have more than `budget` bytes. */
async function trim(database: TileDatabase, budget: number): Promise<void> {
  const transaction = database.transaction(['tiles', 'index'], 'readwrite', { durability: 'relaxed' });
  const index = transaction.objectStore('index');
  const all = await index.getAll();
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > budget) {
    all.sort((a, b) => a.used - b.used);
    for (const { key, bytes } of all) {
      if (total <= TRIMMED_SHARE * budget) break;
      total -= bytes;
      void index.delete(key);
      void transaction.objectStore('tiles').delete(key);
    }
  }
  await transaction.done;
}

/** Bytes of all tiles. */
export async function tilesKept(): Promise<number> {
  const database = await open(() => undefined);
  try {
    return await bytesKept(database);
  } finally {
    database.close();
  }
}

/** Gives back the storage of all tiles. */
export const deleteTiles = (): Promise<void> => deleteDB(NAME);
