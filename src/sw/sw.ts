/**
 * The service worker: keeps the app offline, gives its responses the headers that a host may not send, and takes in what other apps
 * share. A new version waits until the page says that no job runs.
 */
import { addPlugins, addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from 'workbox-precaching';
import { registerRoute, setDefaultHandler } from 'workbox-routing';
import { NetworkOnly } from 'workbox-strategies';
import { SHARE_TARGET, type OfflinePart } from '../core/offline.ts';
import { headersPlugin } from './headers.ts';
import { Parts } from './parts.ts';
import { answerShare } from './share-target.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** The shell; put here by the build. */
  readonly __WB_MANIFEST: { readonly url: string; readonly revision: string | null }[];
};
/** The heavy parts; put here by the build. */
declare const OFFLINE_PARTS: readonly OfflinePart[];

const { scope } = self.registration;
const root = new URL(scope).pathname;
const pageAddresses = ['', 'index.html', SHARE_TARGET].map((name) => root + name);

addPlugins([headersPlugin]);
precache(self.__WB_MANIFEST);
cleanupOutdatedCaches();

registerRoute(
  ({ request, url }) => request.mode === 'navigate' && pageAddresses.includes(url.pathname),
  createHandlerBoundToURL('index.html'),
);
addRoute();

const parts = new Parts(OFFLINE_PARTS, scope);
registerRoute(({ url }) => parts.has(url), parts.strategy);

// The command line's page, the examples, the licences: from the network, but with the headers.
setDefaultHandler(new NetworkOnly({ plugins: [headersPlugin] }));

registerRoute(
  ({ url }) => url.pathname === root + SHARE_TARGET,
  ({ request }) => answerShare(request, scope),
  'POST',
);

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), parts.removeOld()]));
});

self.addEventListener('message', (event) => {
  // Sent by workbox-window's messageSkipWaiting.
  if ((event.data as { readonly type?: unknown } | null)?.type === 'SKIP_WAITING') void self.skipWaiting();
});

/** A notification that a job has ended leads back to the window it ended in. */
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const show = async (): Promise<void> => {
    const [open] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (open) await open.focus();
    else await self.clients.openWindow(scope);
  };
  event.waitUntil(show());
});
