import { checkGraph, graphChannels, type Gate, type GraphLayer, type GraphNetwork } from '../core/graph-network.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx.ts';

/**
 * Recognises networks like waifu2x's cunet in the graph of an ONNX model: convolutions without borders, leaky ReLUs, transposed convolutions,
 * squeeze and excitation, sums with cut tensors. Follows the graph's values one by one; networks of other parts are none of these.
 */

type Value =
  | { readonly kind: 'tensor'; readonly tensor: number; readonly gate: number | null; readonly crop: number }
  /** On the way to a gate: averages of a tensor, then what the two small layers make of them. */
  | { readonly kind: 'gate'; readonly of: number; readonly step: number };

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Numbers = Pick<Gate, 'squeeze' | 'squeezeBias' | 'excite' | 'exciteBias'>;

/** Thrown within this file where a graph is something else. */
class NotOurs extends Error {}

const fail = (why: string): never => {
  throw new NotOurs(why);
};

/** Places of a kernel of 4 with steps of 2 and a border of 3, for the two pixels of an enlarged one, by neighbours -1, 0, 1. */
const HALVES = [
  [3, 1, null],
  [null, 2, 0],
] as const;

class Reader {
  readonly #constants: Map<string, OnnxTensor>;
  readonly #values = new Map<string, Value>();
  readonly #layers: Writable<GraphLayer>[] = [];
  readonly #gates: ({ of: number } & Partial<Writable<Numbers>>)[] = [];

  constructor(constants: ReadonlyMap<string, OnnxTensor>) {
    this.#constants = new Map(constants);
  }

  read({ inputs, outputs, nodes }: OnnxGraph): GraphNetwork {
    if (inputs.length !== 1 || outputs.length !== 1) fail('one input and one output are expected');
    this.#values.set(inputs[0]!.name, { kind: 'tensor', tensor: 0, gate: null, crop: 0 });
    for (const node of nodes) this.#node(node);
    const end = this.#plain(outputs[0]!.name);
    if (end !== this.#layers.length) fail('the end is no convolution');
    const gates = this.#gates.map(({ of, squeeze, squeezeBias, excite, exciteBias }): Gate => {
      if (!squeeze || !squeezeBias || !excite || !exciteBias) return fail('a gate without an end');
      return { of, squeeze, squeezeBias, excite, exciteBias };
    });
    const halvings = this.#layers.filter(({ kernel }) => kernel === 2).length;
    if (halvings === 0) fail('a chain');
    const network = { layers: this.#layers, gates, spread: 1, base: null, multiple: 2 ** halvings, scale: 1 };
    return { ...network, ...this.#scaleOf(network) };
  }

  /** The enlargement, and the least multiple that sides must be of, found by trying. */
  #scaleOf(network: GraphNetwork): { scale: number; multiple: number } {
    const { layers } = network;
    const density = [1];
    for (const { from, kernel, spread } of layers) density.push((density[from]! * spread) / (kernel === 2 ? 2 : 1));
    const multiple = [1, 2, 4, 8].find((least) => {
      const lengths = [64 * least + 256 + least];
      for (const { from, kernel, spread } of layers) {
        const length = lengths[from]!;
        lengths.push(spread * (kernel === 2 ? length / 2 : length - kernel + 1));
      }
      return lengths.every((length) => Number.isInteger(length));
    });
    return { scale: density.at(-1)!, multiple: multiple ?? fail('a network that halves more than three times') };
  }

