import { AppError } from '../core/errors.ts';

/** One of the buffers that a pass works on. */
export interface ShaderBinding {
  readonly name: string;
  readonly index: number;
  readonly type: GPUBufferBindingType;
}

/** A field of the Params struct. */
export interface ParamField {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32' | 'vec4<f32>';
  /** In bytes. */
  readonly offset: number;
}

/** What the host has to know of a pass, read from its WGSL, which is the only place where it stands. */
export interface ShaderLayout {
  /** In the order of their indices. */
  readonly bindings: readonly ShaderBinding[];
  /** In the order of their offsets. */
  readonly params: readonly ParamField[];
  /** Bytes of the Params struct; 0 without one. */
  readonly paramBytes: number;
  /** Invocations of a workgroup. */
  readonly workgroup: readonly [number, number, number];
  /** Module constants that are whole numbers. */
  readonly constants: ReadonlyMap<string, number>;
}

const FIELD_SIZES = { u32: 4, i32: 4, f32: 4, 'vec4<f32>': 16 } as const;

const isFieldType = (type: string): type is ParamField['type'] => Object.hasOwn(FIELD_SIZES, type);

const fail = (message: string): never => {
  throw new AppError('internal', `The host cannot read this WGSL: ${message}.`);
};

/** Reads bindings, constants, workgroup size and the layout of Params out of a resolved shader. Throws `internal` for what it does not know. */
export function reflectShader(source: string): ShaderLayout {
  const code = source.replace(/\/\/.*$/gm, '');
  const constants = readConstants(code);
  const { params, paramBytes } = readParams(code);
  return { bindings: readBindings(code), params, paramBytes, workgroup: readWorkgroup(code, constants), constants };
}

function readConstants(code: string): Map<string, number> {
  const constants = new Map<string, number>();
  for (const [, name, text] of code.matchAll(/\bconst\s+(\w+)\s*(?::\s*[ui]32)?\s*=\s*(\d+)u?\s*;/g)) {
    constants.set(name, Number(text));
  }
  return constants;
}

function readWorkgroup(code: string, constants: ReadonlyMap<string, number>): [number, number, number] {
  const match = /@workgroup_size\(([^)]*)\)/.exec(code) ?? fail('it has no workgroup size');
  const sizes = match[1].split(',').map((text) => {
    const size = constants.get(text.trim()) ?? Number(text);
    return size > 0 ? size : fail(`a workgroup size is ${text}`);
  });
  return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1];
}

function readBindings(code: string): ShaderBinding[] {
  const pattern = /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<([^>]*)>\s*(\w+)\s*:/g;
  const bindings = [...code.matchAll(pattern)].map(([, group, index, space, name]): ShaderBinding => {
    if (group !== '0') fail(`${name} is in group ${group}`);
    return { name, index: Number(index), type: bindingType(space.replace(/\s/g, ''), name) };
  });
  bindings.sort((a, b) => a.index - b.index);
  if (new Set(bindings.map(({ index }) => index)).size !== bindings.length) fail('two bindings have the same number');
  return bindings;
}

function bindingType(space: string, name: string): GPUBufferBindingType {
  switch (space) {
    case 'uniform':
      return 'uniform';
    case 'storage,read':
      return 'read-only-storage';
    case 'storage,read_write':
      return 'storage';
    default:
      return fail(`${name} lies in ${space}`);
  }
}

function readParams(code: string): { params: ParamField[]; paramBytes: number } {
  const params: ParamField[] = [];
  const body = /struct\s+Params\s*{([^}]*)}/.exec(code)?.[1];
  if (body === undefined) return { params, paramBytes: 0 };
  let end = 0;
  let align = 4;
  for (const field of body.split(/,(?![^<]*>)/)) {
    if (field.trim() === '') continue;
    const match = /^\s*(\w+)\s*:\s*([\w<>]+)\s*$/.exec(field) ?? fail(`Params has a field "${field.trim()}"`);
    const [, name, type] = match;
    if (!isFieldType(type)) return fail(`${name} is of type ${type}`);
    const size = FIELD_SIZES[type];
    const offset = Math.ceil(end / size) * size;
    params.push({ name, type, offset });
    end = offset + size;
    align = Math.max(align, size);
  }
  return { params, paramBytes: Math.ceil(end / align) * align };
}

/** Values for the fields of a Params struct, by name. */
export type ParamValues = Readonly<Record<string, number | readonly number[]>>;

/**
 * Writes values at their places. Throws `internal` when a field is missing or unknown, or not of the field's kind. It runs a dozen times a band, and
 * leaves nothing to be collected.
 */
export function writeParams({ params }: ShaderLayout, values: ParamValues, into: DataView): void {
  for (const name in values) if (!hasField(params, name)) fail(`Params has no field ${name}`);
  for (const { name, type, offset } of params) {
    const value = values[name] ?? fail(`no value was given for ${name}`);
    if (typeof value === 'number') writeScalar(into, offset, type, value, name);
    else if (type !== 'vec4<f32>' || value.length !== 4) fail(`${name} was given ${value.length} values`);
    else for (let i = 0; i < 4; i++) into.setFloat32(offset + 4 * i, value[i], true);
  }
}

function hasField(params: readonly ParamField[], wanted: string): boolean {
  for (const { name } of params) if (name === wanted) return true;
  return false;
}

function writeScalar(into: DataView, offset: number, type: ParamField['type'], value: number, name: string): void {
  if (type === 'f32') return into.setFloat32(offset, value, true);
  const whole = type === 'u32' ? value >>> 0 : value | 0;
  if (type === 'vec4<f32>' || whole !== value) fail(`${name} was given ${value}`);
  into.setUint32(offset, whole >>> 0, true);
}
