import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { JobEvent, Receipt } from '../core/job.ts';
import type { Settings } from './settings.ts';

/** What went wrong, in words for the reader. */
export interface Problem {
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly remedy: string;
}

/** Where a finished file lies. */
export type ResultPlace =
  | {
      readonly kind: 'folder';
      /** The folder that was chosen, and those inside it that lead to the file. */
      readonly handle: FileSystemDirectoryHandle;
      readonly folders: readonly string[];
      readonly name: string;
    }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  /** In the browser's private storage under `stored`, or in memory until the page closes; to be saved as a download. */
  | {
      readonly kind: 'blob';
      readonly blob: Blob;
      readonly folders: readonly string[];
      readonly name: string;
      readonly stored: string | null;
    };

export type ProgressEvent = Extract<JobEvent, { kind: 'progress' }>;

/** A finished job: its record, and where the file is. */
export interface PictureResult {
  readonly receipt: Receipt;
  readonly place: ResultPlace;
}

/** A picture whose job is done. */
export interface Done extends PictureResult {
  readonly kind: 'done';
  /** It was handed to the browser's downloads. */
  readonly saved?: true;
  /** Why a later run, which would have replaced it, failed, or why there can be none. */
  readonly again?: Problem;
}

/** What a job leaves in place until it is done itself: the result of the run before, where only the browser holds that. */
interface Again {
  readonly earlier?: Done | undefined;
}

/** Where a picture stands. A failed one without `info` could not even be read. */
export type PictureState =
  | { readonly kind: 'reading' }
  /** Known from an earlier visit; the browser has to be asked for the file again. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'queued' } & Again)
  | ({
      readonly kind: 'running';
      /** Those of the job; the picture's own may change while it runs. */
      readonly settings: Settings;
      readonly progress: ProgressEvent | null;
      readonly warnings: readonly string[];
      /** Bands that an earlier attempt had left; null when finished bands are not kept, or before that is known. */
      readonly keptBands: number | null;
    } & Again)
  | Done
  /** The output folder holds a file of this name already. */
  | { readonly kind: 'skipped'; readonly name: string }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly problem: Problem;
      /** The fault is the file's: under no settings will it do. */
      readonly damaged?: true;
    };

/** One picture in the list. Replaced, never changed in place. */
export interface Picture {
  readonly id: number;
  readonly name: string;
  /** Empty while the picture is locked. */
  readonly file: File;
  /** The file's size, known even while it is locked. */
  readonly bytes: number;
  /** The original on disk, where the browser told; only ever compared with, never written to. */
  readonly handle: FileSystemFileHandle | null;
  /** The folder that was given, if the picture came in one; its permission covers the picture. */
  readonly root: FileSystemDirectoryHandle | null;
  /** The folders that lead to the picture, the given one first. */
  readonly folders: readonly string[];
  /** The name of its copy in the browser's private storage, for a picture without a handle. */
  readonly copy: string | null;
  readonly settings: Settings;
  /** Null until the header is read. */
  readonly info: SourceInfo | null;
  /** The upright size; null until the header is read. */
  readonly size: Size | null;
  /** Name of the colour profile, e.g. "Display P3"; null when there is none, or before the header is read. */
  readonly profile: string | null;
  readonly state: PictureState;
}

/** The result that a new run of a picture must not cost before it is done. */
export function heldResult(state: PictureState): Done | undefined {
  if (state.kind === 'queued' || state.kind === 'running') return state.earlier;
  return state.kind === 'done' && state.place.kind === 'blob' ? state : undefined;
}

/** Whether Start would take the picture: read, and neither waiting, running nor done. */
export const isStartable = (picture: Picture): boolean =>
  picture.info !== null &&
  (picture.state.kind === 'ready' || picture.state.kind === 'cancelled' || picture.state.kind === 'failed');

/**
 * The pictures that Start is about: all that wait; when none waits, the chosen ones that are finished, to run them again. Who has chosen finished
 * ones does not mean those that have failed beside them.
 */
export function meantByStart(pictures: readonly Picture[], chosen: readonly Picture[]): readonly Picture[] {
  const again = chosen.filter(isFinished);
  const isMeant = (picture: Picture): boolean =>
    again.length === 0 || picture.state.kind !== 'failed' || chosen.includes(picture);
  const waiting = pictures.filter((picture) => isStartable(picture) && isMeant(picture));
  return waiting.length === 0 ? again : waiting;
}

/** Whether its file turned out to be none that can be read, so that no run ever takes it. */
export const isUnreadable = (picture: Picture): boolean => picture.info === null && picture.state.kind === 'failed';

/** Whether the header says what the file has, and the rest of it turned out to be damaged. */
export const isDamaged = ({ state }: Picture): boolean => state.kind === 'failed' && state.damaged === true;

/** Whether a job owns the picture at present. */
export const isBusy = (picture: Picture): boolean =>
  picture.state.kind === 'queued' || picture.state.kind === 'running';

/** Whether its job has come to an end of some kind. */
export const isFinished = (picture: Picture): boolean =>
  picture.state.kind === 'done' || picture.state.kind === 'skipped';

/** Whether its job is at an end, and nothing that only the browser holds would go with it: a download counts from when it was saved. */
export const isSettled = ({ state }: Picture): boolean =>
  state.kind === 'skipped' || (state.kind === 'done' && (state.place.kind !== 'blob' || state.saved === true));

/** Whether the picture can be tried again by itself. */
export const canRetry = (picture: Picture): boolean =>
  picture.info !== null && ['failed', 'cancelled', 'skipped', 'done'].includes(picture.state.kind);
