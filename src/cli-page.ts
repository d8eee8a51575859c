/** The page that the command line opens in a headless browser: it runs jobs on the files put into its file input. */
import type { ModelRef } from './core/ai.ts';
import { toErrorRecord, type ErrorRecord } from './core/errors.ts';
import type { SourceInfo } from './core/formats.ts';
import type { JobEvent, Receipt } from './core/job.ts';
import type { JobOptions } from './core/options.ts';
import { addOwnModel, Upscaler } from './index.ts';

/** What the command line needs of a file's header. */
export type SourceSummary = Pick<SourceInfo, 'width' | 'height' | 'format' | 'bytes'>;

/** A result, or the error that came instead, as plain data. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorRecord };

export interface CommandJob {
  /** The input's name, for messages and the receipt. */
  readonly name: string;
  readonly options: JobOptions;
  /** Where the local server takes the output. */
  readonly url: string;
  readonly outputName: string;
}

/** What `scripts/upscale.ts` calls, as `window.commandLine`. */
export interface CommandLineApi {
  /** Width and height are upright: after the orientation. */
  inspect(name: string): Promise<Answer<SourceSummary>>;
  run(job: CommandJob): Promise<Answer<Receipt>>;
  /** Looks at a model file and keeps it for the jobs that follow. */
  addModel(given: { readonly url: string; readonly name: string }): Promise<Answer<ModelRef>>;
  /** Ends the running job, if any; its `run` answers with the AbortError. */
  cancel(): void;
}

/** What the page tells of its own accord. */
export type PageMessage = { readonly kind: 'ready' } | JobEvent;

declare global {
  interface Window {
    commandLine: CommandLineApi;
    /** Put here by the command line; takes a PageMessage as JSON. */
    tellCommandLine?: (message: string) => void;
  }
}

/** Its workers start with the first call, so that the idle page is a measure of the browser alone. */
const upscaler = new Upscaler();
let running: AbortController | null = null;

const tell = (message: PageMessage): void => window.tellCommandLine?.(JSON.stringify(message));

function chosenFile(): File {
  const file = document.querySelector<HTMLInputElement>('input[type=file]')?.files?.[0];
  if (!file) throw new Error('No file was given to the page.');
  return file;
}

async function answered<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toErrorRecord(error) };
  }
}

/** Orientations from 5 on lie on their side (CIPA DC-008, tag 0x0112). */
function upright(info: SourceInfo): SourceSummary {
  const { width, height, format, bytes } = info;
  return info.metadata.orientation >= 5
    ? { width: height, height: width, format, bytes }
    : { width, height, format, bytes };
}

window.commandLine = {
  inspect: (name) => answered(async () => upright(await upscaler.inspect(chosenFile(), name))),
  run: ({ name, options, url, outputName }) =>
    answered(async () => {
      running = new AbortController();
      try {
        const result = await upscaler.run(
          {
            source: chosenFile(),
            sourceName: name,
            options,
            output: { kind: 'server', url: new URL(url, location.href).href, name: outputName },
          },
          { signal: running.signal, onEvent: tell },
        );
        return result.receipt;
      } finally {
        running = null;
      }
    }),
  addModel: ({ url, name }) =>
    answered(async () => {
      const model = await addOwnModel(await (await fetch(url)).blob(), name);
      return { kind: 'own', name, sha256: model.sha256, shape: model.shape };
    }),
  cancel: () => running?.abort(),
};
tell({ kind: 'ready' });
