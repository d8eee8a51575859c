import { afterEach, describe, expect, test } from 'vitest';
import { openKernels } from '../../test/support/kernels.ts';
import { cropped } from '../../test/support/planes.ts';
import { GRAPH_CASES, randomGraph } from '../core/graph-network.testing.ts';
import { graphLengths, type GraphNetwork } from '../core/graph-network.ts';
import { largestDifference, randomPlanes } from '../core/network.testing.ts';
import { runGraph } from '../core/reference/graph-network.ts';
import { graphBytes, GRAPH_TOLERANCE, SimdGraph } from './graph-network.ts';
import { planGraph } from './graph-plan.ts';

const kernels = await openKernels();
const base = kernels.arena.mark();

afterEach(() => kernels.arena.release(base));

/** What the shaders do not have, and gates before every kernel. */
const MORE_CASES: readonly (readonly [string, GraphNetwork])[] = [
  [
    'gates and enlarged pixels with every kernel',
    randomGraph(
      [
        { from: 0, kernel: 5, channels: 12 },
        { from: 1, kernel: 3, gate: 0, channels: 10 },
        { from: 2, kernel: 5, gate: 1, channels: 12, add: { tensor: 1, gate: 0, crop: 3 }, sloped: false },
      ],
      [
        { of: 1, hidden: 3 },
        { of: 2, hidden: 2 },
      ],
      { scale: 2, multiple: 1, spread: 2, base: 'nearest' },
    ),
  ],
  [
    'enlarged by every kernel',
    randomGraph(
      [
        { from: 0, kernel: 5, spread: 2, channels: 6 },
        { from: 1, kernel: 2, channels: 16 },
        { from: 2, kernel: 2, gate: 0, spread: 2, channels: 16, add: { tensor: 2, gate: null, crop: 0 } },
        { from: 3, kernel: 3, gate: 1, spread: 2, channels: 3, sloped: false },
      ],
      [
        { of: 2, hidden: 3 },
        { of: 3, hidden: 2 },
      ],
      { scale: 2, multiple: 2, spread: 1, base: null },
    ),
  ],
];

describe.each([...GRAPH_CASES, ...MORE_CASES])('%s', (_, network) => {
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

test('a tile is the same rectangle of a larger one', () => {
  const [, network] = GRAPH_CASES.find(([name]) => name.startsWith('a chain'))!;
  const whole = randomPlanes(61, 57);
  const part = { x: 9, y: 6, width: 33, height: 30 };
  const all = new SimdGraph(kernels, network, whole.width, whole.height).run(whole.data);
  const tile = new SimdGraph(kernels, network, part.width, part.height).run(cropped(whole, part).data);
  const place = { x: network.scale * part.x, y: network.scale * part.y, width: tile.width, height: tile.height };
  // Squares of 4 x 4 pixels begin elsewhere.
  expect(largestDifference(tile, cropped(all, place))).toBeLessThan(GRAPH_TOLERANCE / 10);
});

test('holds a few rows of each tensor, and all of those that a gate waits for', () => {
  const [, chain] = GRAPH_CASES.find(([name]) => name.startsWith('a chain'))!;
  expect(Math.max(...planGraph(chain, 300).rows)).toBeLessThanOrEqual(12);
  const [, gated] = GRAPH_CASES[0]!;
  const { rows } = planGraph(gated, 300);
  const heights = graphLengths(gated, 300);
  gated.gates.forEach(({ of }) => expect(rows[of]).toBe(heights[of]));
});

test('a network of the wrong shape, and a tile of the wrong size, are refused', () => {
  const [, network] = GRAPH_CASES[0]!;
  const layers = [{ ...network.layers[0]!, weights: new Float32Array(5) }, ...network.layers.slice(1)];
  expect(() => new SimdGraph(kernels, { ...network, layers }, 58, 44)).toThrow(RangeError);
  expect(() => new SimdGraph(kernels, network, 57, 44)).toThrow(RangeError);
  expect(() => new SimdGraph(kernels, network, 58, 44).run(new Float32Array(12))).toThrow(RangeError);
});
