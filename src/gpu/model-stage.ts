import type { BandModel } from '../core/engine.ts';
import type { Rect } from '../core/geometry.ts';
import { enlargedRegion, networkTiles } from '../core/plan/band-model.ts';
import { bytesPerRow } from '../core/pixels.ts';
import type { SourceWindow } from '../core/source.ts';
import { NETWORK_PASSES, NetworkPasses } from './network-passes.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';

export const MODEL_PASSES: readonly PassVariant[] = [
  ...NETWORK_PASSES,
  ...['model-load', 'model-difference', 'model-tent', 'model-finish'].map((name) => ({ name })),
];

/** Most bytes of the tensors of a run: enough for large tiles of small networks. */
const TENSOR_BYTES = 128 << 20;

/** Difference of the smoothed result from the source, in samples, beyond which it is nonsense; as in pipeline/ai/tile-check.ts. */
const MOST_DRIFT = 0.2 * 255;

const groups = (count: number, size: number): number => Math.ceil(count / size);

/** Work of a submission, and what it is made of. */
export interface ModelSubmission {
  readonly work: number;
  readonly record: () => readonly GpuCommand[];
}

type Scratch = 'strip' | 'planes' | 'tensors' | 'enlarged' | 'rough' | 'smooth';

/**
 * Describes the passes that bring a rectangle of the picture that a network makes of the source into the working space: what is uploaded are the
 * few source samples under it. Nothing is kept from rectangle to rectangle, so each computes what the network and the colour lock look at
 * around it again.
 */
export class GpuModelStage {
  readonly #model: BandModel;
  readonly #source: SourceWindow;
  readonly #pool: BufferPool;
  readonly #network: NetworkPasses;
  readonly #scratch = new Map<Scratch, PooledBuffer>();
  #fault: PooledBuffer | null = null;
  #staging = new Uint8Array(0);
  /** Runs of the network that were described. */
  runs = 0;

  /** The source has three channels of 8 bits. */
  constructor(model: BandModel, source: SourceWindow, pool: BufferPool) {
    this.#model = model;
    this.#source = source;
    this.#pool = pool;
    this.#network = new NetworkPasses(model.network, pool);
  }

