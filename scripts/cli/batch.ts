/** Runs the jobs of one call of the command line, one after another. */
import { mkdir, realpath, rmdir } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { AiOptions, ModelRef } from '../../src/core/ai.ts';
import { AppError, isAbort } from '../../src/core/errors.ts';
import type { JobEvent } from '../../src/core/job.ts';
import { exportName } from '../../src/core/exports.ts';
import { outputSizeOf } from '../../src/core/options.ts';
import type { CliRequest } from './arguments.ts';
import type { InputFile } from './inputs.ts';
import { ResourceWatch } from './memory.ts';
import { chooseFormat, expandTemplate } from './names.ts';
import { OutputFile, writeError } from './output-file.ts';
import type { ProgressView } from './progress.ts';
import { errorText, failureReport, jobReport, summaryLine, type FailureReport, type JobReport } from './report.ts';
import { hookUrl, type Session } from './session.ts';

/** How long a job may take to stop before the browser is ended under it. */
const CANCEL_MS = 5000;

export interface BatchOptions {
  readonly request: CliRequest;
  readonly files: readonly InputFile[];
  /** Absolute path or template. */
  readonly template: string;
  /** Make the output's folder when it is missing. */
  readonly makeFolders: boolean;
  readonly view: ProgressView;
  readonly openSession: () => Promise<Session>;
}

/** The path with links resolved as far as it exists, so that one file has one name. */
async function trueName(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : resolve(await trueName(dirname(path)), basename(path));
  }
}

/** Makes the folder of a file, with those above it; the topmost one that was not there before, null when all were. */
async function makeFolder(path: string): Promise<string | null> {
  try {
    return (await mkdir(dirname(path), { recursive: true })) ?? null;
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** Removes a folder and those above it, up to `top`, as far as there is nothing in them. */
async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  try {
    for (let at = resolve(folder); ; at = dirname(at)) {
      await rmdir(at);
      if (at === resolve(top)) return;
    }
  } catch {
    // Something else is in it, and so it stays.
  }
}

export class Batch {
  readonly #options: BatchOptions;
  readonly #taken = new Map<string, string>();
  #session: Session | null = null;
  #output: OutputFile | null = null;
  #cancelled = false;
  #ownModel: Promise<ModelRef> | null = null;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /** All reports, in the order of the files; a failed job does not stop the others. Rejects with AbortError after `cancel`. */
  async run(): Promise<(JobReport | FailureReport)[]> {
    const { files, view } = this.#options;
    const reports: (JobReport | FailureReport)[] = [];
    for (const file of files) this.#taken.set(await trueName(file.path), 'an input');
    try {
      for (const [index, file] of files.entries()) {
        const title = files.length > 1 ? `${index + 1}/${files.length} ${file.relative}` : file.relative;
        try {
          const report = await this.#job(file, title);
          for (const warning of report.warnings) view.say(`${title}: ${warning}`);
          view.note(summaryLine(report));
          reports.push(report);
        } catch (error) {
          if (this.#cancelled || isAbort(error)) throw new DOMException('Cancelled.', 'AbortError');
          const failure = failureReport(file.path, error);
          view.say(`${title}: ${errorText(failure.error)}`);
          if (this.#options.request.verbose && error instanceof Error) view.say(error.stack ?? '');
          reports.push(failure);
        }
      }
    } finally {
      view.clear();
      await this.#session?.close();
    }
    return reports;
  }

  /** Stops the running job and all after it; settles when the job has cleaned up or has had its time. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    const late = new Promise((resolve) => setTimeout(resolve, CANCEL_MS).unref());
    await Promise.race([this.#session?.cancel().catch(() => undefined), late]);
    await this.#output?.abort();
    await this.#session?.close();
  }

  /** Leaves no half file behind when the process ends at once. */
  abandon(): void {
    this.#output?.abortSync();
  }

  async #openSession(): Promise<Session> {
    if (this.#session?.dead) {
      await this.#session.close();
      this.#session = null;
    }
    this.#session ??= await this.#options.openSession();
    return this.#session;
  }

  #stopIfCancelled(): void {
    if (this.#cancelled) throw new DOMException('Cancelled.', 'AbortError');
  }

  async #job(file: InputFile, title: string): Promise<JobReport> {
    const { request, template, view } = this.#options;
    this.#stopIfCancelled();
    const isFresh = this.#session === null || this.#session.dead;
    const session = await this.#openSession();
    this.#stopIfCancelled();
    const watch = session.pid === null ? null : await ResourceWatch.start(session.pid, 200, isFresh);
    let claimed: string | null = null;
    let path = '';
    let madeFolder: string | null = null;
    try {
      await session.choose(file.path);
      const source = await session.inspect(file.path);
      const format = chooseFormat(request.format, template, source.format);
      const output = outputSizeOf(source, request.options);
      const { kernel } = request.options;
      const named = expandTemplate(template, { relative: file.relative, source, output, kernel, format });
      path = named.endsWith('.zip') ? named : exportName(named, request.options.export, false);
      claimed = await this.#claim(path, file);

      if (this.#options.makeFolders) madeFolder = await makeFolder(path);
      this.#output = await OutputFile.create(path, request.force);
      this.#stopIfCancelled();
      const hooks = { before: hookUrl('before', request.hooks.before), after: hookUrl('after', request.hooks.after) };
      const onEvent = (event: JobEvent): void => {
        if (event.kind === 'progress') view.update(title, event);
      };
      const begin = performance.now();
      const job = {
        name: basename(file.path),
        options: { ...request.options, format, hooks, ai: await this.#aiOptions(session) },
        outputName: basename(path),
      };
      const receipt = await session.run(job, this.#output, onEvent);
      const wallMs = performance.now() - begin;
      if (!this.#output.committed) throw new AppError('internal', `The job ended without completing ${path}.`);
      const use = watch === null ? null : await watch.stop();
      return jobReport({ input: file.path, output: path }, receipt, { wallMs, bytes: this.#output.bytes, use });
    } catch (error) {
      // Nothing was written under that name: another input may have it.
      if (claimed !== null) this.#taken.delete(claimed);
      // The disk's own words say more than what came back through the browser.
      throw this.#output?.failure ?? error;
    } finally {
      const isWritten = this.#output?.committed === true;
      await this.#output?.abort();
      this.#output = null;
      if (madeFolder !== null && !isWritten) await removeEmptyFolders(dirname(path), madeFolder);
      await watch?.stop();
    }
  }

  /** The options of the model that was asked for; a file is looked at, once a session, before it is used. */
  async #aiOptions(session: Session): Promise<AiOptions | null> {
    const { ai } = this.#options.request;
    if (ai === null) return null;
    const { model, ...rest } = ai;
    if (model.kind === 'bundled') return { ...rest, model };
    this.#ownModel ??= session.addModel(model.path);
    return { ...rest, model: await this.#ownModel };
  }

  /** Refuses a path that is an input of this call or was written by it before. Returns its true name. */
  async #claim(path: string, file: InputFile): Promise<string> {
    const name = await trueName(path);
    const holder = this.#taken.get(name);
    if (holder !== undefined) {
      throw new AppError('write-failed', `${path} is ${holder} of this very call, and stays as it is.`, {
        remedy: 'Name another output; {name}, {dir} and {scale} in --out keep outputs apart.',
      });
    }
    this.#taken.set(name, `the output of ${file.relative}`);
    return name;
  }
}

/** An absolute path without `..`, from where the command was called. */
export const absolute = (path: string, base: string): string => resolve(base, path);
