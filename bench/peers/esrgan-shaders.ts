/** esrgan-slim for our shaders, which lack a kernel of 5 x 5 and want whole pixels around a tile: the same sums, in other layers. */
import { graphChannels, graphRadius, type GraphLayer, type GraphNetwork } from '../../src/core/graph-network.ts';

/** A graph that the shaders can run, which gives the same but for the order in which floats are added. Throws where it knows no way. */
export const forShaders = (network: GraphNetwork): GraphNetwork => withWholeRadius(withoutFives(network));

/** Each layer of 5 x 5 as one of 3 x 3 at half the size: four pixels become four times the channels, and its outputs four pixels again. */
function withoutFives(network: GraphNetwork): GraphNetwork {
  const channels = graphChannels(network);
  const layers: GraphLayer[] = [];
  /** The new number of each tensor. */
  const places = [0];
  for (const layer of network.layers) {
    const from = places[layer.from]!;
    const add = layer.add === null ? null : { ...layer.add, tensor: places[layer.add.tensor]! };
    if (layer.kernel === 5) {
      layers.push({ ...halving(channels[layer.from]!), from, gate: layer.gate });
      layers.push({ ...overHalves(layer, channels[layer.from]!), from: layers.length, gate: null, add });
    } else {
      layers.push({ ...layer, from, add });
    }
    places.push(layers.length);
  }
  const isSame = layers.length === network.layers.length;
  const gates = network.gates.map((gate) => ({ ...gate, of: places[gate.of]! }));
  return { ...network, layers, gates, multiple: isSame ? network.multiple : 2 * network.multiple };
}

type Part = Omit<GraphLayer, 'from' | 'gate'>;

/** Two by two pixels side by side as channels: by row and column, then channel. */
function halving(channels: number): Part {
  const weights = new Float32Array(4 * channels * channels * 4);
  for (let q = 0; q < 4; q++) {
    for (let c = 0; c < channels; c++) weights[((q * channels + c) * channels + c) * 4 + q] = 1;
  }
  return { kernel: 2, weights, bias: new Float32Array(4 * channels), slopes: null, spread: 1, add: null };
}

function overHalves({ weights, bias, slopes, spread, add }: GraphLayer, inputs: number): Part {
  if (spread !== 1) throw new RangeError('a layer of 5 x 5 that enlarges');
  const outputs = bias.length;
  const halved = new Float32Array(4 * outputs * 4 * inputs * 9);
  /** The row or column of the kernel that lies over a pixel: the `half`th under a place of 3, seen from the `own`th of the middle. */
  const under = (place: number, half: number, own: number): number => 2 * (place - 1) + half - own + 2;
  let at = 0;
  for (let o = 0; o < 4 * outputs; o++) {
    const [part, output] = [Math.floor(o / outputs), o % outputs];
    for (let i = 0; i < 4 * inputs; i++) {
      const [half, input] = [Math.floor(i / inputs), i % inputs];
      for (let k = 0; k < 9; k++, at++) {
        const row = under(Math.floor(k / 3), half >> 1, part >> 1);
        const column = under(k % 3, half & 1, part & 1);
        if (Math.min(row, column) < 0 || Math.max(row, column) > 4) continue;
        halved[at] = weights[(output * inputs + input) * 25 + row * 5 + column]!;
      }
    }
  }
  const four = (numbers: Float32Array): Float32Array =>
    Float32Array.from({ length: 4 * outputs }, (_, o) => numbers[o % outputs]!);
  const own = slopes === null ? null : four(slopes);
  return { kernel: 3, weights: halved, bias: four(bias), slopes: own, spread: 2, add };
}

/** What ends by repeating pixels twice and convolving twice as large ones looks at half pixels: as one convolution of the small ones it does not. */
function withWholeRadius(network: GraphNetwork): GraphNetwork {
  if (Number.isInteger(graphRadius(network))) return network;
  const { layers } = network;
  const [repeat, last] = [layers.at(-2)!, layers.at(-1)!];
  const inputs = graphChannels(network)[repeat.from]!;
  const isPlain = [repeat, last].every(({ spread, slopes, add }) => spread === 2 && slopes === null && add === null);
  const isRepeated = repeat.kernel === 1 && repeat.weights.every((w, i) => w === (isDiagonal(i, inputs) ? 1 : 0));
  const isEnd = last.kernel === 3 && last.gate === null && last.from === layers.length - 1 && network.spread === 1;
  if (!isPlain || !isRepeated || !isEnd || network.base !== null)
    throw new RangeError('a network of another end, which looks at half pixels');
  const weights = new Float32Array(3 * 16 * inputs * 9);
  const bias = new Float32Array(3 * 16);
  /** The small pixel that lies under a place of the kernel, seen from a pixel of the result. */
  const under = (pixel: number, place: number): number => Math.floor(((pixel >> 1) + place - 1) / 2) + 1;
  for (let o = 0; o < bias.length; o++) {
    const [colour, y, x] = [o >> 4, (o >> 2) & 3, o & 3];
    const from = (2 * (y & 1) + (x & 1)) * 3 + colour;
    bias[o] = last.bias[from]!;
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < 9; k++) {
        const place = 3 * under(y, Math.floor(k / 3)) + under(x, k % 3);
        weights[(o * inputs + i) * 9 + place]! += last.weights[(from * inputs + i) * 9 + k]!;
      }
    }
  }
  const { from, gate } = repeat;
  const end: GraphLayer = { from, gate, kernel: 3, weights, bias, slopes: null, spread: 1, add: null };
  return { ...network, layers: [...layers.slice(0, -2), end], spread: 4 };
}

/** Whether a weight of a layer of single pixels that repeats its inputs is one of those that are 1. */
const isDiagonal = (index: number, inputs: number): boolean => Math.floor(index / inputs) % inputs === index % inputs;
