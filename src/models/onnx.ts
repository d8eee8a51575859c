import { AppError } from '../core/errors.ts';
import { say, str, type Text } from '../core/text.ts';

/**
 * Reads models in the ONNX format (onnx.proto3 of the ONNX project, IR versions 3 to 10): as much of them as tells what goes in and out, and as
 * is needed to recognise a network. Nothing is executed.
 */

/** Numbers of a graph. `data` is unpacked when it is looked at: floats and half floats as they are, 64-bit integers as numbers; empty for other types. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export type OnnxAttribute = number | string | readonly number[] | OnnxTensor;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** What goes into a graph or comes out of it. */
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType: `ONNX_FLOAT` is float, 10 half float, 2 byte. 0 when it is no tensor. */
  readonly type: number;
  /** A name, or '', stands for a dimension that is free. */
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Without the constants, which older models list among the inputs. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** TensorProto.DataType of single-precision floats. */
export const ONNX_FLOAT = 1;
const ONNX_INT64 = 7;
const ONNX_HALF = 10;

const notOnnx = (why: Text): AppError =>
  new AppError('bad-input', say(str`This is no ONNX model: ${why}.`), {
    remedy: say('Choose an .onnx file of a super-resolution model; if it is one, download or export it again.'),
  });

type Bytes = Uint8Array<ArrayBuffer>;

/** One field of a protobuf message. Four- and eight-byte fields are floats in ONNX. */
type Field = { readonly field: number } & (
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Bytes }
);

/** Reads protobuf's numbers of seven bits a byte, least first; negative ones have ten bytes. Beyond 2^53 the last bits are lost, which ONNX's sizes do not reach. */
class Varints {
  readonly #bytes: Bytes;
  at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  next(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw notOnnx(say('it ends in the middle'));
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw notOnnx(say('a number in it has no end'));
  }
}

/** The fields of a message, in order. */
function* fieldsOf(bytes: Bytes): Generator<Field> {
  const view = viewOf(bytes);
  const varints = new Varints(bytes);
  const take = (length: number): number => {
    const from = varints.at;
    if (length < 0 || length > bytes.length - from) throw notOnnx(say('it ends in the middle'));
    varints.at += length;
    return from;
  };
  while (varints.at < bytes.length) {
    const tag = varints.next();
    const field = Math.floor(tag / 8);
    switch (tag & 7) {
      case 0:
        yield { field, kind: 'integer', value: varints.next() };
        break;
      case 1:
        yield { field, kind: 'float', value: view.getFloat64(take(8), true) };
        break;
      case 2: {
        const length = varints.next();
        const from = take(length);
        yield { field, kind: 'bytes', value: bytes.subarray(from, from + length) };
        break;
      }
      case 5:
        yield { field, kind: 'float', value: view.getFloat32(take(4), true) };
        break;
      default:
        throw notOnnx(say('it is not a protocol buffer'));
    }
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Bytes): DataView => new DataView(buffer, byteOffset, byteLength);

const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);

function packedIntegers(bytes: Bytes): number[] {
  const varints = new Varints(bytes);
  const values: number[] = [];
  while (varints.at < bytes.length) values.push(varints.next());
  return values;
}

function packedFloats(bytes: Bytes): number[] {
  const view = viewOf(bytes);
  return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The numbers of a repeated field, which may be packed together or come one by one. */
const numbersOf = (field: Field, unpack: (bytes: Bytes) => number[]): number[] =>
  field.kind === 'bytes' ? unpack(field.value) : [field.value];

/** The messages and texts in a field of a message. */
const partsOf = (bytes: Bytes, wanted: number): Bytes[] =>
  [...fieldsOf(bytes)].flatMap((field) => (field.kind === 'bytes' && field.field === wanted ? [field.value] : []));

/** A number from an IEEE 754 half float. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A TensorProto. Its numbers stay packed until someone looks at them: most readers want only names and sizes. */
class Tensor implements OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly #bytes: Bytes;
  #data: Float32Array | null = null;

  constructor(bytes: Bytes) {
    let name = '';
    const dims: number[] = [];
    for (const field of fieldsOf(bytes)) {
      if (field.field === 1) dims.push(...numbersOf(field, packedIntegers));
      else if (field.field === 8 && field.kind === 'bytes') name = text(field.value);
    }
    this.name = name;
    this.dims = dims;
    this.#bytes = bytes;
  }

  get data(): Float32Array {
    this.#data ??= unpacked(this.#bytes);
    return this.#data;
  }
}

