import {
  checkGraph,
  graphChannels,
  graphLengths,
  graphRadius,
  graphWork,
  gridLength,
  type GraphLayer,
  type GraphNetwork,
} from '../core/graph-network.ts';
import { sliceLayers, slotBytes, tensorSlots, type LayerSlice } from './graph-plan.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';
import type { NetworkBuffers, ResultPlace, TilePasses } from './tile-passes.ts';

/** The passes that a network needs. */
export function graphPasses(network: GraphNetwork): PassVariant[] {
  const layers = packedLayers(network).map(({ pass }) => pass);
  const gates = network.gates.length > 0 ? ['graph-mean', 'graph-gate'] : [];
  return [...new Set(['network-load', ...layers, ...gates, 'graph-assemble'])].map((name) => ({ name }));
}

/** Up to as many vectors of channels are computed one by one, rather than in blocks that would be filled with nothing. */
const THIN_VECTORS = 4;

const NO_GATE = 0xffffffff;

const groups = (count: number, size: number): number => Math.ceil(count / size);
const vectorsOf = (channels: number): number => Math.ceil(channels / 4);

/** A layer as its pass reads it. */
interface PackedLayer {
  readonly pass: string;
  /** Vectors of results at each place of the kernel. */
  readonly vectors: number;
  /** Weights, biases, slopes. */
  readonly numbers: Float32Array;
  /** Where the biases begin, in vectors. */
  readonly biasesAt: number;
}

/** One of the tiles in which averages are taken; the size of its input. */
interface SampledTile {
  readonly width: number;
  readonly height: number;
  readonly index: number;
  readonly tiles: number;
}

/** Describes the runs of a network of core/graph-network.ts over tiles, and how the factors of its gates are found. */
export class GraphPasses implements TilePasses {
  readonly scale: number;
  readonly radius: number;
  readonly multiple: number;
  /** Of averages and factors. */
  readonly gateBytes: number;
  readonly #network: GraphNetwork;
  readonly #pool: BufferPool;
  readonly #slots: readonly number[];
  readonly #layers: readonly PackedLayer[];
  readonly #layerPlaces: readonly number[];
  readonly #gateWeights: readonly Float32Array[];
  /** Vectors of the channels of each gate. */
  readonly #gateVectors: readonly number[];
  #weights: PooledBuffer | null = null;

