/** A headless browser with the built app's command-line page in it. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Answer, CommandJob, PageMessage, SourceSummary } from '../../src/cli-page.ts';
import type { ModelRef } from '../../src/core/ai.ts';
import { AppError, fromErrorRecord } from '../../src/core/errors.ts';
import type { JobEvent, Receipt } from '../../src/core/job.ts';
import { BROWSER_FLAGS, ensureBrowser } from '../browser.ts';
import { DevtoolsPage } from './devtools.ts';
import { OutputRoute, type OutputFile } from './output-file.ts';
import { answer, startServer, type Route, type RunningServer } from './server.ts';

const HOOKS = '/hooks/';
const MODEL = '/model/';
const GIB = 2 ** 30;
const START_MS = 60_000;

/** Free bytes of a folder's file system; 0 where there is no such folder. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** Memory-backed where there is plenty of it: the profile is thrown away in the end. */
const profileParent = (): string => (freeBytes('/dev/shm') > 8 * GIB ? '/dev/shm' : tmpdir());

/** Chromium leaves a folder for a socket behind in the temporary one. A socket's path ends at 107 bytes on Linux. */
const temporaryFolder = (profile: string): Record<string, string> =>
  process.platform === 'linux' && profile.length < 48 ? { TMPDIR: profile } : {};

/** Containers often have 64 MB there, which the browser's shared memory does not fit into. */
const sharedMemoryFlags = (): string[] =>
  process.platform === 'linux' && freeBytes('/dev/shm') < GIB ? ['--disable-dev-shm-usage'] : [];

export interface SessionOptions {
  /** The built app. */
  readonly app: string;
  /** Paths of modules to serve as hooks. */
  readonly hooks: { readonly before: string | null; readonly after: string | null };
  /** Path of a model of the caller's own; null for none. */
  readonly model: string | null;
  readonly onConsole: ((line: string) => void) | null;
}

/** Serves the hook modules, which must come from the app's own origin. */
function hookRoute(hooks: SessionOptions['hooks']): Route {
  return async (_request, response, url) => {
    const path = url.pathname === `${HOOKS}before.js` ? hooks.before : hooks.after;
    if (path === null) return answer(response, 404, 'No such hook.');
    const code = await readFile(path);
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' });
    response.end(code);
  };
}

/** Serves the model file, which the page fetches and looks at. */
function modelRoute(path: string | null): Route {
  return async (_request, response) => {
    if (path === null) return answer(response, 404, 'No model.');
    const bytes = await readFile(path);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
    response.end(bytes);
  };
}

/** The address that a job finds a hook module at, for `JobOptions.hooks`. */
export const hookUrl = (when: 'before' | 'after', path: string | null): string | null =>
  path === null ? null : `${HOOKS}${when}.js`;

/** A line of the page's console, or an uncaught error, out of the protocol's events. */
function consoleLine(method: string, params: Readonly<Record<string, unknown>>): string | null {
  if (method === 'Runtime.consoleAPICalled') {
    const { type, args } = params as { type: string; args: { value?: unknown; description?: string }[] };
    return `${type}: ${args.map((arg) => String(arg.value ?? arg.description)).join(' ')}`;
  }
  if (method === 'Runtime.exceptionThrown') {
    const { exceptionDetails } = params as { exceptionDetails: { exception?: { description?: string }; text: string } };
    return `error: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`;
  }
  return null;
}

