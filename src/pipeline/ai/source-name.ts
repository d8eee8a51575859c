import type { JobOptions } from '../../core/options.ts';
import { sha256Of } from '../../models/sha256.ts';
import type { DecoderName } from '../open-decoder.ts';

/** Bytes of a file hashed at a time: the browser's digest wants all of them in memory. */
const CHUNK_BYTES = 16 << 20;

/** A hash of all bytes of a file: of the hashes of its chunks. Null where the browser has no digest (pages that are not served securely). */
export async function fileDigest(file: Blob, signal: AbortSignal): Promise<string | null> {
  if (typeof (crypto as Partial<Crypto>).subtle !== 'object') return null;
  const hashes: string[] = [];
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    signal.throwIfAborted();
    hashes.push(await sha256Of(new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer())));
  }
  return sha256Of(new TextEncoder().encode(`${file.size} ${hashes.join(' ')}`));
}

/** Names the picture that models see, by what it shows: the file, how it is decoded, and what is done to it before. */
export function sourceName(
  digest: string | null,
  decoder: DecoderName,
  { edit, background }: Pick<JobOptions, 'edit' | 'background'>,
): string | null {
  if (digest === null) return null;
  return JSON.stringify([digest, decoder, edit, edit.straighten === 0 ? null : background]);
}
