/** A headless browser with the built app's command-line page in it. */
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { Answer, CommandJob, SourceSummary } from '../../src/cli-page.ts';
import { AppError, fromErrorRecord } from '../../src/core/errors.ts';
import type { JobEvent, Receipt } from '../../src/core/job.ts';
import { BROWSER_FLAGS, ensureBrowser } from '../browser.ts';
import { findProcess } from './memory.ts';
import { OutputRoute, type OutputFile } from './output-file.ts';
import { answer, startServer, type Route, type RunningServer } from './server.ts';

const HOOKS = '/hooks/';
const GIB = 2 ** 30;

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

/** Containers often have 64 MB there, which the browser's shared memory does not fit into. */
const sharedMemoryFlags = (): string[] =>
  process.platform === 'linux' && freeBytes('/dev/shm') < GIB ? ['--disable-dev-shm-usage'] : [];

export interface SessionOptions {
  /** The built app. */
  readonly app: string;
  /** Paths of modules to serve as hooks. */
  readonly hooks: { readonly before: string | null; readonly after: string | null };
  readonly onConsole: ((line: string) => void) | null;
}

/** Serves the hook modules, which must come from the app's own origin. */
function hookRoute(hooks: SessionOptions['hooks']): Route {
  return (_request, response, url) => {
    const path = url.pathname === `${HOOKS}before.js` ? hooks.before : hooks.after;
    if (path === null) {
      answer(response, 404, 'No such hook.');
      return Promise.resolve();
    }
    const code = readFileSync(path);
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' });
    response.end(code);
    return Promise.resolve();
  };
}

/** The address that a job finds a hook module at, for `JobOptions.hooks`. */
export const hookUrl = (when: 'before' | 'after', path: string | null): string | null =>
  path === null ? null : `${HOOKS}${when}.js`;

export class Session {
  /** The browser's main process; null where it cannot be found. */
  readonly pid: number | null;
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #server: RunningServer;
  readonly #outputs: OutputRoute;
  readonly #profile: string;
  /** Rejects when the page or the browser goes down. */
  readonly #death: Promise<never>;
  #onEvent: (event: JobEvent) => void = () => undefined;
  #closing = false;
  #dead = false;

  private constructor(
    context: BrowserContext,
    page: Page,
    server: RunningServer,
    outputs: OutputRoute,
    profile: string,
    pid: number | null,
  ) {
    this.#context = context;
    this.#page = page;
    this.#server = server;
    this.#outputs = outputs;
    this.#profile = profile;
    this.pid = pid;
    this.#death = new Promise((_resolve, reject) => {
      const died = (what: string): void => {
        if (this.#closing) return;
        this.#dead = true;
        const remedy = 'Most likely memory ran out: choose a smaller size, or close other programs.';
        reject(new AppError('worker-died', `The browser's ${what} ended before the job was done.`, { remedy }));
      };
      page.once('crash', () => died('page'));
      page.once('close', () => died('page'));
      context.once('close', () => died('process'));
    });
    // Nobody listens between two jobs; the next one hears of it.
    this.#death.catch(() => undefined);
  }

  /** Starts the server and the browser, and loads the page. Cleans up after itself when that fails. */
  static async open({ app, hooks, onConsole }: SessionOptions): Promise<Session> {
    const executablePath = ensureBrowser();
    const outputs = new OutputRoute();
    const routes = { [OutputRoute.prefix]: outputs.handle, [HOOKS]: hookRoute(hooks) };
    const server = await startServer({ root: app, port: 0, routes });
    const profile = mkdtempSync(join(profileParent(), 'pro-upscaler-'));
    const removeProfile = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    process.once('exit', removeProfile);
    try {
      // Signals are the command's own business: it has a file to remove.
      const context = await chromium.launchPersistentContext(profile, {
        executablePath,
        args: [...BROWSER_FLAGS, ...sharedMemoryFlags()],
        headless: true,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      });
      const page = context.pages()[0] ?? (await context.newPage());
      if (onConsole) {
        page.on('console', (message) => onConsole(`${message.type()}: ${message.text()}`));
        page.on('pageerror', (error) => onConsole(`error: ${error.message}`));
      }
      const pid = await findProcess(`--user-data-dir=${profile}`);
      const session = new Session(context, page, server, outputs, profile, pid);
      await page.exposeFunction('onJobEvent', (event: JobEvent) => session.#onEvent(event));
      await page.goto(`${server.origin}/cli.html`);
      await page.waitForSelector('html[data-ready]', { state: 'attached', timeout: 30_000 });
      return session;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** The page or the browser went down: only `close` makes sense. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Gives the page a file by its path: nothing of it is read here. */
  async choose(path: string): Promise<void> {
    await this.#alive(this.#page.setInputFiles('input[type=file]', path));
  }

  /** Reads the chosen file's header; rejects with the app's own error. */
  inspect(path: string): Promise<SourceSummary> {
    const name = basename(path);
    return this.#ask<SourceSummary>((given) => window.commandLine.inspect(given as string), name);
  }

  /** Runs a job on the chosen file; rejects with the app's own error, or AbortError after `cancel`. */
  async run(job: Omit<CommandJob, 'url'>, output: OutputFile, onEvent: (event: JobEvent) => void): Promise<Receipt> {
    this.#onEvent = onEvent;
    try {
      const sent: CommandJob = { ...job, url: this.#outputs.offer(output) };
      return await this.#ask<Receipt>((given) => window.commandLine.run(given as CommandJob), sent);
    } finally {
      this.#onEvent = () => undefined;
    }
  }

  async cancel(): Promise<void> {
    await this.#alive(this.#page.evaluate(() => window.commandLine.cancel()));
  }

  /** Ends the browser and removes its profile; safe more than once. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.#context.close().catch(() => undefined);
    await this.#server.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  async #ask<T>(call: (given: unknown) => Promise<Answer<T>>, given: unknown): Promise<T> {
    const answered = await this.#alive(this.#page.evaluate(call, given));
    if (answered.ok) return answered.value;
    throw fromErrorRecord(answered.error);
  }

  /** A call into the page, or the news that the page is no more. */
  async #alive<T>(call: Promise<T>): Promise<T> {
    // When the page goes down, both reject: the death says more, and may come a moment later.
    const patient = call.catch(async (error: unknown) => {
      await Promise.race([this.#death, new Promise((resolve) => setTimeout(resolve, 200))]);
      throw error;
    });
    return Promise.race([patient, this.#death]);
  }
}