  release(): void {
    this.#network.release();
    for (const buffer of this.#scratch.values()) this.#pool.release(buffer);
    this.#scratch.clear();
    if (this.#fault !== null) this.#pool.release(this.#fault);
    this.#fault = null;
  }

  /** A word that is not 0 when the network has computed nonsense since the stage was made. */
  faultFlag(): PooledBuffer {
    if (this.#fault === null) throw new RangeError('nothing was computed');
    return this.#fault;
  }

  /** What brings `rect`, in pixels of the enlarged picture, to `working`, row by row. To be submitted in this order, with nothing between. */
  submissions(rect: Rect, working: () => PooledBuffer): ModelSubmission[] {
    const { scale, radius } = this.#network;
    const region = enlargedRegion(this.#source, rect, scale);
    const strip = clipped(this.#source, grown(region, radius));
    const all: ModelSubmission[] = [{ work: 0, record: () => this.#begin(region, strip) }];
    for (const tile of networkTiles(region, (width, height) => this.#fits(width + 2 * radius, height + 2 * radius))) {
      all.push(...this.#runOf(tile, region, strip));
    }
    all.push({ work: 8 * rect.width * rect.height, record: () => this.#finish(rect, region, strip, working()) });
    return all;
  }

  #fits(width: number, height: number): boolean {
    return this.#network.tensorBytes(width, height) <= TENSOR_BYTES;
  }

  #buffer(name: Scratch, bytes: number): PooledBuffer {
    const held = this.#scratch.get(name);
    if (held !== undefined && held.size >= bytes) return held;
    if (held !== undefined) this.#pool.release(held);
    const buffer = this.#pool.acquire(bytes, 'storage', name);
    this.#scratch.set(name, buffer);
    return buffer;
  }

  /** The source samples that the rectangle depends on go up once. */
  #begin(region: Rect, strip: Rect): GpuCommand[] {
    const { scale } = this.#network;
    const commands: GpuCommand[] = [...this.#network.uploads()];
    if (this.#fault === null) {
      this.#fault = this.#pool.acquire(4, 'storage', 'fault');
      commands.push({ kind: 'clear', buffer: this.#fault, bytes: 4 });
    }
    const pixels = region.width * region.height;
    this.#buffer('enlarged', 12 * pixels * scale * scale);
    this.#buffer('rough', 12 * pixels);
    this.#buffer('smooth', 12 * pixels);
    const stride = 3 * strip.width;
    const bytes = 4 * Math.ceil((stride * strip.height) / 4);
    if (this.#staging.length < bytes) this.#staging = new Uint8Array(bytes);
    const { data, width, capacity } = this.#source;
    const row = bytesPerRow(width, this.#source);
    for (let y = 0; y < strip.height; y++) {
      const start = ((strip.y + y) % capacity) * row + 3 * strip.x;
      this.#staging.set(data.subarray(start, start + stride), y * stride);
    }
    const upload = { kind: 'upload', offset: 0, data: this.#staging.subarray(0, bytes) } as const;
    return [...commands, { ...upload, to: this.#buffer('strip', bytes) }];
  }

  /** One run of the network. Sizes differ from run to run, and their parameters go up with the first submission of each. */
  #runOf(tile: Rect, region: Rect, strip: Rect): ModelSubmission[] {
    const { scale, radius } = this.#network;
    const input = grown(tile, radius);
    const work = (this.#network.work * input.width * input.height) / 4;
    let rest: GpuCommand[][] = [];
    const first = (): GpuCommand[] => {
      this.runs++;
      const buffers = {
        planes: this.#buffer('planes', 12 * input.width * input.height),
        tensors: this.#buffer('tensors', this.#network.tensorBytes(input.width, input.height)),
        enlarged: this.#buffer('enlarged', 12 * region.width * region.height * scale * scale),
      };
      const place = {
        ...{ width: region.width * scale, height: region.height * scale },
        ...{ x: (tile.x - region.x) * scale, y: (tile.y - region.y) * scale },
      };
      const [begin = [], ...others] = this.#network.submissions(input.width, input.height, buffers, place);
      rest = others;
      return [this.#load(input, strip, buffers.planes), ...begin];
    };
    const pieces = this.#network.pieces(input.width, input.height);
    return Array.from({ length: pieces }, (_, i) => ({
      work: work / pieces,
      record: i === 0 ? first : () => rest.shift() ?? [],
    }));
  }

  #load(input: Rect, strip: Rect, planes: PooledBuffer): PassCommand {
    const { width, height } = this.#source;
    return {
      kind: 'pass',
      pass: { name: 'model-load' },
      bindings: { strip: this.#scratch.get('strip')!, planes },
      params: {
        ...{ width: input.width, height: input.height, x: input.x, y: input.y },
        ...{ picture_width: width, picture_height: height },
        ...{ strip_x: strip.x, strip_y: strip.y, strip_width: strip.width },
      },
      workgroups: [groups(input.width, layoutOf('model-load').workgroup[0]), input.height, 3],
    };
  }

  #finish(rect: Rect, region: Rect, strip: Rect, working: PooledBuffer): GpuCommand[] {
    const { scale } = this.#network;
    const [enlarged, rough, smooth] = (['enlarged', 'rough', 'smooth'] as const).map((name) =>
      this.#scratch.get(name)!,
    );
    const { width, height } = region;
    const columns = (name: string, count: number): number => groups(count, layoutOf(name).workgroup[0]);
    const tent = (axis: 0 | 1, bindings: PassCommand['bindings']): PassCommand => ({
      kind: 'pass',
      pass: { name: 'model-tent' },
      bindings: { ...bindings, fault: this.#fault! },
      params: { width, height, axis, divisor: axis === 1 ? scale * scale : 1, most: MOST_DRIFT },
      workgroups: [columns('model-tent', width), height, 3],
    });
    return [
      {
        kind: 'pass',
        pass: { name: 'model-difference' },
        bindings: { strip: this.#scratch.get('strip')!, enlarged, difference: rough },
        params: {
          ...{ x: region.x, y: region.y, width, height, scale },
          ...{ strip_x: strip.x, strip_y: strip.y, strip_width: strip.width },
        },
        workgroups: [columns('model-difference', width), height, 3],
      },
      tent(0, { rough, smooth_planes: smooth }),
      tent(1, { rough: smooth, smooth_planes: rough }),
      {
        kind: 'pass',
        pass: { name: 'model-finish' },
        bindings: { enlarged, correction: rough, working },
        params: {
          ...{ x: rect.x, y: rect.y, width: rect.width, height: rect.height, scale },
          ...{ from_x: region.x, from_y: region.y, from_width: width, from_height: height },
          ...{ picture_width: this.#source.width, picture_height: this.#source.height },
          lock: this.#model.colourLock ? 1 : 0,
        },
        workgroups: [columns('model-finish', rect.width), rect.height, 1],
      },
    ];
  }
}

const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  ...{ x: x - by, y: y - by },
  ...{ width: width + 2 * by, height: height + 2 * by },
});

function clipped({ width, height }: SourceWindow, rect: Rect): Rect {
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  const right = Math.min(width, rect.x + rect.width);
  const bottom = Math.min(height, rect.y + rect.height);
  return { x, y, width: right - x, height: bottom - y };
}
