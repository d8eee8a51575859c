import { checkNetwork, receptiveRadius, tensorMargins, type ConvolutionLayer, type Network } from '../core/network.ts';
import { AppError } from '../core/errors.ts';
import type { Planes } from '../core/reference/network.ts';
import type { GpuContext } from './context.ts';
import { planTensors, type TensorPlan } from './network-plan.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import { BufferPool, type PooledBuffer } from './pool.ts';
import { readBuffer } from './readback.ts';
import { Recorder, type GpuCommand, type PassCommand } from './recorder.ts';

/** The passes that networks need. */
export const NETWORK_PASSES: readonly PassVariant[] = ['network-load', 'network-convolve', 'network-assemble'].map(
  (name) => ({ name }),
);

/** Multiplications that one submission may have: some milliseconds even of a small GPU, so that others get their turn. */
const MOST_WORK = 4e9;

/** Channels that an invocation of network-convolve computes, in vectors of four. */
const BLOCK = 3;

const groups = (count: number, size: number): number => Math.ceil(count / size);

/** Runs a network over tiles with WebGPU, in floats. Whatever goes wrong with the device is an `engine-failed`. */
export class GpuNetwork {
  readonly #context: GpuContext;
  readonly #network: Network;
  readonly #pool: BufferPool;
  readonly #recorder: Recorder;
  readonly #radius: number;
  readonly #margins: readonly number[];
  readonly #plan: TensorPlan;
  readonly #layers: readonly PackedLayer[];
  #weights: PooledBuffer | null = null;
  #segments: PooledBuffer | null = null;

  private constructor(context: GpuContext, network: Network) {
    const { device, pipelines, description } = context;
    this.#context = context;
    this.#network = network;
    this.#pool = new BufferPool(device, description.limits);
    this.#recorder = new Recorder(device, pipelines, this.#pool, description.limits, false);
    this.#radius = receptiveRadius(network);
    this.#margins = tensorMargins(network);
    this.#plan = planTensors(network);
    this.#layers = network.layers.map((layer) => packLayer(network, layer));
  }

  /** The context stays the caller's. Throws a RangeError for a network of the wrong shape. */
  static async open(context: GpuContext, network: Network): Promise<GpuNetwork> {
    checkNetwork(network);
    await context.pipelines.prepare(NETWORK_PASSES);
    return new GpuNetwork(context, network);
  }

  get liveBuffers(): number {
    return this.#pool.liveBuffers;
  }

