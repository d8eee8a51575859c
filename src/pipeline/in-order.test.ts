import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

const after = <T>(turns: number, value: T): Promise<T> =>
  turns === 0 ? Promise.resolve(value) : Promise.resolve().then(() => after(turns - 1, value));

describe('inOrder', () => {
  it('lands in order whatever finishes first, and never runs more than allowed', async () => {
    const items = Array.from({ length: 40 }, (_, i) => i);
    const landed: number[] = [];
    let running = 0;
    let most = 0;
    await inOrder(
      items,
      () => 5,
      async (item) => {
        most = Math.max(most, ++running);
        await after((item * 7919) % 13, null);
        return item * 2;
      },
      async (item, result) => {
        await after((item * 31) % 5, null);
        running--;
        landed.push(result);
      },
    );
    expect(landed).toEqual(items.map((item) => item * 2));
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(3);
  });

  it('rejects with the first failure in order, starts nothing more, and waits for what runs', async () => {
    const started: number[] = [];
    let ended = 0;
    const run = inOrder(
      [0, 1, 2, 3, 4, 5, 6, 7],
      () => 3,
      async (item) => {
        started.push(item);
        await after(item + 3, null);
        ended++;
        if (item === 2) throw new Error('two');
        return item;
      },
      () => Promise.resolve(),
    );
    await expect(run).rejects.toThrow('two');
    expect(ended).toBe(started.length);
    expect(started.length).toBeLessThanOrEqual(5);
  });
});
