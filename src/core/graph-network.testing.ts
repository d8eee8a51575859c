import type { Gate, GraphLayer, GraphNetwork } from './graph-network.ts';
import { randomNumbers } from './network.testing.ts';

type Shape = Pick<GraphLayer, 'from' | 'kernel'> &
  Partial<Pick<GraphLayer, 'gate' | 'spread' | 'add'>> & { readonly channels: number; readonly sloped?: boolean };

/** A network of random weights that keep the sizes of values about the same from layer to layer. */
export function randomGraph(
  shapes: readonly Shape[],
  gateShapes: readonly { readonly of: number; readonly hidden: number }[],
  more: Pick<GraphNetwork, 'scale' | 'multiple' | 'spread' | 'base'>,
): GraphNetwork {
  const random = randomNumbers(shapes.length * 17 + more.multiple);
  const numbers = (length: number, size: number): Float32Array => Float32Array.from({ length }, () => random() * size);
  const channels = [3, ...shapes.map((shape) => shape.channels)];
  const layers = shapes.map(({ from, kernel, gate = null, spread = 1, add = null, channels: count, sloped = true }) => {
    const outputs = count * spread ** 2;
    const inputs = channels[from]! * kernel ** 2;
    return {
      ...{ from, kernel, gate, spread, add },
      weights: numbers(outputs * inputs, 1.5 / Math.sqrt(inputs)),
      bias: numbers(outputs, 0.1),
      slopes: sloped ? numbers(outputs, 1) : null,
    };
  });
  const gates = gateShapes.map(({ of, hidden }): Gate => {
    const count = channels[of]!;
    return {
      ...{ of, squeeze: numbers(hidden * count, 1), squeezeBias: numbers(hidden, 0.2) },
      ...{ excite: numbers(hidden * count, 2), exciteBias: numbers(count, 0.5) },
    };
  });
  return { ...more, layers, gates };
}

/** One of every kind: halved and enlarged tensors, sums with cut ones, gates, channels that fill no vector and none that fill a block. */
export const GRAPH_CASES: readonly (readonly [string, GraphNetwork])[] = [
  [
    'a U-Net with gates, from channels in blocks to three colours',
    randomGraph(
      [
        { from: 0, kernel: 3, channels: 36 },
        { from: 1, kernel: 2, channels: 40 },
        { from: 2, kernel: 3, channels: 33 },
        { from: 3, kernel: 1, gate: 0, spread: 2, channels: 36, add: { tensor: 1, gate: null, crop: 2 } },
        { from: 4, kernel: 3, channels: 20 },
        { from: 5, kernel: 3, channels: 3, spread: 2, sloped: false },
        { from: 6, kernel: 3, channels: 36 },
        { from: 7, kernel: 2, channels: 36 },
        { from: 8, kernel: 1, gate: 1, spread: 2, channels: 36, add: { tensor: 7, gate: 2, crop: 0 } },
        { from: 9, kernel: 3, channels: 3, sloped: false, add: { tensor: 6, gate: null, crop: 2 } },
      ],
      [
        { of: 3, hidden: 5 },
        { of: 8, hidden: 4 },
        { of: 7, hidden: 3 },
      ],
      { scale: 2, multiple: 2, spread: 1, base: null },
    ),
  ],
  [
    'a chain, with the picture added',
    randomGraph(
      [
        { from: 0, kernel: 3, channels: 32 },
        { from: 1, kernel: 3, channels: 17 },
        { from: 2, kernel: 3, channels: 48, sloped: false },
      ],
      [],
      { scale: 4, multiple: 1, spread: 4, base: 'nearest' },
    ),
  ],
  [
    'kernels of 5 x 5, with a gate, to blocks of channels and to few',
    randomGraph(
      [
        { from: 0, kernel: 5, channels: 44 },
        { from: 1, kernel: 5, channels: 36, gate: 0, spread: 2 },
        { from: 2, kernel: 5, channels: 3, sloped: false },
      ],
      [{ of: 1, hidden: 4 }],
      { scale: 2, multiple: 1, spread: 1, base: null },
    ),
  ],
  [
    'one layer',
    randomGraph([{ from: 0, kernel: 3, channels: 12, sloped: false }], [], {
      ...{ scale: 2, multiple: 1, spread: 2, base: null },
    }),
  ],
];
