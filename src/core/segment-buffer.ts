/** Room that new memory gets beyond the bytes it is made for: the next segment is seldom much larger. */
const HEADROOM = 1 / 8;

/**
 * Collects the bytes of one segment, in memory of an earlier one where that is given and large enough. Segments are the only
 * large garbage of a job: used again, a gigapixel takes no more memory than the first bands of it.
 */
export class SegmentBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(memory: ArrayBuffer | null = null) {
    this.#bytes = new Uint8Array(memory ?? new ArrayBuffer(0));
  }

  append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.ceil(end * (1 + HEADROOM)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }

  /** Whether bytes lie in this memory. */
  holds(bytes: Uint8Array): boolean {
    return bytes.buffer === this.#bytes.buffer;
  }

  /** What was collected; the memory behind it may be larger. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The memory of segments that have been written, for segments to come. */
export class SegmentMemory {
  readonly #most: number;
  #free: ArrayBuffer[] = [];

  /** Keeps at most `most` buffers. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Memory to collect a segment in; null when none is free. */
  take(): ArrayBuffer | null {
    return this.#free.pop() ?? null;
  }

  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#free.length < this.#most) this.#free.push(bytes.buffer);
  }

  clear(): void {
    this.#free = [];
  }
}
