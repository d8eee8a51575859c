import { Workbox } from 'workbox-window';
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
