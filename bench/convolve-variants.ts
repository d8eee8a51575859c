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
  /** Arrays of vectors in the workgroup's memory, in place of matrices and rows: more indices to be checked. */
  readonly flat?: boolean;
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
  { name: 'the same, arrays of vectors', ...shape(32, 1, 8, 2, 4), staged: 'both', flat: true },
  { name: 'the same, loaded ahead', ...shape(32, 1, 8, 2, 4), staged: 'ahead' },
  { name: 'the same, only weights staged', ...shape(32, 1, 8, 2, 4), staged: 'weights' },
  { name: 'the same, nothing staged', ...shape(32, 1, 8, 2, 4), staged: 'none' },
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
  const { columns, strips, rows, vectors, groups, staged, flat = false } = variant;
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
  const patchAt = (i: string): string =>
    flat ? `patch_pixels[${i}]` : `patch_pixels[(${i}) / ${wide}][(${i}) % ${wide}]`;
  const weightAt = (i: string): string => (flat ? `stage_weights[${i}]` : `stage_weights[(${i}) / 4][(${i}) % 4]`);
  const weightSize = stageWeights(variant);
  const stage =
    staged === 'ahead'
      ? `workgroupBarrier();
    ${each(patchLoads, patchSize, (slot, i) => `${patchAt(i)} = next_pixel${slot};`)}
    ${each(weightLoads, weightSize, (slot, i) => `${weightAt(i)} = next_weight${slot};`)}
    workgroupBarrier();
    if (c + 1 < p.vectors) {
    ${each(patchLoads, patchSize, (slot, i) => `next_pixel${slot} = ${loadPatch('(c + 1)', i)};`)}
    ${each(weightLoads, weightSize, (slot, i) => `next_weight${slot} = weights[at + ${weightSize}u + ${i}];`)}
    }`
      : `${hasWeights ? 'workgroupBarrier();' : ''}
    ${hasPatch ? each(patchLoads, patchSize, (_, i) => `${patchAt(i)} = ${loadPatch('c', i)};`) : ''}
    ${hasWeights ? each(weightLoads, weightSize, (_, i) => `${weightAt(i)} = weights[at + ${i}];`) : ''}
    ${hasWeights ? 'workgroupBarrier();' : ''}`;
  const begin =
    staged === 'ahead'
      ? `${list(patchLoads, (slot) => `var next_pixel${slot} = vec4f();`)}
  ${list(weightLoads, (slot) => `var next_weight${slot} = vec4f();`)}
  ${each(patchLoads, patchSize, (slot, i) => `next_pixel${slot} = ${loadPatch('0u', i)};`)}
  ${each(weightLoads, weightSize, (slot, i) => `next_weight${slot} = weights[at + ${i}];`)}`
      : '';
  /** The matrix of a vector of outputs, counted from the tap's first. */
  const matrix = (tap: string): string => {
    if (hasWeights && !flat) return `stage_weights[${tap}]`;
    const [name, base] = hasWeights ? ['stage_weights', ''] : ['weights', 'at + '];
    return `mat4x4f(${list(4, (i) => `${name}[${base}4 * (${tap}) + ${i}]`, ', ')})`;
  };
  const pixel = (row: number): string =>
    hasPatch
      ? flat
        ? `patch_pixels[(strip * ${rows} + ${row}) * ${wide} + column + kx]`
        : `patch_pixels[strip * ${rows} + ${row}][column + kx]`
      : source('c', 'left + column + kx', `top + strip * ${rows} + ${row}`);
  return `
struct Params { width: u32, height: u32, vectors: u32, out_vectors: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> tensor: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> result: array<vec4f>;
${hasPatch ? `var<workgroup> patch_pixels: ${flat ? `array<vec4f, ${patchSize}>` : `array<array<vec4f, ${wide}>, ${high}>`};` : ''}
${hasWeights ? `var<workgroup> stage_weights: ${flat ? `array<vec4f, ${weightSize}>` : `array<mat4x4f, ${weightSize / 4}>`};` : ''}
fn accumulated(s: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return fma(w[3], v.wwww, fma(w[2], v.zzzz, fma(w[1], v.yyyy, fma(w[0], v.xxxx, s))));
}
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
        const first = `(kx * 3 + ${ky}) * ${block} + group * ${vectors}`;
        return list(
          vectors,
          (v) => `{
        let w = ${matrix(`${first} + ${v}`)};
        ${list(rows, (row) => `s${v * rows + row} = accumulated(s${v * rows + row}, r${row + ky}, w);`)}
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
        for (let lane = 0; lane < 4 * block; lane++) {
          const output = first + 4 * (lane >> 4) + (lane & 3);
          data[at++] = weightOf(output, c + ((lane >> 2) & 3), (k % 3) * 3 + Math.floor(k / 3));
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

/** Times one pass by the GPU's clock: what the browser tells of finished work comes 10 ms late. Null where there is none. */
function clockOf(device: GPUDevice): {
  readonly descriptor: GPUComputePassDescriptor;
  resolve(encoder: GPUCommandEncoder): void;
  read(): Promise<number>;
} | null {
  if (!device.features.has('timestamp-query')) return null;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const readback = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    descriptor: { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } },
    resolve: (encoder) => {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readback, 0, 16);
    },
    read: async () => {
      await readback.mapAsync(GPUMapMode.READ);
      const [begin = 0n, end = 0n] = new BigUint64Array(readback.getMappedRange());
      readback.unmap();
      return Number(end - begin) / 1e6;
    },
  };
}

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
  const result = buffer(4 * CHANNELS * (width - 2) * (height - 2), STORAGE | COPY_SRC | COPY_DST);
  const weights = buffer(4 * 9 * CHANNELS * CHANNELS, STORAGE | COPY_DST);
  const readback = buffer(1 << 16, MAP_READ | COPY_DST);
  const flops = 2 * 9 * CHANNELS * CHANNELS * (width - 2) * (height - 2);
  const clock = clockOf(device);
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
      const pass = encoder.beginComputePass(clock?.descriptor ?? {});
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
      clock?.resolve(encoder);
      const started = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return clock === null ? performance.now() - started : clock.read();
    };
    // What the one before has left is no result.
    device.queue.writeBuffer(result, 0, new Float32Array(1 << 14));
    await run(2);
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push((await run(repeats)) / repeats);
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
