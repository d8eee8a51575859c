/// <reference types="@webgpu/types" />
/** Shapes of a convolution of 3 x 3 on the GPU, each as a shader of its own: what wgsl/graph-convolve.wgsl was chosen from. */

export interface Variant {
  readonly name: string;
  /** Pixels across a workgroup, columns of pixels one below the other in it, and pixels of a column, which is an invocation's. */
  readonly columns: number;
  readonly strips: number;
  readonly rows: number;
  /** Vectors of channels of an invocation, and how many such groups a workgroup has. */
  readonly vectors: number;
  readonly groups: number;
  /** What goes through the workgroup's memory; `ahead`: both, and the next ones are loaded while these are used. */
  readonly staged: 'both' | 'ahead' | 'weights' | 'none';
  /** `a * b + c` in place of `fma`. */
  readonly plain?: boolean;
}

const shape = (
  columns: number,
  strips: number,
  rows: number,
  vectors: number,
  groups: number,
): Omit<Variant, 'name' | 'staged'> => ({
  ...{ columns, strips, rows, vectors, groups },
});

export const VARIANTS: readonly Variant[] = [
  { name: '32 x 8 pixels, 32 channels, 8 x 8 each', ...shape(32, 1, 8, 2, 4), staged: 'both' },
  { name: 'the same, loaded ahead', ...shape(32, 1, 8, 2, 4), staged: 'ahead' },
  { name: 'the same, only weights staged', ...shape(32, 1, 8, 2, 4), staged: 'weights' },
  { name: 'the same, nothing staged', ...shape(32, 1, 8, 2, 4), staged: 'none' },
  { name: 'the same, without fma', ...shape(32, 1, 8, 2, 4), staged: 'both', plain: true },
  { name: '16 x 16 pixels, 32 channels, 8 x 8 each', ...shape(16, 2, 8, 2, 4), staged: 'both' },
  { name: '32 x 8 pixels, 64 channels, 8 x 8 each', ...shape(32, 1, 8, 2, 8), staged: 'both' },
  { name: '32 x 8 pixels, 32 channels, 8 x 4 each', ...shape(32, 1, 8, 1, 8), staged: 'both' },
  { name: '32 x 4 pixels, 32 channels, 4 x 8 each', ...shape(32, 1, 4, 2, 4), staged: 'both' },
  { name: '32 x 8 pixels, 64 channels, 4 x 16 each', ...shape(32, 2, 4, 4, 4), staged: 'both' },
  { name: '32 x 4 pixels, 64 channels, 4 x 16 each', ...shape(32, 1, 4, 4, 4), staged: 'both' },
];

const list = (count: number, item: (i: number) => string, joint = '\n'): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(joint);

/** Vectors of weights of one vector of inputs, for a block of channels. */
const stageWeights = ({ vectors, groups }: Variant): number => 36 * vectors * groups;

