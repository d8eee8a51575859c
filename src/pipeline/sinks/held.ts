import type { Patch } from '../../core/encoding.ts';
import type { Sink } from '../../core/sink.ts';
import type { OpenedSink } from './open.ts';

/** Thrown by a write that would take a file over its limit. Inside the pipeline only. */
export class OverLimit extends Error {
  override readonly name = 'OverLimit';
  /** Bytes that have been written, this write included, and the share 0..1 of the picture that they are of. */
  readonly bytes: number;
  readonly share: number;

  constructor(bytes: number, share = 1) {
    super(`over the limit with ${bytes} bytes`);
    this.bytes = bytes;
    this.share = share;
  }
}

/**
 * Holds a file in memory until it is complete and known to keep to its limit, and only then opens the place where it goes: an attempt that
 * comes out too large leaves nothing anywhere. The memory is bounded by the limit.
 */
export function heldSink(limit: number, name: string, open: () => Promise<OpenedSink>): OpenedSink {
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let patches: readonly Patch[] = [];
  let bytes = 0;
  let opened: OpenedSink | null = null;
  const sink: Sink = {
    write(more) {
      bytes += more.reduce((sum, chunk) => sum + chunk.length, 0);
      if (bytes > limit) return Promise.reject(new OverLimit(bytes));
      for (const chunk of more) chunks.push(chunk.slice());
      return Promise.resolve();
    },
    patch(more) {
      patches = more;
      return Promise.resolve();
    },
    async commit() {
      opened = await open();
      const complete = chunks;
      chunks = [];
      await opened.sink.write(complete);
      await opened.sink.patch(patches);
      await opened.sink.commit();
    },
    async abort() {
      chunks = [];
      await opened?.sink.abort();
    },
  };
  return {
    sink,
    get name() {
      return opened?.name ?? name;
    },
    file: () => opened?.file() ?? Promise.resolve(null),
  };
}
