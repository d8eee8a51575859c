import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { BROWSER_FLAGS } from '../scripts/browser.ts';
import { findProcess } from '../scripts/cli/memory.ts';
import { startServer, type RunningServer } from '../scripts/cli/server.ts';

/** The longest that one contestant may take before it counts as failed. */
const CALL_TIMEOUT_MS = 300_000;

/** A browser with the benchmark page; a page that crashes is replaced before the next call. */
export class BenchBrowser {
  readonly #context: BrowserContext;
  readonly #server: RunningServer;
  readonly #profile: string;
  #page: Page | null = null;
  readonly pid: number | null;

  private constructor(context: BrowserContext, server: RunningServer, profile: string, pid: number | null) {
    this.#context = context;
    this.#server = server;
    this.#profile = profile;
    this.pid = pid;
  }

  /** The profile, and so OPFS, lies in `scratch`: incognito contexts keep OPFS in memory behind a small quota. */
  static async launch(executablePath: string, root: string, scratch: string): Promise<BenchBrowser> {
    const profile = mkdtempSync(join(scratch, 'bench-'));
    const server = await startServer({ root, port: 0 });
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: [...BROWSER_FLAGS],
    });
    return new BenchBrowser(context, server, profile, await findProcess(`--user-data-dir=${profile}`));
  }

  /** Calls a function of bench/page/main.ts with the input file chosen. Rejects when the page dies or takes too long. */
  async call<T>(name: string, args: readonly unknown[], input: string): Promise<T> {
    const page = await this.#ready(input);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no result in ${CALL_TIMEOUT_MS / 1000} s`)), CALL_TIMEOUT_MS);
    });
    const crashed = new Promise<never>((_, reject) => {
      page.once('crash', () => reject(new Error('the page crashed')));
    });
    const run = page.evaluate(
      ([method, values]) => {
        const { bench } = window as unknown as { bench: Record<string, (...all: unknown[]) => Promise<unknown>> };
        return bench[method]!(...values);
      },
      [name, args] as const,
    );
    try {
      return (await Promise.race([run, late, crashed])) as T;
    } catch (error) {
      run.catch(() => undefined);
      await this.dispose();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes the file that ours has left in OPFS to `path`. */
  async saveOutput(path: string): Promise<void> {
    const page = this.#page;
    if (page === null) throw new Error('no page has run');
    const handle = await open(path, 'w');
    const name = `save${Date.now()}`;
    try {
      await page.exposeFunction(name, async (piece: string) => {
        await handle.write(Buffer.from(piece, 'base64'));
      });
      await page.evaluate((save) => {
        const scope = window as unknown as Record<string, unknown> & {
          bench: { takeOutput(save: unknown): Promise<void> };
        };
        return scope.bench.takeOutput(scope[save]);
      }, name);
    } finally {
      await handle.close();
    }
  }

  /** Ends the page, so that the next call begins in a fresh one and the memory of this one is gone. */
  async dispose(): Promise<void> {
    await this.#page?.close().catch(() => undefined);
    this.#page = null;
  }

  async close(): Promise<void> {
    await this.#context.close().catch(() => undefined);
    await this.#server.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }

  async #ready(input: string): Promise<Page> {
    this.#page ??= await this.#context.newPage();
    const page = this.#page;
    if (!page.url().startsWith('http')) await page.goto(`${this.#server.origin}/index.html`);
    await page.setInputFiles('#input', input);
    return page;
  }
}
