/** Shows a number on the app's icon, or none for 0. Only installed apps have one. */
export function setBadge(count: number): void {
  if (typeof navigator.setAppBadge !== 'function') return;
  const set = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
  set.catch(() => undefined);
}

/** Whether a person could still be asked for notifications. */
export const canAskToNotify = (): boolean =>
  typeof Notification === 'function' && Notification.permission === 'default';

/** Asks for permission to notify. Needs a user gesture. */
export async function askToNotify(): Promise<boolean> {
  return (await Notification.requestPermission()) === 'granted';
}

/** Shows a notification while nobody looks at the page, if that was allowed. */
export async function notifyIfHidden(title: string, body: string): Promise<void> {
  if (document.visibilityState === 'visible' || typeof Notification !== 'function') return;
  if (Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker?.getRegistration();
  const options = { body, icon: new URL('./icons/icon-192.png', document.baseURI).href, tag: 'pro-upscaler.done' };
  await registration?.showNotification(title, options).catch(() => undefined);
}
