import type { Receipt } from '../core/job.ts';
import type { JobOptions } from '../core/options.ts';

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

/** One picture to enlarge. */
export interface JobRequest {
  readonly source: Blob;
  readonly sourceName: string;
  readonly options: JobOptions;
  readonly output: OutputTarget;
  /**
   * A name under which finished bands are kept until the job has ended, so that a job of the same name, picture and options goes on
   * behind them after a crash. Only formats coded in bands can; not with models, hooks or a limit of bytes.
   */
  readonly stage?: string | null;
}

/** What a finished job hands back beside its receipt. */
export interface JobResult {
  readonly receipt: Receipt;
  /** The file, when it went to OPFS or memory. */
  readonly file: Blob | null;
}
