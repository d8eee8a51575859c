import type { BandEncoding, BandPlace, PictureShape, Segment } from './encoding.ts';
import type { Rect } from './geometry.ts';
import type { HookUrls } from './hooks.ts';
import type { GraphNetwork } from './graph-network.ts';
import type { Network } from './network.ts';
import type { ResampleSpec } from './resampling.ts';
import type { SourceWindow } from './source.ts';

/** The engines, fastest first; a job falls from one to the next. */
export const ENGINE_NAMES = ['gpu', 'simd', 'scalar'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Networks between the source and the resampling, one after the other: what `spec` begins with is the source, enlarged by them. */
export interface BandModel {
  readonly networks: readonly (Network | GraphNetwork)[];
  /** Low frequencies are taken from the picture that a network sees. */
  readonly colourLock: boolean;
}

/** What stays the same for all bands of a job. */
export interface EngineJob {
  readonly source: SourceWindow;
  readonly spec: ResampleSpec;
  /** The finished picture: size and pixel format of the spec's output. */
  readonly picture: PictureShape;
  /** Null when only pixels are asked for: a preview, or a format coded whole. */
  readonly encoding: BandEncoding | null;
  /** URLs of the user's hook modules (core/hooks.ts); every thread that computes bands loads them itself. */
  readonly hooks: HookUrls;
  /** Only for the GPU engine, which then rejects with `engine-failed` also when the network computes nonsense. Absent without. */
  readonly model?: BandModel;
}

/**
 * Computes bands of one job. Bands may be asked for in any order and several at once, up to `parallelism`;
 * the rows that a band needs (`sourceRowsFor` in core/taps.ts) are in the window from the call until its promise settles.
 * A band that fails rejects with an AppError `engine-failed`, and may be asked for again, here or of another engine.
 */
export interface Engine {
  readonly name: EngineName;
  /** Bands worth asking for at a time. */
  readonly parallelism: number;
  /** Gets ready for a job, replacing the one before. */
  open(job: EngineJob): Promise<void>;
  /** Resamples and codes a full-width band; only with an encoding. */
  segment(place: BandPlace, signal: AbortSignal): Promise<Segment>;
  /** Takes the memory of a segment back that has been written: it may serve another one. */
  recycle?(segment: Segment): void;
  /** Pixels of any rectangle of the finished picture, rows unpadded, in its pixel format. */
  pixels(rect: Rect, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the job: its memory is free again, and workers end or wait for another job. Pending calls reject. */
  close(): Promise<void>;
}
