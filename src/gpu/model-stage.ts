import type { BandModel } from '../core/engine.ts';
import type { Rect, Size } from '../core/geometry.ts';
import { isGraph, type GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { enlargedRegion, networkTiles, sampleTiles, type TileNeeds } from '../core/plan/band-model.ts';
import { bytesPerRow } from '../core/pixels.ts';
import type { SourceWindow } from '../core/source.ts';
import { graphPasses, GraphPasses } from './graph-passes.ts';
import { NETWORK_PASSES, NetworkPasses } from './network-passes.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';
import type { NetworkBuffers, TilePasses } from './tile-passes.ts';

/** The passes that a model needs. */
export function modelPasses({ networks }: BandModel): PassVariant[] {
  const names = ['model-load', 'model-difference', 'model-tent', 'model-finish', 'model-between'];
  return [
    ...networks.filter(isGraph).flatMap(graphPasses),
    ...(networks.every(isGraph) ? [] : NETWORK_PASSES),
    ...names.map((name) => ({ name })),
  ];
}

/** Most bytes of a tensors' buffer: enough for large tiles, and what every device binds. */
const TENSOR_BYTES = 128 << 20;

/** Difference of the smoothed result from the source, in samples, beyond which it is nonsense; as in pipeline/ai/tile-check.ts. */
const MOST_DRIFT = 0.2 * 255;

/** Multiplications in one unit of work: what the resampling does in the same time. */
const WORK_UNIT = 4;

/** Bounds of the multiplications of a submission, whatever the pace: below, submissions would be what takes the time. */
const LEAST_WORK = 2e9;
const MOST_WORK = 1.6e10;

const groups = (count: number, size: number): number => Math.ceil(count / size);

/** Work of a submission, and what it is made of. */
export interface ModelSubmission {
  readonly work: number;
  readonly record: () => readonly GpuCommand[];
}

/** Samples of a part of a picture on the GPU; rows begin at every `stride` pixels. */
interface Strip {
  readonly rect: Rect;
  readonly stride: number;
  readonly buffer: string;
}

/** One network, and the picture that it enlarges. */
interface Level {
  readonly index: number;
  readonly passes: TilePasses;
  readonly picture: Size;
  readonly needs: TileNeeds;
  /** Found at the first rectangle; null where the network has none. */
  gates: { readonly passes: GraphPasses; buffer: PooledBuffer | null } | null;
}

/**
 * Describes the passes that bring a rectangle of the picture that networks make of the source, one after the other, into the working space: what
 * is uploaded are the few source samples under it. Nothing is kept from rectangle to rectangle, so each computes what the networks and the
 * colour lock look at around it again. Only averages over the picture are kept: they are found once, so that all tiles share them
 * and have no seams.
 */
export class GpuModelStage {
  readonly #model: BandModel;
  readonly #source: SourceWindow;
  readonly #pool: BufferPool;
  readonly #levels: readonly Level[];
  readonly #scratch = new Map<string, PooledBuffer>();
  #fault: PooledBuffer | null = null;
  #staging = new Uint8Array(0);
  /** Runs of networks that were described. */
  runs = 0;

  /** The source has three channels of 8 bits. A tensors' buffer has `mostBytes` at most where tiles can be cut as small. */
  constructor(model: BandModel, source: SourceWindow, pool: BufferPool, mostBytes = Infinity) {
    this.#model = model;
    this.#source = source;
    this.#pool = pool;
    const made = new Map<Network | GraphNetwork, TilePasses>();
    let picture: Size = source;
    this.#levels = model.networks.map((network, index): Level => {
      const passes = made.get(network) ?? passesOf(network, pool);
      made.set(network, passes);
      const level = {
        index,
        passes,
        picture,
        needs: needsOf(passes, Math.min(TENSOR_BYTES, mostBytes)),
        gates: gatesOf(passes),
      };
      picture = { width: picture.width * passes.scale, height: picture.height * passes.scale };
      return level;
    });
  }

  release(): void {
    for (const { passes, gates } of this.#levels) {
      passes.release();
      if (gates !== null && gates.buffer !== null) this.#pool.release(gates.buffer);
      if (gates !== null) gates.buffer = null;
    }
    for (const buffer of this.#scratch.values()) this.#pool.release(buffer);
    this.#scratch.clear();
    if (this.#fault !== null) this.#pool.release(this.#fault);
    this.#fault = null;
  }

  /** A word that is not 0 when a network has computed nonsense since the stage was made. */
  faultFlag(): PooledBuffer {
    if (this.#fault === null) throw new RangeError('nothing was computed');
    return this.#fault;
  }

  /**
   * What brings `rect`, in pixels of the enlarged picture, to `working`, row by row. To be submitted in this order, with nothing between.
   * Submissions have about `mostWork` at most.
   */
  submissions(rect: Rect, working: () => PooledBuffer, mostWork: number): ModelSubmission[] {
    const most = Math.min(MOST_WORK, Math.max(LEAST_WORK, mostWork * WORK_UNIT));
    const finish = (level: Level, region: Rect, strip: Strip): GpuCommand[] =>
      this.#finish(level, rect, region, strip, { pass: 'model-finish', working: working() });
    return [
      { work: 0, record: () => this.#begin() },
      ...this.#levels.flatMap((level) => this.#gateSubmissions(level, most)),
      ...this.#enlarged(this.#levels.at(-1)!, rect, most, finish),
    ];
  }

  /** What enlarges the part of a level's picture that lies under `rect`, and then does `finish`. */
  #enlarged(
    level: Level,
    rect: Rect,
    most: number,
    finish: (level: Level, region: Rect, strip: Strip) => GpuCommand[],
  ): ModelSubmission[] {
    const region = enlargedRegion(level.picture, rect, level.passes.scale);
    const tiles = networkTiles(region, level.needs);
    const strip = this.#stripOf(level, bounding(tiles));
    return [
      ...this.#stripSubmissions(level, strip, most),
      ...tiles.flatMap((tile) => this.#runOf(level, tile, region, strip, most)),
      { work: 8 * rect.width * rect.height, record: () => finish(level, region, strip) },
    ];
  }

  /** The samples that tiles over `rect` look at. */
  #stripOf({ index, passes, picture }: Level, rect: Rect): Strip {
    const inside = clipped(picture, grown(rect, passes.radius));
    return { rect: inside, stride: index === 0 ? inside.width : 4 * groups(inside.width, 4), buffer: `strip ${index}` };
  }

  /** What brings samples of a level's picture to its strip: from the source, or from the level before. */
  #stripSubmissions(level: Level, strip: Strip, most: number): ModelSubmission[] {
    const before = this.#levels[level.index - 1];
    if (before === undefined) return [{ work: 0, record: () => [this.#upload(strip)] }];
    return this.#enlarged(before, strip.rect, most, (_, region, from) => {
      const into = this.#buffer(strip.buffer, 3 * strip.stride * strip.rect.height);
      return this.#finish(before, strip.rect, region, from, { pass: 'model-between', strip: into });
    });
  }

  /** The averages that the gates of a level depend on, once: gate by gate, each in the same few tiles of its picture. */
  #gateSubmissions(level: Level, most: number): ModelSubmission[] {
    const { gates, picture, needs, passes } = level;
    if (gates === null || gates.buffer !== null) return [];
    gates.buffer = this.#pool.acquire(gates.passes.gateBytes, 'storage', 'gates');
    const tiles = sampleTiles(picture, needs).map((rect) => grown(rect, passes.radius));
    const name = (index: number): string => `sample ${index}`;
    const loads = tiles.flatMap((input, index): ModelSubmission[] => {
      const strip = this.#stripOf(level, grown(input, -passes.radius));
      const load = (): GpuCommand[] => [
        this.#load(level, input, strip, this.#buffer(name(index), 12 * input.width * input.height)),
      ];
      return [...this.#stripSubmissions(level, strip, most), { work: 0, record: load }];
    });
    const each = tiles.length === 1 ? (['all'] as const) : [...Array(gates.passes.gates).keys()];
    const runs = each.flatMap((gate) =>
      tiles.flatMap(({ width, height }, index) =>
        deferred(gates.passes.gatePieces(gate, width, height, most), () => {
          const buffers = this.#buffersFor(level, width, height, this.#buffer(name(index), 12 * width * height));
          const tile = { width, height, index, tiles: tiles.length };
          return gates.passes.gateSubmissions(gate, tile, buffers, most);
        }),
      ),
    );
    const end = (): GpuCommand[] => {
      tiles.forEach((_, index) => this.#drop(name(index)));
      return [];
    };
    return [{ work: 0, record: () => passes.uploads() }, ...loads, ...runs, { work: 0, record: end }];
  }

  #buffer(name: string, bytes: number): PooledBuffer {
    const held = this.#scratch.get(name);
    if (held !== undefined && held.size >= bytes) return held;
    if (held !== undefined) this.#pool.release(held);
    const buffer = this.#pool.acquire(bytes, 'storage', name);
    this.#scratch.set(name, buffer);
    return buffer;
  }

  #drop(name: string): void {
    const held = this.#scratch.get(name);
    if (held !== undefined) this.#pool.release(held);
    this.#scratch.delete(name);
  }

  #begin(): GpuCommand[] {
    const commands = this.#levels.flatMap(({ passes }) => passes.uploads());
    if (this.#fault !== null) return commands;
    this.#fault = this.#pool.acquire(4, 'storage', 'fault');
    return [...commands, { kind: 'clear', buffer: this.#fault, bytes: 4 }];
  }

  /** Source samples go up without a copy where they lie together and make whole words, else through a staging array. */
  #upload({ rect: strip, buffer }: Strip): GpuCommand {
    const stride = 3 * strip.width;
    const bytes = 4 * Math.ceil((stride * strip.height) / 4);
    const { data, width, capacity } = this.#source;
    const row = bytesPerRow(width, this.#source);
    const slot = strip.y % capacity;
    const isTogether = strip.width === width && slot + strip.height <= capacity;
    if (isTogether && bytes === row * strip.height) {
      const to = this.#buffer(buffer, bytes);
      return { kind: 'upload', to, offset: 0, data: data.subarray(slot * row, slot * row + bytes) };
    }
    if (this.#staging.length < bytes) this.#staging = new Uint8Array(bytes);
    for (let y = 0; y < strip.height; y++) {
      const start = ((strip.y + y) % capacity) * row + 3 * strip.x;
      this.#staging.set(data.subarray(start, start + stride), y * stride);
    }
    return { kind: 'upload', to: this.#buffer(buffer, bytes), offset: 0, data: this.#staging.subarray(0, bytes) };
  }

  /** What a run needs; `enlarged` is as it was left. */
  #buffersFor({ passes, gates }: Level, width: number, height: number, planes: PooledBuffer): NetworkBuffers {
    return {
      planes,
      tensors: passes.tensorBytes(width, height).map((bytes, i) => this.#buffer(`tensors ${i}`, bytes)),
      gates: gates?.buffer ?? null,
      findsGates: false,
      enlarged: this.#buffer('enlarged', 16),
    };
  }

  /** One run of a network. Sizes differ from run to run, and their parameters go up with the first submission of each. */
  #runOf(level: Level, tile: Rect, region: Rect, strip: Strip, most: number): ModelSubmission[] {
    const { passes } = level;
    const { scale } = passes;
    const { width, height, ...at } = grown(tile, passes.radius);
    const input = { ...at, width, height };
    const place = {
      ...{ width: region.width * scale, height: region.height * scale },
      ...{ x: (tile.x - region.x) * scale, y: (tile.y - region.y) * scale },
    };
    return deferred(passes.pieces(width, height, most), () => {
      this.runs++;
      this.#buffer('enlarged', 12 * place.width * place.height);
      const planes = this.#buffer('planes', 12 * width * height);
      const buffers = this.#buffersFor(level, width, height, planes);
      const [first = [], ...others] = passes.submissions(width, height, buffers, place, most);
      return [[this.#load(level, input, strip, planes), ...first], ...others];
    });
  }

  #load({ picture }: Level, input: Rect, { rect: strip, stride, buffer }: Strip, planes: PooledBuffer): PassCommand {
    return {
      kind: 'pass',
      pass: { name: 'model-load' },
      bindings: { strip: this.#scratch.get(buffer)!, planes },
      params: {
        ...{ width: input.width, height: input.height, x: input.x, y: input.y },
        ...{ picture_width: picture.width, picture_height: picture.height },
        ...{ strip_x: strip.x, strip_y: strip.y, strip_width: stride },
      },
      workgroups: [groups(input.width, layoutOf('model-load').workgroup[0]), input.height, 3],
    };
  }

  #finish(
    { passes, picture }: Level,
    rect: Rect,
    region: Rect,
    { rect: strip, stride, buffer }: Strip,
    end:
      | { readonly pass: 'model-finish'; readonly working: PooledBuffer }
      | { readonly pass: 'model-between'; readonly strip: PooledBuffer },
  ): GpuCommand[] {
    const { scale } = passes;
    const { width, height } = region;
    const enlarged = this.#scratch.get('enlarged')!;
    const rough = this.#buffer('rough', 12 * width * height);
    const smooth = this.#buffer('smooth', 12 * width * height);
    const columns = (name: string, count: number): number => groups(count, layoutOf(name).workgroup[0]);
    const tent = (axis: 0 | 1, bindings: PassCommand['bindings']): PassCommand => ({
      kind: 'pass',
      pass: { name: 'model-tent' },
      bindings: { ...bindings, fault: this.#fault! },
      params: { width, height, axis, divisor: axis === 1 ? scale * scale : 1, most: MOST_DRIFT },
      workgroups: [columns('model-tent', width), height, 3],
    });
    const { pass, ...into } = end;
    const across = pass === 'model-finish' ? rect.width : groups(rect.width, 4);
    return [
      {
        kind: 'pass',
        pass: { name: 'model-difference' },
        bindings: { strip: this.#scratch.get(buffer)!, enlarged, difference: rough },
        params: {
          ...{ x: region.x, y: region.y, width, height, scale },
          ...{ strip_x: strip.x, strip_y: strip.y, strip_width: stride },
        },
        workgroups: [columns('model-difference', width), height, 3],
      },
      tent(0, { rough, smooth_planes: smooth }),
      tent(1, { rough: smooth, smooth_planes: rough }),
      {
        kind: 'pass',
        pass: { name: pass },
        bindings: { enlarged, correction: rough, ...into },
        params: {
          ...{ x: rect.x, y: rect.y, width: rect.width, height: rect.height, scale },
          ...{ from_x: region.x, from_y: region.y, from_width: width, from_height: height },
          ...{ picture_width: picture.width, picture_height: picture.height },
          lock: this.#model.colourLock ? 1 : 0,
        },
        workgroups: [columns(pass, across), rect.height, 1],
      },
    ];
  }
}

const passesOf = (network: Network | GraphNetwork, pool: BufferPool): TilePasses =>
  isGraph(network) ? new GraphPasses(network, pool) : new NetworkPasses(network, pool);

const gatesOf = (passes: TilePasses): Level['gates'] =>
  passes instanceof GraphPasses && passes.gates > 0 ? { passes, buffer: null } : null;

const needsOf = (passes: TilePasses, mostBytes: number): TileNeeds => ({
  ...{ radius: passes.radius, multiple: passes.multiple },
  fits: (width, height) => passes.tensorBytes(width, height).every((bytes) => bytes <= mostBytes),
});

/** Submissions whose commands are made, all of them, when the first is recorded. `pieces` are their multiplications. */
function deferred(pieces: readonly number[], make: () => readonly (readonly GpuCommand[])[]): ModelSubmission[] {
  let made: readonly (readonly GpuCommand[])[] = [];
  return pieces.map((work, i) => ({
    work: work / WORK_UNIT,
    record: () => {
      if (i === 0) made = make();
      return made[i]!;
    },
  }));
}

const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  ...{ x: x - by, y: y - by },
  ...{ width: width + 2 * by, height: height + 2 * by },
});

function clipped({ width, height }: Size, rect: Rect): Rect {
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  const right = Math.min(width, rect.x + rect.width);
  const bottom = Math.min(height, rect.y + rect.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** The rectangle that tiles make up together. */
function bounding(tiles: readonly Rect[]): Rect {
  const { x, y } = tiles[0]!;
  const last = tiles.at(-1)!;
  return { x, y, width: last.x + last.width - x, height: last.y + last.height - y };
}
