import {
  bilinearPhases,
  receptiveRadius,
  tensorChannels,
  type Activation,
  type ConvolutionLayer,
  type Network,
} from '../network.ts';

/** Colours in planes: `data[(channel * height + y) * width + x]`, 0..1. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Runs a network over a picture of three planes, in floats. The result lacks `receptiveRadius` pixels of the input at each
 * side, since nothing is assumed of what lies beyond: callers mirror the picture at its border. Written to be read, not to be fast.
 */
export function runNetwork(network: Network, picture: Planes): Planes {
  return assembled(network, picture, runLayers(network, picture).at(-1)!);
}

/** The largest magnitude of each layer's result over a picture: what `ConvolutionLayer.range` is made from. */
export const resultRanges = (network: Network, picture: Planes): number[] =>
  runLayers(network, picture).map((tensor) => tensor.reduce((most, value) => Math.max(most, Math.abs(value)), 0));

/** The results of all layers. */
function runLayers(network: Network, picture: Planes): Float32Array[] {
  const { width, height } = picture;
  const channels = tensorChannels(network);
  const tensors = [picture.data];
  for (const layer of network.layers) {
    const inputs = layer.from.flatMap((tensor) =>
      Array.from({ length: channels[tensor]! }, (_, c) =>
        tensors[tensor]!.subarray(c * width * height, (c + 1) * width * height),
      ),
    );
    tensors.push(activated(convolved(layer, inputs, width, height), layer.activation, width * height));
  }
  return tensors.slice(1);
}

function convolved(
  { kernel, outChannels, weights, bias }: ConvolutionLayer,
  inputs: readonly Float32Array[],
  width: number,
  height: number,
): Float32Array {
  const out = new Float32Array(outChannels * width * height);
  const reach = (kernel - 1) / 2;
  for (let o = 0; o < outChannels; o++) {
    const plane = out.subarray(o * width * height, (o + 1) * width * height).fill(bias[o]!);
    inputs.forEach((input, i) => {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const weight = weights[((o * inputs.length + i) * kernel + ky) * kernel + kx]!;
          const shift = (ky - reach) * width + (kx - reach);
          for (let y = reach; y < height - reach; y++) {
            const end = (y + 1) * width - reach;
            for (let at = y * width + reach; at < end; at++) plane[at]! += weight * input[at + shift]!;
          }
        }
      }
    });
  }
  return out;
}

function activated(sums: Float32Array, activation: Activation, area: number): Float32Array {
  switch (activation.kind) {
    case 'none':
      return sums;
    case 'crelu': {
      const both = new Float32Array(2 * sums.length);
      sums.forEach((value, i) => {
        both[i] = Math.max(value, 0);
        both[sums.length + i] = Math.max(-value, 0);
      });
      return both;
    }
    case 'prelu':
      return sums.map((value, i) => (value < 0 ? value * activation.slopes[Math.floor(i / area)]! : value));
    default:
      return activation satisfies never;
  }
}

/** Depth to space, with the enlarged picture added, cut to 0..1. */
function assembled(network: Network, { width, height, data }: Planes, depth: Float32Array): Planes {
  const { scale, base } = network;
  const radius = receptiveRadius(network);
  const size = { width: scale * (width - 2 * radius), height: scale * (height - 2 * radius) };
  const out = new Float32Array(3 * size.width * size.height);
  const phases = bilinearPhases(scale);
  for (let c = 0; c < 3; c++) {
    const picture = data.subarray(c * width * height, (c + 1) * width * height);
    for (let y = 0; y < size.height; y++) {
      const sy = radius + Math.floor(y / scale);
      for (let x = 0; x < size.width; x++) {
        const sx = radius + Math.floor(x / scale);
        const channel = (c * scale + (y % scale)) * scale + (x % scale);
        let value = depth[(channel * height + sy) * width + sx]!;
        if (base === 'nearest') value += picture[sy * width + sx]!;
        if (base === 'bilinear') {
          const [row, column] = [phases[y % scale]!, phases[x % scale]!];
          const at = (sy + row.first) * width + sx + column.first;
          const mix = (a: number, b: number, weight: number): number => a + (b - a) * weight;
          const upper = mix(picture[at]!, picture[at + 1]!, column.weight);
          const lower = mix(picture[at + width]!, picture[at + width + 1]!, column.weight);
          value += mix(upper, lower, row.weight);
        }
        out[(c * size.height + y) * size.width + x] = Math.min(1, Math.max(0, value));
      }
    }
  }
  return { ...size, data: out };
}
