import type { EngineName } from '../core/engine.ts';
import type { Picture } from './picture.ts';

/** How a whole run stands, in the figures of its pictures together. */
export interface Overall {
  /** 0..1 of the pixels of all outputs. */
  readonly fraction: number;
  readonly elapsedMs: number;
  /** Null until there is something to judge by. */
  readonly remainingMs: number | null;
  /** Of outputs, over the whole run. */
  readonly megapixelsPerSecond: number;
  /** What computes at present; null between two pictures. */
  readonly engine: EngineName | null;
}

/**
 * Adds up a run. Pictures weigh by the pixels of their outputs, since that is what takes the time; those that were skipped or failed
 * count as dealt with, but say nothing about the pace.
 */
export function overallOf(
  pictures: readonly Picture[],
  ids: readonly number[],
  pixelsOf: (picture: Picture) => number,
  elapsedMs: number,
): Overall {
  const wanted = new Set(ids);
  let all = 0;
  let settled = 0;
  let computed = 0;
  let engine: EngineName | null = null;
  for (const picture of pictures) {
    if (!wanted.has(picture.id)) continue;
    const { state } = picture;
    const pixels = state.kind === 'done' ? state.receipt.output.width * state.receipt.output.height : pixelsOf(picture);
    all += pixels;
    if (state.kind === 'done' && state.again === undefined) {
      settled += pixels;
      computed += pixels;
    } else if (state.kind === 'running') {
      const part = pixels * (state.progress?.fraction ?? 0);
      settled += part;
      computed += part;
      engine = state.progress?.engine ?? null;
    } else if (state.kind !== 'queued') {
      settled += pixels;
    }
  }
  const pace = elapsedMs > 0 ? computed / elapsedMs : 0;
  return {
    fraction: all === 0 ? 0 : settled / all,
    elapsedMs,
    remainingMs: pace > 0 ? (all - settled) / pace : null,
    megapixelsPerSecond: pace / 1e3,
    engine,
  };
}
