import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GRAPH_CASES } from '../core/graph-network.testing.ts';
import { largestDifference, randomPlanes } from '../core/network.testing.ts';
import { runGraph } from '../core/reference/graph-network.ts';
import { graphBytes, GRAPH_TOLERANCE, SimdGraph } from './graph-network.ts';
import { Kernels } from './kernels.ts';

let kernels: Kernels;
let base: number;

beforeAll(async () => {
  const bytes = readFileSync(new URL('./generated/kernels.wasm', import.meta.url));
  kernels = await Kernels.instantiate(await WebAssembly.compile(bytes));
  base = kernels.arena.mark();
});

afterEach(() => kernels.arena.release(base));

describe.each(GRAPH_CASES)('%s', (_, network) => {
  test.each([
    [58, 44],
    [90, 38],
    [44, 66],
  ])('agrees with the reference: %i x %i', (width, height) => {
    const picture = randomPlanes(width, height);
    const expected = runGraph(network, picture);
    // What lies in the memory from before does not count.
    const stale = kernels.arena.mark();
    kernels.bytes(kernels.arena.alloc(2 ** 24), 2 ** 24).fill(255);
    kernels.arena.release(stale);
    const graph = new SimdGraph(kernels, network, width, height);
    for (const run of [graph.run(picture.data), graph.run(picture.data)]) {
      expect([run.width, run.height]).toEqual([expected.width, expected.height]);
      expect(largestDifference(run, expected)).toBeLessThanOrEqual(GRAPH_TOLERANCE);
    }
    expect(new Set(expected.data).size).toBeGreaterThan(expected.data.length / 10);
    const taken = kernels.arena.mark() - stale;
    expect(graphBytes(network, width, height) / taken).toBeGreaterThan(0.9);
    expect(graphBytes(network, width, height)).toBeLessThanOrEqual(taken);
  });
});
