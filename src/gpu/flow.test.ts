import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';
import { Turnstile } from './readback.ts';

describe('Pace', () => {
  it('begins as for a small GPU and approaches the measured speed', () => {
    const pace = new Pace();
    expect(pace.mostWork).toBe(1e8);
    let now = 0;
    for (let i = 0; i < 40; i++, now += 5) pace.record(1e9, now, now + 5);
    expect(pace.mostWork).toBeGreaterThan(1.99e9);
    expect(pace.mostWork).toBeLessThan(2.01e9);
    for (let i = 0; i < 40; i++, now += 50) pace.record(1e6, now, now + 50);
    expect(pace.mostWork).toBe(1e6);
  });

  it('does not overrate a GPU whose submissions are told of together', () => {
    const pace = new Pace();
    let now = 0;
    for (let i = 0; i < 40; i++, now += 80) for (let k = 0; k < 8; k++) pace.record(1e8, now + k, now + 80);
    // 8e8 in 80 ms; never counted as 1e8 in no time.
    expect(pace.mostWork).toBeLessThan(1.1e8);
  });

  it('does not count the time between submissions', () => {
    const pace = new Pace();
    for (let i = 0; i < 40; i++) pace.record(5e7, i * 1000, i * 1000 + 5);
    expect(pace.mostWork).toBeCloseTo(1e8, -3);
  });
});

describe('Turnstile', () => {
  it('lets a bounded number through, in the order of asking, and goes on after failures', async () => {
    const turnstile = new Turnstile(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const tasks = [0, 1, 2, 3, 4, 5].map((i) =>
      turnstile.run(async () => {
        order.push(i);
        most = Math.max(most, ++inside);
        await Promise.resolve();
        await Promise.resolve();
        inside--;
        if (i % 2 === 1) throw new Error(`task ${i}`);
        return i;
      }),
    );
    const results = await Promise.allSettled(tasks);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, false, true, false]);
  });
});
