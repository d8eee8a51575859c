import {
  graphChannels,
  graphLengths,
  gridLength,
  type Gate,
  type GraphLayer,
  type GraphNetwork,
} from '../graph-network.ts';
import type { Planes } from './network.ts';

/**
 * Runs a network over a picture of three planes. The result lacks `graphRadius` pixels of the input at each side, since nothing is assumed
 * of what lies beyond. `gates` are weights of channels that were found before; without them they are found in this picture, as
 * `gates` of the result. Written to be read, not to be fast.
 */
export function runGraph(
  network: GraphNetwork,
  picture: Planes,
  gates: readonly Float32Array[] | null = null,
): Planes & { readonly gates: readonly Float32Array[] } {
  const [across, down] = [graphLengths(network, picture.width), graphLengths(network, picture.height)];
  const channels = graphChannels(network);
  const found: Float32Array[] = [];
  const tensors = [picture.data];
  const gated = (tensor: number, gate: number | null): Float32Array => {
    const data = tensors[tensor]!;
    if (gate === null) return data;
    found[gate] ??= gates?.[gate] ?? gateOf(network.gates[gate]!, data);
    return byChannel(data, found[gate]);
  };
  network.layers.forEach((layer, i) => {
    const { from, gate, kernel, add } = layer;
    const [width, height] = [across[from]!, down[from]!];
    const grid = { width: gridLength(width, kernel), height: gridLength(height, kernel) };
    const result = spread(layer, convolved(layer, gated(from, gate), width, height), grid);
    if (add !== null) {
      const [wide, high] = [across[i + 1]!, down[i + 1]!];
      const other = gated(add.tensor, add.gate);
      const [otherWide, otherHigh] = [across[add.tensor]!, down[add.tensor]!];
      for (let at = 0; at < result.length; at++) {
        const [x, y, c] = [at % wide, Math.floor(at / wide) % high, Math.floor(at / wide / high)];
        result[at]! += other[(c * otherHigh + y + add.crop) * otherWide + x + add.crop]!;
      }
    }
    tensors.push(result);
  });
  const last = { width: across.at(-1)!, height: down.at(-1)! };
  const data = assembled(network, picture, tensors.at(-1)!, last);
  if (channels.at(-1)! * last.width * last.height !== data.length)
    throw new RangeError('the last layer has other channels');
  return { width: last.width * network.spread, height: last.height * network.spread, data, gates: found };
}

function gateOf({ squeeze, squeezeBias, excite, exciteBias }: Gate, data: Float32Array): Float32Array {
  const count = exciteBias.length;
  const area = data.length / count;
  const means = exciteBias.map((_, c) => data.subarray(c * area, (c + 1) * area).reduce((a, b) => a + b, 0) / area);
  const hidden = squeezeBias.map((bias, h) =>
    Math.max(
      0,
      means.reduce((sum, mean, c) => sum + mean * squeeze[h * count + c]!, bias),
    ),
  );
  return exciteBias.map((bias, c) => {
    const sum = hidden.reduce((total, value, h) => total + value * excite[c * hidden.length + h]!, bias);
    return 1 / (1 + Math.exp(-sum));
  });
}

function byChannel(data: Float32Array, factors: Float32Array): Float32Array {
  const area = data.length / factors.length;
  return data.map((value, i) => value * factors[Math.floor(i / area)]!);
}

function convolved(
  { kernel, weights, bias, slopes }: GraphLayer,
  data: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const step = kernel === 2 ? 2 : 1;
  const [wide, high] = [gridLength(width, kernel), gridLength(height, kernel)];
  const inputs = data.length / (width * height);
  const out = new Float32Array(bias.length * wide * high);
  for (let o = 0; o < bias.length; o++) {
    const plane = new Float64Array(wide * high).fill(bias[o]!);
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < kernel * kernel; k++) {
        const weight = weights[(o * inputs + i) * kernel * kernel + k]!;
        const shift = (i * height + Math.floor(k / kernel)) * width + (k % kernel);
        for (let y = 0; y < high; y++) {
          for (let x = 0; x < wide; x++) plane[y * wide + x]! += weight * data[shift + step * (y * width + x)]!;
        }
      }
    }
    const slope = slopes?.[o] ?? 1;
    out.set(
      plane.map((value) => (value < 0 ? value * slope : value)),
      o * wide * high,
    );
  }
  return out;
}

function spread(
  { spread: factor, bias }: GraphLayer,
  data: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Float32Array {
  if (factor === 1) return data;
  const channels = bias.length / factor ** 2;
  const [wide, high] = [width * factor, height * factor];
  return Float32Array.from({ length: data.length }, (_, at) => {
    const [x, y, c] = [at % wide, Math.floor(at / wide) % high, Math.floor(at / wide / high)];
    const output = ((y % factor) * factor + (x % factor)) * channels + c;
    return data[(output * height + Math.floor(y / factor)) * width + Math.floor(x / factor)]!;
  });
}

/** Depth to space, with the enlarged picture added, cut to 0..1. */
function assembled(
  { spread: factor, base, scale }: GraphNetwork,
  picture: Planes,
  data: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Float32Array {
  const [wide, high] = [width * factor, height * factor];
  const radius = (picture.width - wide / scale) / 2;
  return Float32Array.from({ length: 3 * wide * high }, (_, at) => {
    const [x, y, c] = [at % wide, Math.floor(at / wide) % high, Math.floor(at / wide / high)];
    const channel = (c * factor + (y % factor)) * factor + (x % factor);
    let value = data[(channel * height + Math.floor(y / factor)) * width + Math.floor(x / factor)]!;
    if (base === 'nearest') {
      const row = c * picture.height + radius + Math.floor(y / scale);
      value += picture.data[row * picture.width + radius + Math.floor(x / scale)]!;
    }
    return Math.min(1, Math.max(0, value));
  });
}
