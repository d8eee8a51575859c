/** The longest break in milliseconds. It is earned by as long a time without one: a job loses half of a long time at most. */
const MOST_MS = 200;

/** What is too short for the page to come far is not begun: there would be no end of small breaks. */
const LEAST_MS = 50;

/** What the page works with: its own thread, and the browser's that puts on the screen what it draws. */
export const CORES_FOR_THE_PAGE = 2;

/**
 * When a job gives way to the person: fewer bands are begun from the moment when they act until the page has answered, or the time for
 * it is spent. What is under way ends as ever.
 */
export class Courtesy {
  #over: Promise<void> | null = null;
  #tell: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Milliseconds that a break could have lasted at the time of `#since`, when the last one began or ended. */
  #earned = MOST_MS;
  #since = performance.now();

  /** Settles when the present break is over; null while there is none. */
  get over(): Promise<void> | null {
    return this.#over;
  }

  /** The person acts: begins a break, unless there is one, or the last ones have taken their share. */
  begin(): void {
    if (this.#over !== null) return;
    const now = performance.now();
    const earned = Math.min(MOST_MS, this.#earned + now - this.#since);
    if (earned < LEAST_MS) return;
    this.#earned = earned;
    this.#since = now;
    this.#over = new Promise((resolve) => (this.#tell = resolve));
    // The page may have been closed or hidden, and will not be heard of again.
    this.#timer = setTimeout(() => this.end(), earned);
  }

  /** The page has answered. */
  end(): void {
    if (this.#over === null) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#earned -= now - this.#since;
    this.#since = now;
    this.#over = null;
    this.#tell();
  }
}