export class Session {
  readonly #server: RunningServer;
  readonly #outputs: OutputRoute;
  readonly #profile: string;
  #page: DevtoolsPage | null = null;
  #onEvent: (event: JobEvent) => void = () => undefined;
  #ready: () => void = () => undefined;
  readonly #atExit = (): void => {
    this.#page?.kill();
    this.#removeProfile();
  };

  private constructor(server: RunningServer, outputs: OutputRoute) {
    this.#server = server;
    this.#outputs = outputs;
    this.#profile = mkdtempSync(join(profileParent(), 'pro-upscaler-'));
    process.once('exit', this.#atExit);
  }

  /** Starts the server and the browser, and loads the page. Cleans up after itself when that fails. */
  static async open({ app, hooks, model, onConsole }: SessionOptions): Promise<Session> {
    const executable = ensureBrowser();
    const outputs = new OutputRoute();
    const routes = { [OutputRoute.prefix]: outputs.handle, [HOOKS]: hookRoute(hooks), [MODEL]: modelRoute(model) };
    const session = new Session(await startServer({ root: app, port: 0, routes }), outputs);
    try {
      await session.#start(executable, onConsole);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The browser's main process, for measuring. */
  get pid(): number | null {
    return this.#page?.pid ?? null;
  }

  /** The page or the browser went down: only `close` makes sense. */
  get dead(): boolean {
    return this.#page?.dead !== false;
  }

  /** Gives the page a file by its path: nothing of it is read here. */
  choose(path: string): Promise<void> {
    return this.#live().setFile(`document.querySelector('input[type=file]')`, path);
  }

  /** Reads the chosen file's header; rejects with the app's own error. */
  inspect(path: string): Promise<SourceSummary> {
    return this.#ask<SourceSummary>('inspect', basename(path));
  }

  /** Has the page find out what the caller's model is; rejects with the app's own error when it will not do. */
  addModel(path: string): Promise<ModelRef> {
    return this.#ask<ModelRef>('addModel', { url: MODEL, name: basename(path) });
  }

  /** Runs a job on the chosen file; rejects with the app's own error, or AbortError after `cancel`. */
  async run(job: Omit<CommandJob, 'url'>, output: OutputFile, onEvent: (event: JobEvent) => void): Promise<Receipt> {
    this.#onEvent = onEvent;
    try {
      const sent: CommandJob = { ...job, url: this.#outputs.offer(output) };
      return await this.#ask<Receipt>('run', sent);
    } finally {
      this.#onEvent = () => undefined;
    }
  }

  async cancel(): Promise<void> {
    await this.#live().evaluate('commandLine.cancel()');
  }

  /** Ends the browser and removes its profile; safe more than once. */
  async close(): Promise<void> {
    await this.#page?.close();
    await this.#server.close();
    this.#removeProfile();
    process.removeListener('exit', this.#atExit);
  }

  async #start(executable: string, onConsole: SessionOptions['onConsole']): Promise<void> {
    const flags = [...BROWSER_FLAGS, ...sharedMemoryFlags(), `--user-data-dir=${this.#profile}`];
    this.#page = await DevtoolsPage.launch(executable, flags, temporaryFolder(this.#profile), (method, params) => {
      if (method === 'Runtime.bindingCalled') this.#hear(JSON.parse(params['payload'] as string) as PageMessage);
      const line = onConsole === null ? null : consoleLine(method, params);
      if (line !== null) onConsole?.(line);
    });
    const ready = new Promise<void>((resolve) => (this.#ready = resolve));
    await this.#page.send('Runtime.addBinding', { name: 'tellCommandLine' });
    await this.#page.send('Page.navigate', { url: `${this.#server.origin}/cli.html` });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const message = `The app's page did not load within ${START_MS / 1000} s.`;
      const remedy = 'Build it anew with "npm run build"; --verbose shows what the browser says.';
      timer = setTimeout(() => reject(new AppError('internal', message, { remedy })), START_MS);
    });
    try {
      await Promise.race([ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #live(): DevtoolsPage {
    if (this.#page === null) throw new AppError('internal', 'The session is not open.');
    return this.#page;
  }

  #hear(message: PageMessage): void {
    if (message.kind === 'ready') this.#ready();
    else this.#onEvent(message);
  }

  async #ask<T>(method: 'inspect' | 'run' | 'addModel', given: unknown): Promise<T> {
    const answered = (await this.#live().evaluate(`commandLine.${method}(${JSON.stringify(given)})`)) as Answer<T>;
    if (answered.ok) return answered.value;
    throw fromErrorRecord(answered.error);
  }

  #removeProfile(): void {
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
