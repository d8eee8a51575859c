import type { PooledBuffer } from './pool.ts';
import type { GpuCommand } from './recorder.ts';

/** What a run works on: planes in, tensors between, planes out. */
export interface NetworkBuffers {
  readonly planes: PooledBuffer;
  readonly tensors: readonly PooledBuffer[];
  /** Factors of channels, for networks that have them: found before, or to be found in the tile itself. */
  readonly gates: PooledBuffer | null;
  readonly findsGates: boolean;
  readonly enlarged: PooledBuffer;
}

/** Planes that the result becomes a part of, and where in them it lies; pixels of the enlarged picture. */
export interface ResultPlace {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

/** Describes the runs of a network over tiles. Holds its weights; allocates nothing else, and submits nothing. */
export interface TilePasses {
  readonly scale: number;
  /** Pixels of the input at each side that the result lacks. */
  readonly radius: number;
  /** Sides of the input, and its place in the picture, are multiples of this. */
  readonly multiple: number;
  /** Multiplications for a tile whose input has this size. */
  work(width: number, height: number): number;
  /** Bytes of the buffer of its gates; 0 for a network without. */
  readonly gateBytes: number;
  /** Bytes of each of its tensors' buffers. */
  tensorBytes(width: number, height: number): number[];
  /** The work of each submission that the run of a tile is cut into; none has much more than `mostWork` multiplications. */
  pieces(width: number, height: number, mostWork: number): number[];
  /** The weights, at the first run. To be called within a submission. */
  uploads(): GpuCommand[];
  /** The passes of a tile, a list for each of `pieces`; after `uploads`. */
  submissions(
    width: number,
    height: number,
    buffers: NetworkBuffers,
    place: ResultPlace,
    mostWork: number,
  ): GpuCommand[][];
  release(): void;
}
