import type { Network } from './network.ts';

/**
 * Convolutional networks as kernels of our own run them in floats: convolutions without borders, whose results may be enlarged, joined by addition
 * and weighed by channel. Covers waifu2x's cunet (two U-Nets with squeeze and excitation), ESRGAN and its like, and plain chains; the scalar twin is in
 * core/reference/graph-network.ts, the kernels in gpu/graph-passes.ts and wasm/assembly/graph.ts.
 */

/** A tensor is named by a number: 0 is the picture (RGB, 0..1), k the result of `layers[k - 1]`. */
export interface GraphLayer {
  readonly from: number;
  /** The gate (`GraphNetwork.gates`) that the channels of `from` are multiplied by. */
  readonly gate: number | null;
  /** Steps of 1 pixel, of 2 for a kernel of 2 x 2. */
  readonly kernel: 1 | 2 | 3 | 5;
  /** [out][in][kernel rows][kernel columns]; for a `spread` of 2 the outputs are four times the channels of the result: by row and column in the enlarged pixel, then channel. */
  readonly weights: Float32Array;
  /** One per output. */
  readonly bias: Float32Array;
  /** What negative results are multiplied by, one per output; null where they stay. */
  readonly slopes: Float32Array | null;
  /** Enlargement of the result, each way: its outputs are the pixels of an enlarged one. */
  readonly spread: 1 | 2;
  /** A tensor of the same channels that is added at the end; it is larger than the result by `crop` pixels at each side. */
  readonly add: { readonly tensor: number; readonly gate: number | null; readonly crop: number } | null;
}

/** Squeeze and excitation (Hu et al., 2018): weights for the channels of a tensor, computed from their averages. */
export interface Gate {
  readonly of: number;
  /** [hidden][channel] with one bias each, then ReLU. */
  readonly squeeze: Float32Array;
  readonly squeezeBias: Float32Array;
  /** [channel][hidden] with one bias each, then the logistic function. */
  readonly excite: Float32Array;
  readonly exciteBias: Float32Array;
}

export interface GraphNetwork {
  /** Output pixels per input pixel, each way. */
  readonly scale: number;
  /** Sides of its input, and the places of tiles, must be multiples of this. */
  readonly multiple: number;
  /** In order of computation. The last has 3 * `spread`² channels: colour by colour, and in each the rows and columns of the enlarged pixel. */
  readonly layers: readonly GraphLayer[];
  readonly gates: readonly Gate[];
  readonly spread: number;
  /** How the picture is enlarged that the result is added to; null when it is the result. */
  readonly base: Network['base'];
}

export const isGraph = (network: Network | GraphNetwork): network is GraphNetwork => 'gates' in network;

/** Channels of each tensor. */
export const graphChannels = ({ layers }: GraphNetwork): number[] => [
  3,
  ...layers.map(({ bias, spread }) => bias.length / spread ** 2),
];

/** The length of each tensor, one way, for an input of this length; it must be a multiple of `multiple`. */
export function graphLengths({ layers }: GraphNetwork, length: number): number[] {
  const lengths = [length];
  for (const { from, kernel, spread } of layers) lengths.push(spread * gridLength(lengths[from]!, kernel));
  return lengths;
}

/** Places of a kernel along a line. */
export const gridLength = (length: number, kernel: GraphLayer['kernel']): number =>
  kernel === 2 ? length / 2 : length - kernel + 1;

/** Input pixels at each side that the result lacks. */
export function graphRadius(network: GraphNetwork): number {
  // Any length from which all of them remain positive tells it.
  const length = 64 * network.multiple + 256;
  return (length - (graphLengths(network, length).at(-1)! * network.spread) / network.scale) / 2;
}

/** Multiplications and additions for a tile whose input has this size, layer by layer. */
export function graphWork(network: GraphNetwork, width: number, height: number): number[] {
  const [across, down] = [graphLengths(network, width), graphLengths(network, height)];
  return network.layers.map(
    ({ from, kernel, weights }) => weights.length * gridLength(across[from]!, kernel) * gridLength(down[from]!, kernel),
  );
}

/** Below this many channels the kernels that read pixel by pixel are as good. */
const LEAST_CHANNELS = 16;

/** A network of core/network.ts as a graph; null where it is none: tensors read side by side, parts of negative values, few channels. */
export function graphOfChain({ scale, layers, base }: Network): GraphNetwork | null {
  const isChain = layers.every(
    ({ from, kernel, activation }, i) =>
      from.length === 1 && from[0] === i && kernel === 3 && activation.kind !== 'crelu',
  );
  if (!isChain || base === 'bilinear' || Math.max(...layers.map(({ outChannels }) => outChannels)) < LEAST_CHANNELS) {
    return null;
  }
  return {
    ...{ scale, base, multiple: 1, gates: [], spread: scale },
    layers: layers.map(({ weights, bias, activation }, i) => ({
      ...{ from: i, gate: null, kernel: 3, weights, bias, spread: 1, add: null },
      slopes: activation.kind === 'prelu' ? activation.slopes : null,
    })),
  };
}

/** Throws a RangeError that says what is wrong with the shapes of a network. */
export function checkGraph(network: GraphNetwork): void {
  const channels = graphChannels(network);
  const { layers, gates, spread, multiple } = network;
  const fail = (message: string): never => {
    throw new RangeError(message);
  };
  const lengths = graphLengths(network, 64 * multiple + 256);
  layers.forEach(({ from, gate, kernel, weights, bias, add }, i) => {
    if (from > i || (add?.tensor ?? 0) > i) fail(`layer ${i + 1} reads a tensor that comes later`);
    const expected = bias.length * channels[from]! * kernel ** 2;
    if (weights.length !== expected) fail(`layer ${i + 1} has ${weights.length} weights in place of ${expected}`);
    for (const [tensor, index] of [[from, gate] as const, [add?.tensor, add?.gate ?? null] as const]) {
      if (index !== null && gates[index]?.of !== tensor) fail(`layer ${i + 1} has the gate of another tensor`);
    }
    if (add === null) return;
    if (channels[add.tensor] !== channels[i + 1]) fail(`layer ${i + 1} is added to other channels`);
    if (lengths[add.tensor]! - 2 * add.crop !== lengths[i + 1]) fail(`layer ${i + 1} is added to another size`);
  });
  if (lengths.some((length) => !Number.isInteger(length))) fail('a tensor of odd size is halved');
  if (channels.at(-1) !== 3 * spread ** 2)
    fail('the last layer must have 3 channels for each pixel of the enlarged one');
  gates.forEach(({ of, squeeze, squeezeBias, excite, exciteBias }, i) => {
    const [count, hidden] = [channels[of]!, squeezeBias.length];
    const fits = squeeze.length === hidden * count && excite.length === hidden * count && exciteBias.length === count;
    if (!fits) fail(`gate ${i + 1} has other channels than its tensor`);
  });
}