export function shaderOf(variant: Variant): string {
  const { columns, strips, rows, vectors, groups, staged, plain = false } = variant;
  const block = vectors * groups;
  const [wide, high] = [columns + 2, strips * rows + 2];
  const invocations = columns * strips * groups;
  const patchLoads = Math.ceil((wide * high) / invocations);
  const weightLoads = Math.ceil(stageWeights(variant) / invocations);
  const hasPatch = staged === 'both' || staged === 'ahead';
  const hasWeights = staged !== 'none';
  const source = (c: string, x: string, y: string): string =>
    `tensor[(${c} * p.height + min(${y}, p.height - 1)) * p.width + min(${x}, p.width - 1)]`;
  const loadPatch = (c: string, i: string): string => source(c, `left + (${i}) % ${wide}`, `top + (${i}) / ${wide}`);
  const each = (count: number, limit: number, body: (slot: number, i: string) => string): string =>
    list(count, (slot) => {
      const i = `index + ${slot * invocations}u`;
      return slot * invocations + invocations <= limit ? body(slot, i) : `if (${i} < ${limit}u) { ${body(slot, i)} }`;
    });
  const patchSize = wide * high;
  const weightSize = stageWeights(variant);
  const stage =
    staged === 'ahead'
      ? `workgroupBarrier();
    ${each(patchLoads, patchSize, (slot, i) => `patch_pixels[${i}] = next_pixel${slot};`)}
    ${each(weightLoads, weightSize, (slot, i) => `stage_weights[${i}] = next_weight${slot};`)}
    workgroupBarrier();
    if (c + 1 < p.vectors) {
    ${each(patchLoads, patchSize, (slot, i) => `next_pixel${slot} = ${loadPatch('(c + 1)', i)};`)}
    ${each(weightLoads, weightSize, (slot, i) => `next_weight${slot} = weights[at + ${weightSize}u + ${i}];`)}
    }`
      : `${hasWeights ? 'workgroupBarrier();' : ''}
    ${hasPatch ? each(patchLoads, patchSize, (_, i) => `patch_pixels[${i}] = ${loadPatch('c', i)};`) : ''}
    ${hasWeights ? each(weightLoads, weightSize, (_, i) => `stage_weights[${i}] = weights[at + ${i}];`) : ''}
    ${hasWeights ? 'workgroupBarrier();' : ''}`;
  const begin =
    staged === 'ahead'
      ? `${list(patchLoads, (slot) => `var next_pixel${slot} = vec4f();`)}
  ${list(weightLoads, (slot) => `var next_weight${slot} = vec4f();`)}
  ${each(patchLoads, patchSize, (slot, i) => `next_pixel${slot} = ${loadPatch('0u', i)};`)}
  ${each(weightLoads, weightSize, (slot, i) => `next_weight${slot} = weights[at + ${i}];`)}`
      : '';
  const weight = (place: string): string => (hasWeights ? `stage_weights[${place}]` : `weights[at + ${place}]`);
  const pixel = (row: number): string =>
    hasPatch
      ? `patch_pixels[(strip * ${rows} + ${row}) * ${wide} + column + kx]`
      : source('c', 'left + column + kx', `top + strip * ${rows} + ${row}`);
  const sum = plain
    ? 'return s + a * v.x + b * v.y + c * v.z + d * v.w;'
    : 'return fma(d, v.wwww, fma(c, v.zzzz, fma(b, v.yyyy, fma(a, v.xxxx, s))));';
  return `
struct Params { width: u32, height: u32, vectors: u32, out_vectors: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> tensor: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;
${hasPatch ? `var<workgroup> patch_pixels: array<vec4f, ${patchSize}>;` : ''}
${hasWeights ? `var<workgroup> stage_weights: array<vec4f, ${weightSize}>;` : ''}
fn accumulated(s: vec4f, v: vec4f, a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> vec4f { ${sum} }
@compute @workgroup_size(${columns}, ${strips * groups})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) index: u32) {
  let left = id.x * ${columns};
  let top = id.y * ${strips * rows};
  let column = local.x;
  let group = local.y % ${groups};
  let strip = local.y / ${groups};
  var at = id.z * p.vectors * ${weightSize}u;
  ${list(rows * vectors, (i) => `var s${i} = vec4f();`)}
  ${begin}
  for (var c = 0u; c < p.vectors; c++) {
    ${stage}
    for (var kx = 0u; kx < 3; kx++) {
      ${list(rows + 2, (row) => `let r${row} = ${pixel(row)};`)}
      ${list(3, (ky) => {
        const base = `(kx * 3 + ${ky}) * ${4 * block} + group * ${vectors}`;
        return list(
          vectors,
          (v) => `{
        let a = ${weight(`${base} + ${v}`)};
        let b = ${weight(`${base} + ${block + v}`)};
        let c4 = ${weight(`${base} + ${2 * block + v}`)};
        let d = ${weight(`${base} + ${3 * block + v}`)};
        ${list(rows, (row) => `s${v * rows + row} = accumulated(s${v * rows + row}, r${row + ky}, a, b, c4, d);`)}
      }`,
        );
      })}
    }
    at += ${weightSize}u;
  }
  let x = left + column;
  ${list(rows * vectors, (i) => {
    const [vector, row] = [
      `(id.z * ${block} + group * ${vectors} + ${Math.floor(i / rows)})`,
      `(top + strip * ${rows} + ${i % rows})`,
    ];
    return `if (x < p.width - 2 && ${row} < p.height - 2) { result[(${vector} * (p.height - 2) + ${row}) * (p.width - 2) + x] = s${i}; }`;
  })}
}`;
}

