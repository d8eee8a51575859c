import { fromHalf } from './half.ts';
import { OnnxWriter } from './onnx-writer.ts';

export interface NcnnOptions {
  readonly scale: number;
  readonly name: string;
  readonly licence: string;
  readonly source: string;
}

/** Tags before a blob of weights. */
const TAG_HALF = 0x01306b47;
const TAG_SINGLE = 0x0002c056;

/** Reads the blobs of an ncnn .bin in the order of the layers; each begins at a multiple of four bytes. */
class BlobReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#view.byteLength - this.#at;
  }

  /** Single-precision numbers without a tag: biases and slopes. */
  plain(count: number): Float32Array {
    const start = this.#at;
    this.#at += 4 * count;
    return Float32Array.from({ length: count }, (_, i) => this.#view.getFloat32(start + 4 * i, true));
  }

  weights(count: number): Float32Array {
    const tag = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    if (tag === 0 || tag === TAG_SINGLE) return this.plain(count);
    if (tag !== TAG_HALF) throw new Error(`weights with the tag 0x${tag.toString(16)} are not supported`);
    const start = this.#at;
    this.#at += (2 * count + 3) & ~3;
    return Float32Array.from({ length: count }, (_, i) => fromHalf(this.#view.getUint16(start + 2 * i, true)));
  }
}

interface Layer {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly numbers: ReadonlyMap<number, number>;
  readonly arrays: ReadonlyMap<number, readonly number[]>;
}

/** Keys at and below this hold arrays: the count, then the values. */
const FIRST_ARRAY_KEY = -23300;

/** Reads ncnn's text: a magic number, a line of counts, then one layer a line. */
function parseLayers(text: string): Layer[] {
  const [magic, , ...lines] = text.split('\n').map((line) => line.trim());
  if (magic !== '7767517') throw new Error('not a text .param file of ncnn');
  return lines.filter(Boolean).map((line) => {
    const [type, name, inputCount, outputCount, ...words] = line.split(/\s+/);
    const [ins, outs] = [Number(inputCount), Number(outputCount)];
    const numbers = new Map<number, number>();
    const arrays = new Map<number, number[]>();
    for (const word of words.slice(ins + outs)) {
      const [key, value] = word.split('=');
      if (Number(key) > FIRST_ARRAY_KEY) numbers.set(Number(key), Number(value));
      else arrays.set(FIRST_ARRAY_KEY - Number(key), value.split(',').slice(1).map(Number));
    }
    return { type, name, inputs: words.slice(0, ins), outputs: words.slice(ins, ins + outs), numbers, arrays };
  });
}

/** Swaps the first two axes of weights: ncnn keeps transposed convolutions as out, in; ONNX wants in, out. */
function swapChannels(weights: Float32Array, out: number, channels: number, area: number): Float32Array {
  const swapped = new Float32Array(weights.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < channels; i++) {
      const from = (o * channels + i) * area;
      swapped.set(weights.subarray(from, from + area), (i * out + o) * area);
    }
  }
  return swapped;
}

/**
 * Converts an ncnn network of the super-resolution families (Real-ESRGAN's compact and RRDB, waifu2x, Real-CUGAN) to ONNX:
 * `input` [1, 3, H, W], RGB in 0..1, to `output`, limited to 0..1. Nothing is padded: networks with convolutions that
 * shrink give a picture that is smaller by their context, and the caller supplies that context.
 */
export class NcnnConverter {
  readonly #graph: OnnxWriter;
  readonly #blobs: BlobReader;
  readonly #values = new Map<string, string>();
  readonly #channels = new Map<string, number>();

  constructor(weights: Uint8Array, { scale, name, licence, source }: NcnnOptions) {
    this.#blobs = new BlobReader(weights);
    const metadata = { scale: String(scale), licence, source };
    this.#graph = new OnnxWriter(name, { halfWeights: true, metadata });
    this.#graph.input('input', [1, 3, 'height', 'width']);
  }

  convert(param: string): Uint8Array<ArrayBuffer> {
    let last = '';
    for (const layer of parseLayers(param)) {
      const channels = this.#channels.get(layer.inputs[0]) ?? 3;
      const { value, out = channels } = this.#layer(layer, channels);
      for (const name of layer.outputs) {
        this.#values.set(name, value);
        this.#channels.set(name, out);
      }
      last = value;
    }
    if (this.#blobs.left !== 0) throw new Error(`${this.#blobs.left} bytes of the weights were not used`);
    this.#graph.clip(last, 'output');
    this.#graph.output('output', [1, 3, 'out_height', 'out_width']);
    return this.#graph.finish();
  }

  /** The value of a layer's output, and how many channels it has where that changes. */
  #layer(layer: Layer, channels: number): { value: string; out?: number } {
    const graph = this.#graph;
    const { type, name, inputs, numbers, arrays } = layer;
    const number = (key: number, otherwise = 0): number => numbers.get(key) ?? otherwise;
    const xs = inputs.map((input) => this.#values.get(input)!);
    switch (type) {
      case 'Input':
        return { value: 'input', out: 3 };
      case 'Split':
        return { value: xs[0] };
      case 'Convolution':
      case 'Deconvolution':
      case 'InnerProduct':
        return this.#weighted(layer, xs[0]);
      case 'PReLU':
        return { value: this.#prelu(xs[0], number(0)) };
      case 'Concat':
        return { value: graph.concat(xs), out: inputs.reduce((sum, input) => sum + this.#channels.get(input)!, 0) };
      case 'PixelShuffle': {
        const attributes = { blocksize: number(0), mode: number(1) ? 'DCR' : 'CRD' };
        return { value: graph.node('DepthToSpace', [xs[0]], attributes), out: channels / number(0) ** 2 };
      }
      case 'Interp':
        if (number(1) !== number(2)) throw new Error(`${name}: unequal factors`);
        return { value: graph.resize(xs[0], number(1), number(0) === 1 ? 'nearest' : 'linear') };
      case 'Pooling':
        if (number(0) !== 1 || number(4) !== 1) throw new Error(`${name}: only averages over everything`);
        return { value: graph.node('GlobalAveragePool', [xs[0]]) };
      case 'Scale':
        if (xs.length !== 2) throw new Error(`${name}: Scale with weights of its own`);
        return { value: graph.node('Mul', xs) };
      case 'Eltwise':
        if (number(0) !== 1 || arrays.has(1)) throw new Error(`${name}: only plain sums`);
        return { value: xs.reduce((a, b) => graph.node('Add', [a, b])) };
      case 'BinaryOp': {
        const op = ['Add', 'Sub', 'Mul', 'Div'][number(0)];
        if (!op) throw new Error(`${name}: operation ${number(0)}`);
        const second = number(1) ? graph.constant([1], [number(2)]) : xs[1];
        return { value: graph.node(op, [xs[0], second]) };
      }
      case 'Crop':
        if (number(0) !== number(1) || arrays.has(9)) throw new Error(`${name}: only equal margins`);
        return { value: graph.crop(xs[0], number(0)) };
      default:
        throw new Error(`${name}: layers of type ${type} are not supported`);
    }
  }

  #weighted(layer: Layer, x: string): { value: string; out: number } {
    const { type, name, numbers } = layer;
    const number = (key: number, otherwise = 0): number => numbers.get(key) ?? otherwise;
    const out = number(0);
    if (type === 'InnerProduct') {
      // On what a global average leaves, a 1 x 1 convolution.
      const shape = { out, in: number(2) / out, size: 1 };
      const weights = this.#blobs.weights(number(2));
      const value = this.#graph.convolution(x, shape, weights, number(1) ? this.#blobs.plain(out) : null);
      return { value: this.#activate(layer, value), out };
    }
    const size = number(1);
    if (number(2, 1) !== 1 || number(11, size) !== size) throw new Error(`${name}: dilated, or not square`);
    const shape = { out, in: number(6) / (out * size * size), size, stride: number(3, 1), pad: number(4) };
    const weights = this.#blobs.weights(number(6));
    const bias = number(5) ? this.#blobs.plain(out) : null;
    const value =
      type === 'Convolution'
        ? this.#graph.convolution(x, shape, weights, bias)
        : this.#graph.transposed(x, shape, swapChannels(weights, out, shape.in, size * size), bias);
    return { value: this.#activate(layer, value), out };
  }

  #activate({ name, numbers, arrays }: Layer, x: string): string {
    const kind = numbers.get(9) ?? 0;
    switch (kind) {
      case 0:
        return x;
      case 1:
        return this.#graph.node('Relu', [x]);
      case 2:
        return this.#graph.node('LeakyRelu', [x], { alpha: { float: arrays.get(10)![0] } });
      case 4:
        return this.#graph.node('Sigmoid', [x]);
      default:
        throw new Error(`${name}: activation ${kind}`);
    }
  }

  /**
   * relu(x) + slope * (x - relu(x)) instead of the operator PRelu, for which WebGPU providers had no kernel
   * (microsoft/onnxruntime#29859): each would go through the processor and back.
   */
  #prelu(x: string, channels: number): string {
    const slope = this.#graph.constant([channels, 1, 1], this.#blobs.plain(channels));
    const positive = this.#graph.node('Relu', [x]);
    const negative = this.#graph.node('Sub', [x, positive]);
    return this.#graph.node('Add', [positive, this.#graph.node('Mul', [negative, slope])]);
  }
}