function unpacked(tensor: Bytes): Float32Array {
  let type = 0;
  let numbers: number[] = [];
  let raw: Bytes | null = null;
  for (const field of fieldsOf(tensor)) {
    if (field.field === 2 && field.kind === 'integer') type = field.value;
    else if (field.field === 4) numbers = numbers.concat(numbersOf(field, packedFloats));
    else if (field.field === 5 || field.field === 7) numbers = numbers.concat(numbersOf(field, packedIntegers));
    else if (field.field === 9 && field.kind === 'bytes') raw = field.value;
  }
  if (raw === null) return Float32Array.from(type === ONNX_HALF ? numbers.map(fromHalf) : numbers);
  const view = viewOf(raw);
  const read = (bytes: number, at: (offset: number) => number): Float32Array =>
    Float32Array.from({ length: Math.floor(view.byteLength / bytes) }, (_, i) => at(bytes * i));
  switch (type) {
    case ONNX_FLOAT:
      return read(4, (offset) => view.getFloat32(offset, true));
    case ONNX_HALF:
      return read(2, (offset) => fromHalf(view.getUint16(offset, true)));
    case ONNX_INT64:
      return read(8, (offset) => Number(view.getBigInt64(offset, true)));
    default:
      return new Float32Array();
  }
}

/** An AttributeProto. */
function attributeOf(bytes: Bytes): readonly [string, OnnxAttribute] {
  let name = '';
  let single: OnnxAttribute | null = null;
  const list: number[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.field === 7) list.push(...numbersOf(field, packedFloats));
    else if (field.field === 8) list.push(...numbersOf(field, packedIntegers));
    else if (field.kind !== 'bytes') {
      if (field.field === 2 || field.field === 3) single = field.value;
    } else if (field.field === 1) name = text(field.value);
    else if (field.field === 4) single = text(field.value);
    else if (field.field === 5) single = new Tensor(field.value);
  }
  return [name, single ?? list];
}

/** A NodeProto. */
function nodeOf(bytes: Bytes): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let op = '';
  for (const { field, kind, value } of fieldsOf(bytes)) {
    if (kind !== 'bytes') continue;
    if (field === 1) inputs.push(text(value));
    else if (field === 2) outputs.push(text(value));
    else if (field === 4) op = text(value);
    else if (field === 5) attributes.set(...attributeOf(value));
  }
  return { op, inputs, outputs, attributes };
}

/** A ValueInfoProto: its TypeProto may hold a tensor type, with the element's type and the shape. */
function valueOf(bytes: Bytes): OnnxValue {
  const name = partsOf(bytes, 1).map(text)[0] ?? '';
  const tensor = partsOf(bytes, 2).flatMap((type) => partsOf(type, 1))[0];
  if (tensor === undefined) return { name, type: 0, dims: [] };
  let type = 0;
  for (const { field, kind, value } of fieldsOf(tensor)) if (field === 1 && kind === 'integer') type = value;
  const dims = partsOf(tensor, 2)
    .flatMap((shape) => partsOf(shape, 1))
    .map((dim) => {
      let size: number | string = '';
      for (const { kind, value } of fieldsOf(dim)) size = kind === 'bytes' ? text(value) : value;
      return size;
    });
  return { name, type, dims };
}

/** Reads a model. Throws `bad-input`, with what is wrong, when the bytes are none. */
export function readOnnx(bytes: Bytes): OnnxGraph {
  // ModelProto.graph
  const graph = partsOf(bytes, 7).at(-1);
  if (graph === undefined) throw notOnnx(say('it holds no network'));
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const { field, kind, value } of fieldsOf(graph)) {
    if (kind !== 'bytes') continue;
    if (field === 1) nodes.push(nodeOf(value));
    else if (field === 5) {
      const tensor = new Tensor(value);
      constants.set(tensor.name, tensor);
    } else if (field === 11) inputs.push(valueOf(value));
    else if (field === 12) outputs.push(valueOf(value));
  }
  const given = inputs.filter(({ name }) => !constants.has(name));
  if (nodes.length === 0) throw notOnnx(say('its network is empty'));
  if (given.length === 0 || outputs.length === 0) throw notOnnx(say('its network has no input or no output'));
  return { nodes, constants, inputs: given, outputs };
}
