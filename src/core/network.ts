/**
 * Small convolutional networks as data: what the product's own kernels run (src/wasm/network.ts, src/gpu/network.ts), with
 * the scalar twin in core/reference/network.ts. Covers chains of 3 x 3 and 1 x 1 convolutions whose results may be read
 * side by side, ending in a depth-to-space step: Anime4K, and the compact networks of Real-ESRGAN.
 */

/** What becomes of the sums of a convolution. */
export type Activation =
  /** Kept as they are. */
  | { readonly kind: 'none' }
  /**
   * Positive parts of all channels, then the magnitudes of the negative parts: twice as many channels
   * (Shang et al., "Understanding and improving convolutional neural networks via CReLU", 2016).
   */
  | { readonly kind: 'crelu' }
  /** Negative sums times a slope in -1..1, one per channel: 0 is ReLU, one for all is the leaky ReLU. */
  | { readonly kind: 'prelu'; readonly slopes: Float32Array };

export interface ConvolutionLayer {
  /** Tensors read side by side, in the order of the weights' input channels: 0 is the picture (RGB, 0..1), k the result of `layers[k - 1]`. */
  readonly from: readonly number[];
  readonly kernel: 1 | 3;
  readonly outChannels: number;
  /** [out][in][kernel rows][kernel columns]. */
  readonly weights: Float32Array;
  /** One per output channel. */
  readonly bias: Float32Array;
  readonly activation: Activation;
  /** Largest magnitude that the activated result takes on pictures; larger ones are cut off by fixed-point kernels. */
  readonly range: number;
}

export interface Network {
  /** Output pixels per input pixel, each way. */
  readonly scale: number;
  /** In order of computation. The last has 3 * scale² channels: colour by colour, and in each the rows and columns of the enlarged pixel. */
  readonly layers: readonly ConvolutionLayer[];
  /** How the picture is enlarged that the network's result is added to; null when it is the result. */
  readonly base: 'nearest' | 'bilinear' | null;
}

/** Channels of a layer's result. */
export const resultChannels = ({ activation, outChannels }: ConvolutionLayer): number =>
  activation.kind === 'crelu' ? 2 * outChannels : outChannels;

/** Channels of each tensor: the picture's, then each layer's. */
export const tensorChannels = ({ layers }: Network): number[] => [3, ...layers.map(resultChannels)];

/** Pixels by which each tensor's valid part is smaller than the picture, at each side. */
export function tensorMargins({ layers }: Network): number[] {
  const margins = [0];
  for (const { from, kernel } of layers) {
    margins.push(Math.max(...from.map((tensor) => margins[tensor]!)) + (kernel - 1) / 2);
  }
  return margins;
}

/** Input pixels beyond an output pixel's own that it depends on, in each direction. */
export const receptiveRadius = (network: Network): number =>
  Math.max(tensorMargins(network).at(-1)!, network.base === 'bilinear' ? 1 : 0);

/** Multiplications and additions for one input pixel. */
export const multiplyAdds = ({ layers }: Network): number =>
  layers.reduce((sum, { weights }) => sum + weights.length, 0);

/**
 * The two neighbours, counted from the pixel itself, and the second one's weight, that bilinear enlargement takes for each column
 * (or row) of an enlarged pixel; centres are aligned as ONNX's `half_pixel`.
 */
export function bilinearPhases(scale: number): { readonly first: number; readonly weight: number }[] {
  return Array.from({ length: scale }, (_, phase) => {
    const at = (phase + 0.5) / scale - 0.5;
    const first = Math.floor(at);
    return { first, weight: at - first };
  });
}

/** Throws a RangeError that says what is wrong with the shapes of a network. */
export function checkNetwork(network: Network): void {
  const channels = tensorChannels(network);
  network.layers.forEach((layer, i) => {
    const inputs = layer.from.reduce((sum, tensor) => {
      if (tensor > i) throw new RangeError(`layer ${i + 1} reads tensor ${tensor}, which comes later`);
      return sum + channels[tensor]!;
    }, 0);
    const expected = layer.outChannels * inputs * layer.kernel ** 2;
    if (layer.weights.length !== expected) {
      throw new RangeError(`layer ${i + 1} has ${layer.weights.length} weights in place of ${expected}`);
    }
    if (layer.bias.length !== layer.outChannels) throw new RangeError(`layer ${i + 1} has ${layer.bias.length} biases`);
  });
  const last = network.layers.at(-1);
  if (last?.outChannels !== 3 * network.scale ** 2 || last.activation.kind !== 'none') {
    throw new RangeError('the last layer must have 3 channels for each pixel of the enlarged one, and no activation');
  }
}
