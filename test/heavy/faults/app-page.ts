/** The built app in a real profile, driven through its own controllers: what its buttons call. Everything that can die can be opened again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { BROWSER_FLAGS, ensureBrowser } from '../../../scripts/browser.ts';
import { startServer, type RunningServer } from '../../../scripts/cli/server.ts';

/** How the one picture of the list stands. */
export interface Standing {
  readonly kind: string;
  readonly message: string;
  readonly remedy: string;
  readonly keptBands: number;
  /** The engine that has ended the job; empty where it has not ended. */
  readonly engine: string;
  readonly running: boolean;
  readonly pictures: number;
  /** What the app says of no single picture. */
  readonly told: string;
}

/** What lies in the origin's private storage: bytes by path, in the folders of outputs, stages and the chosen one. */
export type Lying = Readonly<Record<string, number>>;

export interface JobSetup {
  readonly picture: Buffer;
  readonly settings: object;
  readonly staging: string;
  readonly destination: 'folder' | 'download';
}

/** The page's own objects, as far as they are used. */
interface AppWindow {
  readonly app: {
    add(files: { file: File; handle: null }[]): Promise<void>;
    start(): Promise<void>;
    resume(): Promise<void>;
    retry(ids: number[]): Promise<void>;
    readonly destination: { choose(kind: string): void };
    readonly session: {
      readonly value: unknown;
      readonly restored: Promise<void>;
      readonly keeper: { flush(): Promise<void> };
    };
    readonly problem: { readonly value: { readonly message: string } | null };
    readonly queue: { readonly value: { readonly running: boolean } };
    readonly pictures: {
      readonly pictures: readonly {
        readonly id: number;
        readonly info: unknown;
        readonly state: {
          readonly kind: string;
          readonly problem?: { readonly message: string; readonly remedy: string };
          readonly receipt?: { readonly keptBands?: number; readonly engine: string };
          readonly progress?: { readonly fraction: number } | null;
        };
      }[];
    };
  };
}

declare global {
  /** Put there by `open`. */
  var testedApp: AppWindow['app'];
}

/** What pages have; the other tests of this folder run where it is missing. */
declare const window: { showDirectoryPicker: () => Promise<FileSystemDirectoryHandle> };
declare const document: { querySelector(name: string): unknown };
declare const localStorage: { clear(): void; setItem(key: string, value: string): void };

