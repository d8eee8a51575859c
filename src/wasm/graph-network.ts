import {
  checkGraph,
  graphLengths,
  gridLength,
  graphRadius,
  type Gate,
  type GraphLayer,
  type GraphNetwork,
} from '../core/graph-network.ts';
import type { Planes } from '../core/reference/network.ts';
import { paddedChannels, planGraph, stripRows, type GraphPlan } from './graph-plan.ts';
import type { Kernels } from './kernels.ts';

/**
 * How far the result may be from the reference's, of 1: floats here and there, but short convolutions subtract numbers that are
 * larger than the result. A fortieth of one of 255 steps.
 */
export const GRAPH_TOLERANCE = 1e-4;

/** Pixels behind a row, computed and read with the last ones. */
const SLACK_PIXELS = 8;
/** What is multiplied, and the products, shall stay in the second-level cache. */
const CHUNK_BYTES = 1024 << 10;
const POINTS = 36;
/** Bytes that keep the 36 of them from the same lines of the cache. */
const APART = 64;

const LAYER_WORDS = 18;
const TABLE_WORDS = 32;
const RESULT_ROWS = 6;
const ADDED_ROWS = 14;

interface Ring {
  readonly address: number;
  readonly rowBytes: number;
  readonly rows: number;
  readonly pixelBytes: number;
}

/** What a layer's multiplications are: their scratch, and how many places of the kernel are computed at once. */
interface Shape {
  readonly points: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly chunk: number;
  readonly numbersStep: number;
  readonly productsStep: number;
}

const isShort = ({ kernel }: GraphLayer): boolean => kernel === 3 || kernel === 5;

function shapeOf(layer: GraphLayer, pixel: number, resultPixel: number, columns: number): Shape {
  const points = isShort(layer) ? POINTS : 1;
  const inputs = isShort(layer) ? pixel : pixel * layer.kernel ** 2;
  const outputs = 8 * Math.ceil((layer.spread ** 2 * resultPixel) / 8);
  const places = Math.ceil(columns / stripRows(layer.kernel));
  const fitting = Math.floor(CHUNK_BYTES / (points * 4 * (inputs + outputs)));
  const chunk = 6 * Math.max(1, Math.min(Math.ceil(places / 6), Math.floor(fitting / 6)));
  return {
    ...{ points, inputs, outputs, chunk },
    numbersStep: 4 * chunk * inputs + APART,
    productsStep: 4 * chunk * outputs + APART,
  };
}

const ringBytes = (width: number, rows: number, pixel: number): number => 4 * pixel * rows * (width + SLACK_PIXELS);

/** Bytes that a network takes for tiles of this size, weights included. */
export function graphBytes(network: GraphNetwork, width: number, height: number): number {
  const [across, pixels] = [graphLengths(network, width), paddedChannels(network)];
  const { rows } = planGraph(network, height);
  const shapes = network.layers.map((layer, i) =>
    shapeOf(layer, pixels[layer.from]!, pixels[i + 1]!, gridLength(across[layer.from]!, layer.kernel)),
  );
  const tensors = rows.reduce((sum, count, tensor) => sum + ringBytes(across[tensor]!, count, pixels[tensor]!), 0);
  const weights = shapes.reduce((sum, { points, inputs, outputs }) => sum + 4 * points * inputs * outputs, 0);
  const scratch = Math.max(
    ...shapes.map(({ points, numbersStep, productsStep }) => points * (numbersStep + productsStep)),
  );
  return tensors + weights + scratch + 12 * width * height;
}

/**
 * Runs a network with branches over tiles of one size with the SIMD kernels, strip by strip through all layers at once, so that of most tensors
 * only a few rows are held. Keeps its memory in the arena until the owner releases the mark.
 */
export class SimdGraph {
  /** Input pixels at each side that the result lacks. */
  readonly radius: number;
  readonly #kernels: Kernels;
  readonly #network: GraphNetwork;
  readonly #width: number;
  readonly #height: number;
  readonly #across: readonly number[];
  /** The heights of the tensors and the order of the rows, by the height of the tile. */
  readonly #plans = new Map<number, { readonly down: readonly number[]; readonly plan: GraphPlan }>();
  readonly #rings: readonly Ring[];
  readonly #gates: readonly number[];
  readonly #layers: readonly number[];
  readonly #picture: number;
  readonly #tables: number;
  readonly #sums: number;
  readonly #outRow: number;

