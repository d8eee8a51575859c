import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Store } from '../app/store.ts';

/** Renders its element again whenever one of the stores changes, while the element is on the page. */
export class StoreController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #stores: () => readonly Pick<Store<unknown>, 'subscribe'>[];
  #stop: (() => void)[] = [];

  /** `stores` is called when the element is connected, so that it may use the element's properties. */
  constructor(host: ReactiveControllerHost, stores: () => readonly Pick<Store<unknown>, 'subscribe'>[]) {
    this.#host = host;
    this.#stores = stores;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = this.#stores().map((store) => store.subscribe(() => this.#host.requestUpdate()));
  }

  hostDisconnected(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }
}
