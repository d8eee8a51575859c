import type { AiReport } from './ai.ts';
import type { ErrorRecord } from './errors.ts';
import type { EngineName } from './engine.ts';
import type { Size } from './geometry.ts';
import type { JobOptions } from './options.ts';
import type { Words } from './text.ts';

/** What a running job tells; at most ten progress events a second. */
export type JobEvent =
  /** The output is there, empty, under this name. */
  | { readonly kind: 'opened'; readonly name: string }
  | {
      readonly kind: 'started';
      /** The name that the output has got in its folder. */
      readonly name: string;
      readonly output: Size;
      readonly bands: number;
      readonly engine: EngineName;
      /** Bands that an earlier attempt has left and that are not computed again; null when finished bands are not kept. */
      readonly keptBands: number | null;
    }
  | {
      readonly kind: 'progress';
      /** 0..1 of the output rows that are written, or of the work of models before them; 1 only when all rows are. */
      readonly fraction: number;
      readonly bytes: number;
      readonly elapsedMs: number;
      /** Null until there is something to judge by. */
      readonly remainingMs: number | null;
      readonly megapixelsPerSecond: number;
      readonly engine: EngineName;
    }
  | { readonly kind: 'warning'; readonly message: string }
  /** All is written and the file gets its name: a cancel comes too late from now on. */
  | { readonly kind: 'committing' };

/** Milliseconds of wall time by stage, without pauses; stages overlap, so they do not add up to the total. */
export interface StageTimings {
  readonly probe: number;
  readonly decode: number;
  readonly compute: number;
  readonly write: number;
  readonly total: number;
}

/** What was done, in enough detail to do it again. Plain JSON. */
export interface Receipt {
  readonly app: string;
  readonly version: string;
  readonly input: { readonly name: string; readonly bytes: number; readonly format: string } & Size;
  readonly output: {
    readonly name: string;
    readonly bytes: number;
    readonly format: string;
    readonly depth: number;
    /** Of lossy formats; lower than asked for where the file had to keep to a limit. */
    readonly quality?: number;
    /** Files that were made, where the result is a set of them: of tiles, or of panels. `bytes` is the sum. */
    readonly files?: number;
  } & Size;
  readonly options: JobOptions;
  readonly engine: EngineName;
  /** Why this engine, and each change during the job. */
  readonly engineReason: string;
  /** What models did; null without any. */
  readonly ai: AiReport | null;
  readonly bands: number;
  /** How many of them an earlier attempt had left; absent when none. */
  readonly keptBands?: number;
  readonly timings: StageTimings;
  /** Most bytes held by the job's own buffers at a time, by its ledger. */
  readonly ledgerPeakBytes: number;
  readonly metadataKept: readonly string[];
  readonly metadataDropped: readonly string[];
  readonly warnings: readonly string[];
  /** What its sentences were made of, for other languages; absent where they were not written for translation. */
  readonly texts?: ReceiptTexts;
}

/** The sentences of a receipt in parts, each list in the order of its words in the receipt. */
export interface ReceiptTexts {
  readonly engineReason: readonly Words[];
  readonly metadataKept: readonly Words[];
  readonly metadataDropped: readonly Words[];
  readonly warnings: readonly Words[];
}

/** How a job ended. */
export type JobOutcome =
  | { readonly kind: 'done'; readonly receipt: Receipt }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };
