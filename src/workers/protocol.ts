/**
 * Everything that crosses between the page and the workers, and between workers: the whole contract. Types only.
 * Pixels do not cross, except for a preview's region; handles, blobs and shared memory do.
 */
import type { VipsEncodeOptions, VipsFormat } from '../codecs/vips/encode.ts';
import type { ModelBackend } from '../core/ai.ts';
import type { BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Rect, Size } from '../core/geometry.ts';
import type { JobEvent } from '../core/job.ts';
import type { Metadata } from '../core/metadata.ts';
import type { Raster } from '../core/pixels.ts';
import type { RowReader, SourceRows } from '../core/source.ts';
import type { Text } from '../core/text.ts';
import type { OwnModel } from '../models/own-models.ts';
import type { ModelSource } from '../models/runner.ts';
import type { JobRequest, JobResult } from '../pipeline/job-request.ts';
import type { Environment } from '../pipeline/environment.ts';
import type { DecoderName } from '../pipeline/open-decoder.ts';

export type { JobRequest, JobResult, OutputTarget } from '../pipeline/job-request.ts';
export type * from './preview-protocol.ts';

/** job.worker.ts: owns one job from end to end. */
export interface JobWorkerApi {
  /** Reads the header. */
  inspect(source: Blob, name: string): Promise<SourceInfo>;
  /** What jobs can count on here; the same for all of them. */
  environment(): Promise<Environment>;
  /** Runs a job; rejects with AbortError after `cancel`, when everything is cleaned up. */
  run(request: JobRequest, onEvent: (event: JobEvent) => void): Promise<JobResult>;
  cancel(): Promise<void>;
  /** Holds the running job, or the next one, between two bands until it is called with false. */
  setPaused(paused: boolean): Promise<void>;
  /** A person acts, or the page has answered them: between the two the running job gives way for a short while. */
  setActing(acting: boolean): Promise<void>;
  /**
   * Whether this worker is good for another job. If not, only its end gives its memory back, or makes sure of what it computes: it has
   * run hooks, held a giant, or failed in a way that nobody foresaw.
   */
  reusable(): Promise<boolean>;
}

/** The rows that a decoder delivers. */
export type RowShape = Omit<RowReader, 'read' | 'close'>;

/** decode.worker.ts and vips.worker.ts: one decoder each, pulled by the job worker. */
export interface DecodeWorkerApi {
  /** Opens the file with the named decoder and says what rows it delivers. */
  open(source: Blob, info: SourceInfo, decoder: DecoderName): Promise<RowShape>;
  /** Decodes the next rows into shared memory. */
  read(rows: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What libvips delivers; conversions to sRGB, which make the file's profile void, and other changes are told. */
export interface VipsRowShape extends RowShape {
  readonly toSrgb: boolean;
  /** The profile of a JPEG XL, which its probe cannot see. */
  readonly icc: Uint8Array<ArrayBuffer> | null;
  readonly warnings: readonly Text[];
}

/** vips.worker.ts: decodes as above, and encodes whole pictures. */
export interface VipsWorkerApi extends Omit<DecodeWorkerApi, 'open'> {
  open(source: Blob, info: SourceInfo): Promise<VipsRowShape>;
  encode(
    raster: Raster,
    format: VipsFormat,
    options: VipsEncodeOptions,
    metadata: Metadata,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** model.worker.ts: networks in ONNX Runtime, on the one backend that the first call names. */
export interface ModelWorkerApi {
  /** Opens a network for tiles of a size, and says what it is called from now on. */
  open(source: ModelSource, input: Size, backend: ModelBackend): Promise<number>;
  /** Planes of red, green and blue, 0..1; both ways their memory is handed over. */
  run(id: number, input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  close(id: number): Promise<void>;
  /** Finds out what a file is. Rejects with an AppError that says why it will not do. */
  probe(file: Blob, name: string, backend: ModelBackend): Promise<OwnModel>;
}

/** band.worker.ts: resamples and encodes. */
export interface BandWorkerApi {
  /** Gets ready for a job. Where memory cannot be shared, the source has no data and rows come with each call. */
  open(module: WebAssembly.Module, job: EngineJob): Promise<void>;
  /** Gets ready to code what another engine has computed: without what computing takes. */
  openCoder(module: WebAssembly.Module, picture: PictureShape, encoding: BandEncoding): Promise<void>;
  /** Lets go of the job; the compiled kernels stay for the next one. */
  close(): Promise<void>;
  segment(place: BandPlace, rows: SourceRows | null, memory: ArrayBuffer | null): Promise<Segment>;
  pixels(rect: Rect, rows: SourceRows | null): Promise<Uint8Array<ArrayBuffer>>;
  /** Codes finished rows that another engine has computed. */
  encode(rows: Uint8Array, place: BandPlace, memory: ArrayBuffer | null): Promise<Segment>;
}
