import {
  bilinearPhases,
  checkNetwork,
  receptiveRadius,
  tensorChannels,
  tensorMargins,
  type ConvolutionLayer,
  type Network,
} from '../core/network.ts';
import type { Planes } from '../core/reference/network.ts';
import type { Kernels } from './kernels.ts';

/** How far the result may be from the reference's, of 1: a bit more than a quarter of one of 255 steps. */
export const NETWORK_TOLERANCE = 0.0012;

/**
 * Fixed point: results have about 13 bits and stay within ±8191, so that the weights of an output channel may add up to 2^18 before a
 * sum of products could overflow 32 bits.
 */
const RESULT_LIMIT = 8191;
const PICTURE_ONE = 8191;
const MOST_WEIGHT_SUM = 2 ** 18 - 1;
const MOST_WEIGHT = 32767;
const MOST_BIAS = 2 ** 29;

/** Pixels behind a row that are computed and read with the last ones. */
const SLACK_PIXELS = 8;

const SEGMENT_FIELDS = 8;
const LAYER_FIELDS = 17;

interface Ring {
  readonly address: number;
  readonly rowBytes: number;
  readonly rows: number;
  readonly pixelBytes: number;
  /** What a number of this ring has to be multiplied by to be the value. */
  readonly unit: number;
}

const padded = (channels: number): number => 4 * Math.ceil(channels / 4);

/**
 * What lies at each of the 16-bit numbers of a tensor's pixel: a channel, or null for padding. Vectors of four are written, so that the
 * positive parts end and the negative ones begin at a multiple of it.
 */
function slotsOf({ layers }: Network, tensor: number): readonly (number | null)[] {
  const layer = layers[tensor - 1];
  const count = layer?.outChannels ?? 3;
  const part = (first: number): (number | null)[] =>
    Array.from({ length: padded(count) }, (_, i) => (i < count ? first + i : null));
  return layer?.activation.kind === 'crelu' ? [...part(0), ...part(count)] : part(0);
}

/** The largest power of two times which the values stay within the limit. */
const fittingScale = (largest: number, limit: number): number => 2 ** Math.floor(Math.log2(limit / largest));

/**
 * Runs a network over tiles of one size with the SIMD kernels, row by row through all layers at once, so that what the layers hand
 * on stays in the cache. Keeps its memory in the arena until the owner releases the mark.
 */
export class SimdNetwork {
  readonly #kernels: Kernels;
  readonly #network: Network;
  readonly #width: number;
  readonly #height: number;
  readonly #radius: number;
  readonly #margins: readonly number[];
  readonly #rings: readonly Ring[];
  readonly #layers: readonly number[];
  readonly #residual: { readonly address: number; readonly planeBytes: number };
  readonly #picture: { readonly address: number; readonly planeBytes: number };
  readonly #phases: number;
  readonly #outRow: number;

  /** For input tiles of `width` x `height` pixels. Throws a RangeError for a network of the wrong shape. */
  constructor(kernels: Kernels, network: Network, width: number, height: number) {
    checkNetwork(network);
    this.#kernels = kernels;
    this.#network = network;
    this.#width = width;
    this.#height = height;
    this.#radius = receptiveRadius(network);
    this.#margins = tensorMargins(network);
    const { arena } = kernels;
    const pixels = width + SLACK_PIXELS;
    const planeBytes = 4 * (width * height + SLACK_PIXELS);
    this.#picture = { address: arena.alloc(3 * planeBytes + 64), planeBytes };
    this.#residual = { address: arena.alloc(padded(3 * network.scale ** 2) * 4 * pixels), planeBytes: 4 * pixels };
    this.#outRow = arena.alloc(4 * network.scale * pixels);
    this.#phases = this.#placePhases();
    this.#rings = this.#placeRings(pixels);
    this.#layers = network.layers.map((layer, i) => this.#placeLayer(layer, i));
  }

