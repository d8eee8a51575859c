import { AppError } from '../core/errors.ts';

/**
 * Reads the graph of an ONNX model: as much of the protobuf message (onnx.proto of the ONNX project, IR versions 3 to 10) as is
 * needed to recognise an image network. Nothing is executed.
 */

export interface OnnxTensor {
  readonly dims: readonly number[];
  /** Floats and half floats as they are, 64-bit integers as numbers; empty for other types. */
  readonly data: Float32Array;
}

export type OnnxAttribute = number | string | readonly number[] | OnnxTensor;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** A graph input or output; dimensions that are named or unknown are null. */
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType: 1 is float, 10 half float, 2 byte. 0 when it is no tensor. */
  readonly type: number;
  readonly dims: readonly (number | null)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const DATA_TYPE = { float: 1, int64: 7, half: 10 } as const;

const damaged = (): AppError =>
  new AppError('bad-input', 'The file is no ONNX model, or it is cut off.', {
    remedy: 'Choose an .onnx file; if it is one, download or export it again.',
  });

type Field = { readonly field: number } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array<ArrayBuffer> }
);

/** The fields of one protobuf message, in order. Integers beyond 2^53 lose their last bits, which none of ours need. */
function* fieldsOf(bytes: Uint8Array<ArrayBuffer>): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw damaged();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw damaged();
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >>> 3;
    switch (tag & 7) {
      case 0:
        yield { field, kind: 'number', value: varint() };
        break;
      case 1:
        if (at + 8 > bytes.length) throw damaged();
        yield { field, kind: 'float', value: view.getFloat64(at, true) };
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (length < 0 || at + length > bytes.length) throw damaged();
        yield { field, kind: 'bytes', value: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      case 5:
        if (at + 4 > bytes.length) throw damaged();
        yield { field, kind: 'float', value: view.getFloat32(at, true) };
        at += 4;
        break;
      default:
        throw damaged();
    }
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The integers of a packed repeated field. */
function packedIntegers(bytes: Uint8Array<ArrayBuffer>): number[] {
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      values.push(Number(BigInt.asIntN(64, value)));
      value = 0n;
      shift = 0n;
    }
  }
  return values;
}

const packedFloats = (bytes: Uint8Array<ArrayBuffer>): number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
};

/** A number from an IEEE 754 half float. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function tensorOf(bytes: Uint8Array<ArrayBuffer>): { name: string; tensor: OnnxTensor } {
  let name = '';
  let type = 0;
  const dims: number[] = [];
  const numbers: number[] = [];
  let raw: Uint8Array<ArrayBuffer> | null = null;
  for (const { field, kind, value } of fieldsOf(bytes)) {
    if (field === 1) dims.push(...(kind === 'bytes' ? packedIntegers(value) : [value]));
    else if (field === 2 && kind === 'number') type = value;
    else if (field === 4) numbers.push(...(kind === 'bytes' ? packedFloats(value) : [value]));
    else if (field === 5 || field === 7) numbers.push(...(kind === 'bytes' ? packedIntegers(value) : [value]));
    else if (field === 8 && kind === 'bytes') name = text(value);
    else if (field === 9 && kind === 'bytes') raw = value;
  }
  return { name, tensor: { dims, data: tensorData(type, raw, numbers) } };
}

function tensorData(type: number, raw: Uint8Array<ArrayBuffer> | null, numbers: readonly number[]): Float32Array {
  if (raw === null) {
    return Float32Array.from(type === DATA_TYPE.half ? numbers.map(fromHalf) : numbers);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read = (bytes: number, at: (offset: number) => number): Float32Array =>
    Float32Array.from({ length: Math.floor(raw.length / bytes) }, (_, i) => at(bytes * i));
  switch (type) {
    case DATA_TYPE.float:
      return read(4, (offset) => view.getFloat32(offset, true));
    case DATA_TYPE.half:
      return read(2, (offset) => fromHalf(view.getUint16(offset, true)));
    case DATA_TYPE.int64:
      return read(8, (offset) => Number(view.getBigInt64(offset, true)));
    default:
      return new Float32Array();
  }
}

function attributeOf(bytes: Uint8Array<ArrayBuffer>): { name: string; value: OnnxAttribute } {
  let name = '';
  let single: OnnxAttribute | null = null;
  const list: number[] = [];
  for (const { field, kind, value } of fieldsOf(bytes)) {
    if (field === 1 && kind === 'bytes') name = text(value);
    else if (field === 2 || field === 3) single = value as number;
    else if (field === 4 && kind === 'bytes') single = text(value);
    else if (field === 5 && kind === 'bytes') single = tensorOf(value).tensor;
    else if (field === 7) list.push(...(kind === 'bytes' ? packedFloats(value) : [value]));
    else if (field === 8) list.push(...(kind === 'bytes' ? packedIntegers(value) : [value]));
  }
  return { name, value: single ?? list };
}

function nodeOf(bytes: Uint8Array<ArrayBuffer>): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let op = '';
  for (const { field, kind, value } of fieldsOf(bytes)) {
    if (kind !== 'bytes') continue;
    if (field === 1) inputs.push(text(value));
    else if (field === 2) outputs.push(text(value));
    else if (field === 4) op = text(value);
    else if (field === 5) {
      const attribute = attributeOf(value);
      attributes.set(attribute.name, attribute.value);
    }
  }
  return { op, inputs, outputs, attributes };
}

const bytesIn = (bytes: Uint8Array<ArrayBuffer>, wanted: number): Uint8Array<ArrayBuffer>[] =>
  [...fieldsOf(bytes)].flatMap((f) => (f.kind === 'bytes' && f.field === wanted ? [f.value] : []));

function valueOf(bytes: Uint8Array<ArrayBuffer>): OnnxValue {
  const name = bytesIn(bytes, 1).map(text).at(0) ?? '';
  const tensor = bytesIn(bytes, 2).flatMap((type) => bytesIn(type, 1))[0];
  if (tensor === undefined) return { name, type: 0, dims: [] };
  let type = 0;
  for (const f of fieldsOf(tensor)) if (f.field === 1 && f.kind === 'number') type = f.value;
  const dims = bytesIn(tensor, 2)
    .flatMap((shape) => bytesIn(shape, 1))
    .map((dim) => {
      const known = [...fieldsOf(dim)].find((f) => f.field === 1 && f.kind === 'number');
      return known === undefined || typeof known.value !== 'number' || known.value <= 0 ? null : known.value;
    });
  return { name, type, dims };
}

/** Reads a model. Throws `bad-input` when the bytes are none. */
export function readOnnxGraph(bytes: Uint8Array<ArrayBuffer>): OnnxGraph {
  const graph = bytesIn(bytes, 7).at(-1);
  if (graph === undefined) throw damaged();
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const f of fieldsOf(graph)) {
    if (f.kind !== 'bytes') continue;
    if (f.field === 1) nodes.push(nodeOf(f.value));
    else if (f.field === 5) {
      const { name, tensor } = tensorOf(f.value);
      constants.set(name, tensor);
    } else if (f.field === 11) inputs.push(valueOf(f.value));
    else if (f.field === 12) outputs.push(valueOf(f.value));
  }
  if (nodes.length === 0) throw damaged();
  // Older models list their constants among the inputs.
  return { nodes, constants, inputs: inputs.filter(({ name }) => !constants.has(name)), outputs };
}
