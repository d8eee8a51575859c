import {
  libraryPartOf,
  OFFLINE_PARTS_FILE,
  PARTS_CACHE,
  partCacheKey,
  type LibraryPart,
  type OfflinePart,
} from '../core/offline.ts';
import { STAGE_FOLDER, stageStorage } from '../cache/stage-storage.ts';
import { deleteTiles, tilesKept } from '../cache/tile-storage.ts';

/**
 * What the app keeps in the browser's storage: itself; bundled models; the user's own; finished tiles of models; finished files that wait to be
 * saved; copies of pictures of the queue; finished bands of jobs that are not finished.
 */
export const STORED_KINDS = ['app', 'models', 'own-models', 'tiles', 'results', 'inputs', 'stages'] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

/** The parts of the app that work without a connection once they are kept. */
export interface OfflineState {
  /** Bytes of all of them, and of those that are not kept yet. */
  readonly total: number;
  readonly missing: number;
}

/** The browser's storage by what lies in it. Every call may reject where the browser forbids storage. */
export interface StoredParts {
  bytes(kind: StoredKind): Promise<number>;
  /** Gives room back that is no picture's: not that of results, inputs and own models, which belong to somebody. */
  clear(kind: 'app' | 'models' | 'tiles' | 'stages'): Promise<void>;
  /** Null where no service worker keeps parts. */
  offline(): Promise<OfflineState | null>;
  /** Loads every part that is missing. Rejects when one cannot be loaded or kept. */
  keepAll(onProgress: (state: OfflineState) => void, signal: AbortSignal): Promise<void>;
}

const FOLDERS: Readonly<Partial<Record<StoredKind, string>>> = {
  ...{ 'own-models': 'models', results: 'outputs', inputs: 'inputs', stages: STAGE_FOLDER },
};

const base = (): string => new URL('./', document.baseURI).href;

async function folderBytes(name: string): Promise<number> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(name).catch(() => null);
  let bytes = 0;
  for await (const entry of folder?.values() ?? []) {
    // One that is renamed or removed at this moment is not counted.
    const file = entry.kind === 'file' ? await (entry as FileSystemFileHandle).getFile().catch(() => null) : null;
    bytes += file?.size ?? 0;
  }
  return bytes;
}

const shellCaches = async (): Promise<string[]> =>
  (await caches.keys()).filter((name) => name.startsWith('workbox-precache') && name.includes(base()));

async function shellBytes(): Promise<number> {
  let bytes = 0;
  for (const name of await shellCaches()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) bytes += (await (await cache.match(request))?.blob())?.size ?? 0;
  }
  return bytes;
}

async function allParts(): Promise<readonly OfflinePart[]> {
  const response = await fetch(new URL(OFFLINE_PARTS_FILE, base()));
  if (!response.ok) throw new Error(`${OFFLINE_PARTS_FILE}: ${response.status}`);
  return (await response.json()) as OfflinePart[];
}

async function partsByPresence(): Promise<{ kept: readonly OfflinePart[]; missing: readonly OfflinePart[] }> {
  const cache = await caches.open(PARTS_CACHE);
  const keys = new Set((await cache.keys()).map(({ url }) => url));
  const parts = await allParts();
  const isKept = (part: OfflinePart): boolean => keys.has(partCacheKey(part, base()));
  return { kept: parts.filter(isKept), missing: parts.filter((part) => !isKept(part)) };
}

/** The parts of the library of formats that cannot be had now: the browser has no connection, and they are not kept. */
export async function libraryPartsOutOfReach(): Promise<readonly LibraryPart[]> {
  if (navigator.onLine || !('serviceWorker' in navigator) || navigator.serviceWorker.controller === null) return [];
  const { missing } = await partsByPresence();
  return [...new Set(missing.map(libraryPartOf).filter((part) => part !== null))];
}

const sum = (parts: readonly OfflinePart[]): number => parts.reduce((bytes, part) => bytes + part.bytes, 0);

const isModel = ({ kind }: OfflinePart): boolean => kind === 'models';

export const storedParts: StoredParts = {
  async bytes(kind) {
    const folder = FOLDERS[kind];
    if (folder !== undefined) return folderBytes(folder);
    if (kind === 'tiles') return tilesKept();
    const { kept } = await partsByPresence().catch(() => ({ kept: [] }));
    if (kind === 'models') return sum(kept.filter(isModel));
    return (await shellBytes()) + sum(kept.filter((part) => !isModel(part)));
  },

  async clear(kind) {
    if (kind === 'tiles') return deleteTiles();
    if (kind === 'stages') return stageStorage.sweep(new Set());
    const cache = await caches.open(PARTS_CACHE);
    const { kept } = await partsByPresence();
    for (const part of kept) {
      if (isModel(part) === (kind === 'models')) await cache.delete(partCacheKey(part, base()));
    }
    if (kind === 'app') for (const name of await shellCaches()) await caches.delete(name);
  },

  async offline() {
    if (!('serviceWorker' in navigator) || navigator.serviceWorker.controller === null) return null;
    const { kept, missing } = await partsByPresence();
    return { total: sum(kept) + sum(missing), missing: sum(missing) };
  },

  async keepAll(onProgress, signal) {
    const { kept, missing } = await partsByPresence();
    const total = sum(kept) + sum(missing);
    let left = sum(missing);
    for (const part of missing) {
      // The service worker keeps what passes through it.
      const response = await fetch(new URL(part.url, base()), { signal });
      if (!response.ok) throw new Error(`${part.url}: ${response.status}`);
      await response.blob();
      left -= part.bytes;
      onProgress({ total, missing: left });
    }
    const after = await partsByPresence();
    if (after.missing.length > 0) throw new Error(`${after.missing[0]!.url} was not kept`);
  },
};
