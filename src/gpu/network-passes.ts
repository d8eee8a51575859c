import {
  checkNetwork,
  multiplyAdds,
  receptiveRadius,
  tensorMargins,
  type ConvolutionLayer,
  type Network,
} from '../core/network.ts';
import { planTensors, type TensorPlan } from './network-plan.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';
import type { NetworkBuffers, ResultPlace, TilePasses } from './tile-passes.ts';

/** The passes that networks need. */
export const NETWORK_PASSES: readonly PassVariant[] = ['network-load', 'network-convolve', 'network-assemble'].map(
  (name) => ({ name }),
);

/** Channels that an invocation of network-convolve computes, in vectors of four. */
const BLOCK = 3;

const groups = (count: number, size: number): number => Math.ceil(count / size);

/** Describes the runs of a small network (core/network.ts) over tiles. */
export class NetworkPasses implements TilePasses {
  readonly multiple = 1;
  readonly gateBytes = 0;
  readonly radius: number;
  readonly scale: number;
  readonly #network: Network;
  readonly #pool: BufferPool;
  readonly #margins: readonly number[];
  readonly #plan: TensorPlan;
  readonly #layers: readonly PackedLayer[];
  #weights: PooledBuffer | null = null;
  #segments: PooledBuffer | null = null;

  /** Throws a RangeError for a network of the wrong shape. */
  constructor(network: Network, pool: BufferPool) {
    checkNetwork(network);
    this.#network = network;
    this.#pool = pool;
    this.scale = network.scale;
    this.radius = receptiveRadius(network);
    this.#margins = tensorMargins(network);
    this.#plan = planTensors(network);
    this.#layers = packedLayers(network);
  }

  tensorBytes(width: number, height: number): number[] {
    return [this.#plan.tensorBytes(width, height)];
  }

  work(width: number, height: number): number {
    return multiplyAdds(this.#network) * width * height;
  }

  pieces(width: number, height: number, mostWork: number): number[] {
    const count = pieceOf(this.#network, width * height, mostWork).at(-1)! + 1;
    return Array.from({ length: count }, () => this.work(width, height) / count);
  }

  release(): void {
    for (const buffer of [this.#weights, this.#segments]) if (buffer !== null) this.#pool.release(buffer);
    this.#weights = null;
    this.#segments = null;
  }

  uploads(): GpuCommand[] {
    if (this.#weights !== null) return [];
    const numbers = concatenated(this.#layers.map((layer) => layer.numbers));
    const tensorsRead = this.#network.layers.reduce((sum, { from }) => sum + from.length, 0);
    this.#weights = this.#pool.acquire(numbers.byteLength, 'storage', 'weights');
    this.#segments = this.#pool.acquire(16 * tensorsRead, 'storage', 'segments');
    return [{ kind: 'upload', to: this.#weights, offset: 0, data: numbers }];
  }

  submissions(
    width: number,
    height: number,
    { planes, tensors: [tensors], enlarged }: NetworkBuffers,
    place: ResultPlace,
    mostWork: number,
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
        bindings: { planes, tensors: tensors! },
        params: { pixels, row_pixels: rowGroups * load, tensor: offsets[0]! },
        workgroups: [rowGroups, groups(pixels, rowGroups * load), 1],
      },
    ];
    const all: GpuCommand[][] = [first];
    const piece = pieceOf(this.#network, pixels, mostWork);
    let [weightsAt, segmentsAt] = [0, 0];
    layers.forEach((layer, i) => {
      if (piece[i] === all.length) all.push([]);
      all.at(-1)!.push(this.#convolve(i, width, height, offsets[i + 1]!, { weightsAt, segmentsAt }, tensors!));
      weightsAt += this.#layers[i]!.numbers.length / 4;
      segmentsAt += layer.from.length;
    });
    const { workgroup } = layoutOf('network-assemble');
    all.at(-1)!.push({
      kind: 'pass',
      pass: { name: 'network-assemble' },
      bindings: { planes, tensors: tensors!, enlarged },
      params: {
        ...{ width, height, radius: this.radius, scale },
        ...{ planes_width: place.width, planes_height: place.height, planes_x: place.x, planes_y: place.y },
        base: base === null ? 0 : base === 'nearest' ? 1 : 2,
        tensor: offsets.at(-1)!,
        vectors: this.#plan.vectors.at(-1)!,
      },
      workgroups: [groups(scale * (width - 2 * this.radius), workgroup[0]), scale * (height - 2 * this.radius), 3],
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

/** The submission of each layer: as many layers in one as keep it short. */
function pieceOf({ layers }: Network, pixels: number, mostWork: number): number[] {
  let piece = 0;
  let work = 0;
  return layers.map(({ weights }, i) => {
    work += weights.length * pixels;
    if (work > mostWork && i > 0) {
      piece++;
      work = weights.length * pixels;
    }
    return piece;
  });
}

/** A layer's numbers as the pass reads them, in vectors of four. */
interface PackedLayer {
  readonly numbers: Float32Array;
  /** Vectors between the weights of two blocks of channels. */
  readonly blockVectors: number;
  /** Where the biases begin, and after them the slopes. */
  readonly biasesAt: number;
}

/** Packed networks outlive jobs: a large one takes two milliseconds. */
const packedNetworks = new WeakMap<Network, readonly PackedLayer[]>();

function packedLayers(network: Network): readonly PackedLayer[] {
  const packed = packedNetworks.get(network) ?? network.layers.map((layer) => packLayer(network, layer));
  packedNetworks.set(network, packed);
  return packed;
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
