/** A plain static host: the built app under a sub-path, without any header of ours, that can be stopped and given a new version. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type RunningServer } from '../../scripts/cli/server.ts';
import { builtApp } from './cli.ts';

const SUB_PATH = 'tools/upscaler';

export class StaticHost {
  readonly #folder = mkdtempSync(join(tmpdir(), 'app-host-'));
  #server: RunningServer | null = null;
  #port = 0;

  /** The app's address, with a slash at the end. */
  get app(): string {
    return `http://localhost:${this.#port}/${SUB_PATH}/`;
  }

  get origin(): string {
    return `http://localhost:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#port === 0) cpSync(builtApp, join(this.#folder, SUB_PATH), { recursive: true });
    this.#server = await startServer({ root: this.#folder, port: this.#port, headers: {} });
    this.#port = Number(new URL(this.#server.origin).port);
  }

  /** Afterwards nothing listens at the address any more. */
  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Puts up another build: the page says so in a meta element, and the service worker's list has its new revision. */
  publishNewVersion(version: string): void {
    const path = (name: string): string => join(this.#folder, SUB_PATH, name);
    const html = readFileSync(path('index.html'), 'utf8');
    writeFileSync(path('index.html'), html.replace('</head>', `<meta name="version" content="${version}"></head>`));
    const worker = readFileSync(path('sw.js'), 'utf8');
    const changed = worker.replace(/"revision":"[0-9a-f]{32}","url":"index\.html"/, () => {
      const revision = version.padEnd(32, '0');
      return `"revision":"${revision}","url":"index.html"`;
    });
    if (changed === worker) throw new Error('The service worker does not list index.html.');
    writeFileSync(path('sw.js'), changed);
  }
}
