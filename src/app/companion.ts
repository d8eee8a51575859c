import { watchActing } from '../platform/acting.ts';
import { canAskToNotify, askToNotify, notifyIfHidden, setBadge } from '../platform/attention.ts';
import { WakeLock } from '../platform/wake-lock.ts';
import { holdWorkingLock } from '../platform/working-lock.ts';
import type { PictureList } from './picture-list.ts';
import type { Queue, QueueState } from './queue.ts';
import { statusText } from './status-text.ts';
import { Store } from './store.ts';

/** A run longer than this many milliseconds is one that a person may have left alone. */
const LONG_MS = 60_000;

/** After this many milliseconds of a run the offer to tell of its end is made. */
const OFFER_AFTER_MS = 20_000;

/** How the offer to be told of the end stands: it is only made while a long run is under way. */
export type NotifyOffer = 'none' | 'offered';

/** Does for a run of jobs what the operating system offers: keeps the device awake, shows how many are left, tells of the end. */
export class Companion extends Store<NotifyOffer> {
  readonly #queue: Queue;
  readonly #list: PictureList;
  readonly #wake = new WakeLock();
  #release: (() => void) | null = null;
  #unwatch: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #began = 0;

  constructor(queue: Queue, list: PictureList) {
    super('none');
    this.#queue = queue;
    this.#list = list;
    queue.subscribe(() => this.#follow(queue.value));
  }

  /** Asks for the permission to notify; needs a user gesture. */
  async accept(): Promise<void> {
    this.set('none');
    await askToNotify();
  }

  dismiss(): void {
    this.set('none');
  }

  #follow(state: QueueState): void {
    if (state.running && this.#release === null) this.#begin();
    setBadge(state.running ? state.total - state.done - state.failed - state.skipped : 0);
    if (!state.running && this.#release !== null) this.#end(state);
  }

  #begin(): void {
    this.#release = holdWorkingLock();
    this.#unwatch = watchActing((acting) => this.#queue.setActing(acting));
    this.#wake.hold();
    this.#began = performance.now();
    this.#timer = setTimeout(() => {
      if (canAskToNotify() && this.#queue.value.running) this.set('offered');
    }, OFFER_AFTER_MS);
  }

  #end(state: QueueState): void {
    clearTimeout(this.#timer);
    this.#release?.();
    this.#release = null;
    this.#unwatch();
    this.#wake.release();
    this.set('none');
    if (state.cancelled || performance.now() - this.#began < LONG_MS) return;
    // In the words that stand beside Start when somebody comes back.
    void notifyIfHidden('Pro Upscaler', statusText(state, this.#list.pictures));
  }
}
