/** Gathers chunks into pieces of one size, in memory that is used again for every piece. */
export class Gatherer {
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #put: (piece: Uint8Array<ArrayBuffer>) => Promise<void>;
  #length = 0;

  /** `put` must have copied a piece when its promise settles. */
  constructor(bytes: number, put: (piece: Uint8Array<ArrayBuffer>) => Promise<void>) {
    this.#memory = new Uint8Array(bytes);
    this.#put = put;
  }

  async add(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) {
        const count = Math.min(chunk.length - done, this.#memory.length - this.#length);
        this.#memory.set(chunk.subarray(done, done + count), this.#length);
        this.#length += count;
        done += count;
        if (this.#length === this.#memory.length) await this.flush();
      }
    }
  }

  /** Hands on what is left. */
  async flush(): Promise<void> {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) await this.#put(this.#memory.subarray(0, length));
  }
}
