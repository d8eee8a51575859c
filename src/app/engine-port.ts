import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import type { Environment } from '../pipeline/environment.ts';
import type { JobRequest, JobResult } from '../workers/protocol.ts';
import type { OpenSession } from './preview.ts';

/** What the page needs of the engine; `Upscaler` in src/index.ts is one. */
export interface UpscalerPort {
  /** Reads a file's header. Rejects with an AppError that names the file and the reason. */
  inspect(source: Blob, name: string): Promise<SourceInfo>;
  /** What jobs can count on in this browser. */
  environment(): Promise<Environment>;
  /** Runs a job to its end; rejects with AbortError once a cancelled job is cleaned up. */
  run(
    request: JobRequest,
    options: { readonly signal?: AbortSignal; readonly onEvent?: (event: JobEvent) => void },
  ): Promise<JobResult>;
  /** Opens a picture for looking at it; rejects with an AppError that says what is wrong with it. */
  readonly openPreview: OpenSession;
  /** Holds the running job, or the next one, between two bands until it is called with false. */
  setPaused(paused: boolean): void;
  /** Lets the running job give way while a person acts, until it is called with false, or for a short while at most. */
  setActing(acting: boolean): void;
  close(): void;
}

/** Makes an engine; called once, or again after it failed. */
export type CreateUpscaler = () => Promise<UpscalerPort>;
