import { resultChannels, type Activation, type ConvolutionLayer, type Network } from './network.ts';
import { resultRanges, type Planes } from './reference/network.ts';

/** Numbers in -1..1 that are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1;
}

export function randomPlanes(width: number, height: number, seed = 7): Planes {
  const random = randomNumbers(seed);
  return { width, height, data: Float32Array.from({ length: 3 * width * height }, () => (random() + 1) / 2) };
}

export type LayerShape = Pick<ConvolutionLayer, 'from' | 'kernel' | 'outChannels'> & {
  readonly activation: Activation['kind'];
};

export const chain = (channels: number, count: number, activation: Activation['kind']): LayerShape[] =>
  Array.from({ length: count }, (_, i) => ({ from: [i], kernel: 3 as const, outChannels: channels, activation }));

export const lastLayer = (from: readonly number[], kernel: 1 | 3, scale: number): LayerShape => ({
  ...{ from, kernel, outChannels: 3 * scale ** 2, activation: 'none' as const },
});

/** A network of random weights that keep the sizes of values about the same from layer to layer. */
export function randomNetwork(shapes: readonly LayerShape[], scale: number, base: Network['base']): Network {
  const random = randomNumbers(shapes.length * 31 + scale);
  const layers: ConvolutionLayer[] = [];
  for (const { from, kernel, outChannels, activation } of shapes) {
    const inputs = from.reduce((sum, tensor) => sum + (tensor === 0 ? 3 : resultChannels(layers[tensor - 1]!)), 0);
    const spread = 1.5 / Math.sqrt(inputs * kernel * kernel);
    const slopes = Float32Array.from({ length: outChannels }, random);
    layers.push({
      ...{ from, kernel, outChannels, range: 1 },
      weights: Float32Array.from({ length: outChannels * inputs * kernel * kernel }, () => random() * spread),
      bias: Float32Array.from({ length: outChannels }, () => random() * 0.1),
      activation: activation === 'prelu' ? { kind: activation, slopes } : { kind: activation },
    });
  }
  const network = { scale, base, layers };
  const ranges = resultRanges(network, randomPlanes(24, 24, 3));
  return { ...network, layers: layers.map((layer, i) => ({ ...layer, range: ranges[i]! })) };
}

/** One of every kind: activations, kernels, tensors read side by side, bases, scales, channels that fill no vector. */
export const NETWORK_CASES: readonly (readonly [string, Network])[] = (
  [
    [
      'Anime4K: crelu, all results side by side',
      [...chain(12, 4, 'crelu'), lastLayer([1, 2, 3, 4], 1, 2)],
      2,
      'bilinear',
    ],
    ['compact: slopes, nearest base, 4x', [...chain(16, 3, 'prelu'), lastLayer([3], 3, 4)], 4, 'nearest'],
    ['the own size', [...chain(8, 2, 'crelu'), lastLayer([1, 2], 1, 1)], 1, 'nearest'],
    ['channels that fill no vector, no base', [...chain(10, 2, 'prelu'), lastLayer([2], 3, 2)], 2, null],
    ['an odd scale', [...chain(5, 1, 'crelu'), lastLayer([1], 3, 3)], 3, 'bilinear'],
    ['one layer', [lastLayer([0], 3, 2)], 2, 'bilinear'],
    ['one layer without reach', [lastLayer([0], 1, 2)], 2, 'bilinear'],
  ] satisfies readonly (readonly [string, readonly LayerShape[], number, Network['base']])[]
).map(([name, shapes, scale, base]) => [name, randomNetwork(shapes, scale, base)] as const);

/** The largest difference of two results of the same size. */
export const largestDifference = (a: Planes, b: Planes): number =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
