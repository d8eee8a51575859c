import type { BandPlace, PictureShape } from '../core/encoding.ts';
import type { JpegEncoding } from '../core/jpeg/layout.ts';
import { layoutOf, type PassVariant } from './pipelines.ts';
import { cutGroups, planJpegBand, type JpegBandPlan, type JpegPassSizes } from './plan.ts';
import type { BufferPool, PooledBuffer } from './pool.ts';
import type { GpuCommand, PassCommand } from './recorder.ts';
import { codeValues, quantiserValues } from './tables.ts';

const PASSES = [
  'jpeg-transform',
  'jpeg-measure',
  'jpeg-offsets',
  'jpeg-write',
  'jpeg-count',
  'jpeg-stuffing',
  'jpeg-emit',
] as const;
type JpegPass = (typeof PASSES)[number];

export const JPEG_PASSES: readonly PassVariant[] = PASSES.map((name) => ({ name }));

/** Bytes before those of a segment: its length, and whether it did not fit. */
export const segmentHeaderBytes = (): number => 4 * constantOf('jpeg-emit', 'HEADER_WORDS');

const constantOf = (pass: JpegPass, name: string): number => layoutOf(pass).constants.get(name)!;

const passSizes = (): JpegPassSizes => ({
  blockWords: constantOf('jpeg-transform', 'BLOCK_WORDS'),
  headerWords: constantOf('jpeg-emit', 'HEADER_WORDS'),
  summedBlocks: constantOf('jpeg-measure', 'WORKGROUP'),
  chunkBytes: constantOf('jpeg-count', 'CHUNK_BYTES'),
});

const BUFFERS = [
  'coefficients',
  'masks',
  'offsets',
  'groupSums',
  'intervals',
  'bits',
  'chunkCounts',
  'segment',
] as const;
type JpegBuffers = Record<(typeof BUFFERS)[number], PooledBuffer>;

/** Room for coded bytes as a share of the band's samples: far more than photographs take, and more than noise at quality 100 does. */
const FIRST_ROOM = 1 / 2;
const MOST_ROOM = 3 / 2;

/** Describes the passes that code finished pixels as JPEG segments. One set of buffers, since the GPU codes one band after the other. */
export class GpuJpegCoder {
  readonly #shape: PictureShape;
  readonly #encoding: JpegEncoding;
  readonly #pool: BufferPool;
  readonly #mostRoom: number;
  readonly #mostGroups: number;
  readonly #quantisers: PooledBuffer;
  readonly #codes: PooledBuffer;
  readonly #uploads: GpuCommand[];
  #buffers: JpegBuffers | null = null;
  #room: number;

  /**
   * Acquires the tables' buffers: to be called within a submission, which takes `uploads()`. Dispatches have at most `mostGroups`
   * workgroups. `mostRoom` is for tests.
   */
  constructor(shape: PictureShape, encoding: JpegEncoding, pool: BufferPool, mostGroups: number, mostRoom = MOST_ROOM) {
    this.#shape = shape;
    this.#encoding = encoding;
    this.#pool = pool;
    this.#mostRoom = mostRoom;
    this.#room = Math.min(FIRST_ROOM, mostRoom);
    this.#mostGroups = mostGroups;
    const quantisers = quantiserValues(encoding.quality);
    const codes = codeValues(encoding.tables);
    this.#quantisers = pool.acquire(quantisers.byteLength, 'storage', 'quantisers');
    this.#codes = pool.acquire(codes.byteLength, 'storage', 'codes');
    this.#uploads = [
      { kind: 'upload', to: this.#quantisers, offset: 0, data: quantisers },
      { kind: 'upload', to: this.#codes, offset: 0, data: codes },
    ];
  }

  uploads(): readonly GpuCommand[] {
    return this.#uploads.splice(0);
  }

  release(): void {
    this.#pool.release(this.#quantisers);
    this.#pool.release(this.#codes);
    for (const buffer of Object.values(this.#buffers ?? {})) this.#pool.release(buffer);
    this.#buffers = null;
  }

  /** What coding a band takes. */
  plan(place: BandPlace): JpegBandPlan {
    return planJpegBand(this.#shape, this.#encoding, place, passSizes(), this.#room);
  }

  /** Makes more room for the next plans, after one that had too little; false when there is no more to give. */
  widen(plan: JpegBandPlan): boolean {
    if (plan.room < this.#room) return true;
    this.#room = Math.min(this.#mostRoom, 3 * this.#room);
    return plan.room < this.#room;
  }

  /**
   * The commands that code a band from its finished pixels, and the buffer in which header and segment are then. Passes are cut
   * into at least `parts` dispatches.
   */
  encode(plan: JpegBandPlan, finished: PooledBuffer, parts: number): { commands: GpuCommand[]; segment: PooledBuffer } {
    const buffers = this.#hold(plan);
    const { coefficients, masks, offsets, intervals, bits, segment } = buffers;
    const groupSums = { group_sums: buffers.groupSums };
    const chunkCounts = { chunk_counts: buffers.chunkCounts };
    const blocks = plan.params['blocks'];
    const chunks = plan.params['chunks'];
    const symbols = { coefficients, masks, codes: this.#codes };
    const transformed = Math.ceil(blocks / constantOf('jpeg-transform', 'WORKGROUP_BLOCKS'));
    const measured = Math.ceil(blocks / layoutOf('jpeg-measure').workgroup[0]);
    const written = Math.ceil(blocks / layoutOf('jpeg-write').workgroup[0]);
    const passes = (name: JpegPass, groups: number, bindings: PassCommand['bindings']): PassCommand[] =>
      cutGroups(groups, Math.min(this.#mostGroups, Math.ceil(groups / parts))).map(({ first, count }) => ({
        kind: 'pass',
        pass: { name },
        bindings,
        params: { ...plan.params, first_group: first },
        workgroups: [count, 1, 1],
      }));
    const commands: GpuCommand[] = [
      { kind: 'clear', buffer: bits, bytes: plan.bits },
      { kind: 'clear', buffer: segment, bytes: plan.segment },
      ...passes('jpeg-transform', transformed, {
        ...{ finished, quantisers: this.#quantisers },
        ...{ coefficients, masks },
      }),
      ...passes('jpeg-measure', measured, { ...symbols, offsets, ...groupSums }),
      ...passes('jpeg-offsets', 1, { offsets, ...groupSums, intervals }),
      ...passes('jpeg-write', written, { ...symbols, offsets, ...groupSums, intervals, bits }),
      ...passes('jpeg-count', chunks, { bits, intervals, ...chunkCounts }),
      ...passes('jpeg-stuffing', 1, { intervals, ...chunkCounts, segment }),
      ...passes('jpeg-emit', chunks, { bits, intervals, ...chunkCounts, segment }),
    ];
    return { commands, segment };
  }

  #hold(plan: JpegBandPlan): JpegBuffers {
    const held = this.#buffers;
    if (held !== null && BUFFERS.every((name) => held[name].size >= plan[name])) return held;
    for (const buffer of Object.values(held ?? {})) this.#pool.release(buffer);
    this.#buffers = null;
    const entries = BUFFERS.map((name) => [name, this.#pool.acquire(plan[name], 'storage', name)]);
    return (this.#buffers = Object.fromEntries(entries) as JpegBuffers);
  }
}
