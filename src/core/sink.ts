import type { Patch } from './encoding.ts';

/**
 * Takes a file's bytes in order, and either keeps the whole file or nothing. Every call waits until it is safe to hand over more
 * (backpressure). Rejects with an AppError `write-failed` or `no-quota`.
 */
export interface Sink {
  /** Copies what it keeps: the chunks are the caller's again when the promise settles. */
  write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void>;
  /** Overwrites bytes that were written before; only between the last write and the commit. */
  patch(patches: readonly Patch[]): Promise<void>;
  /** Makes the file visible under its name. Nothing may follow. */
  commit(): Promise<void>;
  /** Leaves no trace of the file. Safe after a failed write, and more than once. */
  abort(): Promise<void>;
}
