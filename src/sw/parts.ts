import { CacheFirst } from 'workbox-strategies';
import { PARTS_CACHE, partCacheKey, type OfflinePart } from '../core/offline.ts';
import { headersPlugin } from './headers.ts';

/** Keeps the heavy parts of the app from their first use on, under keys that change with their content. */
export class Parts {
  readonly strategy: CacheFirst;
  readonly #keys: ReadonlyMap<string, string>;

  constructor(parts: readonly OfflinePart[], scope: string) {
    this.#keys = new Map(parts.map((part) => [new URL(part.url, scope).href, partCacheKey(part, scope)]));
    this.strategy = new CacheFirst({
      cacheName: PARTS_CACHE,
      plugins: [
        { cacheKeyWillBeUsed: ({ request }) => Promise.resolve(this.#keys.get(request.url) ?? request.url) },
        headersPlugin,
      ],
    });
  }

  has(address: URL): boolean {
    return this.#keys.has(address.href);
  }

  /** Removes the parts of earlier versions that this one does not use. */
  async removeOld(): Promise<void> {
    const cache = await caches.open(PARTS_CACHE);
    const wanted = new Set(this.#keys.values());
    for (const request of await cache.keys()) {
      if (!wanted.has(request.url)) await cache.delete(request);
    }
  }
}
