import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProgressEvent } from '../../app/picture.ts';
import type { ProgressView } from './progress-view.ts';
import './progress-view.ts';

const REPORT: ProgressEvent = {
  kind: 'progress',
  fraction: 0,
  bytes: 100,
  elapsedMs: 100,
  remainingMs: null,
  megapixelsPerSecond: 0,
  engine: 'simd',
};

/** What is shown of a job that was thought to take 7.4 s. */
async function shown(progress: ProgressEvent): Promise<ProgressView> {
  const view = document.createElement('progress-view') as ProgressView;
  Object.assign(view, { progress, expectedMs: 7400, name: 'a.jpg' });
  document.body.append(view);
  await view.updateComplete;
  return view;
}

async function timesAfter(view: ProgressView, milliseconds: number): Promise<string> {
  vi.advanceTimersByTime(milliseconds);
  await view.updateComplete;
  return view.shadowRoot!.querySelector('.line .quiet')!.textContent.trim();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

test('between two reports the clock goes on, and what is left counts down until nobody knows', async () => {
  const view = await shown(REPORT);
  expect(await timesAfter(view, 0)).toBe('0.1 s elapsed · about 7.3 s left');
  expect(await timesAfter(view, 3000)).toBe('3.1 s elapsed · about 4.3 s left');
  expect(await timesAfter(view, 17_000)).toBe('20 s elapsed');
  view.progress = { ...REPORT, fraction: 0.5, elapsedMs: 20_500, remainingMs: 20_000 };
  expect(await timesAfter(view, 0)).toBe('21 s elapsed · about 20 s left');
  expect(await timesAfter(view, 2000)).toBe('23 s elapsed · about 18 s left');
});

test('the clock of a held job stands still, and that of one that is gone has no timer', async () => {
  const view = await shown(REPORT);
  expect(await timesAfter(view, 1000)).toMatch(/^1.1 s/);
  view.paused = true;
  await view.updateComplete;
  expect(vi.getTimerCount()).toBe(0);
  expect(await timesAfter(view, 60_000)).toMatch(/^1.1 s/);
  view.paused = false;
  await view.updateComplete;
  expect(await timesAfter(view, 2000)).toMatch(/^3.1 s/);
  view.remove();
  expect(vi.getTimerCount()).toBe(0);
});
