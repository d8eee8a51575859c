const LOCK = 'pro-upscaler.working';

/** Tells the app's other windows that a job runs here, until the returned function is called. */
export function holdWorkingLock(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  // Only secure pages have locks.
  void navigator.locks?.request(LOCK, { mode: 'shared' }, () => held).catch(() => undefined);
  return release;
}

/** Calls `task` as soon as no window of the app works; none starts to until it has settled. */
export async function whenNobodyWorks(task: () => Promise<void> | void): Promise<void> {
  if (navigator.locks === undefined) return task();
  await navigator.locks.request(LOCK, { mode: 'exclusive' }, task);
}
