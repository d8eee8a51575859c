import { graphChannels, graphRadius, type GraphLayer, type GraphNetwork } from '../core/graph-network.ts';

/**
 * The same network such that it looks at whole pixels around a tile, as our shaders want it; null where there is no way. ESRGAN and its like end by
 * repeating each pixel twice and convolving what is twice as large, twice in a row, which looks at half a pixel: as one convolution of the small
 * pixels it does not.
 */
export function withWholeRadius(network: GraphNetwork): GraphNetwork | null {
  if (Number.isInteger(graphRadius(network))) return network;
  const { layers } = network;
  const [repeat, last] = [layers.at(-2), layers.at(-1)];
  if (repeat === undefined || last === undefined) return null;
  const inputs = graphChannels(network)[repeat.from]!;
  const isPlain = [repeat, last].every(({ spread, slopes, add }) => spread === 2 && slopes === null && add === null);
  const isRepeated = repeat.kernel === 1 && repeat.weights.every((w, i) => w === (isDiagonal(i, inputs) ? 1 : 0));
  const isEnd = last.kernel === 3 && last.gate === null && last.from === layers.length - 1 && network.spread === 1;
  if (!isPlain || !isRepeated || !isEnd || network.base !== null) return null;
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
