import type { Rect } from '../core/geometry.ts';
import { bytesPerPixel, bytesPerRow, maxSample } from '../core/pixels.ts';
import { planFor, type ResamplePlan } from '../core/reference/resample-plan.ts';
import type { ResampleSpec, Stage } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import { tapsFor } from '../core/taps.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import { BLOCK_ROWS, finishedBytes, type Tile } from './plan.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';
import { blockWeights, decodeValues, encodeValues, horizontalWeights, type EncodeValues } from './tables.ts';

/** The passes that a spec needs. */
export function resamplePasses(spec: ResampleSpec): PassVariant[] {
  const limit = spec.clampOvershoot;
  const passes: PassVariant[] = [{ name: 'unpack' }, { name: 'horizontal', limit }, { name: 'vertical-finish', limit }];
  if (spec.stages.length > 1) passes.push({ name: 'vertical', limit });
  if (spec.output.channels !== 4) passes.push({ name: 'pack' });
  return passes;
}

/** The tap tables of a stage on the GPU. */
interface StageTables {
  readonly columnStarts: PooledBuffer;
  readonly columnWeights: PooledBuffer;
  readonly columnTaps: number;
  readonly rowStarts: PooledBuffer;
  readonly blockStarts: PooledBuffer;
  readonly blockWeights: PooledBuffer;
  readonly window: number;
  readonly rowTaps: number;
}

/** Scratch memory of the bands; one set, since the GPU does one submission after the other. */
interface Scratch {
  strip: PooledBuffer | null;
  working: PooledBuffer | null;
  filtered: PooledBuffer | null;
}

const groups = (count: number, size: number): number => Math.ceil(count / size);

/** Describes the passes that resample tiles of one job. Holds the job's tables; allocates and submits nothing but through what it is given. */
export class GpuResampler {
  readonly #spec: ResampleSpec;
  readonly #plan: ResamplePlan;
  readonly #pool: BufferPool;
  readonly #uploads: GpuCommand[] = [];
  readonly #held: PooledBuffer[] = [];
  readonly #stages: readonly StageTables[];
  readonly #decode: PooledBuffer;
  readonly #encode: EncodeValues;
  readonly #thresholds: PooledBuffer;
  readonly #guesses: PooledBuffer;
  readonly #scratch: Scratch = { strip: null, working: null, filtered: null };
  #staging = new Uint8Array(0);

  /** Acquires the tables' buffers: to be called within a submission, which takes `uploads()`. */
  constructor(spec: ResampleSpec, pool: BufferPool) {
    this.#spec = spec;
    this.#pool = pool;
    this.#plan = planFor(spec);
    this.#decode = this.#table('decode', decodeValues(this.#plan));
    this.#encode = encodeValues(this.#plan.encode);
    this.#thresholds = this.#table('thresholds', this.#encode.thresholds);
    this.#guesses = this.#table('guesses', this.#encode.guesses);
    this.#stages = spec.stages.map((stage) => this.#stageTables(stage));
  }

  /** The commands that bring the tables onto the GPU. */
  uploads(): readonly GpuCommand[] {
    return this.#uploads.splice(0);
  }

