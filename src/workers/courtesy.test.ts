import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Courtesy } from './courtesy.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('gives way from the act until the page has answered', async () => {
  const courtesy = new Courtesy();
  expect(courtesy.over).toBeNull();
  courtesy.begin();
  let over = false;
  void courtesy.over!.then(() => (over = true));
  await vi.advanceTimersByTimeAsync(40);
  expect(over).toBe(false);
  courtesy.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([over, courtesy.over]).toEqual([true, null]);
});

test('goes on in the end, though the page never answers', async () => {
  const courtesy = new Courtesy();
  courtesy.begin();
  let over = false;
  void courtesy.over!.then(() => (over = true));
  await vi.advanceTimersByTimeAsync(199);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect([over, courtesy.over]).toEqual([true, null]);
  // What it says too late is nobody's any more.
  courtesy.end();
  expect(courtesy.over).toBeNull();
});

test('an act during a break does not make it longer', async () => {
  const courtesy = new Courtesy();
  courtesy.begin();
  await vi.advanceTimersByTimeAsync(150);
  courtesy.begin();
  await vi.advanceTimersByTimeAsync(50);
  expect(courtesy.over).toBeNull();
});

/** The share of 20 seconds that breaks take when someone acts every so many milliseconds, and the page answers after so many, or never. */
async function shareOfBreaks(every: number, answer: number): Promise<number> {
  const courtesy = new Courtesy();
  let broken = 0;
  for (let now = 0; now < 20_000; now++) {
    if (now % every === 0) courtesy.begin();
    if (now % every === answer) courtesy.end();
    if (courtesy.over !== null) broken++;
    await vi.advanceTimersByTimeAsync(1);
  }
  return broken / 20_000;
}

test('a quiet person gets every break', async () => {
  expect(await shareOfBreaks(100, 40)).toBeCloseTo(0.4, 2);
});

test.each([
  [1, Infinity],
  [16, Infinity],
  [50, 45],
  [100, 90],
  [500, Infinity],
])('leaves half of the time to the job: an act each %i ms, answered after %d ms', async (every, answer) => {
  const share = await shareOfBreaks(every, answer);
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.515);
});
