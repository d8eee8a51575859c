import type { HistoryStorage } from '../cache/history-storage.ts';
import type { HistoryRecord } from '../cache/schema.ts';
import type { Receipt } from '../core/job.ts';
import type { Picture, ResultPlace } from './picture.ts';
import { storedPlace } from './queue-keeper.ts';
import { Store } from './store.ts';

/** Finished jobs of this and earlier visits, the latest first; empty until it is loaded. */
export class History extends Store<readonly HistoryRecord[]> {
  readonly #storage: HistoryStorage;
  readonly #thumbnail: (picture: Picture) => Promise<Blob | null>;
  #loaded = false;

  constructor(storage: HistoryStorage, thumbnail: (picture: Picture) => Promise<Blob | null>) {
    super([]);
    this.#storage = storage;
    this.#thumbnail = thumbnail;
  }

  /** Reads the records. A browser that forbids storage has no history. */
  async load(): Promise<void> {
    this.#loaded = true;
    this.set(await this.#storage.list().catch(() => []));
  }

  async add(picture: Picture, receipt: Receipt, place: ResultPlace): Promise<void> {
    // What only the browser holds may be gone by the time that somebody looks.
    const lasting = place.kind === 'blob' ? null : storedPlace(place);
    const thumbnail = await this.#thumbnail(picture).catch(() => null);
    const record: HistoryRecord = { ended: Date.now(), receipt, place: lasting, thumbnail };
    await this.#storage.add(record).catch(() => undefined);
    if (this.#loaded) await this.load();
  }

  async clear(): Promise<void> {
    await this.#storage.clear().catch(() => undefined);
    await this.load();
  }
}
