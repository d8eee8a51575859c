import { countOf, formatDuration } from './format-text.ts';
import type { Picture } from './picture.ts';
import type { QueueState } from './queue.ts';

/** Progress is announced in steps of this many per cent: a screen reader must not talk all the time. */
const STEP = 10;

/** One sentence on the run that is on, or on how the last one ended; empty before the first. */
export function statusText(queue: QueueState, pictures: readonly Picture[]): string {
  const { running, total, done, failed, cancelled, elapsedMs } = queue;
  if (total === 0) return '';
  if (!running) {
    if (cancelled) return done === 0 ? 'Cancelled.' : `Cancelled after ${countOf(done, 'picture')}.`;
    const time = formatDuration(elapsedMs);
    if (failed === 0) return `Done: ${countOf(done, 'picture')} in ${time}.`;
    if (done === 0) return `${countOf(failed, 'picture')} failed.`;
    return `${countOf(done, 'picture')} done, ${failed} failed, in ${time}.`;
  }
  const current = pictures.find((picture) => picture.state.kind === 'running');
  if (current?.state.kind !== 'running') return 'Starting …';
  const number = total > 1 ? ` (${Math.min(done + failed + 1, total)} of ${total})` : '';
  const percent = Math.floor(((current.state.progress?.fraction ?? 0) * 100) / STEP) * STEP;
  return `Enlarging ${current.name}${number}: ${percent}\u00a0%`;
}

/** The running picture's progress 0..1, or null when nothing runs. */
export function runningFraction(pictures: readonly Picture[]): number | null {
  const current = pictures.find((picture) => picture.state.kind === 'running');
  return current?.state.kind === 'running' ? (current.state.progress?.fraction ?? 0) : null;
}
