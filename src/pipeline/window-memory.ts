/** Windows up to this size are kept for the next job; a giant's memory has to go back. */
export const MOST_KEPT_WINDOW = 128 << 20;

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

  /** Memory of exactly this length; what lies in it is undefined. */
  take(bytes: number): Uint8Array {
    const free = this.#free;
    this.#free = null;
    const fits = free !== null && free.byteLength >= bytes;
    this.#hadGiant ||= bytes > MOST_KEPT_WINDOW;
    const rounded = bytes > MOST_KEPT_WINDOW ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
    return new Uint8Array(fits ? free : new SharedArrayBuffer(rounded), 0, bytes);
  }

  /** Nothing may use it any more, in any thread. */
  giveBack({ buffer }: Uint8Array): void {
    const kept = this.#free?.byteLength ?? 0;
    const isWorthKeeping = buffer.byteLength > kept && buffer.byteLength <= MOST_KEPT_WINDOW;
    if (buffer instanceof SharedArrayBuffer && isWorthKeeping) this.#free = buffer;
  }
}
