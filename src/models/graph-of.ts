import { checkGraph, graphChannels, type Gate, type GraphLayer, type GraphNetwork } from '../core/graph-network.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx.ts';

/**
 * Recognises networks of convolutions in the graph of an ONNX model, whatever their branches: waifu2x's cunet, ESRGAN and its like. Follows the graph's
 * values one by one. Sums, activations and tensors side by side that a layer has no room for become layers of their own, of 1 x 1. Borders
 * that convolutions fill with zeros are left out, as nothing that they reach is kept; networks of other parts are none of these.
 */

interface Tensor {
  readonly kind: 'tensor';
  readonly tensor: number;
  readonly gate: number | null;
  /** Where its first pixel lies in the tensor that the graph has there: pixels that are left out, or (below 0) to be cut off. */
  readonly offset: number;
  /** How many times each pixel is repeated, each way. */
  readonly repeats: 1 | 2;
}

type Value =
  | Tensor
  /** Channels side by side. */
  | { readonly kind: 'joined'; readonly parts: readonly Tensor[] }
  /** On the way to a gate: averages of a tensor, then what the two small layers make of them. */
  | { readonly kind: 'gate'; readonly of: number; readonly step: number };

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Numbers = Pick<Gate, 'squeeze' | 'squeezeBias' | 'excite' | 'exciteBias'>;

/** The weights of a convolution in the graph. */
interface Kernel {
  /** [out][in][rows][columns]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly side: number;
}

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
  readonly #channels = [3];
  readonly #gates: ({ of: number } & Partial<Writable<Numbers>>)[] = [];
  /** How often each value is read. */
  readonly #uses = new Map<string, number>();
  /** The layers of tensors that are sums of convolutions, with the middle of their kernels over the result's pixel, and what these read. */
  readonly #parts = new Map<number, readonly { readonly layer: Writable<GraphLayer>; readonly part: Tensor }[]>();
  /** Tensors that have several names. */
  readonly #shared = new Set<number>();
  #output = '';

  constructor(constants: ReadonlyMap<string, OnnxTensor>) {
    this.#constants = new Map(constants);
  }