const spacious = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export class AppPage {
  readonly profile = mkdtempSync(join(spacious, 'faults-'));
  readonly #root: string;
  #server: RunningServer | null = null;
  #context: BrowserContext | null = null;
  #page: Page | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  get page(): Page {
    return this.#page!;
  }

  get origin(): string {
    return this.#server!.origin;
  }

  async start(): Promise<void> {
    this.#server = await startServer({ root: this.#root, port: 0 });
    await this.launch();
  }

  async launch(): Promise<void> {
    this.#context = await chromium.launchPersistentContext(this.profile, {
      executablePath: ensureBrowser(),
      args: [...BROWSER_FLAGS, '--enable-unsafe-webgpu'],
      headless: true,
    });
  }

  async end(): Promise<void> {
    await this.#context?.close().catch(() => undefined);
    await this.#server?.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ends the browser as a power cut does. */
  async killBrowser(): Promise<void> {
    const context = this.#context!;
    const session = await this.devtools();
    const closed = new Promise((resolve) => context.once('close', resolve));
    await session.send('Browser.crash').catch(() => undefined);
    await closed;
    this.#page = null;
  }

  devtools(): Promise<CDPSession> {
    return this.#context!.newCDPSession(this.page);
  }

  /**
   * Collects garbage in the page and in its workers: what is collected in a while is no leak, and a browser leaves much lying, in each worker
   * for itself, as long as there is memory.
   */
  async collectGarbage(): Promise<void> {
    const session = await this.devtools();
    await session.send('HeapProfiler.collectGarbage');
    const { targetInfos } = await session.send('Target.getTargets');
    for (const { type, targetId } of targetInfos) {
      if (type !== 'worker') continue;
      try {
        const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
        const message = JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' });
        const answered = new Promise((resolve) => session.once('Target.receivedMessageFromTarget', resolve));
        await session.send('Target.sendMessageToTarget', { sessionId, message });
        // A worker that ends now does not answer.
        await Promise.race([answered, new Promise((later) => setTimeout(later, 2000))]);
        await session.send('Target.detachFromTarget', { sessionId });
      } catch {
        // It has gone meanwhile.
      }
    }
    await session.detach();
  }

  /** The scripts of the workers that live, workers within workers too, by the browser's own list; in order. */
  async workers(): Promise<string[]> {
    const session = await this.devtools();
    const { targetInfos } = await session.send('Target.getTargets');
    await session.detach();
    const workers = targetInfos.filter(({ type }) => type === 'worker');
    return workers.map(({ url }) => new URL(url).pathname.split('/').at(-1)!).sort();
  }

  /** A page of the origin without the app. */
  async openBlank(): Promise<void> {
    await this.#closeOthers(await this.#context!.newPage());
    await this.page.goto(`${this.origin}/icon.svg`);
  }

  async #closeOthers(page: Page): Promise<void> {
    this.#page = page;
    for (const other of this.#context!.pages())
      if (other !== page) await other.close({ runBeforeUnload: false }).catch(() => undefined);
  }

  /** Opens the app in a new page, with pickers that give out a folder of the private storage. Settles when the last visit is restored. */
  async open(): Promise<void> {
    const page = await this.#context!.newPage();
    page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
    await page.addInitScript(() => {
      window.showDirectoryPicker = async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true });
    });
    await page.goto(this.origin);
    await this.#closeOthers(page);
    await this.settle();
  }

  /** Looks by the clock: a browser that draws nothing, as after its GPU process died, gives no frames to look at. */
  async #until(isSo: () => boolean): Promise<void> {
    await this.page.waitForFunction(isSo, undefined, { polling: 20, timeout: 90_000 });
  }

  async settle(): Promise<void> {
    await this.#until(() => {
      const shell = document.querySelector('app-shell') as unknown as AppWindow | null;
      if (shell === null) return false;
      globalThis.testedApp = shell.app;
      return true;
    });
    await this.page.evaluate(() => globalThis.testedApp.session.restored);
    await this.#until(() => globalThis.testedApp.pictures.pictures.every(({ state }) => state.kind !== 'reading'));
  }

  /** Forgets everything, as on a first visit. */
  async reset(): Promise<void> {
    await this.openBlank();
    await this.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      for (const name of ['chosen', 'outputs', 'stages', 'inputs']) {
        await root.removeEntry(name, { recursive: true }).catch(() => undefined);
      }
      localStorage.clear();
      await new Promise((resolve) => {
        const deleting = indexedDB.deleteDatabase('pro-upscaler');
        deleting.onsuccess = deleting.onerror = deleting.onblocked = resolve;
      });
    });
  }

  /** Opens the app on what a setup says, with its picture in the list. */
  async prepare({ picture, settings, staging, destination }: JobSetup): Promise<void> {
    await this.reset();
    await this.page.evaluate(
      ([chosen, choice]) => {
        localStorage.setItem('pro-upscaler.settings', chosen);
        localStorage.setItem('pro-upscaler.staging', choice);
      },
      [JSON.stringify(settings), JSON.stringify(staging)] as const,
    );
    await this.open();
    await this.add(picture, destination);
  }

  async add(picture: Buffer, destination: JobSetup['destination']): Promise<void> {
    await this.page.evaluate(
      async ([text, kind]) => {
        const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        const { testedApp } = globalThis;
        testedApp.destination.choose(kind);
        await testedApp.add([{ file: new File([bytes], 'picture.png', { type: 'image/png' }), handle: null }]);
        await testedApp.session.keeper.flush();
      },
      [picture.toString('base64'), destination] as const,
    );
  }

  /** Takes everything off the list, and what was written into the chosen folder with it. */
  async clear(): Promise<void> {
    await this.page.evaluate(async () => {
      const { testedApp } = globalThis;
      (testedApp as unknown as { clear(): void }).clear();
      // Not the folder itself: the app goes on to write there.
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('chosen', { create: true });
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      for (const name of names) await folder.removeEntry(name);
      await testedApp.session.keeper.flush();
    });
  }

  /** Begins, and waits no longer than until the picture is on its way. */
  async begin(): Promise<void> {
    await this.page.evaluate(() => void globalThis.testedApp.start());
    await this.#until(() => {
      const { queue, pictures } = globalThis.testedApp;
      return (
        queue.value.running || pictures.pictures.every(({ state }) => state.kind === 'done' || state.kind === 'failed')
      );
    });
  }

  /** What a person does who finds the app like this: goes on where it offers that, else starts what waits. */
  async goOn(): Promise<void> {
    await this.page.evaluate(() => {
      const { testedApp } = globalThis;
      void (testedApp.session.value === null ? testedApp.start() : testedApp.resume());
    });
  }

  /** Waits until nothing runs any more. */
  async outcome(): Promise<Standing> {
    // A run begins a moment after it was asked for.
    await new Promise((later) => setTimeout(later, 100));
    await this.#until(() => {
      const { queue, pictures } = globalThis.testedApp;
      return (
        !queue.value.running &&
        !pictures.pictures.some(({ state }) => ['queued', 'running', 'reading'].includes(state.kind))
      );
    });
    return this.standing();
  }

  standing(): Promise<Standing> {
    return this.page.evaluate(() => {
      const { problem, queue, pictures } = globalThis.testedApp;
      const state = pictures.pictures[0]?.state;
      return {
        kind: state?.kind ?? 'none',
        message: state?.problem?.message ?? '',
        remedy: state?.problem?.remedy ?? '',
        keptBands: state?.receipt?.keptBands ?? 0,
        engine: state?.receipt?.engine ?? '',
        running: queue.value.running,
        pictures: pictures.pictures.length,
        told: problem.value?.message ?? '',
      };
    });
  }

  /** The share of the running job, 0 before it has begun. */
  fraction(): Promise<number> {
    return this.page.evaluate(() => {
      const state = globalThis.testedApp.pictures.pictures[0]?.state;
      return state?.kind === 'done' ? 1 : (state?.progress?.fraction ?? 0);
    });
  }

  lying(): Promise<Lying> {
    return this.page.evaluate(async () => {
      const found: Record<string, number> = {};
      const root = await navigator.storage.getDirectory();
      for (const name of ['chosen', 'outputs', 'stages']) {
        const folder = await root.getDirectoryHandle(name).catch(() => null);
        if (folder === null) continue;
        for await (const entry of folder.values()) {
          found[`${name}/${entry.name}`] = (await (entry as FileSystemFileHandle).getFile()).size;
        }
      }
      return found;
    });
  }

  async content(path: string): Promise<Buffer> {
    const text = await this.page.evaluate(async (place) => {
      const [folder, name] = place.split('/') as [string, string];
      const root = await navigator.storage.getDirectory();
      const file = await (await (await root.getDirectoryHandle(folder)).getFileHandle(name)).getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      let out = '';
      for (let at = 0; at < bytes.length; at += 8192) out += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(out);
    }, path);
    return Buffer.from(text, 'base64');
  }

  /** Records of the journal. */
  journal(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('pro-upscaler');
          opening.onerror = () => reject(new Error('no database'));
          opening.onsuccess = () => {
            const counting = opening.result.transaction('journal').objectStore('journal').count();
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        }),
    );
  }
}
