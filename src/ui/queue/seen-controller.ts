import type { ReactiveController, ReactiveControllerHost } from 'lit';

type Host = ReactiveControllerHost & HTMLElement;

const controllers = new WeakMap<Element, SeenController>();

/** Rows come to life this far from the edge of the screen, so that scrolling finds them ready. */
const MARGIN = '600px';

/** What a row usually needs, so that the list does not grow under the reader when rows come to life. */
const USUAL_HEIGHT = '7rem';

let observer: IntersectionObserver | null = null;

function watch(host: Element): void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) controllers.get(target)?.set(isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  observer.observe(host);
}

/**
 * Tells whether its element is on the screen or near it. Of a thousand rows only those need their content; the others keep the
 * height that they had.
 */
export class SeenController implements ReactiveController {
  seen = false;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
    controllers.set(host, this);
  }

  hostConnected(): void {
    if (!this.seen) this.#host.style.minBlockSize ||= USUAL_HEIGHT;
    watch(this.#host);
  }

  hostDisconnected(): void {
    observer?.unobserve(this.#host);
  }

  set(seen: boolean): void {
    if (seen === this.seen) return;
    this.seen = seen;
    this.#host.style.minBlockSize = seen ? '' : `${this.#host.offsetHeight}px`;
    this.#host.requestUpdate();
  }
}
