import { msg, str } from '@lit/localize';
import { formatDuration, formatNumber, formatPercent, pictureCount } from './format-text.ts';
import { isUnreadable, type Picture } from './picture.ts';
import type { QueueState } from './queue.ts';

/** Progress is announced in steps of this many per cent: a screen reader must not talk all the time. */
const STEP = 10;

/** How a run ended, in sentences that account for every picture of it and every file beside it that is no picture. */
function endText({ done, failed, skipped, elapsedMs }: QueueState, unreadable: number): string {
  const time = formatDuration(elapsedMs);
  const sentences: string[] = [];
  if (done > 0 && failed > 0)
    sentences.push(msg(str`Done: ${pictureCount(done)} in ${time}. Failed: ${formatNumber(failed)}.`));
  else if (failed > 0) sentences.push(msg(str`Failed: ${pictureCount(failed)}.`));
  else if (done > 0 || skipped === 0) sentences.push(msg(str`Done: ${pictureCount(done)} in ${time}.`));
  if (skipped > 0) sentences.push(msg(str`Skipped: ${formatNumber(skipped)}.`));
  if (unreadable > 0) sentences.push(msg(str`Could not be read: ${formatNumber(unreadable)}.`));
  return sentences.join(' ');
}

/**
 * A sentence on the run that is on, or a few on how the last one ended; empty before the first. Progress is in steps, for those who
 * are told of every change, or as it is `seen` beside the picture.
 */
export function statusText(queue: QueueState, pictures: readonly Picture[], as: 'told' | 'seen' = 'told'): string {
  const { running, total, done, failed, skipped, cancelled } = queue;
  if (total === 0) return '';
  if (!running) {
    if (cancelled) return done === 0 ? msg('Cancelled.') : msg(str`Cancelled. Done: ${pictureCount(done)}.`);
    return endText(queue, pictures.filter(isUnreadable).length);
  }
  const current = pictures.find((picture) => picture.state.kind === 'running');
  if (current?.state.kind !== 'running') return msg('Starting …');
  const fraction = current.state.progress?.fraction ?? 0;
  const percent = formatPercent(as === 'seen' ? fraction : (Math.floor((fraction * 100) / STEP) * STEP) / 100);
  if (total === 1) return msg(str`Enlarging ${current.name}: ${percent}`);
  const number = formatNumber(Math.min(done + failed + skipped + 1, total));
  return msg(str`Enlarging ${current.name} (${number} of ${formatNumber(total)}): ${percent}`);
}

/** The running picture's progress 0..1, or null when nothing runs. */
export function runningFraction(pictures: readonly Picture[]): number | null {
  const current = pictures.find((picture) => picture.state.kind === 'running');
  return current?.state.kind === 'running' ? (current.state.progress?.fraction ?? 0) : null;
}
