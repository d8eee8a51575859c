import type { DBSchema } from 'idb';
import type { Receipt } from '../core/job.ts';

/** Where a stored result lies; a part of app/picture.ts's `ResultPlace` that outlives the page. */
export type StoredPlace =
  | {
      readonly kind: 'folder';
      readonly handle: FileSystemDirectoryHandle;
      readonly folders: readonly string[];
      readonly name: string;
    }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  | { readonly kind: 'private'; readonly folders: readonly string[]; readonly name: string; readonly stored: string };

/** A finished job, as far as it outlives the page. */
export interface StoredResult {
  readonly receipt: Receipt;
  readonly place: StoredPlace;
  /** It was handed to the browser's downloads; absent, too, in records of versions that did not keep this. */
  readonly saved?: true;
}

/** How a stored picture stood. One that was running stands as `queued`, with the result that it had before. */
export type StoredState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'queued'; readonly earlier?: StoredResult }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'skipped'; readonly name: string }
  | {
      readonly kind: 'failed';
      readonly problem: { readonly message: string; readonly remedy: string };
      /** Absent, too, in records of versions that did not tell. */
      readonly damaged?: true;
    }
  | ({ readonly kind: 'done' } & StoredResult);

/** A picture of the queue. */
export interface QueueRecord {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly handle: FileSystemFileHandle | null;
  readonly root: FileSystemDirectoryHandle | null;
  readonly folders: readonly string[];
  /** Its copy in the private storage; null when it has none. */
  readonly copy: string | null;
  /** As JSON would have it; checked when it is read. */
  readonly settings: unknown;
  readonly state: StoredState;
}

/** Where a job that runs writes: enough to clear up after it when the page went away in the middle. */
export type JournalTarget =
  /** `made`: the job makes this file, or has made it; one that was there before is not touched. */
  | {
      readonly kind: 'folder';
      readonly handle: FileSystemDirectoryHandle;
      readonly name: string;
      readonly made: boolean;
    }
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle; readonly made: boolean }
  /** In the private storage, under this name when it is complete. */
  | { readonly kind: 'private'; readonly name: string }
  | { readonly kind: 'memory' };

/** A job that runs, or ran when the page went away. */
export interface JournalRecord {
  /** Of the picture in the queue. */
  readonly id: number;
  readonly target: JournalTarget;
  /** The stage that its finished bands are kept in; null when they are not. */
  readonly stage: string | null;
  /** The page that the job is of; absent in records of versions that knew only one page. */
  readonly page?: string;
}

/** What belongs to the queue of a page as a whole. */
export interface SessionRecord {
  /** Ids in the order of the list: these pictures are this queue's. */
  readonly order: readonly number[];
  readonly selectedId: number | null;
  /** A run was on; its pictures are those that are `queued`. */
  readonly running: boolean;
  readonly destination: { readonly kind: string; readonly folder: FileSystemDirectoryHandle | null };
}

/** A finished job as it is remembered. */
export interface HistoryRecord {
  /** Given by the database. */
  readonly id?: number;
  /** Milliseconds since 1970. */
  readonly ended: number;
  readonly receipt: Receipt;
  /** Where the file was put; null when it was only held by the browser. */
  readonly place: StoredPlace | null;
  /** A small copy of the picture; null where the browser could not make one. */
  readonly thumbnail: Blob | null;
}

/**
 * Everything the app keeps in IndexedDB. To add a store: add it here, raise `VERSION` in database.ts, and create it in `upgrade` there under that version.
 * Records are read with suspicion everywhere: one that makes no sense is forgotten, and nothing depends on any of them. Of pictures that is told.
 */
export interface AppSchema extends DBSchema {
  /** Pictures of all queues, by ids that no two pages give. */
  queue: { key: number; value: QueueRecord };
  /** Jobs that run, by their picture's id. */
  journal: { key: number; value: JournalRecord };
  /** What belongs to the queues of pages as a whole, under keys with their names, and a second copy of each record of the journal. */
  session: { key: string; value: SessionRecord | JournalRecord };
  /** Finished jobs, by when they ended. */
  history: { key: number; value: HistoryRecord; indexes: { ended: number } };
}
