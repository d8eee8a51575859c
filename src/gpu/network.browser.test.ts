import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  chain,
  largestDifference,
  lastLayer,
  NETWORK_CASES,
  randomNetwork,
  randomPlanes,
} from '../core/network.testing.ts';
import { runNetwork } from '../core/reference/network.ts';
import type { GpuContext } from './context.ts';
import { GpuNetwork } from './network.ts';
import { openContext } from './support.testing.ts';

/** Floats here and there, summed in another order. */
const TOLERANCE = 1e-5;

let context: GpuContext;
beforeAll(async () => {
  context = await openContext();
});
afterAll(() => context.destroy());

it.each(NETWORK_CASES)('agrees with the reference: %s', async (_, network) => {
  const gpu = await GpuNetwork.open(context, network);
  try {
    for (const [width, height] of [
      [29, 22],
      [70, 19],
    ] as const) {
      const picture = randomPlanes(width, height);
      const expected = runNetwork(network, picture);
      const actual = await gpu.run(picture);
      expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
      expect(largestDifference(actual, expected)).toBeLessThanOrEqual(TOLERANCE);
    }
  } finally {
    gpu.close();
  }
  expect(gpu.liveBuffers).toBe(0);
  expect(context.failure).toBeNull();
});

it('rejects when the device is lost, and at once from then on', async () => {
  const own = await openContext();
  const gpu = await GpuNetwork.open(
    own,
    randomNetwork([...chain(8, 2, 'crelu'), lastLayer([1, 2], 1, 2)], 2, 'bilinear'),
  );
  const run = gpu.run(randomPlanes(40, 40));
  own.destroy();
  await expect(run).rejects.toMatchObject({ code: 'engine-failed' });
  await expect(gpu.run(randomPlanes(40, 40))).rejects.toMatchObject({ code: 'engine-failed' });
  gpu.close();
});
