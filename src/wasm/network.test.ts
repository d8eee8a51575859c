import { afterEach, describe, expect, test } from 'vitest';
import { openKernels } from '../../test/support/kernels.ts';
import { cropped } from '../../test/support/planes.ts';
import { receptiveRadius, type Network } from '../core/network.ts';
import {
  chain,
  largestDifference,
  lastLayer,
  NETWORK_CASES,
  randomNetwork,
  randomPlanes,
} from '../core/network.testing.ts';
import { runNetwork, type Planes } from '../core/reference/network.ts';
import { NETWORK_TOLERANCE, SimdNetwork } from './network.ts';

const kernels = await openKernels();
const base = kernels.arena.mark();

afterEach(() => kernels.arena.release(base));

describe('the SIMD kernels agree with the reference', () => {
  test.each(NETWORK_CASES)('%s', (_, network) => {
    const picture = randomPlanes(29, 22);
    const expected = runNetwork(network, picture);
    const actual = new SimdNetwork(kernels, network, picture.width, picture.height).run(picture.data);
    expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
    expect(largestDifference(actual, expected)).toBeLessThanOrEqual(NETWORK_TOLERANCE);
    // The comparison would notice: no row, column or colour is constant.
    expect(new Set(expected.data).size).toBeGreaterThan(expected.data.length / 10);
  });
});

test('a tile is the same rectangle of a larger one, to the last bit', () => {
  const network = randomNetwork([...chain(12, 3, 'crelu'), lastLayer([1, 2, 3], 1, 2)], 2, 'bilinear');
  const radius = receptiveRadius(network);
  const whole = randomPlanes(41, 37);
  const part = { x: 9, y: 6, width: 22, height: 19 };
  const all = new SimdNetwork(kernels, network, whole.width, whole.height).run(whole.data);
  const tile = new SimdNetwork(kernels, network, part.width, part.height).run(cropped(whole, part).data);
  const place = { x: 2 * part.x, y: 2 * part.y, width: tile.width, height: tile.height };
  expect(tile.data).toEqual(cropped(all, place).data);
  expect(tile.width).toBe(2 * (part.width - 2 * radius));
});

test('values beyond the range are cut off, and never wrap around', () => {
  const network = randomNetwork([...chain(8, 2, 'prelu'), lastLayer([2], 3, 2)], 2, 'nearest');
  const tight = { ...network, layers: network.layers.map((layer) => ({ ...layer, range: layer.range / 8 })) };
  const picture = randomPlanes(20, 20);
  const run = (some: Network): Planes => new SimdNetwork(kernels, some, 20, 20).run(picture.data);
  const [full, cut] = [run(network), run(tight)];
  const drift = full.data.reduce((sum, value, i) => sum + Math.abs(value - cut.data[i]!), 0) / full.data.length;
  expect(drift).toBeGreaterThan(NETWORK_TOLERANCE);
  expect(drift).toBeLessThan(0.3);
});

test('a network of the wrong shape is refused', () => {
  const network = randomNetwork([lastLayer([0], 3, 2)], 2, 'bilinear');
  const layers = [{ ...network.layers[0]!, weights: new Float32Array(5) }];
  expect(() => new SimdNetwork(kernels, { ...network, layers }, 16, 16)).toThrow(RangeError);
});
