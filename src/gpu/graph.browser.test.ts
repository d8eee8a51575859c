import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRAPH_CASES } from '../core/graph-network.testing.ts';
import { graphRadius } from '../core/graph-network.ts';
import { largestDifference, randomPlanes } from '../core/network.testing.ts';
import { runGraph } from '../core/reference/graph-network.ts';
import type { GpuContext } from './context.ts';
import { GpuNetwork } from './network.ts';
import { openContext } from './support.testing.ts';

/** Floats here and there, summed in another order. */
const TOLERANCE = 2e-5;

let context: GpuContext;
beforeAll(async () => {
  context = await openContext();
});
afterAll(() => context.destroy());

describe.each(GRAPH_CASES)('%s', (_, network) => {
  it.each([
    [58, 44],
    [90, 38],
  ])('agrees with the reference: %i x %i', async (width, height) => {
    const gpu = await GpuNetwork.open(context, network);
    try {
      expect(gpu.radius).toBe(graphRadius(network));
      const picture = randomPlanes(width, height);
      const expected = runGraph(network, picture);
      const actual = await gpu.run(picture);
      expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
      expect(largestDifference(actual, expected)).toBeLessThanOrEqual(TOLERANCE);
    } finally {
      gpu.close();
    }
    expect(gpu.liveBuffers).toBe(0);
    expect(context.failure).toBeNull();
  });
});