  read({ inputs, outputs, nodes }: OnnxGraph): GraphNetwork {
    if (inputs.length !== 1 || outputs.length !== 1) fail('one input and one output are expected');
    this.#output = outputs[0]!.name;
    for (const name of [...nodes.flatMap((node) => node.inputs), this.#output]) {
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
    this.#values.set(inputs[0]!.name, this.#asTensor(0, 0));
    for (const node of nodes) this.#node(node);
    const end = this.#plain(this.#value(this.#output));
    if (end.tensor !== this.#layers.length || end.gate !== null) this.#copy(end);
    if (end.offset < 0) fail('a result that is cut off');
    const gates = this.#gates.map(({ of, squeeze, squeezeBias, excite, exciteBias }): Gate => {
      if (!squeeze || !squeezeBias || !excite || !exciteBias) return fail('a gate without an end');
      return { of, squeeze, squeezeBias, excite, exciteBias };
    });
    const network = { layers: this.#layers, gates, spread: 1, base: null, multiple: 1, scale: 1 };
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
    if (node.op === 'Constant') {
      const value = node.attributes.get('value');
      if (typeof value !== 'object' || !('dims' in value)) return fail('a constant of another kind');
      this.#constants.set(output, value);
      return;
    }
    const constant = this.#constants.get(first);
    if (constant !== undefined && (node.op === 'Cast' || node.op === 'Identity')) {
      this.#constants.set(output, constant);
      return;
    }
    this.#values.set(output, this.#result(node, first));
  }

  #result(node: OnnxNode, first: string): Value {
    const [, second = ''] = node.inputs;
    if (node.op === 'Mul' && this.#constants.has(first)) return this.#scaled(second, this.#constant(first));
    if (node.op === 'Mul' && this.#constants.has(second)) return this.#scaled(first, this.#constant(second));
    const value = this.#value(first);
    if (node.op === 'Mul') return this.#gated(value, this.#value(second));
    if (value.kind === 'gate') return this.#gateStep(node, value);
    switch (node.op) {
      case 'Conv':
        return this.#convolve(node, value);
      case 'ConvTranspose':
        return this.#spread(node, value);
      case 'DepthToSpace':
        return this.#shuffled(node, first);
      case 'Relu':
        return this.#sloped(first, Float32Array.of(0));
      case 'LeakyRelu':
        return this.#sloped(first, Float32Array.of(Number(node.attributes.get('alpha') ?? 0.01)));
      case 'PRelu':
        return this.#sloped(first, this.#constant(second).data);
      case 'Slice':
        return this.#cut(node, this.#renamed(first, value));
      case 'Concat':
        return this.#joined(node);
      case 'Resize':
      case 'Upsample':
        return this.#repeated(node, value);
      case 'Add':
        return this.#sum(first, second);
      case 'GlobalAveragePool':
        this.#gates.push({ of: this.#tensor(value) });
        return { kind: 'gate', of: this.#gates.length - 1, step: 0 };
      case 'Clip':
        // Results are cut to 0..1 in any case.
        return node.outputs[0] === this.#output ? value : fail('values that are cut off in between');
      case 'Identity':
        return this.#renamed(first, value);
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

  /** A tensor as the graph has it, to the last pixel. */
  #tensor(value: Value): number {
    const isWhole = value.kind === 'tensor' && value.gate === null && value.offset === 0 && value.repeats === 1;
    return isWhole ? value.tensor : fail('a changed tensor');
  }

  /** With no pixel repeated. */
  #plain(value: Value): Tensor {
    if (value.kind !== 'tensor') return fail('something else than a tensor');
    return value.repeats === 1 ? value : this.#copy(value);
  }

  #asTensor(tensor: number, offset: number): Tensor {
    return { kind: 'tensor', tensor, gate: null, offset, repeats: 1 };
  }

  #add(layer: Omit<GraphLayer, 'from' | 'gate' | 'slopes' | 'add'>, { tensor, gate }: Tensor, offset: number): Tensor {
    this.#channels.push(layer.bias.length / layer.spread ** 2);
    const added = this.#layers.push({ ...layer, from: tensor, gate, slopes: null, add: null });
    return this.#asTensor(added, offset);
  }

  /** A convolution that leaves a tensor as it is: for what its own layer has no room for. */
  #copy(value: Tensor): Tensor {
    const count = this.#channels[value.tensor]!;
    const weights = new Float32Array(count * count);
    for (let c = 0; c < count; c++) weights[c * count + c] = 1;
    return this.#convolved({ weights, bias: new Float32Array(count), side: 1 }, value, 0);
  }

  #convolve({ inputs, attributes }: OnnxNode, value: Value): Value {
    const { dims, data: weights } = this.#constant(inputs[1]);
    const [outputs = 0, count = 0, rows = 0, columns = 0] = dims;
    const pads = attributes.get('pads') ?? [0];
    const border = Array.isArray(pads) ? Number(pads[0]) : NaN;
    const isPlain =
      is(attributes, 'pads', border) &&
      is(attributes, 'strides', rows === 2 ? 2 : 1) &&
      is(attributes, 'dilations', 1) &&
      ['', 'NOTSET'].includes(String(attributes.get('auto_pad') ?? ''));
    if (rows !== columns || !isPlain || (attributes.get('group') ?? 1) !== 1) fail('a convolution of another kind');
    const bias = this.#bias(inputs[2], outputs);
    if (value.kind === 'tensor') return this.#convolved({ weights, bias, side: rows }, value, border);
    if (value.kind !== 'joined') return fail('a convolution of something else');
    // The sum of a convolution of each. What has the widest border comes last, as the others are cut to it.
    let first = 0;
    const parts = value.parts.map((part) => {
      const start = first;
      first += this.#channels[part.tensor]!;
      return { part, start, end: first };
    });
    if (first !== count) fail('a convolution of other channels');
    let sum: Tensor | null = null;
    const layers = [];
    for (const { part, start, end } of parts.sort((a, b) => a.part.offset - b.part.offset)) {
      const own = inputsOf(weights, { outputs, count, area: rows * columns }, start, end);
      const kernel = { weights: own, bias: sum === null ? bias : new Float32Array(outputs), side: rows };
      const result = this.#convolved(kernel, part, border);
      if (sum !== null) this.#layers.at(-1)!.add = { tensor: sum.tensor, gate: null, crop: result.offset - sum.offset };
      layers.push({ layer: this.#layers.at(-1)!, part });
      sum = result;
    }
    if (sum === null) return fail('nothing side by side');
    if (border === (rows - 1) / 2) this.#parts.set(sum.tensor, layers);
    return sum;
  }

  #convolved({ weights, bias, side }: Kernel, value: Tensor, border: number): Tensor {
    // Where the graph has zeros at the cut, the tensor itself goes on.
    if (value.offset < 0 && border > 0) fail('a border around a tensor that is cut off');
    if (value.repeats === 2) {
      const four = overRepeated({ weights, bias, side });
      const reach = (four.side - 1) / 2;
      const offset = 2 * (value.offset + reach) - (side - 1) / 2 + border;
      return this.#add({ kernel: four.side, weights: four.weights, bias: four.bias, spread: 2 }, value, offset);
    }
    if (side !== 1 && side !== 2 && side !== 3 && side !== 5) return fail(`a kernel of ${side} x ${side}`);
    if (side === 2 && (value.offset + border) % 2 !== 0) fail('a tensor that is halved between its pixels');
    const offset = (value.offset + border) / (side === 2 ? 2 : 1);
    return this.#add({ kernel: side, weights, bias, spread: 1 }, value, offset);
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
    const from = this.#plain(value);
    if (from.offset < 0) fail('a convolution of a tensor that is cut off');
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
    return this.#add({ kernel, weights, bias: four, spread: 2 }, from, 2 * from.offset);
  }

  /**
   * A tensor and its layer, which may be changed as nothing else reads its result: the layer itself, or one that copies its result where it is read
   * elsewhere, or has an activation or a sum already.
   */
  #own(name: string, isFree: (layer: GraphLayer) => boolean): { value: Tensor; layer: Writable<GraphLayer> } {
    const value = this.#plain(this.#value(name));
    const layer = this.#layers[value.tensor - 1];
    if (layer !== undefined && this.#isUnread(name, value) && isFree(layer)) return { value, layer };
    const copy = this.#copy(value);
    return { value: copy, layer: this.#layers.at(-1)! };
  }

  /** Whether what comes next is all that reads this result, so that it may be changed in place. */
  #isUnread(name: string, { tensor, gate }: Tensor): boolean {
    return this.#uses.get(name) === 1 && gate === null && !this.#shared.has(tensor);
  }

  /** The value by another name. */
  #renamed(name: string, value: Value): Value {
    if (value.kind === 'tensor' && this.#uses.get(name) !== 1) this.#shared.add(value.tensor);
    return value;
  }

  #sloped(name: string, slopes: Float32Array): Value {
    const { value, layer } = this.#own(name, ({ slopes: others, add }) => others === null && add === null);
    const channels = this.#channels[value.tensor]!;
    if (slopes.length !== 1 && slopes.length !== channels) fail('another number of slopes');
    layer.slopes = layer.bias.map((_, o) => slopes[slopes.length === 1 ? 0 : o % channels]!);
    return value;
  }

