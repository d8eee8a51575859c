/**
 * Everything that crosses between the page and the workers, and between workers: the whole contract. Types only.
 * Pixels do not cross, except for a preview's region; handles, blobs and shared memory do.
 */
import type { BandPlace, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Rect } from '../core/geometry.ts';
import type { JobEvent, Receipt } from '../core/job.ts';
import type { JobOptions } from '../core/options.ts';
import type { PixelFormat } from '../core/pixels.ts';

/** Where the finished file goes. */
export type OutputTarget =
  /** A file that the page has got from a save picker, or from OPFS in a test. `created`: remove it when the job fails. */
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle; readonly created: boolean }
  /** A new file in a folder; a name that is taken gets a number. */
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle; readonly name: string }
  /** A temporary file in OPFS, which the page then offers as a download. */
  | { readonly kind: 'opfs'; readonly name: string }
  /** In memory, for small results and where there is no OPFS. */
  | { readonly kind: 'memory'; readonly name: string }
  /** The command line's local server: pieces are sent in order with PUT, the end with POST, an abort with DELETE. */
  | { readonly kind: 'server'; readonly url: string; readonly name: string };

export interface JobRequest {
  readonly source: Blob;
  readonly sourceName: string;
  readonly options: JobOptions;
  readonly output: OutputTarget;
}

/** What a finished job hands back beside its receipt. */
export interface JobResult {
  readonly receipt: Receipt;
  /** The file, when it went to OPFS or memory. */
  readonly file: Blob | null;
}

/** job.worker.ts: owns one job from end to end. */
export interface JobWorkerApi {
  /** Reads the header. */
  inspect(source: Blob, name: string): Promise<SourceInfo>;
  /** Runs a job; rejects with AbortError after `cancel`, when everything is cleaned up. */
  run(request: JobRequest, onEvent: (event: JobEvent) => void): Promise<JobResult>;
  cancel(): Promise<void>;
}

/** decode.worker.ts and vips.worker.ts: one decoder each, pulled by the job worker. */
export interface DecodeWorkerApi {
  /** Opens the file and says what rows it delivers. */
  open(source: Blob, info: SourceInfo): Promise<PixelFormat & { width: number; height: number }>;
  /** Decodes the next rows into shared memory. */
  read(rows: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** band.worker.ts: resamples and encodes. */
export interface BandWorkerApi {
  open(job: EngineJob): Promise<void>;
  segment(place: BandPlace): Promise<Segment>;
  pixels(rect: Rect): Promise<Uint8Array<ArrayBuffer>>;
}
