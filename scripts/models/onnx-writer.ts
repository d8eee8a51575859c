import { toHalf } from './half.ts';

/** Wire types of protocol buffers. */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** Appends the fields of one protobuf message. */
class Message {
  readonly #chunks: Uint8Array[] = [];

  int(field: number, value: number | bigint): this {
    this.#varint(BigInt((field << 3) | VARINT));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | FIXED32));
    this.#chunks.push(littleEndian(Float32Array.of(value)));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt((field << 3) | BYTES));
    this.#varint(BigInt(value.length));
    this.#chunks.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let left = value;
    do {
      const low = Number(left & 0x7fn);
      left >>= 7n;
      bytes.push(left > 0n ? low | 0x80 : low);
    } while (left > 0n);
    this.#chunks.push(Uint8Array.from(bytes));
  }
}

/** The bytes of typed numbers; every machine that builds this is little-endian, as ONNX's raw data is. */
const littleEndian = (numbers: ArrayBufferView): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();

/** Of TensorProto.DataType. */
const FLOAT = 1;
const INT64 = 7;
const FLOAT16 = 10;

/** Of AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** A node's attribute; a plain number is an integer. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A fixed size, or the name of one that is free. */
export type Dimension = number | string;

export interface GraphOptions {
  /**
   * Store weights as halves, which halves the download; a Cast to single precision follows each, which the runtime folds when it
   * loads the model. Biases stay single.
   */
  readonly halfWeights?: boolean;
  /** Written to ModelProto.metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ConvolutionShape {
  readonly out: number;
  readonly in: number;
  readonly size: number;
  readonly stride?: number;
  /** Zeros around the input. */
  readonly pad?: number;
}

/**
 * Builds an ONNX model of floats: field numbers are those of onnx.proto, IR version 8. The same calls give the same bytes.
 * Tensors are named by strings; every method that adds a node returns the name of its output. All pictures are NCHW.
 */
export class OnnxWriter {
  readonly #nodes: Message[] = [];
  readonly #tensors: Message[] = [];
  readonly #inputs: Message[] = [];
  readonly #outputs: Message[] = [];
  readonly #name: string;
  readonly #options: GraphOptions;
  #names = 0;

  constructor(name: string, options: GraphOptions = {}) {
    this.#name = name;
    this.#options = options;
  }

  unique(prefix: string): string {
    return `${prefix}_${this.#names++}`;
  }

  input(name: string, dims: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, dims));
    return name;
  }

  output(name: string, dims: readonly Dimension[]): string {
    this.#outputs.push(valueInfo(name, dims));
    return name;
  }

  /** A constant of floats; `half` only where the model's options allow it. */
  constant(dims: readonly number[], values: ArrayLike<number>, half = false, name = this.unique('constant')): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (count !== values.length) throw new Error(`${name}: ${dims.join(' x ')} does not hold ${values.length} values`);
    if (!half || !this.#options.halfWeights) {
      this.#tensor(name, dims, FLOAT, Float32Array.from(values));
      return name;
    }
    this.#tensor(`${name}_half`, dims, FLOAT16, Uint16Array.from(values, toHalf));
    return this.node('Cast', [`${name}_half`], { to: FLOAT }, name);
  }

  integers(values: readonly number[]): string {
    const name = this.unique('integers');
    this.#tensor(name, [values.length], INT64, BigInt64Array.from(values, BigInt));
    return name;
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = this.unique(op),
  ): string {
    const node = new Message();
    for (const input of inputs) node.text(1, input);
    node.text(2, output).text(3, output).text(4, op);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
    return output;
  }

  /** Weights in the order out, in, height, width. */
  convolution(x: string, shape: ConvolutionShape, weights: ArrayLike<number>, bias: ArrayLike<number> | null): string {
    const { out, in: channels, size, stride = 1, pad = 0 } = shape;
    const inputs = [x, this.constant([out, channels, size, size], weights, true)];
    if (bias !== null) inputs.push(this.constant([out], bias));
    return this.node('Conv', inputs, {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  }

  /** Weights in the order in, out, height, width; `pad` is what is cut off the result. */
  transposed(x: string, shape: ConvolutionShape, weights: ArrayLike<number>, bias: ArrayLike<number> | null): string {
    const { out, in: channels, size, stride = 1, pad = 0 } = shape;
    const inputs = [x, this.constant([channels, out, size, size], weights, true)];
    if (bias !== null) inputs.push(this.constant([out], bias));
    return this.node('ConvTranspose', inputs, {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  }

  /** Channels one after another. */
  concat(parts: readonly string[]): string {
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: 1 });
  }

  /** Enlarges by a whole factor; pixel centres stay where they are, as in core/taps.ts. */
  resize(x: string, factor: number, mode: 'nearest' | 'linear'): string {
    const scales = this.constant([4], [1, 1, factor, factor]);
    const rule =
      mode === 'nearest'
        ? { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
        : { coordinate_transformation_mode: 'half_pixel' };
    return this.node('Resize', [x, '', scales], { mode, ...rule });
  }

  /** Takes `pixels` off each side of height and width. */
  crop(x: string, pixels: number): string {
    const ends = [this.integers([pixels, pixels]), this.integers([-pixels, -pixels])];
    return this.node('Slice', [x, ...ends, this.integers([2, 3])]);
  }

  /** Limits values to 0..1. */
  clip(x: string, output?: string): string {
    return this.node('Clip', [x, this.constant([], [0]), this.constant([], [1])], {}, output);
  }

  finish(opset = 17): Uint8Array<ArrayBuffer> {
    const graph = new Message();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, this.#name);
    for (const tensor of this.#tensors) graph.message(5, tensor);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const model = new Message().int(1, 8).text(2, 'pro-upscaler').message(7, graph);
    model.message(8, new Message().text(1, '').int(2, opset));
    for (const [key, value] of Object.entries(this.#options.metadata ?? {})) {
      model.message(14, new Message().text(1, key).text(2, value));
    }
    return model.finish();
  }

  #tensor(name: string, dims: readonly number[], type: number, values: ArrayBufferView): void {
    const tensor = new Message();
    for (const dim of dims) tensor.int(1, dim);
    this.#tensors.push(tensor.int(2, type).text(8, name).bytes(9, littleEndian(values)));
  }
}

function valueInfo(name: string, dims: readonly Dimension[]): Message {
  const shape = new Message();
  for (const dim of dims) {
    shape.message(1, typeof dim === 'number' ? new Message().int(1, dim) : new Message().text(2, dim));
  }
  const type = new Message().message(1, new Message().int(1, FLOAT).message(2, shape));
  return new Message().text(1, name).message(2, type);
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, ATTRIBUTE.int);
  if (typeof value === 'string') return message.text(4, value).int(20, ATTRIBUTE.text);
  if ('float' in value) return message.float(2, value.float).int(20, ATTRIBUTE.float);
  for (const item of value) message.int(8, item);
  return message.int(20, ATTRIBUTE.ints);
}
