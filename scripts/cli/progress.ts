/** Progress on a terminal, and numbers as people read them. */
import type { JobEvent } from '../../src/core/job.ts';

/** Bytes with a decimal unit: `843 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Milliseconds as `0.8 s` below ten seconds, else as `m:ss` or `h:mm:ss`. */
export function formatDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

type Progress = Extract<JobEvent, { kind: 'progress' }>;

/** One line about a running job, with a bar of `barWidth` characters where that is above 0. */
export function progressLine(name: string, event: Progress, barWidth: number): string {
  const filled = Math.round(event.fraction * barWidth);
  const bar = barWidth > 0 ? `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ` : '';
  const percent = `${Math.floor(event.fraction * 100)} %`.padStart(5);
  const left = event.remainingMs === null ? 'time left unknown' : `${formatDuration(event.remainingMs)} left`;
  const speed = `${event.megapixelsPerSecond.toFixed(event.megapixelsPerSecond < 10 ? 1 : 0)} MP/s`;
  const elapsed = `${formatDuration(event.elapsedMs)} elapsed`;
  return `${name} ${bar}${percent}, ${formatBytes(event.bytes)}, ${speed}, ${elapsed}, ${left} (${event.engine})`;
}

/** Where progress is shown: standard error, or a list in a test. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\x1b[2K';

/** Shows a bar that is redrawn on a terminal; elsewhere a line every few seconds; nothing when quiet. Messages always show. */
export class ProgressView {
  readonly #screen: Screen;
  readonly #quiet: boolean;
  readonly #everyMs: number;
  #drawn = false;
  #lastMs = 0;

  constructor(screen: Screen, options: { readonly quiet: boolean; readonly everyMs?: number }) {
    this.#screen = screen;
    this.#quiet = options.quiet;
    this.#everyMs = options.everyMs ?? 2000;
  }

  /** To be called for each event of a job; `elapsedMs` starts anew with each. */
  update(name: string, event: Progress): void {
    if (this.#quiet) return;
    if (this.#screen.isTTY) {
      // A longer line would wrap, and then could not be redrawn; terminals without a size say 0 columns.
      const room = (this.#screen.columns || 80) - 1;
      const spare = room - progressLine(name, event, 0).length - '[] '.length;
      const line = progressLine(name, event, Math.min(BAR_WIDTH, Math.max(0, spare)));
      this.#screen.write(CLEAR_LINE + line.slice(0, room));
      this.#drawn = true;
      return;
    }
    if (event.elapsedMs < this.#lastMs) this.#lastMs = 0;
    if (event.elapsedMs - this.#lastMs < this.#everyMs) return;
    this.#lastMs = event.elapsedMs;
    this.#screen.write(`${progressLine(name, event, 0)}\n`);
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.#screen.write(`${line}\n`);
  }

  /** A line that stays, unless quiet. */
  note(line: string): void {
    if (!this.#quiet) this.say(line);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#drawn) this.#screen.write(CLEAR_LINE);
    this.#drawn = false;
  }
}
