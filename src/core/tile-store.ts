/** Keeps the finished tiles of models beyond the job or the preview that has computed them. No correctness depends on it: a store may forget anything. */
export interface TileStore {
  /** Null when it is not there, or cannot be read. Never rejects. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * Takes a tile that took `milliseconds` to compute; a store may decline what is computed sooner than kept. Settles when there is room
   * for the next. Nobody changes the bytes afterwards. Never rejects.
   */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, milliseconds: number): Promise<void>;
  /** Settles when everything that was put is kept. Never rejects. */
  close(): Promise<void>;
}
