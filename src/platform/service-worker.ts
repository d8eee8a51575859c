import { Workbox } from 'workbox-window';
import { OFFLINE_PARTS_FILE, PARTS_CACHE, partCacheKey, type OfflinePart } from '../core/offline.ts';
// Registering is a use of a script's address.
import '../core/script-policy.ts';

/** What happens to the service worker, as far as the page cares. */
export interface WorkerListeners {
  /** A new version is here and waits to be let in. */
  readonly onWaiting: () => void;
  /** A new version has taken over this page, whoever let it in. Not called for the first version. */
  readonly onReplaced: () => void;
}

/** The service worker, seen from the page. */
export interface AppWorker {
  /** Asks the host for a new version; without a connection nothing happens. */
  check(): void;
  /** Lets the waiting version in; `onReplaced` follows. */
  letIn(): void;
}

/** Registers the service worker beside the page. Null where the browser has none, and in development, which has no built one. */
export function startServiceWorker({ onWaiting, onReplaced }: WorkerListeners): AppWorker | null {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return null;
  const hadController = navigator.serviceWorker.controller !== null;
  const workbox = new Workbox(new URL('./sw.js', document.baseURI).href, {
    scope: new URL('./', document.baseURI).pathname,
  });
  workbox.addEventListener('waiting', onWaiting);
  if (hadController) navigator.serviceWorker.addEventListener('controllerchange', onReplaced);
  else navigator.serviceWorker.addEventListener('controllerchange', () => void keepLoaded(), { once: true });
  // Storage that the browser forbids, or a private window: the app works without.
  workbox.register().catch(() => undefined);
  void keepLanguages().catch(() => undefined);
  return {
    check: () => void workbox.update().catch(() => undefined),
    letIn: () => workbox.messageSkipWaiting(),
  };
}

/** On the first visit parts were loaded before there was a worker to keep them, such as the texts of a language: loads them through it. */
async function keepLoaded(): Promise<void> {
  const scope = new URL('./', document.baseURI).href;
  for (const { name } of performance.getEntriesByType('resource')) {
    if (name.startsWith(scope)) await fetch(name).catch(() => undefined);
  }
}

/** The languages are small: all of them are kept once the page has nothing else to do, so that each is there without a connection. */
async function keepLanguages(): Promise<void> {
  const scope = new URL('./', document.baseURI).href;
  const { serviceWorker } = navigator;
  if (serviceWorker.controller === null) {
    await new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  }
  await new Promise<unknown>((resolve) =>
    // Not every browser tells when it is idle.
    'requestIdleCallback' in window ? requestIdleCallback(resolve) : setTimeout(resolve, 2000),
  );
  const parts = (await (await fetch(new URL(OFFLINE_PARTS_FILE, scope))).json()) as OfflinePart[];
  const cache = await caches.open(PARTS_CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  for (const part of parts) {
    if (part.kind !== 'languages' || kept.has(partCacheKey(part, scope))) continue;
    // The service worker keeps what passes through it.
    await (await fetch(new URL(part.url, scope))).blob();
  }
}
