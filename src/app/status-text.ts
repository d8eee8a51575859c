import { msg, str } from '@lit/localize';
import { formatDuration, formatNumber, formatPercent, pictureCount } from './format-text.ts';
import type { Picture } from './picture.ts';
import type { QueueState } from './queue.ts';

/** Progress is announced in steps of this many per cent: a screen reader must not talk all the time. */
const STEP = 10;

/** One sentence on the run that is on, or on how the last one ended; empty before the first. */
export function statusText(queue: QueueState, pictures: readonly Picture[]): string {
  const { running, total, done, failed, cancelled, elapsedMs } = queue;
  if (total === 0) return '';
  if (!running) {
    if (cancelled) return done === 0 ? msg('Cancelled.') : msg(str`Cancelled. Done: ${pictureCount(done)}.`);
    const time = formatDuration(elapsedMs);
    if (failed === 0) return msg(str`Done: ${pictureCount(done)} in ${time}.`);
    if (done === 0) return msg(str`Failed: ${pictureCount(failed)}.`);
    return msg(str`Done: ${pictureCount(done)} in ${time}. Failed: ${formatNumber(failed)}.`);
  }
  const current = pictures.find((picture) => picture.state.kind === 'running');
  if (current?.state.kind !== 'running') return msg('Starting …');
  const percent = formatPercent((Math.floor(((current.state.progress?.fraction ?? 0) * 100) / STEP) * STEP) / 100);
  if (total === 1) return msg(str`Enlarging ${current.name}: ${percent}`);
  const number = formatNumber(Math.min(done + failed + 1, total));
  return msg(str`Enlarging ${current.name} (${number} of ${formatNumber(total)}): ${percent}`);
}

/** The running picture's progress 0..1, or null when nothing runs. */
export function runningFraction(pictures: readonly Picture[]): number | null {
  const current = pictures.find((picture) => picture.state.kind === 'running');
  return current?.state.kind === 'running' ? (current.state.progress?.fraction ?? 0) : null;
}
