import { msg } from '@lit/localize';
import { STORED_KINDS, type OfflineState, type StoredKind, type StoredParts } from './stored-parts.ts';
import { AppError, isAbort } from '../core/errors.ts';
import type { Device } from '../platform/device.ts';
import type { Problem } from './picture.ts';
import { problemOf } from './error-text.ts';
import { Store } from './store.ts';

/** The browser services that are used, replaceable in tests. */
export interface StorageServices {
  readonly parts: StoredParts;
  state(): Promise<Device['storage']>;
  persist(): Promise<boolean>;
}

/** How the browser's storage stands. */
export interface StorageState {
  /** Null while unknown, and where the browser does not tell. */
  readonly room: Device['storage'];
  /** Bytes by kind; null where they cannot be told. */
  readonly bytes: Readonly<Record<StoredKind, number | null>> | null;
  /** Null where nothing is kept for times without a connection. */
  readonly offline: OfflineState | null;
  /** Everything is being made available offline. */
  readonly loading: boolean;
  readonly problem: Problem | null;
}

/** What is cleared through the pictures that it belongs to. */
export interface StorageOwners {
  /** Takes away finished files that were not saved. */
  clearResults(): void;
  /** Finished bands of unfinished jobs are gone. */
  stagesCleared(): void;
}

export const CLEARABLE = ['app', 'models', 'tiles', 'results', 'stages'] as const;
export type ClearableKind = (typeof CLEARABLE)[number];

/** Knows what the app keeps in the browser's storage, and gives it back. */
export class StorageKeeper extends Store<StorageState> {
  readonly #services: StorageServices;
  readonly #owners: StorageOwners;
  #loading: AbortController | null = null;
  #asked: Promise<boolean> | null = null;

  constructor(services: StorageServices, owners: StorageOwners) {
    super({ room: null, bytes: null, offline: null, loading: false, problem: null });
    this.#services = services;
    this.#owners = owners;
  }

  /** Looks again. Never rejects. */
  async refresh(): Promise<void> {
    const { parts, state } = this.#services;
    const bytes = await Promise.all(
      STORED_KINDS.map(async (kind) => [kind, await parts.bytes(kind).catch(() => null)] as const),
    );
    const offline = await parts.offline().catch(() => null);
    const room = await state().catch(() => null);
    this.set({ ...this.value, room, offline, bytes: Object.fromEntries(bytes) as StorageState['bytes'] });
  }

  /**
   * Asks the browser, once a visit, to keep what is there when the disk fills up. The moment for it is when something is kept that somebody
   * would miss.
   */
  keepForGood(): Promise<boolean> {
    this.#asked ??= this.#services.persist();
    return this.#asked;
  }

  /** Gives the room of a kind back; a problem is shown, not thrown. */
  async clear(kind: ClearableKind): Promise<void> {
    await this.#carefully(async () => {
      if (kind === 'results') this.#owners.clearResults();
      else await this.#services.parts.clear(kind);
      if (kind === 'stages') this.#owners.stagesCleared();
    });
  }

  /** Keeps every part of the app, so that all of it works without a connection. */
  async makeOffline(): Promise<void> {
    if (this.#loading !== null) return;
    const loading = new AbortController();
    this.#loading = loading;
    this.set({ ...this.value, loading: true });
    await this.#carefully(async () => {
      await this.keepForGood();
      try {
        await this.#services.parts.keepAll((offline) => this.set({ ...this.value, offline }), loading.signal);
      } catch (cause) {
        if (isAbort(cause)) return;
        throw new AppError('write-failed', msg('Not every part of the app could be kept.'), {
          remedy: msg(
            'Check the connection and the room in the browser’s storage, and try again: what is there stays.',
          ),
          cause,
        });
      }
    });
    this.#loading = null;
    this.set({ ...this.value, loading: false });
  }

  stopOffline(): void {
    this.#loading?.abort();
  }

  async #carefully(task: () => Promise<void>): Promise<void> {
    this.set({ ...this.value, problem: null });
    try {
      await task();
    } catch (error) {
      this.set({ ...this.value, problem: problemOf(error) });
    }
    await this.refresh();
  }
}