  /** Throws a RangeError for a network of the wrong shape. */
  constructor(network: GraphNetwork, pool: BufferPool) {
    checkGraph(network);
    this.#network = network;
    this.#pool = pool;
    this.scale = network.scale;
    this.radius = graphRadius(network);
    this.multiple = network.multiple;
    this.#slots = tensorSlots(network);
    this.#layers = packedLayers(network);
    const channels = graphChannels(network);
    this.#gateVectors = network.gates.map(({ of }) => vectorsOf(channels[of]!));
    this.#gateWeights = network.gates.map(packGate);
    this.gateBytes = 32 * this.#gateVectors.reduce((sum, vectors) => sum + vectors, 0);
    let at = 0;
    this.#layerPlaces = [...this.#layers.map(({ numbers }) => numbers), ...this.#gateWeights].map((numbers) => {
      const place = at;
      at += numbers.length / 4;
      return place;
    });
  }

  work(width: number, height: number): number {
    return graphWork(this.#network, width, height).reduce((sum, work) => sum + work, 0);
  }

  tensorBytes(width: number, height: number): number[] {
    return slotBytes(this.#network, this.#slots, width, height);
  }

  get gates(): number {
    return this.#network.gates.length;
  }

  release(): void {
    if (this.#weights !== null) this.#pool.release(this.#weights);
    this.#weights = null;
  }

  uploads(): GpuCommand[] {
    if (this.#weights !== null) return [];
    const parts = [...this.#layers.map(({ numbers }) => numbers), ...this.#gateWeights];
    const to = this.#pool.acquire(
      parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
      'storage',
      'weights',
    );
    this.#weights = to;
    return parts.map((data, i) => ({ kind: 'upload', to, offset: 16 * this.#layerPlaces[i]!, data }));
  }

  pieces(width: number, height: number, mostWork: number): number[] {
    return this.#slices(width, height, this.#network.layers.length, mostWork).map(workOf);
  }

  submissions(
    width: number,
    height: number,
    buffers: NetworkBuffers,
    place: ResultPlace,
    mostWork: number,
  ): GpuCommand[][] {
    const all = this.#layersOf(width, height, this.#network.layers.length, buffers, mostWork);
    all.at(-1)!.push(this.#assemble(width, height, buffers, place));
    return all;
  }

  /** The work of each submission of `gateSubmissions`. */
  gatePieces(gate: number | 'all', width: number, height: number, mostWork: number): number[] {
    return this.#slices(width, height, this.#gateEnd(gate), mostWork).map(workOf);
  }

  /**
   * The passes that add the averages of a gate's tensor in one of `tiles` tiles to those of the tiles before it, and after the last one
   * compute the factors. Gates are found one after the other, since each depends on those before it; only in a single tile all at once.
   */
  gateSubmissions(gate: number | 'all', tile: SampledTile, buffers: NetworkBuffers, mostWork: number): GpuCommand[][] {
    const { width, height } = tile;
    const findsGates = gate === 'all';
    const all = this.#layersOf(width, height, this.#gateEnd(gate), { ...buffers, findsGates }, mostWork);
    if (findsGates) return all;
    all.at(-1)!.push(this.#mean(gate, tile, buffers));
    if (tile.index === tile.tiles - 1) all.at(-1)!.push(this.#gate(gate, buffers));
    return all;
  }

  /** Layers before this one are what a gate depends on. */
  #gateEnd(gate: number | 'all'): number {
    const { gates } = this.#network;
    return gate === 'all' ? Math.max(...gates.map(({ of }) => of)) : gates[gate]!.of;
  }

  #mean(gate: number, { width, height, index, tiles }: SampledTile, { tensors, gates }: NetworkBuffers): PassCommand {
    const { of } = this.#network.gates[gate]!;
    const pixels = graphLengths(this.#network, width)[of]! * graphLengths(this.#network, height)[of]!;
    const vectors = this.#gateVectors[gate]!;
    return {
      kind: 'pass',
      pass: { name: 'graph-mean' },
      bindings: { input: tensors[this.#slots[of]!]!, gates: gates! },
      params: {
        ...{ pixels, share: 1 / (pixels * tiles), sums: this.#gateAt(gate) + vectors },
        first: index === 0 ? 1 : 0,
      },
      workgroups: [vectors, 1, 1],
    };
  }

  #gate(gate: number, { gates }: NetworkBuffers): PassCommand {
    const vectors = this.#gateVectors[gate]!;
    const at = this.#gateAt(gate);
    return {
      kind: 'pass',
      pass: { name: 'graph-gate' },
      bindings: { weights: this.#weights!, gates: gates! },
      params: {
        ...{ vectors, hidden: this.#network.gates[gate]!.squeezeBias.length, sums: at + vectors, gate: at },
        weights: this.#layerPlaces[this.#layers.length + gate]!,
      },
      workgroups: [1, 1, 1],
    };
  }

  #gateAt(gate: number): number {
    return 2 * this.#gateVectors.slice(0, gate).reduce((sum, vectors) => sum + vectors, 0);
  }

  #slices(width: number, height: number, end: number, mostWork: number): LayerSlice[][] {
    const rowsOf = (layer: number): number => layoutOf(this.#layers[layer]!.pass).constants.get('ROWS')!;
    return sliceLayers(this.#network, { width, height, end }, rowsOf, mostWork);
  }

  #layersOf(width: number, height: number, end: number, buffers: NetworkBuffers, mostWork: number): GpuCommand[][] {
    const pixels = width * height;
    const load = layoutOf('network-load').workgroup[0];
    const rowGroups = Math.min(1024, groups(pixels, load));
    const begin: PassCommand = {
      kind: 'pass',
      pass: { name: 'network-load' },
      bindings: { planes: buffers.planes, tensors: buffers.tensors[this.#slots[0]!]! },
      params: { pixels, row_pixels: rowGroups * load, tensor: 0 },
      workgroups: [rowGroups, groups(pixels, rowGroups * load), 1],
    };
    const sizes = { across: graphLengths(this.#network, width), down: graphLengths(this.#network, height) };
    const all = this.#slices(width, height, end, mostWork).map((slices) =>
      slices.flatMap((slice): GpuCommand[] => {
        const isLast = slice.firstGroup + slice.groups === slice.allGroups;
        const convolve = this.#convolve(slice, sizes, buffers);
        const gate = this.#network.gates.findIndex(({ of }) => of === slice.layer + 1);
        if (!buffers.findsGates || !isLast || gate < 0) return [convolve];
        const tile = { width, height, index: 0, tiles: 1 };
        return [convolve, this.#mean(gate, tile, buffers), this.#gate(gate, buffers)];
      }),
    );
    all[0]!.unshift(begin);
    return all;
  }

  #convolve(
    { layer: index, firstGroup, groups: rows }: LayerSlice,
    { across, down }: { readonly across: readonly number[]; readonly down: readonly number[] },
    { tensors, gates }: NetworkBuffers,
  ): PassCommand {
    const { from, gate, kernel, spread, add } = this.#network.layers[index]!;
    const { pass, vectors, biasesAt } = this.#layers[index]!;
    const layout = layoutOf(pass);
    const weights = this.#layerPlaces[index]!;
    const of = (tensor: number): PooledBuffer => tensors[this.#slots[tensor]!]!;
    const place = (number: number | null): number => (number === null ? NO_GATE : this.#gateAt(number));
    const width = gridLength(across[from]!, kernel);
    return {
      kind: 'pass',
      pass: { name: pass },
      bindings: {
        ...{ weights: this.#weights!, gates: gates ?? this.#weights!, input: of(from), result: of(index + 1) },
        addend: add === null ? of(from) : of(add.tensor),
      },
      params: {
        ...{ in_width: across[from]!, in_height: down[from]!, in_gate: place(gate) },
        in_vectors: vectorsOf(graphChannels(this.#network)[from]!),
        ...{ first_group: firstGroup, width, height: gridLength(down[from]!, kernel), vectors },
        ...{ weights, biases: weights + biasesAt, spread, added: add === null ? 0 : 1 },
        ...{ add_width: across[add?.tensor ?? 0]!, add_height: down[add?.tensor ?? 0]! },
        ...{ add_crop: add?.crop ?? 0, add_gate: place(add?.gate ?? null) },
      },
      workgroups: [groups(width, layout.workgroup[0]), rows, groups(vectors, layout.constants.get('BLOCK')!)],
    };
  }

  #assemble(
    width: number,
    height: number,
    { planes, tensors, enlarged }: NetworkBuffers,
    place: ResultPlace,
  ): PassCommand {
    const { spread, base } = this.#network;
    const size = {
      width: graphLengths(this.#network, width).at(-1)!,
      height: graphLengths(this.#network, height).at(-1)!,
    };
    return {
      kind: 'pass',
      pass: { name: 'graph-assemble' },
      bindings: { planes, input: tensors[this.#slots.at(-1)!]!, enlarged },
      params: {
        ...{ ...size, spread, base: base === null ? 0 : 1, in_width: width, in_height: height, radius: this.radius },
        ...{ planes_width: place.width, planes_height: place.height, planes_x: place.x, planes_y: place.y },
      },
      workgroups: [groups(spread * size.width, layoutOf('graph-assemble').workgroup[0]), spread * size.height, 3],
    };
  }
}

const workOf = (slices: readonly LayerSlice[]): number => slices.reduce((sum, { work }) => sum + work, 0);

/** Packed networks outlive jobs: it takes as long as a small picture. */
const packedNetworks = new WeakMap<GraphNetwork, readonly PackedLayer[]>();

function packedLayers(network: GraphNetwork): readonly PackedLayer[] {
  const packed = packedNetworks.get(network) ?? network.layers.map(packLayer);
  packedNetworks.set(network, packed);
  return packed;
}

function passFor(kernel: GraphLayer['kernel'], vectors: number): string {
  if (kernel === 5) return 'graph-convolve-wide';
  if (kernel !== 3) return 'graph-pointwise';
  return vectors <= THIN_VECTORS ? 'graph-convolve-thin' : 'graph-convolve';
}

/**
 * Weights by block of channels, vector of inputs, place of the kernel, vector of outputs, input; then biases and slopes. Outputs that are pixels of
 * an enlarged one each begin a vector.
 */
function packLayer({ kernel, weights, bias, slopes, spread }: GraphLayer): PackedLayer {
  const area = kernel * kernel;
  const channels = bias.length / spread ** 2;
  const planes = vectorsOf(channels);
  const vectors = planes * spread ** 2;
  const pass = passFor(kernel, vectors);
  const block = layoutOf(pass).constants.get('BLOCK')!;
  const inputs = weights.length / (bias.length * area);
  const blocks = Math.ceil(vectors / block);
  const biasesAt = blocks * vectorsOf(inputs) * area * 4 * block;
  const numbers = new Float32Array(4 * (biasesAt + 2 * vectors));
  const outputOf = (vector: number, lane: number): number => {
    const channel = 4 * (vector % planes) + lane;
    return vector < vectors && channel < channels ? Math.floor(vector / planes) * channels + channel : -1;
  };
  // Kernels of 3 x 3 and of 5 x 5 are taken columns first.
  const placeOf = (k: number): number => (kernel === 2 ? k : (k % kernel) * kernel + Math.floor(k / kernel));
  let at = 0;
  for (let b = 0; b < blocks; b++) {
    for (let c = 0; c < vectorsOf(inputs); c++) {
      for (let k = 0; k < area; k++) {
        for (let vector = b * block; vector < (b + 1) * block; vector++) {
          for (let lane = 0; lane < 16; lane++, at++) {
            const input = 4 * c + (lane >> 2);
            const output = outputOf(vector, lane & 3);
            if (input < inputs && output >= 0) numbers[at] = weights[(output * inputs + input) * area + placeOf(k)]!;
          }
        }
      }
    }
  }
  for (let lane = 0; lane < 4 * vectors; lane++, at++) {
    const output = outputOf(lane >> 2, lane & 3);
    numbers[at] = output < 0 ? 0 : bias[output]!;
    numbers[at + 4 * vectors] = output < 0 ? 1 : (slopes?.[output] ?? 1);
  }
  return { pass, vectors, numbers, biasesAt };
}

/** As graph-gate reads them. */
function packGate({ squeeze, squeezeBias, excite, exciteBias }: GraphNetwork['gates'][number]): Float32Array {
  const [count, hidden] = [exciteBias.length, squeezeBias.length];
  const numbers: number[] = [];
  const lanes = 4 * vectorsOf(count);
  for (let h = 0; h < hidden; h++) {
    for (let c = 0; c < lanes; c++) numbers.push(c < count ? squeeze[h * count + c]! : 0);
    numbers.push(squeezeBias[h]!, 0, 0, 0);
  }
  for (let c = 0; c < lanes; c += 4) {
    for (let h = 0; h < hidden; h++) {
      for (let i = c; i < c + 4; i++) numbers.push(i < count ? excite[i * hidden + h]! : 0);
    }
  }
  for (let c = 0; c < lanes; c++) numbers.push(exciteBias[c] ?? 0);
  return Float32Array.from(numbers);
}
