import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { App } from '../../app/app.ts';
import type { Overall } from '../../app/overall.ts';
import type { QueueState } from '../../app/queue.ts';
import { Store } from '../../app/store.ts';
import type { OverallView } from './overall-view.ts';
import './overall-view.ts';

/** A run of three pictures that began now, computes at a thousand pixels a millisecond, and is at `fraction`. */
async function shown(
  fraction: number,
): Promise<{ view: OverallView; queue: Store<QueueState>; run: { fraction: number } }> {
  const state = { running: true, paused: false, pausing: false, total: 3, done: 1, failed: 0, skipped: 0 };
  const queue = new Store(state as unknown as QueueState);
  const run = { fraction };
  const began = performance.now();
  const overall = (): Overall => {
    const elapsedMs = performance.now() - began;
    const remainingMs = run.fraction === 0 ? null : (elapsedMs / run.fraction) * (1 - run.fraction);
    return { fraction: run.fraction, elapsedMs, remainingMs, megapixelsPerSecond: run.fraction * 4, engine: null };
  };
  const view = document.createElement('overall-view') as OverallView;
  const pictures = Object.assign(new Store(null), { pictures: [] });
  view.app = { queue, pictures, overall } as unknown as App;
  document.body.append(view);
  await view.updateComplete;
  return { view, queue, run };
}

async function figuresAfter(view: OverallView, milliseconds: number): Promise<string[]> {
  vi.advanceTimersByTime(milliseconds);
  await view.updateComplete;
  return [...view.shadowRoot!.querySelectorAll('.quiet span')].map((element) => element.textContent);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

test('the clock of a run goes on between two reports, its pace stands, and what is left counts down', async () => {
  const { view, run } = await shown(0);
  expect(await figuresAfter(view, 5000)).toEqual(['5 s elapsed', '0 MP/s']);
  run.fraction = 0.25;
  expect(await figuresAfter(view, 5000)).toEqual(['10 s elapsed', 'about 30 s left', '1 MP/s']);
  expect(await figuresAfter(view, 20_000)).toEqual(['30 s elapsed', 'about 10 s left', '1 MP/s']);
  expect(await figuresAfter(view, 10_000)).toEqual(['40 s elapsed', '1 MP/s']);
});

test.each([{ paused: true }, { running: false }])('a run that is %j has no timer', async (change) => {
  const { view, queue } = await shown(0.25);
  expect(vi.getTimerCount()).toBe(1);
  queue.set({ ...queue.value, ...change });
  await view.updateComplete;
  expect(vi.getTimerCount()).toBe(0);
});
