/**
 * A headless browser, driven by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/) over a pipe.
 * Playwright would do it too, but it listens to every request of the page: each upload then crosses the protocol as JSON,
 * which halves the speed at which a picture reaches the disk and adds 150 MB to the browser's memory.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AppError } from '../../src/core/errors.ts';

type Parameters = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (result: Parameters) => void;
  readonly reject: (error: Error) => void;
}

/** Besides what every browser of ours gets: nothing that slows a page that nobody looks at, or that asks anybody anything. */
const HEADLESS_FLAGS = [
  '--headless',
  '--remote-debugging-pipe',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-breakpad',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-extensions',
  '--no-default-browser-check',
  '--password-store=basic',
  '--use-mock-keychain',
  '--mute-audio',
];

export type EventListener = (method: string, params: Parameters) => void;

/** One browser process with one page. Calls reject with an AppError `worker-died` once either is gone. */
export class DevtoolsPage {
  readonly #child: ChildProcess;
  readonly #commands: Writable;
  readonly #pending = new Map<number, Pending>();
  readonly #onEvent: EventListener;
  #nextId = 1;
  #session: string | null = null;
  #dead: AppError | null = null;

  private constructor(child: ChildProcess, onEvent: EventListener) {
    this.#child = child;
    this.#onEvent = onEvent;
    this.#commands = child.stdio[3] as Writable;
    // What cannot be sent any more is answered by `exit`.
    this.#commands.on('error', () => undefined);
    let parts: string[] = [];
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const pieces = text.split('\0');
      for (const piece of pieces.slice(0, -1)) {
        this.#receive(JSON.parse(parts.join('') + piece) as Message);
        parts = [];
      }
      parts.push(pieces.at(-1) ?? '');
    });
    child.once('exit', () => this.#die('process'));
    child.once('error', (error) => this.#die('process', error));
  }

  /** Starts the browser with an empty page. `onEvent` hears of everything that happens in the domains enabled by `send`. */
  static async launch(
    executable: string,
    flags: readonly string[],
    environment: Readonly<Record<string, string>>,
    onEvent: EventListener,
  ): Promise<DevtoolsPage> {
    // In a process group of its own, so that Ctrl-C reaches this program alone, which then has files to remove.
    const child = spawn(executable, [...HEADLESS_FLAGS, ...flags, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      env: { ...process.env, ...environment },
    });
    const page = new DevtoolsPage(child, onEvent);
    try {
      const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await page.send('Target.attachToTarget', { targetId, flatten: true });
      page.#session = sessionId as string;
      await page.send('Inspector.enable');
      await page.send('Runtime.enable');
      return page;
    } catch (error) {
      await page.close();
      throw error;
    }
  }

  /** The browser's main process. */
  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get dead(): boolean {
    return this.#dead !== null;
  }

  /** Calls a method of the protocol, in the page's session once there is one. */
  send(method: string, params: Parameters = {}): Promise<Parameters> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    const session = this.#session === null ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#commands.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  /** The value of an expression, awaited in the page; it must be plain data. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = answer as {
      result: { value?: unknown };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (!exceptionDetails) return result.value;
    throw new AppError('internal', exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  /** Puts a file of this machine into the file input that an expression finds; its bytes stay where they are. */
  async setFile(expression: string, path: string): Promise<void> {
    const { result } = await this.send('Runtime.evaluate', { expression });
    const { objectId } = result as { objectId: string };
    await this.send('DOM.setFileInputFiles', { objectId, files: [path] });
    await this.send('Runtime.releaseObject', { objectId });
  }

  /** Ends the browser at once; its profile is not worth saving. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.kill();
    await gone;
  }

  /** As `close`, without waiting, for the moment when this process ends. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (process.platform === 'win32') this.#child.kill();
    else process.kill(-pid, 'SIGKILL');
  }

  #receive(message: Message): void {
    if (message.id === undefined) {
      if (message.method === 'Inspector.targetCrashed') this.#die('page');
      else if (message.method !== undefined) this.#onEvent(message.method, message.params ?? {});
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error) pending?.reject(new AppError('internal', `The browser said: ${message.error.message}.`));
    else pending?.resolve(message.result ?? {});
  }

  #die(what: 'page' | 'process', cause?: Error): void {
    const started = this.#session !== null;
    this.#dead ??= started
      ? new AppError('worker-died', `The browser's ${what} ended before the job was done.`, {
          remedy: 'Most likely memory ran out: choose a smaller size, or close other programs.',
          cause,
        })
      : new AppError('worker-died', `The browser ${this.#child.spawnfile} does not start.`, {
          remedy: 'Run it by hand to see why, or name another one in the variable CHROMIUM.',
          cause,
        });
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }
}
