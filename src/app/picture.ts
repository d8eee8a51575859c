import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { JobEvent } from '../core/job.ts';
import type { JobResult } from '../workers/protocol.ts';

/** What went wrong, in words for the reader. */
export interface Problem {
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly remedy: string;
}

/** Where a finished file lies. */
export type ResultPlace =
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle; readonly name: string }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  /** Held by the browser until the page closes; to be saved as a download. */
  | { readonly kind: 'blob'; readonly blob: Blob; readonly name: string };

export type ProgressEvent = Extract<JobEvent, { kind: 'progress' }>;

/** Where a picture stands. A failed one without `info` could not even be read. */
export type PictureState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'running'; readonly progress: ProgressEvent | null; readonly warnings: readonly string[] }
  | { readonly kind: 'done'; readonly result: JobResult; readonly place: ResultPlace }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** One picture in the list. Replaced, never changed in place. */
export interface Picture {
  readonly id: number;
  readonly name: string;
  readonly file: File;
  /** The original on disk, where the browser told; only ever compared with, never written to. */
  readonly handle: FileSystemFileHandle | null;
  /** Null until the header is read. */
  readonly info: SourceInfo | null;
  /** The upright size; null until the header is read. */
  readonly size: Size | null;
  /** Name of the colour profile, e.g. "Display P3"; null when there is none, or before the header is read. */
  readonly profile: string | null;
  readonly state: PictureState;
}

/** Whether Start would take the picture: read, and neither waiting, running nor done. */
export const isStartable = (picture: Picture): boolean =>
  picture.info !== null &&
  (picture.state.kind === 'ready' || picture.state.kind === 'cancelled' || picture.state.kind === 'failed');

/** Whether a job owns the picture at present. */
export const isBusy = (picture: Picture): boolean =>
  picture.state.kind === 'queued' || picture.state.kind === 'running';
