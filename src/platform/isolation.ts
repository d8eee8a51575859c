const TRIED_KEY = 'pro-upscaler.isolation';
const WORKED_KEY = 'pro-upscaler.isolated-at';

const timeIn = (storage: Storage, key: string): number => Number(storage.getItem(key) ?? 0) || 0;

/** Whether this tab has been loaded again for the sake of isolation, and no page of the app has been isolated since. */
function triedInVain(): boolean {
  try {
    return timeIn(sessionStorage, TRIED_KEY) > timeIn(localStorage, WORKED_KEY);
  } catch {
    // Without storage a loop could not be told: better no reload at all.
    return true;
  }
}

/**
 * On a host that sends no headers the page is isolated, and can share memory between threads, once the service worker answers for it:
 * from the second load on, and not when it is loaded around the service worker (Shift+Reload). `reload` is called when loading the page
 * again would isolate it, at most once until that has worked, so that a browser that isolates no page at all is not reloaded for ever.
 */
export async function whenIsolationNeedsReload(reload: () => void): Promise<void> {
  if (window.crossOriginIsolated) {
    try {
      // Not by removing the other: an isolated page has a process of its own, and in Chromium that of pages without isolation goes on
      // with the session storage as it was when it left.
      localStorage.setItem(WORKED_KEY, String(Date.now()));
    } catch {
      // Nothing is remembered then.
    }
    return;
  }
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !window.isSecureContext || triedInVain()) return;
  await navigator.serviceWorker.ready;
  reload();
}

/** Loads the page again, and remembers that it was for the sake of isolation. */
export function reloadForIsolation(): void {
  try {
    sessionStorage.setItem(TRIED_KEY, String(Date.now()));
  } catch {
    return;
  }
  location.reload();
}