  #scaled(name: string, { data }: OnnxTensor): Value {
    const [factor = 1] = data;
    if (data.length !== 1) fail('factors of channels');
    const { value, layer } = this.#own(name, ({ slopes, add }) => slopes === null && add === null);
    layer.weights = layer.weights.map((weight) => weight * factor);
    layer.bias = layer.bias.map((number) => number * factor);
    return value;
  }

  /** Four channels become the pixels of an enlarged one. */
  #shuffled({ attributes }: OnnxNode, name: string): Value {
    if (attributes.get('blocksize') !== 2) fail('pixels of another number of channels');
    const { value, layer } = this.#own(name, ({ add, spread }) => add === null && spread === 1);
    const channels = layer.bias.length / 4;
    if (!Number.isInteger(channels)) fail('channels that are no four to a pixel');
    if (attributes.get('mode') === 'CRD') {
      const order = Array.from(layer.bias, (_, o) => 4 * (o % channels) + Math.floor(o / channels));
      const inputs = layer.weights.length / layer.bias.length;
      const { weights, bias, slopes } = layer;
      layer.weights = weights.map((_, i) => weights[order[Math.floor(i / inputs)]! * inputs + (i % inputs)]!);
      layer.bias = bias.map((_, o) => bias[order[o]!]!);
      layer.slopes = slopes === null ? null : slopes.map((_, o) => slopes[order[o]!]!);
    }
    layer.spread = 2;
    this.#channels[value.tensor] = channels;
    return this.#asTensor(value.tensor, 2 * value.offset);
  }

  #cut({ inputs }: OnnxNode, value: Value): Value {
    const [starts, ends, axes] = [1, 2, 3].map((i) => [...this.#constant(inputs[i]).data]);
    const crop = starts![0]!;
    const isFrame =
      axes!.join() === '2,3' && starts!.join() === `${crop},${crop}` && ends!.join() === `${-crop},${-crop}`;
    if (!isFrame || value.kind !== 'tensor' || value.repeats !== 1) return fail('a cut of another kind');
    return { ...value, offset: value.offset - crop };
  }

  #joined({ inputs, attributes }: OnnxNode): Value {
    if (attributes.get('axis') !== 1) fail('values are joined along another axis');
    const parts = inputs.flatMap((name) => {
      const value = this.#value(name);
      return value.kind === 'joined' ? value.parts : [this.#plain(value)];
    });
    return { kind: 'joined', parts };
  }

  /** Each pixel becomes two by two, or four by four. */
  #repeated({ inputs, attributes }: OnnxNode, value: Value): Value {
    const [one = 0, channels = 0, down = 0, across = 0] = this.#constant(inputs.at(-1)).data;
    const isNearest =
      (attributes.get('mode') ?? 'nearest') === 'nearest' &&
      ['round_prefer_floor', 'floor'].includes(String(attributes.get('nearest_mode') ?? 'round_prefer_floor')) &&
      ['half_pixel', 'asymmetric', 'pytorch_half_pixel'].includes(
        String(attributes.get('coordinate_transformation_mode') ?? 'half_pixel'),
      );
    const isFloor = attributes.get('nearest_mode') === 'floor';
    const isAsymmetric = attributes.get('coordinate_transformation_mode') === 'asymmetric';
    // Half a pixel to the left, and the floor of it, would be a shift.
    if (!isNearest || one !== 1 || channels !== 1 || (isFloor && !isAsymmetric)) fail('enlarged in another way');
    const from = this.#plain(value);
    if (down === 2 && across === 2) return { ...from, repeats: 2 };
    // At four times, prefer-floor rounding without half pixels takes the fourth from the next one.
    if (down !== 4 || across !== 4 || (isAsymmetric && !isFloor)) return fail('enlarged by another factor');
    return { ...this.#copy({ ...from, repeats: 2 }), repeats: 2 };
  }

  #sum(first: string, second: string): Value {
    const [a, b] = [this.#plain(this.#value(first)), this.#plain(this.#value(second))];
    if (this.#isFolded(first, a, b)) return a;
    if (this.#isFolded(second, b, a)) return b;
    const ownable = (name: string, whole: Tensor, other: Tensor): boolean =>
      this.#isUnread(name, whole) &&
      whole.offset >= other.offset &&
      other.tensor < whole.tensor &&
      this.#layers[whole.tensor - 1]!.add === null;
    let [whole, other] = [a, b];
    if (ownable(second, b, a)) [whole, other] = [b, a];
    else if (!ownable(first, a, b)) {
      if (b.offset > a.offset) [whole, other] = [b, a];
      whole = this.#copy(whole);
    }
    this.#layers[whole.tensor - 1]!.add = { tensor: other.tensor, gate: other.gate, crop: whole.offset - other.offset };
    return whole;
  }

  /** Adds a tensor to a sum of convolutions that reads it, by one more in the middle of its kernel. */
  #isFolded(name: string, sum: Tensor, { tensor, gate, offset }: Tensor): boolean {
    const found = this.#parts
      .get(sum.tensor)
      ?.find(({ part }) => part.tensor === tensor && part.gate === gate && part.offset === offset);
    const layer = found?.layer;
    const count = this.#channels[tensor]!;
    const isPlain = this.#isUnread(name, sum) && this.#layers[sum.tensor - 1]!.slopes === null;
    if (layer === undefined || !isPlain || layer.spread !== 1 || layer.bias.length !== count) return false;
    const area = layer.kernel ** 2;
    layer.weights = layer.weights.slice();
    for (let c = 0; c < count; c++) layer.weights[(c * count + c) * area + (area - 1) / 2]! += 1;
    return true;
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
    return { ...this.#asTensor(this.#tensor(value), 0), gate: gate.of };
  }
}

/** The weights of some of the input channels. */
function inputsOf(
  weights: Float32Array,
  { outputs, count, area }: { readonly outputs: number; readonly count: number; readonly area: number },
  start: number,
  end: number,
): Float32Array {
  const own = new Float32Array(outputs * (end - start) * area);
  for (let o = 0; o < outputs; o++) {
    const from = o * count * area;
    own.set(weights.subarray(from + start * area, from + end * area), o * (end - start) * area);
  }
  return own;
}

/** A convolution of pixels that are repeated two by two, as one of the pixels themselves: its outputs are the four pixels of an enlarged one. */
function overRepeated({ weights, bias, side }: Kernel): Kernel & { readonly side: 1 | 3 } {
  if (side !== 1 && side !== 3 && side !== 5) return fail(`a kernel of ${side} x ${side} over repeated pixels`);
  const reach = (side - 1) / 2;
  const result = side === 1 ? 1 : 3;
  const outputs = bias.length;
  const inputs = weights.length / outputs / side ** 2;
  const four = new Float32Array(4 * outputs * inputs * result ** 2);
  /** The pixel that lies under a place of the kernel, seen from one of the two that a pixel becomes. */
  const under = (half: number, place: number): number => Math.floor((half + place - reach) / 2) + (result - 1) / 2;
  for (let part = 0; part < 4; part++) {
    for (let n = 0; n < outputs * inputs; n++) {
      const to = (part * outputs * inputs + n) * result ** 2;
      for (let k = 0; k < side ** 2; k++) {
        const [row, column] = [under(part >> 1, Math.floor(k / side)), under(part & 1, k % side)];
        four[to + row * result + column]! += weights[n * side ** 2 + k]!;
      }
    }
  }
  return {
    weights: four,
    bias: Float32Array.from({ length: 4 * outputs }, (_, o) => bias[o % outputs]!),
    side: result,
  };
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
