import { expect, test } from 'vitest';
import type { ConvolutionLayer, Network } from '../core/network.ts';
import { planTensors } from './network-plan.ts';

const layer = (from: readonly number[], outChannels: number): ConvolutionLayer => ({
  ...{ from, kernel: 3, outChannels, range: 1, activation: { kind: 'none' } },
  weights: new Float32Array(),
  bias: new Float32Array(outChannels),
});
const network = (layers: readonly ConvolutionLayer[]): Network => ({ scale: 2, base: null, layers });

/** Tensors that are needed at the same time must not overlap. */
function expectApart({ layers }: Network, width: number, height: number): void {
  const plan = planTensors(network(layers));
  const starts = plan.offsets(width, height);
  const ends = starts.map((start, i) => start + plan.vectors[i]! * (width * height + 6));
  layers.forEach(({ from }, i) => {
    const needed = layers
      .slice(i)
      .flatMap((later) => later.from)
      .filter((tensor) => tensor <= i);
    for (const tensor of new Set([...needed, ...from])) {
      expect(starts[i + 1]! >= ends[tensor]! || ends[i + 1]! <= starts[tensor]!).toBe(true);
    }
  });
  expect(Math.max(...ends) * 16).toBeLessThanOrEqual(plan.tensorBytes(width, height));
}

test('a chain takes the place of two tensors, and of the picture', () => {
  const chain = network(Array.from({ length: 9 }, (_, i) => layer([i], 64)));
  expectApart(chain, 20, 10);
  expect(planTensors(chain).tensorBytes(20, 10)).toBe(16 * (1 + 32) * 208);
});

test('what is read later stays', () => {
  const joined = network([layer([0], 12), layer([1], 12), layer([2], 12), layer([1, 2, 3], 12)]);
  expectApart(joined, 7, 9);
  expect(planTensors(joined).tensorBytes(7, 9)).toBe(16 * (1 + 3 * 3 + 3) * 71);
});

test('channels that fill no vector, and different counts', () => {
  expectApart(network([layer([0], 5), layer([1], 33), layer([2], 2), layer([2, 3], 12)]), 11, 3);
});
