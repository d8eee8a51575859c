import type { OutputFormat } from '../core/formats.ts';
import { limitError, type PredictBytes, type QualitySearch } from './byte-limit.ts';

/** Codings of a whole picture until the best quality that was found is taken, and the share of the limit that is good enough. */
const MOST_TRIES = 7;
const NEAR_ENOUGH = 0.86;

/** Each try is a whole coding: the middle of what is good enough is hit soonest. */
const AIM = 0.935;

/** A coded file, and the quality that it has. */
export interface CodedWhole {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly quality: number;
}

/**
 * Codes a picture whose format takes it only whole with other qualities, until a file comes near to the limit of `search` and keeps to it.
 * `predict` tells what files are likely to have, before the first is made.
 * Rejects when not even the lowest quality does.
 */
export async function encodeWithinLimit(
  encode: (quality: number) => Promise<Uint8Array<ArrayBuffer>>,
  format: OutputFormat,
  search: QualitySearch,
  predict: PredictBytes,
): Promise<CodedWhole> {
  let best: CodedWhole | null = null;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const last: boolean = tries === MOST_TRIES && best === null;
    const quality: number | null = last ? 1 : await search.next(predict, AIM);
    if (quality === null) break;
    const bytes = await encode(quality);
    search.learn(quality, bytes.length);
    if (bytes.length > search.limit) continue;
    best = { bytes, quality };
    if (bytes.length >= NEAR_ENOUGH * search.limit) break;
  }
  return best ?? Promise.reject(limitError(format, search.leastBytes, search.limit));
}
