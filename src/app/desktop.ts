import type { App } from './app.ts';
import { Companion } from './companion.ts';
import { startLaunches, type TakeFiles } from './launches.ts';
import { Updates } from './updates.ts';

/** How often an open page asks for a new version of itself, in milliseconds. */
const CHECK_EVERY_MS = 3_600_000;

/** The app as a part of the operating system: its versions, launches, and what goes with a run of jobs. */
export class Desktop {
  readonly updates: Updates;
  readonly companion: Companion;
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
    this.updates = new Updates(() => app.pictures.pictures.length === 0 && !app.queue.value.running);
    this.companion = new Companion(app.queue);
  }

  /** `take` puts files into the queue. */
  start(take: TakeFiles): void {
    startLaunches(this.#app, take);
    this.updates.start();
    setInterval(() => this.updates.check(), CHECK_EVERY_MS);
  }
}
