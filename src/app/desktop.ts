import type { App } from './app.ts';
import { Companion } from './companion.ts';
import { startLaunches, type TakeFiles } from './launches.ts';
import type { Removals } from './removals.ts';
import type { Replaced } from './replaced.ts';
import { Updates } from './updates.ts';

/** How often an open page asks for a new version of itself, in milliseconds. */
const CHECK_EVERY_MS = 3_600_000;

/** The app as a part of the operating system: its versions, launches, and what goes with a run of jobs. */
export class Desktop {
  readonly updates: Updates;
  readonly companion: Companion;
  /** What can be had back. */
  readonly removals: Removals;
  /** What can still be saved. */
  readonly replaced: Replaced;
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
    this.removals = app.removals;
    this.replaced = app.replaced;
    // A new version takes the page with it, and with the page what could be had back.
    const isIdle = (): boolean => {
      const { kept, dismissed } = app.replaced.value;
      return app.pictures.pictures.length + app.removals.value.length + kept.length + dismissed.length === 0;
    };
    this.updates = new Updates(() => isIdle() && !app.queue.value.running);
    this.companion = new Companion(app.queue, app.pictures);
  }

  /** Puts back what was taken off the list last. */
  takeBack(): void {
    this.#app.takeBack();
  }

  /** Saves results that later runs have replaced. Needs a user gesture. */
  saveReplaced(): Promise<void> {
    return this.#app.saveReplaced();
  }

  /** `take` puts files into the queue. */
  start(take: TakeFiles): void {
    startLaunches(this.#app, take);
    this.updates.start();
    setInterval(() => this.updates.check(), CHECK_EVERY_MS);
  }
}