  /** Three planes 0..1 of the tile's size; the result lacks `receptiveRadius` pixels of the input at each side. Its memory is the caller's. */
  run(planes: Float32Array): Planes {
    const { scale } = this.#network;
    const [width, height, radius] = [this.#width, this.#height, this.#radius];
    if (planes.length !== 3 * width * height) throw new RangeError('the tile has another size');
    const size = { width: scale * (width - 2 * radius), height: scale * (height - 2 * radius) };
    const out: Planes = { ...size, data: new Float32Array(3 * size.width * size.height) };
    this.#loadPicture(planes);
    const { networkLoadRow, networkRow } = this.#kernels.exports;
    const picture = this.#rings[0]!;
    const last = this.#layers.length;
    for (let y = 0; y < height; y++) {
      const slot = picture.address + (y % picture.rows) * picture.rowBytes;
      networkLoadRow(this.#row(0, y), this.#picture.planeBytes, width, PICTURE_ONE, slot);
      for (let i = 0; i < last; i++) {
        const margin = this.#margins[i + 1]!;
        if (y >= 2 * margin) networkRow(this.#layers[i]!, y - margin);
      }
      const row = y - this.#margins[last]!;
      if (row >= radius && row < height - radius) this.#assemble(row, out);
    }
    // A base with a wider reach than the convolutions needs rows that come later.
    return out;
  }

  #row(plane: number, y: number): number {
    return this.#picture.address + plane * this.#picture.planeBytes + 4 * y * this.#width;
  }

  #loadPicture(planes: Float32Array): void {
    const area = this.#width * this.#height;
    for (let c = 0; c < 3; c++) {
      const view = new Float32Array(this.#kernels.exports.memory.buffer, this.#row(c, 0), area);
      view.set(planes.subarray(c * area, (c + 1) * area));
    }
  }

  /** Puts the enlarged pixels of one row of the last layer into the result. */
  #assemble(y: number, out: Planes): void {
    const { scale, base } = this.#network;
    const { exports } = this.#kernels;
    const { address, planeBytes } = this.#residual;
    const radius = this.#radius;
    const columns = this.#width - 2 * radius;
    const phases = bilinearPhases(scale);
    const kind = base === null ? 0 : 1;
    for (let c = 0; c < 3; c++) {
      for (let dy = 0; dy < scale; dy++) {
        const { first, weight } = base === 'bilinear' ? phases[dy]! : { first: 0, weight: 0 };
        const above = this.#row(c, y + first) + 4 * (radius - 1);
        const below = weight === 0 ? above : above + 4 * this.#width;
        const residual = address + (c * scale + dy) * scale * planeBytes + 4 * radius;
        exports.networkAssembleRow(
          ...([residual, planeBytes, above, below, weight] as const),
          ...([this.#phases, scale, kind, columns, this.#outRow] as const),
        );
        const row = new Float32Array(exports.memory.buffer, this.#outRow, out.width);
        out.data.set(row, (c * out.height + (y - radius) * scale + dy) * out.width);
      }
    }
  }

  #placePhases(): number {
    const { scale, base } = this.#network;
    const address = this.#kernels.arena.alloc(8 * scale);
    const view = new DataView(this.#kernels.exports.memory.buffer, address);
    bilinearPhases(scale).forEach(({ first, weight }, i) => {
      view.setInt32(8 * i, base === 'bilinear' ? first + 1 : 1, true);
      view.setFloat32(8 * i + 4, base === 'bilinear' ? weight : 0, true);
    });
    return address;
  }

  /** A ring per tensor but the last, with as many rows as the latest reader lags behind. */
  #placeRings(pixels: number): Ring[] {
    const { layers } = this.#network;
    const margins = this.#margins;
    return layers.map((_, tensor) => {
      let rows = 1;
      layers.forEach(({ from, kernel }, i) => {
        if (from.includes(tensor)) rows = Math.max(rows, margins[i + 1]! - margins[tensor]! + (kernel + 1) / 2);
      });
      const pixelBytes = 2 * slotsOf(this.#network, tensor).length;
      const rowBytes = pixels * pixelBytes;
      const address = this.#kernels.arena.alloc(rows * rowBytes);
      this.#kernels.bytes(address, rows * rowBytes).fill(0);
      const scale = tensor === 0 ? PICTURE_ONE : fittingScale(layers[tensor - 1]!.range, RESULT_LIMIT);
      return { address, rowBytes, rows, pixelBytes, unit: 1 / scale };
    });
  }

  #placeLayer(layer: ConvolutionLayer, index: number): number {
    const { arena, exports } = this.#kernels;
    const channels = tensorChannels(this.#network);
    const rings = layer.from.map((tensor) => this.#rings[tensor]!);
    const vectors = Math.ceil(layer.outChannels / 4);
    const fixed = fixedWeights(layer, channels, rings);
    const slots = layer.from.map((tensor) => slotsOf(this.#network, tensor));
    const numbers = packWeights(layer, slots, fixed.weights, vectors);
    const weights = arena.alloc(numbers.byteLength);
    const bias = arena.alloc(16 * vectors);
    const slopes = arena.alloc(8 * vectors);
    const segments = arena.alloc(4 * SEGMENT_FIELDS * layer.kernel * rings.length);
    const address = arena.alloc(4 * LAYER_FIELDS);
    const { buffer } = exports.memory;
    new Int16Array(buffer, weights, numbers.length).set(numbers);
    const biases = new Int32Array(buffer, bias, 4 * vectors).fill(0);
    layer.bias.forEach((value, o) => (biases[o] = Math.round(value / fixed.unit)));
    const slopeView = new Int16Array(buffer, slopes, 4 * vectors).fill(0);
    if (layer.activation.kind === 'prelu') {
      layer.activation.slopes.forEach(
        (s, o) => (slopeView[o] = Math.max(-32768, Math.min(32767, Math.round(s * 32768)))),
      );
    }
    const reach = (layer.kernel - 1) / 2;
    const table = new Int32Array(buffer, segments, SEGMENT_FIELDS * layer.kernel * rings.length);
    let at = 0;
    rings.forEach((ring) => {
      for (let ky = 0; ky < layer.kernel; ky++) {
        const pairs = (layer.kernel * ring.pixelBytes) / 4;
        const { rowBytes, rows, pixelBytes } = ring;
        table.set([ring.address, rowBytes, rows, pixelBytes, ky - reach, -reach * pixelBytes, pairs, 0], at);
        at += SEGMENT_FIELDS;
      }
    });
    const target = this.#rings[index + 1];
    const margin = this.#margins[index + 1]!;
    const shift = target === undefined ? 0 : Math.max(0, Math.round(Math.log2(target.unit / fixed.unit)));
    const kind = { none: 0, crelu: 1, prelu: 2 }[layer.activation.kind];
    const fields = new DataView(buffer, address);
    const words = [
      ...[segments, table.length / SEGMENT_FIELDS, weights, bias, vectors, kind, slopes, shift, RESULT_LIMIT],
      ...[margin, this.#width - margin],
      ...(target === undefined
        ? [this.#residual.address, 0, 1, 4, this.#residual.planeBytes]
        : [target.address, target.rowBytes, target.rows, target.pixelBytes, 0]),
    ];
    words.forEach((word, i) => fields.setInt32(4 * i, word, true));
    fields.setFloat32(4 * words.length, fixed.unit, true);
    return address;
  }
}

/**
 * Weights in 16 bits. Inputs of different units are evened out in the weights; `unit` is that of the sums, the smallest
 * power of two with which nothing can overflow.
 */
function fixedWeights(
  { weights, bias, outChannels, kernel, from }: ConvolutionLayer,
  channels: readonly number[],
  rings: readonly Ring[],
): { weights: Int16Array; unit: number } {
  const inputUnits = from.flatMap((tensor, i) => Array<number>(channels[tensor]!).fill(rings[i]!.unit));
  const area = kernel * kernel;
  const perChannel = inputUnits.length * area;
  const real = weights.map((value, i) => value * inputUnits[Math.floor((i % perChannel) / area)]!);
  let scale = fittingScale(
    real.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    MOST_WEIGHT,
  );
  for (let o = 0; o < outChannels; o++) {
    const sum = real
      .subarray(o * perChannel, (o + 1) * perChannel)
      .reduce((total, value) => total + Math.abs(value), 0);
    scale = Math.min(
      scale,
      fittingScale(sum, MOST_WEIGHT_SUM - perChannel),
      fittingScale(Math.abs(bias[o]!) || 1e-9, MOST_BIAS),
    );
  }
  return { weights: Int16Array.from(real, (value) => Math.round(value * scale)), unit: 1 / scale };
}

/** Weights in the order in which the kernel takes them: blocks of vectors, segments, pairs, vectors, output channels, the two of a pair. */
function packWeights(
  { kernel, outChannels }: ConvolutionLayer,
  tensors: readonly (readonly (number | null)[])[],
  fixed: Int16Array,
  vectors: number,
): Int16Array {
  const area = kernel * kernel;
  const inputs = fixed.length / (outChannels * area);
  const packed: number[] = [];
  for (let vector = 0; vector < vectors; vector += 2) {
    const end = Math.min(outChannels, 4 * vector + 8);
    const outputs = 4 * Math.min(2, vectors - vector);
    let base = 0;
    for (const slots of tensors) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let n = 0; n < kernel * slots.length; n += 2) {
          for (let o = 4 * vector; o < 4 * vector + outputs; o++) {
            for (const number of [n, n + 1]) {
              const channel = slots[number % slots.length]!;
              const place = ky * kernel + Math.floor(number / slots.length);
              packed.push(channel === null || o >= end ? 0 : fixed[(o * inputs + base + channel) * area + place]!);
            }
          }
        }
      }
      base += slots.filter((channel) => channel !== null).length;
    }
  }
  return Int16Array.from(packed);
}
