/** Keeps the device awake while it is held. Browsers let it go when the page is hidden; it is taken again when the page comes back. */
export class WakeLock {
  #sentinel: WakeLockSentinel | null = null;
  #wanted = false;

  constructor() {
    document.addEventListener('visibilitychange', () => void this.#take());
  }

  hold(): void {
    this.#wanted = true;
    void this.#take();
  }

  release(): void {
    this.#wanted = false;
    void this.#sentinel?.release().catch(() => undefined);
    this.#sentinel = null;
  }

  async #take(): Promise<void> {
    if (!this.#wanted || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const sentinel = await navigator.wakeLock.request('screen');
      if (this.#wanted) this.#sentinel = sentinel;
      else await sentinel.release();
    } catch {
      // A low battery, or a policy: the device may sleep, and the job goes on when it wakes.
    }
  }
}
