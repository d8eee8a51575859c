const KEY = 'pro-upscaler.isolation';

function remembered(): boolean {
  try {
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    // Without storage a loop could not be told: better no reload at all.
    return true;
  }
}

/**
 * On a host that sends no headers the page is isolated, and can share memory between threads, once the service worker answers for it:
 * from the second load on. `reload` is called when loading the page again would isolate it, at most once until that has worked, so that
 * a browser that isolates no page at all is not reloaded for ever.
 */
export async function whenIsolationNeedsReload(reload: () => void): Promise<void> {
  if (window.crossOriginIsolated) {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Nothing is remembered then.
    }
    return;
  }
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !window.isSecureContext || remembered()) return;
  await navigator.serviceWorker.ready;
  reload();
}

/** Loads the page again, and remembers that it was for the sake of isolation. */
export function reloadForIsolation(): void {
  try {
    sessionStorage.setItem(KEY, 'tried');
  } catch {
    return;
  }
  location.reload();
}
