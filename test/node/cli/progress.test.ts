import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, progressLine, ProgressView } from '../../../scripts/cli/progress.ts';

const event = {
  kind: 'progress',
  fraction: 0.5,
  bytes: 123_456_789,
  elapsedMs: 12_000,
  remainingMs: 75_000,
  megapixelsPerSecond: 310.4,
  engine: 'simd',
} as const;

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_499, '999 kB'],
    [999_600, '1.0 MB'],
    [42_355_636, '42 MB'],
    [2_367_467_405, '2.4 GB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '0:10'],
    [59_600, '1:00'],
    [3_725_000, '1:02:05'],
  ])('%i ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('tells all about a running job in one line', () => {
    expect(progressLine('a.jpg', event, 10)).toBe(
      'a.jpg [#####.....]  50 %, 123 MB, 310 MP/s, 0:12 elapsed, 1:15 left (simd)',
    );
    expect(progressLine('a.jpg', { ...event, remainingMs: null }, 0)).toMatch(/time left unknown/);
  });
});

describe('ProgressView', () => {
  function screen(isTTY: boolean) {
    const written: string[] = [];
    return { written, isTTY, columns: 60, write: (text: string) => written.push(text) };
  }

  it('makes the bar as long as there is room for', () => {
    const bars = [200, 85, 60, 0].map((columns) => {
      const tty = { ...screen(true), columns };
      new ProgressView(tty, { quiet: false }).update('a.jpg', event);
      return /\[([#.]*)\]/.exec(tty.written[0])?.[1].length ?? 0;
    });
    expect(bars).toEqual([24, 20, 0, 15]);
  });

  it('redraws one line on a terminal, cut to its width, and makes room for messages', () => {
    const tty = screen(true);
    const view = new ProgressView(tty, { quiet: false });
    view.update('a.jpg', event);
    view.say('warning');
    expect(tty.written).toHaveLength(3);
    expect(tty.written[0].startsWith('\r\x1b[2Ka.jpg')).toBe(true);
    expect(tty.written[0].length).toBe('\r\x1b[2K'.length + 59);
    expect(tty.written.slice(1)).toEqual(['\r\x1b[2K', 'warning\n']);
  });

  it('writes a line now and then elsewhere, for each job anew', () => {
    const log = screen(false);
    const view = new ProgressView(log, { quiet: false, everyMs: 1000 });
    for (const elapsedMs of [100, 900, 1000, 1500, 2100, 100, 1000]) view.update('a', { ...event, elapsedMs });
    expect(log.written).toHaveLength(3);
    expect(log.written[0]).toMatch(/^a {2}50 %.*\n$/);
  });

  it('is silent when quiet, except for messages', () => {
    const log = screen(false);
    const view = new ProgressView(log, { quiet: true });
    view.update('a', { ...event, elapsedMs: 1e6 });
    view.note('done');
    view.say('error');
    expect(log.written).toEqual(['error\n']);
  });
});
