import { whenIsolationNeedsReload, reloadForIsolation } from '../platform/isolation.ts';
import { startServiceWorker, type AppWorker, type WorkerListeners } from '../platform/service-worker.ts';
import { whenNobodyWorks } from '../platform/working-lock.ts';
import { Store } from './store.ts';

/**
 * What the page knows of other versions of itself. `ready`: a new one is here; `waiting`: it was accepted, and comes in when no window
 * works any more; `replaced`: another window let it in, this page is of the old one; `slow`: loading again would give the page threads.
 */
export type UpdateState = 'none' | 'ready' | 'waiting' | 'replaced' | 'slow';

/** The browser's side, replaceable in tests. */
export interface UpdateServices {
  start(listeners: WorkerListeners): AppWorker | null;
  whenIsolationNeedsReload(reload: () => void): Promise<void>;
  reloadForIsolation(): void;
  whenNobodyWorks(task: () => Promise<void>): Promise<void>;
  reload(): void;
}

const BROWSER: UpdateServices = {
  start: startServiceWorker,
  whenIsolationNeedsReload,
  reloadForIsolation,
  whenNobodyWorks,
  reload: () => location.reload(),
};

/** How long other windows are kept from starting jobs while a version takes over, at most, in milliseconds. */
const TAKEOVER_MS = 10_000;

/** Watches for new versions and lets them in when the person wants it and no job is interrupted. */
export class Updates extends Store<UpdateState> {
  readonly #services: UpdateServices;
  readonly #isUnused: () => boolean;
  #worker: AppWorker | null = null;
  #replaced: (() => void) | null = null;

  /** `isUnused` says whether nobody would miss anything if the page were loaded again. */
  constructor(isUnused: () => boolean, services: UpdateServices = BROWSER) {
    super('none');
    this.#isUnused = isUnused;
    this.#services = services;
  }

  start(): void {
    this.#worker = this.#services.start({
      onWaiting: () => {
        if (this.value === 'none' || this.value === 'slow') this.set('ready');
      },
      onReplaced: () => this.#onReplaced(),
    });
    void this.#services.whenIsolationNeedsReload(() => {
      if (this.#isUnused()) this.#services.reloadForIsolation();
      else if (this.value === 'none') this.set('slow');
    });
  }

  /** Asks the host whether there is a new version. */
  check(): void {
    this.#worker?.check();
  }

  /** Does what is offered: lets the new version in after the last job of any window, or loads the page again. */
  async accept(): Promise<void> {
    switch (this.value) {
      case 'ready':
        this.set('waiting');
        return this.#services.whenNobodyWorks(() => this.#takeOver());
      case 'replaced':
        return this.#services.reload();
      case 'slow':
        return this.#services.reloadForIsolation();
      case 'none':
      case 'waiting':
        return;
      default:
        return this.value satisfies never;
    }
  }

  /** Settles when the new version answers for this page, which is then loaded again. */
  #takeOver(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => resolve();
      this.#replaced = done;
      setTimeout(done, TAKEOVER_MS);
      this.#worker?.letIn();
    });
  }

  #onReplaced(): void {
    this.#replaced?.();
    if (this.value === 'waiting' || this.#isUnused()) this.#services.reload();
    else this.set('replaced');
  }
}