  /** Three planes 0..1; the result lacks `receptiveRadius` pixels of the input at each side. One call at a time. */
  async run({ width, height, data }: Planes): Promise<Planes> {
    const { failure } = this.#context;
    if (failure !== null) throw failure;
    const { scale } = this.#network;
    const size = { width: scale * (width - 2 * this.#radius), height: scale * (height - 2 * this.#radius) };
    const bytes = 12 * size.width * size.height;
    const held: PooledBuffer[] = [];
    const acquire = (count: number, role: 'storage' | 'readback', label: string): PooledBuffer => {
      const buffer = this.#pool.acquire(count, role, label);
      if (role === 'storage') held.push(buffer);
      return buffer;
    };
    let readback: PooledBuffer | null = null;
    const accepted: Promise<void>[] = [];
    try {
      let rest: GpuCommand[][] = [];
      accepted.push(
        this.#recorder.submit('network', () => {
          const buffers = {
            planes: acquire(data.byteLength, 'storage', 'planes'),
            tensors: acquire(this.#plan.tensorBytes(width, height), 'storage', 'tensors'),
            enlarged: acquire(bytes, 'storage', 'enlarged'),
          };
          readback = acquire(bytes, 'readback', 'enlarged');
          const uploads = this.#uploads();
          const copy: GpuCommand = { kind: 'copy', from: buffers.enlarged, fromOffset: 0, to: readback, bytes };
          const upload: GpuCommand = { kind: 'upload', to: buffers.planes, offset: 0, data };
          rest = this.#submissions(width, height, size, buffers);
          rest.at(-1)!.push(copy);
          return [...uploads, upload, ...(rest.shift() ?? [])];
        }),
      );
      for (const commands of rest) accepted.push(this.#recorder.submit('network', () => commands));
      if (readback === null) throw new AppError('internal', 'nothing was recorded');
      const read = readBuffer(this.#context.device, this.#pool, readback, bytes, (mapped) =>
        new Float32Array(mapped.buffer, mapped.byteOffset, bytes / 4).slice(),
      );
      const [result] = await Promise.all([read, ...accepted]);
      return { ...size, data: result };
    } catch (error) {
      await Promise.allSettled(accepted);
      throw this.#context.failure ?? error;
    } finally {
      for (const buffer of held) this.#pool.release(buffer);
    }
  }

  close(): void {
    this.#recorder.reset();
    this.#pool.close();
  }

  /** The weights, at the first run. */
  #uploads(): GpuCommand[] {
    if (this.#weights !== null) return [];
    const numbers = concatenated(this.#layers.map((layer) => layer.numbers));
    const tensorsRead = this.#network.layers.reduce((sum, { from }) => sum + from.length, 0);
    this.#weights = this.#pool.acquire(numbers.byteLength, 'storage', 'weights');
    this.#segments = this.#pool.acquire(16 * tensorsRead, 'storage', 'segments');
    return [{ kind: 'upload', to: this.#weights, offset: 0, data: numbers }];
  }

  /** The passes of a tile, cut into submissions of bounded work. */
  #submissions(
    width: number,
    height: number,
    size: { readonly width: number; readonly height: number },
    buffers: Readonly<Record<'planes' | 'tensors' | 'enlarged', PooledBuffer>>,
  ): GpuCommand[][] {
    const pixels = width * height;
    const offsets = this.#plan.offsets(width, height);
    const { layers, scale, base } = this.#network;
    const segments = new Uint32Array(
      layers.flatMap(({ from }) =>
        from.flatMap((tensor) => {
          const split = layers[tensor - 1]?.activation.kind === 'crelu' ? 1 : 0;
          return [offsets[tensor]!, this.#plan.vectors[tensor]!, split, 0];
        }),
      ),
    );
    const load = layoutOf('network-load').workgroup[0];
    const rowGroups = Math.min(1024, groups(pixels, load));
    const first: GpuCommand[] = [
      { kind: 'upload', to: this.#segments!, offset: 0, data: segments },
      {
        kind: 'pass',
        pass: { name: 'network-load' },
        bindings: { planes: buffers.planes, tensors: buffers.tensors },
        params: { pixels, row_pixels: rowGroups * load, tensor: offsets[0]! },
        workgroups: [rowGroups, groups(pixels, rowGroups * load), 1],
      },
    ];
    const all: GpuCommand[][] = [first];
    let work = 0;
    let [weightsAt, segmentsAt] = [0, 0];
    layers.forEach((layer, i) => {
      work += layer.weights.length * pixels;
      if (work > MOST_WORK && i > 0) {
        all.push([]);
        work = layer.weights.length * pixels;
      }
      all.at(-1)!.push(this.#convolve(i, width, height, offsets[i + 1]!, { weightsAt, segmentsAt }, buffers.tensors));
      weightsAt += this.#layers[i]!.numbers.length / 4;
      segmentsAt += layer.from.length;
    });
    const { workgroup } = layoutOf('network-assemble');
    all.at(-1)!.push({
      kind: 'pass',
      pass: { name: 'network-assemble' },
      bindings: { planes: buffers.planes, tensors: buffers.tensors, enlarged: buffers.enlarged },
      params: {
        ...{ width, height, radius: this.#radius, scale },
        base: base === null ? 0 : base === 'nearest' ? 1 : 2,
        tensor: offsets.at(-1)!,
        vectors: this.#plan.vectors.at(-1)!,
      },
      workgroups: [groups(size.width, workgroup[0]), size.height, 3],
    });
    return all;
  }

  #convolve(
    index: number,
    width: number,
    height: number,
    out: number,
    at: { readonly weightsAt: number; readonly segmentsAt: number },
    tensors: PooledBuffer,
  ): PassCommand {
    const layer = this.#network.layers[index]!;
    const { blockVectors, biasesAt } = this.#layers[index]!;
    const margin = this.#margins[index + 1]!;
    const layout = layoutOf('network-convolve');
    const vectors = this.#plan.vectors[index + 1]!;
    const columns = layout.workgroup[0] * layout.constants.get('PIXELS')!;
    return {
      kind: 'pass',
      pass: { name: 'network-convolve' },
      bindings: { segments: this.#segments!, weights: this.#weights!, tensors },
      params: {
        ...{ width, height, margin, kernel: layer.kernel },
        ...{ first_segment: at.segmentsAt, segments: layer.from.length },
        ...{ weights: at.weightsAt, block_weights: blockVectors, biases: at.weightsAt + biasesAt },
        ...{ out, out_vectors: vectors, sloped: layer.activation.kind === 'prelu' ? 1 : 0 },
      },
      workgroups: [
        groups(width - 2 * margin, columns),
        groups(height - 2 * margin, layout.workgroup[1]),
        groups(vectors, BLOCK),
      ],
    };
  }
}

/** A layer's numbers as the pass reads them, in vectors of four. */
interface PackedLayer {
  readonly numbers: Float32Array;
  /** Vectors between the weights of two blocks of channels. */
  readonly blockVectors: number;
  /** Where the biases begin, and after them the slopes. */
  readonly biasesAt: number;
}

/**
 * Blocks of channels, then tensors, kernel rows, vectors of inputs, parts, kernel columns, vectors of channels, and the four columns of
 * a matrix that takes four inputs to four channels.
 */
function packLayer({ layers }: Network, layer: ConvolutionLayer): PackedLayer {
  const { from, kernel, outChannels, weights, bias, activation } = layer;
  const area = kernel * kernel;
  const inputs = weights.length / (outChannels * area);
  const vectors = Math.ceil(outChannels / 4);
  const packed: number[] = [];
  for (let block = 0; block < vectors; block += BLOCK) {
    let base = 0;
    for (const tensor of from) {
      const source = layers[tensor - 1];
      const count = source?.outChannels ?? 3;
      const parts = source?.activation.kind === 'crelu' ? 2 : 1;
      for (let ky = 0; ky < kernel; ky++) {
        for (let c = 0; c < count; c += 4) {
          for (let part = 0; part < parts; part++) {
            for (let kx = 0; kx < kernel; kx++) {
              for (let n = 0; n < 16 * BLOCK; n++) {
                const o = 4 * (block + (n >> 4)) + (n & 3);
                const i = c + ((n >> 2) & 3);
                const isReal = o < outChannels && i < count;
                const input = base + part * count + i;
                packed.push(isReal ? weights[(o * inputs + input) * area + ky * kernel + kx]! : 0);
              }
            }
          }
        }
      }
      base += parts * count;
    }
  }
  const biasesAt = packed.length / 4;
  const blocks = Math.ceil(vectors / BLOCK);
  for (let o = 0; o < 4 * vectors; o++) packed.push(bias[o] ?? 0);
  for (let o = 0; o < 4 * vectors; o++) packed.push(activation.kind === 'prelu' ? (activation.slopes[o] ?? 0) : 1);
  return { numbers: Float32Array.from(packed), blockVectors: biasesAt / blocks, biasesAt };
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
