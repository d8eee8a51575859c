const LOCK = 'pro-upscaler.queue';

/** The page before a reload may still be going away. */
const WAIT_MS = 5000;

/** Whether this page is the one of all pages of the app that keeps the queue; it then is until it closes. */
export async function claimQueue(): Promise<boolean> {
  // Only secure pages have locks.
  if (!('locks' in navigator)) return false;
  return new Promise<boolean>((resolve) => {
    navigator.locks
      .request(LOCK, { signal: AbortSignal.timeout(WAIT_MS) }, () => {
        resolve(true);
        return new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