/** Weights of any layout are the same numbers: of output, input and place of the kernel. */
const weightOf = (output: number, input: number, place: number): number =>
  (((output * 131 + input * 31 + place * 7) % 61) - 30) / 1000;

function packed(variant: Variant, channels: number): Float32Array<ArrayBuffer> {
  const block = 4 * variant.vectors * variant.groups;
  const data = new Float32Array(9 * channels * channels);
  let at = 0;
  for (let first = 0; first < channels; first += block) {
    for (let c = 0; c < channels; c += 4) {
      for (let k = 0; k < 9; k++) {
        for (let input = c; input < c + 4; input++) {
          for (let o = first; o < first + block; o++) data[at++] = weightOf(o, input, (k % 3) * 3 + Math.floor(k / 3));
        }
      }
    }
  }
  return data;
}

export interface VariantFigures {
  readonly name: string;
  /** 10^12 multiplications and additions a second, each counted. */
  readonly teraflops: number;
  /** Largest difference of its first results from those of the first variant. */
  readonly difference: number;
}

const CHANNELS = 64;

/** Runs each over 64 channels of 512 x 256 pixels; with `quick`, of few. */
export async function measureVariants(device: GPUDevice, quick: boolean): Promise<VariantFigures[]> {
  const { width, height } = quick ? { width: 34, height: 18 } : { width: 514, height: 258 };
  const repeats = quick ? 1 : 20;
  const buffer = (bytes: number, usage: number): GPUBuffer => device.createBuffer({ size: bytes, usage });
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, MAP_READ } = GPUBufferUsage;
  const params = buffer(16, UNIFORM | COPY_DST);
  device.queue.writeBuffer(params, 0, Uint32Array.of(width, height, CHANNELS / 4, CHANNELS / 4));
  const tensor = buffer(4 * CHANNELS * width * height, STORAGE | COPY_DST);
  const values = Float32Array.from({ length: CHANNELS * width * height }, (_, i) => (((i * 37) % 101) - 50) / 50);
  device.queue.writeBuffer(tensor, 0, values);
  const result = buffer(4 * CHANNELS * (width - 2) * (height - 2), STORAGE | COPY_SRC);
  const weights = buffer(4 * 9 * CHANNELS * CHANNELS, STORAGE | COPY_DST);
  const readback = buffer(1 << 16, MAP_READ | COPY_DST);
  const flops = 2 * 9 * CHANNELS * CHANNELS * (width - 2) * (height - 2);
  let expected: Float32Array | null = null;
  const figures: VariantFigures[] = [];
  for (const variant of VARIANTS) {
    const { columns, strips, rows, vectors, groups } = variant;
    device.queue.writeBuffer(weights, 0, packed(variant, CHANNELS));
    const module = device.createShaderModule({ code: shaderOf(variant) });
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [params, weights, tensor, result].map((each, binding) => ({ binding, resource: { buffer: each } })),
    });
    const run = async (count: number): Promise<number> => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < count; i++) {
        pass.dispatchWorkgroups(
          Math.ceil((width - 2) / columns),
          Math.ceil((height - 2) / (strips * rows)),
          CHANNELS / (4 * vectors * groups),
        );
      }
      pass.end();
      const started = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - started;
    };
    await run(2);
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push(((await run(repeats + 1)) - (await run(1))) / repeats);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(result, 0, readback, 0, 1 << 16);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(GPUMapMode.READ);
    const actual = new Float32Array(readback.getMappedRange().slice(0));
    readback.unmap();
    expected ??= actual;
    let difference = 0;
    for (let i = 0; i < actual.length; i++) difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    figures.push({ name: variant.name, teraflops: flops / Math.min(...times) / 1e9, difference });
  }
  for (const each of [params, tensor, result, weights, readback]) each.destroy();
  return figures;
}