  release(): void {
    for (const buffer of this.#held) this.#pool.release(buffer);
    for (const buffer of Object.values(this.#scratch)) if (buffer !== null) this.#pool.release(buffer);
    Object.assign(this.#scratch, { strip: null, working: null, filtered: null });
  }

  /** Where a tile's pixels are before they are resampled. */
  workingFor(tile: Tile): PooledBuffer {
    return this.#scratchBuffer('working', tile.workingBytes);
  }

  /**
   * The commands that bring a tile from the source window to `finished`, which holds the pixels of `within` row by row. The window
   * is read when they are submitted; without one, the tile's pixels are where `workingFor` says.
   */
  resample(window: SourceWindow | null, tile: Tile, within: Rect, finished: PooledBuffer): GpuCommand[] {
    const { stages, clampOvershoot: limit } = this.#spec;
    const working = this.workingFor(tile);
    const filtered = this.#scratchBuffer('filtered', tile.filteredBytes);
    const commands: GpuCommand[] = [];
    if (window !== null) {
      const strip = this.#scratchBuffer('strip', tile.stripBytes);
      commands.push(...this.#upload(window, tile, strip), this.#unpack(tile.rects[0], strip, working));
    }
    stages.forEach((_, i) => {
      const [from, to] = [tile.rects[i], tile.rects[i + 1]];
      const tables = this.#stages[i];
      commands.push(
        this.#horizontal(i, from, to, {
          working,
          starts: tables.columnStarts,
          weights: tables.columnWeights,
          filtered,
        }),
      );
      const columns = this.#columnParams(i, from, to);
      const bindings = {
        filtered,
        block_starts: tables.blockStarts,
        block_weights: tables.blockWeights,
        starts: tables.rowStarts,
      };
      const last = i === stages.length - 1;
      const name = last ? 'vertical-finish' : 'vertical';
      const blocks = Math.floor((to.y + to.height - 1) / BLOCK_ROWS) - columns.first_block + 1;
      commands.push({
        kind: 'pass',
        pass: { name, limit },
        bindings: last
          ? { ...bindings, thresholds: this.#thresholds, guesses: this.#guesses, finished }
          : { ...bindings, working },
        params: last ? { ...columns, ...this.#finishParams(to, within) } : columns,
        workgroups: [groups(to.width, layoutOf(name).workgroup[0]), blocks, 1],
      });
    });
    return commands;
  }

  /** The commands that bring finished pixels into the output's format, if they are not in it, and the buffer they are in then. */
  pack(pixels: number, finished: PooledBuffer, packed: PooledBuffer): GpuCommand[] {
    const { channels, depth } = this.#spec.output;
    const words = Math.ceil((pixels * channels * depth) / 32);
    const { workgroup } = layoutOf('pack');
    const rowGroups = Math.min(MOST_ROW_GROUPS, groups(words, workgroup[0]));
    const rowWords = rowGroups * workgroup[0];
    return [
      {
        kind: 'pass',
        pass: { name: 'pack' },
        bindings: { finished, packed },
        params: { channels, depth, samples: pixels * channels, words, row_words: rowWords },
        workgroups: [rowGroups, groups(words, rowWords), 1],
      },
    ];
  }

  /** Whether finished pixels lie as the output format has them. */
  get needsPacking(): boolean {
    return bytesPerPixel(this.#spec.output) !== finishedBytes(this.#spec);
  }

  #scratchBuffer(name: keyof Scratch, bytes: number): PooledBuffer {
    const held = this.#scratch[name];
    if (held !== null && held.size >= bytes) return held;
    if (held !== null) this.#pool.release(held);
    this.#scratch[name] = null;
    return (this.#scratch[name] = this.#pool.acquire(bytes, 'storage', name));
  }

  #table(label: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): PooledBuffer {
    const buffer = this.#pool.acquire(data.byteLength, 'storage', label);
    this.#held.push(buffer);
    this.#uploads.push({ kind: 'upload', to: buffer, offset: 0, data });
    return buffer;
  }

  #stageTables({ kernel, from, to }: Stage): StageTables {
    const columns = tapsFor(kernel, from.width, to.width);
    const rows = tapsFor(kernel, from.height, to.height);
    const blocks = blockWeights(rows);
    return {
      columnStarts: this.#table('column starts', Uint32Array.from(columns.starts)),
      columnWeights: this.#table('column weights', horizontalWeights(columns)),
      columnTaps: columns.taps,
      rowStarts: this.#table('row starts', Uint32Array.from(rows.starts)),
      blockStarts: this.#table('block starts', blocks.starts),
      blockWeights: this.#table('block weights', blocks.weights),
      window: blocks.window,
      rowTaps: rows.taps,
    };
  }

  /** Source samples go up without a copy where they lie together and make whole words, else through a staging array. */
  #upload(window: SourceWindow, tile: Tile, to: PooledBuffer): GpuCommand[] {
    const { x, y, width, height } = tile.rects[0];
    const stride = bytesPerRow(window.width, window);
    const slot = y % window.capacity;
    const bytes = height * stride;
    const isTogether = width === window.width && slot + height <= window.capacity;
    if (isTogether && bytes % 4 === 0) {
      return [{ kind: 'upload', to, offset: 0, data: window.data.subarray(slot * stride, slot * stride + bytes) }];
    }
    if (this.#staging.length < tile.stripBytes) this.#staging = new Uint8Array(tile.stripBytes);
    const size = bytesPerPixel(window);
    for (let i = 0; i < height; i++) {
      const start = ((y + i) % window.capacity) * stride + x * size;
      this.#staging.set(window.data.subarray(start, start + width * size), i * width * size);
    }
    return [{ kind: 'upload', to, offset: 0, data: this.#staging.subarray(0, tile.stripBytes) }];
  }

  #unpack(rect: Rect, strip: PooledBuffer, working: PooledBuffer): PassCommand {
    const { flatten, background, decode } = this.#plan;
    const { channels, depth } = this.#spec.input;
    const max = maxSample(depth);
    return {
      kind: 'pass',
      pass: { name: 'unpack' },
      bindings: { strip, decode: this.#decode, working },
      params: {
        width: rect.width,
        rows: rect.height,
        channels,
        depth,
        linear: decode ? 1 : 0,
        decode_stride: max + 1,
        flatten: flatten ? 1 : 0,
        scale: 1 / max,
        background: [...background, 1],
      },
      workgroups: [groups(rect.width, layoutOf('unpack').workgroup[0]), rect.height, 1],
    };
  }

  #horizontal(stage: number, from: Rect, to: Rect, bindings: PassCommand['bindings']): PassCommand {
    const { workgroup, constants } = layoutOf('horizontal');
    return {
      kind: 'pass',
      pass: { name: 'horizontal', limit: this.#spec.clampOvershoot },
      bindings,
      params: {
        in_x: from.x,
        in_width: from.width,
        rows: from.height,
        out_x: to.x,
        out_width: to.width,
        taps: this.#stages[stage].columnTaps,
        table_size: this.#spec.stages[stage].to.width,
      },
      workgroups: [groups(to.width, workgroup[0]), groups(from.height, constants.get('ROWS')!), 1],
    };
  }

  #columnParams(stage: number, from: Rect, to: Rect): Record<string, number> & { first_block: number } {
    const { window, rowTaps } = this.#stages[stage];
    return {
      width: to.width,
      first_row: to.y,
      rows: to.height,
      in_first: from.y,
      in_rows: from.height,
      first_block: Math.floor(to.y / BLOCK_ROWS),
      window,
      taps: rowTaps,
      has_alpha: this.#plan.channels === 4 ? 1 : 0,
    };
  }

  #finishParams(rect: Rect, within: Rect): Record<string, number> {
    return {
      is_grey: this.#plan.channels === 1 ? 1 : 0,
      linear: this.#plan.encode ? 1 : 0,
      max_sample: maxSample(this.#spec.output.depth),
      guess_stride: this.#encode.guessStride,
      bucket_shift: this.#encode.bucketShift,
      first_bucket: this.#encode.firstBucket,
      out_offset: (rect.y - within.y) * within.width + rect.x - within.x,
      out_stride: within.width,
    };
  }
}

/** Workgroups in a row of a dispatch that is longer than a row may be; every device allows 65535. */
const MOST_ROW_GROUPS = 32768;
