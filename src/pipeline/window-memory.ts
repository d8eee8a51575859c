/** Windows up to this size are kept for the next job; a giant's memory has to go back. */
export const MOST_KEPT_WINDOW = 128 << 20;

/** No system has smaller pages. */
const PAGE_BYTES = 4096;

/** Sizes are rounded up to this, so that pictures of about the same size use the same memory. */
const STEP_BYTES = 8 << 20;

/**
 * Shared memory for source rows, kept for the next job. Browsers do not count it as something that a garbage collection would free, so
 * in a row of jobs the memory of each would stay for a long time after it, in every worker that has seen it.
 */
export class WindowMemory {
  #free: SharedArrayBuffer | null = null;
  #hadGiant = false;

  /** It has given out more than it keeps: threads that have seen that should end. */
  get hadGiant(): boolean {
    return this.#hadGiant;
  }

  /** Memory of exactly this length; what lies in it is undefined. The operating system has given its pages already. */
  take(bytes: number): Uint8Array {
    const free = this.#free;
    this.#free = null;
    this.#hadGiant ||= bytes > MOST_KEPT_WINDOW;
    if (free !== null && free.byteLength >= bytes) return new Uint8Array(free, 0, bytes);
    const rounded = bytes > MOST_KEPT_WINDOW ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
    const fresh = new Uint8Array(new SharedArrayBuffer(rounded), 0, bytes);
    for (let at = 0; at < bytes; at += PAGE_BYTES) fresh[at] = 0;
    return fresh;
  }

  /** Nothing may use it any more, in any thread. */
  giveBack({ buffer }: Uint8Array): void {
    const kept = this.#free?.byteLength ?? 0;
    const isWorthKeeping = buffer.byteLength > kept && buffer.byteLength <= MOST_KEPT_WINDOW;
    if (buffer instanceof SharedArrayBuffer && isWorthKeeping) this.#free = buffer;
  }
}
