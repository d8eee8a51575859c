import { Deflate, Z_FILTERED, Z_FINISH, Z_SYNC_FLUSH } from 'pako';

/** Output is collected in pieces of this many bytes. */
const PIECE = 1 << 18;

/**
 * Raw deflate by pako, ending with a sync flush, or a last block when `final`. Level 8 takes half the time of 9 and gives files 1 % larger; levels
 * up to 6 give files no smaller than our own fast coder's. Z_FILTERED leaves out short matches, which cost more than they save on filtered rows.
 */
export function deflateSmall(bytes: Uint8Array, final: boolean): Uint8Array {
  const deflate = new Deflate({ raw: true, level: 8, memLevel: 9, strategy: Z_FILTERED, chunkSize: PIECE });
  deflate.push(bytes, final ? Z_FINISH : Z_SYNC_FLUSH);
  if (deflate.err !== 0) throw new Error(`deflate failed: ${deflate.msg}`);
  if (final) return deflate.result as Uint8Array;
  // After a sync flush pako has not joined what it handed to onData.
  const parts = deflate.chunks as Uint8Array[];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}
