import { AppError } from '../core/errors.ts';

/** A tensor that goes in or out: its type as ONNX numbers it, and its sizes; a name (or '') stands for a free one. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly (number | string)[];
}

/** What a model file says of itself, without running it. */
export interface OnnxSummary {
  readonly input: OnnxTensor;
  readonly output: OnnxTensor;
  /** Inputs that are not weights, and outputs: more than one of either is no picture model. */
  readonly inputs: number;
  readonly outputs: number;
  readonly opset: number;
  /** How often each operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
}

/** TensorProto.DataType of float, the only type of tensor that is taken. */
export const ONNX_FLOAT = 1;

const notOnnx = (why: string): AppError =>
  new AppError('bad-input', `This is no ONNX model: ${why}.`, {
    remedy: 'Choose an .onnx file of a super-resolution model.',
  });

type Visit = (field: number, value: bigint | Uint8Array) => void;

/** Calls back for each field of a protobuf message; four- and eight-byte numbers come as their bytes. */
function visitFields(bytes: Uint8Array, visit: Visit): void {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw notOnnx('it ends in the middle');
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw notOnnx('a number in it has no end');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw notOnnx('it ends in the middle');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        visit(field, varint());
        break;
      case 1:
        visit(field, take(8));
        break;
      case 2:
        visit(field, take(Number(varint())));
        break;
      case 5:
        visit(field, take(4));
        break;
      default:
        throw notOnnx('it is not a protocol buffer');
    }
  }
}

const asText = (value: bigint | Uint8Array): string =>
  typeof value === 'bigint' ? '' : new TextDecoder().decode(value);
const asBytes = (value: bigint | Uint8Array): Uint8Array => (typeof value === 'bigint' ? new Uint8Array() : value);

function readTensor(bytes: Uint8Array): OnnxTensor {
  let name = '';
  let type = 0;
  const dims: (number | string)[] = [];
  visitFields(bytes, (field, value) => {
    if (field === 1) name = asText(value);
    if (field !== 2) return;
    // TypeProto, its tensor_type, with the element's type and the shape.
    visitFields(asBytes(value), (kind, tensor) => {
      if (kind !== 1) return;
      visitFields(asBytes(tensor), (part, content) => {
        if (part === 1) type = Number(content);
        if (part !== 2) return;
        visitFields(asBytes(content), (_, dim) => {
          let size: number | string = '';
          visitFields(asBytes(dim), (which, it) => (size = which === 1 ? Number(it) : asText(it)));
          dims.push(size);
        });
      });
    });
  });
  return { name, type, dims };
}

/** Reads a model's inputs, outputs and operators. Throws `bad-input` when the bytes are no ONNX model. */
export function readOnnx(bytes: Uint8Array): OnnxSummary {
  let graph: Uint8Array | null = null;
  let opset = 0;
  visitFields(bytes, (field, value) => {
    if (field === 7) graph = asBytes(value);
    if (field !== 8) return;
    let domain = '';
    let version = 0;
    visitFields(asBytes(value), (part, it) => {
      if (part === 1) domain = asText(it);
      if (part === 2) version = Number(it);
    });
    if (domain === '' || domain === 'ai.onnx') opset = version;
  });
  if (graph === null) throw notOnnx('it holds no network');
  const inputs: OnnxTensor[] = [];
  const outputs: OnnxTensor[] = [];
  const weights = new Set<string>();
  const operators: Record<string, number> = {};
  visitFields(graph, (field, value) => {
    if (field === 1) {
      visitFields(asBytes(value), (part, it) => {
        if (part === 4) operators[asText(it)] = (operators[asText(it)] ?? 0) + 1;
      });
    }
    if (field === 5) visitFields(asBytes(value), (part, it) => part === 8 && weights.add(asText(it)));
    if (field === 11) inputs.push(readTensor(asBytes(value)));
    if (field === 12) outputs.push(readTensor(asBytes(value)));
  });
  // Old files list weights among the inputs too.
  const given = inputs.filter(({ name }) => !weights.has(name));
  if (given.length === 0 || outputs.length === 0) throw notOnnx('its network has no input or no output');
  return { input: given[0], output: outputs[0], inputs: given.length, outputs: outputs.length, opset, operators };
}