  #node(node: OnnxNode): void {
    const [first = ''] = node.inputs;
    const output = node.outputs[0]!;
    const constant = this.#constants.get(first);
    if (constant !== undefined) {
      if (node.op !== 'Cast' && node.op !== 'Identity') fail(`${node.op} of a constant`);
      this.#constants.set(output, constant);
      return;
    }
    this.#values.set(output, this.#result(node, first));
  }

  #result(node: OnnxNode, first: string): Value {
    const value = this.#value(first);
    if (node.op === 'Mul') return this.#gated(value, this.#value(node.inputs[1] ?? ''));
    if (value.kind === 'gate') return this.#gateStep(node, value);
    switch (node.op) {
      case 'Conv':
        return this.#convolve(node, value);
      case 'ConvTranspose':
        return this.#spread(node, value);
      case 'LeakyRelu':
        return this.#slope(value, Number(node.attributes.get('alpha') ?? 0.01));
      case 'Slice':
        return this.#cut(node, value);
      case 'Add':
        return this.#sum(value, this.#value(node.inputs[1] ?? ''));
      case 'GlobalAveragePool':
        this.#gates.push({ of: this.#tensor(value) });
        return { kind: 'gate', of: this.#gates.length - 1, step: 0 };
      case 'Clip':
      case 'Identity':
        return value;
      default:
        return fail(`the operator ${node.op}`);
    }
  }

  #value(name: string): Value {
    return this.#values.get(name) ?? fail(`${name} is no value of the picture`);
  }

  #constant(name: string | undefined): OnnxTensor {
    return this.#constants.get(name ?? '') ?? fail('weights that are not constant');
  }

  /** A tensor as it is. */
  #tensor(value: Value): number {
    return value.kind === 'tensor' && value.gate === null && value.crop === 0 ? value.tensor : fail('a changed tensor');
  }

  #plain(name: string): number {
    return this.#tensor(this.#value(name));
  }

  #add(layer: Pick<GraphLayer, 'kernel' | 'weights' | 'bias' | 'spread'>, value: Value): Value {
    if (value.kind !== 'tensor' || value.crop !== 0) return fail('a convolution of something else');
    const { tensor, gate } = value;
    return this.#asTensor(this.#layers.push({ ...layer, from: tensor, gate, slopes: null, add: null }));
  }

  #asTensor(tensor: number): Value {
    return { kind: 'tensor', tensor, gate: null, crop: 0 };
  }

  #convolve({ inputs, attributes }: OnnxNode, value: Value): Value {
    const { dims, data: weights } = this.#constant(inputs[1]);
    const [outputs = 0, , rows = 0, columns = 0] = dims;
    const step = rows === 2 ? 2 : 1;
    const isPlain = is(attributes, 'pads', 0) && is(attributes, 'strides', step) && is(attributes, 'dilations', 1);
    if (rows !== columns || !isPlain || (attributes.get('group') ?? 1) !== 1) fail('a convolution of another kind');
    if (rows !== 1 && rows !== 2 && rows !== 3) return fail(`a kernel of ${rows} x ${columns}`);
    return this.#add({ kernel: rows, weights, bias: this.#bias(inputs[2], outputs), spread: 1 }, value);
  }

  #bias(name: string | undefined, count: number): Float32Array {
    return name === undefined || name === '' ? new Float32Array(count) : this.#constant(name).data;
  }

  /** Transposed convolutions with steps of 2: of 2 x 2, and of 4 x 4 with a border of 3, which is a convolution of 3 x 3 to four pixels. */
  #spread({ inputs, attributes }: OnnxNode, value: Value): Value {
    const { dims, data } = this.#constant(inputs[1]);
    const [count = 0, channels = 0, rows = 0, columns = 0] = dims;
    const border = rows === 2 ? 0 : 3;
    const isOurs = is(attributes, 'strides', 2) && is(attributes, 'pads', border) && (rows === 2 || rows === 4);
    if (!isOurs || rows !== columns || (attributes.get('group') ?? 1) !== 1)
      fail('a transposed convolution of another kind');
    const kernel = rows === 2 ? 1 : 3;
    const bias = this.#bias(inputs[2], channels);
    const weights = new Float32Array(4 * channels * count * kernel ** 2);
    let at = 0;
    for (let o = 0; o < 4 * channels; o++) {
      const [dy, dx, c] = [Math.floor(o / channels / 2), Math.floor(o / channels) % 2, o % channels];
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < kernel ** 2; k++) {
          const ky = kernel === 1 ? dy : HALVES[dy]![Math.floor(k / 3)];
          const kx = kernel === 1 ? dx : HALVES[dx]![k % 3];
          weights[at++] = ky == null || kx == null ? 0 : data[((i * channels + c) * rows + ky) * rows + kx]!;
        }
      }
    }
    const four = Float32Array.from({ length: 4 * channels }, (_, o) => bias[o % channels]!);
    return this.#add({ kernel, weights, bias: four, spread: 2 }, value);
  }

  /** The layer whose result this is, as long as nothing was added to it. */
  #layerOf(value: Value): Writable<GraphLayer> {
    const layer = this.#layers[this.#tensor(value) - 1];
    if (layer === undefined || this.#layers.length !== this.#tensor(value) || layer.add !== null)
      return fail('something after a result that is used already');
    return layer;
  }

  #slope(value: Value, slope: number): Value {
    const layer = this.#layerOf(value);
    if (layer.slopes !== null) fail('two activations');
    layer.slopes = new Float32Array(layer.bias.length).fill(slope);
    return value;
  }

  #cut({ inputs }: OnnxNode, value: Value): Value {
    const [starts, ends, axes] = [1, 2, 3].map((i) => [...this.#constant(inputs[i]).data]);
    const crop = starts![0]!;
    const isFrame =
      axes!.join() === '2,3' && starts!.join() === `${crop},${crop}` && ends!.join() === `${-crop},${-crop}`;
    if (!isFrame || value.kind !== 'tensor' || value.crop !== 0) return fail('a cut of another kind');
    return { ...value, crop };
  }

  #sum(a: Value, b: Value): Value {
    if (a.kind !== 'tensor' || b.kind !== 'tensor') return fail('a sum of something else');
    const [cut, whole] = a.crop > 0 || a.tensor < b.tensor ? [a, b] : [b, a];
    this.#layerOf(whole).add = { tensor: cut.tensor, gate: cut.gate, crop: cut.crop };
    return whole;
  }

  #gateStep({ op, inputs }: OnnxNode, value: Extract<Value, { kind: 'gate' }>): Value {
    const gate = this.#gates[value.of]!;
    const expected = ['Conv', 'Relu', 'Conv', 'Sigmoid'][value.step];
    if (op !== expected) fail(`${op} on the way to a gate`);
    if (op === 'Conv') {
      const { dims, data } = this.#constant(inputs[1]);
      const bias = this.#bias(inputs[2], dims[0]!);
      if (value.step === 0) [gate.squeeze, gate.squeezeBias] = [data, bias];
      else [gate.excite, gate.exciteBias] = [data, bias];
    }
    return { ...value, step: value.step + 1 };
  }

  #gated(a: Value, b: Value): Value {
    const [value, gate] = a.kind === 'tensor' ? [a, b] : [b, a];
    if (gate.kind !== 'gate' || gate.step !== 4) return fail('a product of something else');
    if (this.#gates[gate.of]!.of !== this.#tensor(value)) return fail('the gate of another tensor');
    return { kind: 'tensor', tensor: this.#tensor(value), gate: gate.of, crop: 0 };
  }
}

function is(attributes: OnnxNode['attributes'], name: string, wanted: number): boolean {
  const value = attributes.get(name) ?? [];
  return Array.isArray(value) && value.every((number) => number === wanted);
}

/** The network of a graph; null when it is of another kind. */
export function graphOf(graph: OnnxGraph): GraphNetwork | null {
  try {
    const network = new Reader(graph.constants).read(graph);
    checkGraph(network);
    return graphChannels(network).at(-1) === 3 ? network : null;
  } catch (error) {
    if (error instanceof NotOurs || error instanceof RangeError) return null;
    throw error;
  }
}