  /** For input tiles of `width` x `height` pixels, and lower ones. Throws a RangeError for a network of the wrong shape. */
  constructor(kernels: Kernels, network: GraphNetwork, width: number, height: number) {
    checkGraph(network);
    if (width % network.multiple !== 0) throw new RangeError(`${width} columns are no multiple of ${network.multiple}`);
    this.#kernels = kernels;
    this.#network = network;
    this.#width = width;
    this.#height = height;
    this.radius = graphRadius(network);
    this.#across = graphLengths(network, width);
    const { plan } = this.#planOf(height);
    const { arena } = kernels;
    const pixels = paddedChannels(network);
    this.#picture = arena.alloc(12 * width * height);
    this.#tables = arena.alloc(4 * TABLE_WORDS + 16 * POINTS);
    this.#sums = arena.alloc(4 * Math.max(...pixels));
    this.#outRow = arena.alloc(4 * network.spread * this.#across.at(-1)!);
    this.#rings = pixels.map((pixel, tensor) => {
      const rows = plan.rows[tensor]!;
      const bytes = ringBytes(this.#across[tensor]!, rows, pixel);
      const address = arena.alloc(bytes);
      kernels.bytes(address, bytes).fill(0);
      return { address, rowBytes: bytes / rows, rows, pixelBytes: 4 * pixel };
    });
    this.#gates = network.gates.map(({ of }) => arena.alloc(4 * pixels[of]!));
    const shapes = network.layers.map((layer, i) =>
      shapeOf(layer, pixels[layer.from]!, pixels[i + 1]!, gridLength(this.#across[layer.from]!, layer.kernel)),
    );
    const numbers = arena.alloc(Math.max(...shapes.map(({ points, numbersStep }) => points * numbersStep)));
    const products = arena.alloc(Math.max(...shapes.map(({ points, productsStep }) => points * productsStep)));
    this.#layers = network.layers.map((_, i) => this.#placeLayer(i, shapes[i]!, numbers, products));
  }

  /** Three planes 0..1 of the tile's width; the result lacks `radius` pixels of the input at each side. Its memory is the caller's. */
  run(planes: Float32Array): Planes {
    const { layers, gates, spread } = this.#network;
    const height = planes.length / 3 / this.#width;
    const area = this.#width * height;
    if (height > this.#height) throw new RangeError(`the tile has ${height} rows, more than ${this.#height}`);
    const { down, plan } = this.#planOf(height);
    const { exports } = this.#kernels;
    new Float32Array(exports.memory.buffer, this.#picture, 3 * area).set(planes);
    const size = { width: spread * this.#across.at(-1)!, height: spread * down.at(-1)! };
    const out: Planes = { ...size, data: new Float32Array(3 * size.width * size.height) };
    const sums = gates.map(({ exciteBias }) => new Float64Array(exciteBias.length));
    for (const [tensor, strip] of plan.steps) {
      if (tensor === 0) {
        exports.graphLoadRow(this.#picture + 4 * strip * this.#width, 4 * area, this.#width, this.#row(0, strip));
      } else if (tensor > layers.length) {
        this.#assemble(strip, height, out);
      } else {
        this.#strip(tensor, strip, down);
        gates.forEach((gate, i) => {
          if (gate.of === tensor) this.#average(i, strip, down, sums[i]!);
        });
      }
    }
    return out;
  }

  #planOf(height: number): { readonly down: readonly number[]; readonly plan: GraphPlan } {
    const known = this.#plans.get(height);
    if (known !== undefined) return known;
    const down = graphLengths(this.#network, height);
    if (!Number.isInteger(height) || height % this.#network.multiple !== 0 || down.some((length) => length < 1)) {
      throw new RangeError(`${height} rows do not suit the network`);
    }
    const made = { down, plan: planGraph(this.#network, height) };
    const { rows } = (this.#plans.get(this.#height) ?? made).plan;
    if (made.plan.rows.some((held, tensor) => held > rows[tensor]!))
      throw new RangeError('a lower tile holds more rows');
    this.#plans.set(height, made);
    return made;
  }

  #row(tensor: number, y: number): number {
    const { address, rowBytes, rows } = this.#rings[tensor]!;
    return address + (y % rows) * rowBytes;
  }

  #strip(tensor: number, strip: number, down: readonly number[]): void {
    const { from, kernel, spread, add } = this.#network.layers[tensor - 1]!;
    const step = kernel === 2 ? 2 : 1;
    const first = strip * stripRows(kernel);
    const rows = Math.min(stripRows(kernel), gridLength(down[from]!, kernel) - first);
    const tables = new Int32Array(this.#kernels.exports.memory.buffer, this.#tables, TABLE_WORDS);
    const lastInput = down[from]! - 1;
    // Rows below the last are only read for results that are not kept.
    for (let y = 0; y < RESULT_ROWS; y++) tables[y] = this.#row(from, Math.min(lastInput, first * step + y));
    for (let y = 0; y < rows * spread; y++) {
      tables[RESULT_ROWS + y] = this.#row(tensor, first * spread + y);
      if (add !== null) tables[ADDED_ROWS + y] = this.#row(add.tensor, add.crop + first * spread + y);
    }
    this.#kernels.exports.graphStrip(this.#layers[tensor - 1]!, this.#tables, rows);
  }

  /** Adds a strip to the sums of a gate's channels; after the last, computes the gate. */
  #average(index: number, strip: number, down: readonly number[], sums: Float64Array): void {
    const gate = this.#network.gates[index]!;
    const { kernel, spread } = this.#network.layers[gate.of - 1]!;
    const [width, height] = [this.#across[gate.of]!, down[gate.of]!];
    const rows = stripRows(kernel) * spread;
    const end = Math.min(height, (strip + 1) * rows);
    const { exports } = this.#kernels;
    const vectors = this.#rings[gate.of]!.pixelBytes / 16;
    const found = new Float32Array(exports.memory.buffer, this.#sums, 4 * vectors);
    for (let y = strip * rows; y < end; y++) {
      exports.graphSumRow(this.#row(gate.of, y), width, vectors, this.#sums);
      for (let c = 0; c < sums.length; c++) sums[c]! += found[c]!;
    }
    if (end < height) return;
    const factors = new Float32Array(exports.memory.buffer, this.#gates[index]!, 4 * vectors);
    factors.fill(0);
    factors.set(
      factorsOf(
        gate,
        sums.map((sum) => sum / (width * height)),
      ),
    );
  }

  /** The rows of the result that come of one row of the last layer. */
  #assemble(y: number, height: number, out: Planes): void {
    const { spread, base, scale } = this.#network;
    const { exports } = this.#kernels;
    const width = this.#across.at(-1)!;
    const { pixelBytes } = this.#rings.at(-1)!;
    const row = this.#row(this.#rings.length - 1, y);
    for (let c = 0; c < 3; c++) {
      for (let dy = 0; dy < spread; dy++) {
        const line = y * spread + dy;
        const pictureRow = c * height + this.radius + Math.floor(line / scale);
        const picture = this.#picture + 4 * (pictureRow * this.#width + this.radius);
        const from = row + 4 * (c * spread + dy) * spread;
        exports.graphAssembleRow(from, pixelBytes, width, spread, picture, base === null ? 0 : scale, this.#outRow);
        const values = new Float32Array(exports.memory.buffer, this.#outRow, out.width);
        out.data.set(values, (c * out.height + line) * out.width);
      }
    }
  }

  #placeLayer(index: number, shape: Shape, numbers: number, products: number): number {
    const { arena, exports } = this.#kernels;
    const layer = this.#network.layers[index]!;
    const { from, gate, kernel, bias, slopes, spread, add } = layer;
    const input = this.#rings[from]!;
    const result = this.#rings[index + 1]!;
    const pixel = result.pixelBytes / 4;
    const channels = bias.length / spread ** 2;
    const slots = Array.from(bias, (_, o) => Math.floor(o / channels) * pixel + (o % channels));
    const packed = packWeights(layer, slots, input.pixelBytes / 4, shape);
    const weights = arena.alloc(packed.byteLength);
    const biases = arena.alloc(4 * shape.outputs);
    const factors = arena.alloc(4 * shape.outputs);
    const address = arena.alloc(4 * LAYER_WORDS);
    const { buffer } = exports.memory;
    new Float32Array(buffer, weights, packed.length).set(packed);
    const biasView = new Float32Array(buffer, biases, shape.outputs).fill(0);
    const slopeView = new Float32Array(buffer, factors, shape.outputs).fill(1);
    slots.forEach((slot, o) => {
      biasView[slot] = bias[o]!;
      slopeView[slot] = slopes?.[o] ?? 1;
    });
    new Int32Array(buffer, address, LAYER_WORDS).set([
      ...[kernel, input.pixelBytes / 16, shape.outputs / 8, (spread ** 2 * pixel) / 4, pixel / 4, spread],
      ...[weights, biases, factors],
      gate === null ? 0 : this.#gates[gate]!,
      add === null || add.gate === null ? 0 : this.#gates[add.gate]!,
      add === null ? -1 : add.crop * result.pixelBytes,
      ...[gridLength(this.#across[from]!, kernel), shape.chunk],
      ...[numbers, shape.numbersStep, products, shape.productsStep],
    ]);
    return address;
  }
}

/** What the channels are multiplied by, of their averages. */
function factorsOf({ squeeze, squeezeBias, excite, exciteBias }: Gate, averages: Float64Array): Float32Array {
  const dot = (weights: Float32Array, row: number, values: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += weights[row * values.length + i]! * values[i]!;
    return sum;
  };
  const hidden = squeezeBias.map((bias, h) => Math.max(0, bias + dot(squeeze, h, averages)));
  return exciteBias.map((bias, c) => 1 / (1 + Math.exp(-bias - dot(excite, c, hidden))));
}

/** A polynomial's values at the points 0, 1, -1, 2, -2, with the factors that the kernels leave out, and its last coefficient. */
const POINT_FACTORS = [
  [0, 1 / 4],
  [1, -1 / 6],
  [-1, -1 / 6],
  [2, 1 / 24],
  [-2, 1 / 24],
] as const;

/** Six rows of factors of a kernel's numbers. */
const pointMatrix = (kernel: number): Float64Array =>
  Float64Array.from({ length: 6 * kernel }, (_, at) => {
    const [row, i] = [Math.floor(at / kernel), at % kernel];
    const [point, factor] = POINT_FACTORS[row] ?? [0, 0];
    return row === 5 ? Number(i === kernel - 1) : factor * point ** i;
  });

/** Weights in the order in which the kernel takes them: products, blocks of eight outputs, inputs, outputs. `slots` are the places of the outputs. */
function packWeights(
  { kernel, weights, bias }: GraphLayer,
  slots: readonly number[],
  pixel: number,
  { points, inputs, outputs }: Shape,
): Float32Array {
  const area = kernel * kernel;
  const channels = weights.length / bias.length / area;
  const packed = new Float32Array(points * inputs * outputs);
  const matrix = pointMatrix(kernel);
  const half = new Float64Array(6 * kernel);
  const step = inputs * outputs;
  for (let o = 0; o < bias.length; o++) {
    const slot = slots[o]!;
    for (let i = 0; i < channels; i++) {
      const from = (o * channels + i) * area;
      const to = (slot >> 3) * 8 * inputs + (slot & 7) + 8 * i;
      if (points === 1) {
        for (let k = 0; k < area; k++) packed[to + 8 * k * pixel] = weights[from + k]!;
        continue;
      }
      for (let row = 0; row < 6; row++) {
        for (let x = 0; x < kernel; x++) {
          let sum = 0;
          for (let y = 0; y < kernel; y++) sum += matrix[row * kernel + y]! * weights[from + y * kernel + x]!;
          half[row * kernel + x] = sum;
        }
      }
      for (let row = 0; row < 6; row++) {
        for (let column = 0; column < 6; column++) {
          let sum = 0;
          for (let x = 0; x < kernel; x++) sum += matrix[column * kernel + x]! * half[row * kernel + x]!;
          packed[to + (6 * row + column) * step] = sum;
        }
      }
    }
  }
  return packed;
}
