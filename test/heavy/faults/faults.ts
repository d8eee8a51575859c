/** Ways for things to go wrong. Each strikes while a job runs, and leaves the app open for it to be gone on with. */
import type { Random } from '../../support/fuzz/random.ts';
import type { AppPage } from './app-page.ts';

export interface Fault {
  /** The engine that it needs; else any. */
  readonly engine?: 'gpu' | 'simd';
  readonly destination?: 'folder' | 'download';
  readonly staging?: 'always';
  strike(app: AppPage, random: Random): Promise<void>;
  /** Takes away what would hinder the next attempt. */
  undo?(app: AppPage): Promise<void>;
}

/** Runs code in a worker of the app, whose script's name begins so; false when there is none. */
async function inWorker(app: AppPage, name: string, code: string, which = 0): Promise<boolean> {
  const session = await app.devtools();
  const { targetInfos } = await session.send('Target.getTargets');
  const workers = targetInfos.filter(({ type, url }) => type === 'worker' && url.includes(`/${name}`));
  const worker = workers[which % Math.max(1, workers.length)];
  if (worker === undefined) return false;
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId, flatten: false });
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: code } });
  await session.send('Target.sendMessageToTarget', { sessionId, message });
  return true;
}

const kill = async (app: AppPage): Promise<void> => {
  const session = await app.devtools();
  const crashed = app.page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
};

const dieOf =
  (name: string): Fault['strike'] =>
  async (app, random) => {
    await inWorker(app, name, `setTimeout(() => { throw new Error('shot') })`, random.below(8));
  };

/** Puts nonsense in the place of a record of a store, or of all. */
const corrupt = (app: AppPage, store: string, nonsense: string): Promise<void> =>
  app.page.evaluate(
    ([name, text]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('pro-upscaler');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const database = opening.result;
          const transaction = database.transaction(name, 'readwrite');
          const records = transaction.objectStore(name);
          records.openCursor().onsuccess = ({ target }) => {
            const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
            if (cursor === null) return;
            const value = JSON.parse(text) as object;
            cursor.update(records.keyPath === null ? value : { ...value, id: cursor.key });
            cursor.continue();
          };
          transaction.oncomplete = () => {
            database.close();
            resolve();
          };
        };
      }),
    [store, nonsense] as const,
  );

const NONSENSE = [
  '{}',
  '{"id":"x"}',
  '{"state":{"kind":"later"},"name":7}',
  '{"order":3,"target":null}',
  '{"stage":[1],"target":{"kind":"folder"}}',
];

/** Cuts every file of a folder of the private storage short, or makes it longer with zeros. */
const truncate = (app: AppPage, folder: string, share: number): Promise<void> =>
  app.page.evaluate(
    async ([name, part]) => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(name).catch(() => null);
      for await (const entry of directory?.values() ?? []) {
        const handle = entry as FileSystemFileHandle;
        const writable = await handle.createWritable({ keepExistingData: true });
        await writable.truncate(Math.floor((await handle.getFile()).size * part));
        await writable.close();
      }
    },
    [folder, share] as const,
  );

const FAILING_WRITES = `
  const fail = () => { throw new DOMException('the disk does not answer', 'InvalidStateError'); };
  FileSystemSyncAccessHandle.prototype.write = fail;
  FileSystemWritableFileStream.prototype.write = () => Promise.reject(new DOMException('the disk does not answer', 'InvalidStateError'));
  FileSystemWritableFileStream.prototype.close = () => Promise.reject(new DOMException('the disk does not answer', 'InvalidStateError'));
`;

export const FAULTS: Readonly<Record<string, Fault>> = {
  'renderer killed': {
    async strike(app) {
      await kill(app);
      await app.open();
    },
  },
  'page reloaded': {
    async strike(app) {
      await app.page.reload();
      await app.settle();
    },
  },
  'page closed and reopened': {
    async strike(app) {
      await app.open();
    },
  },
  'browser killed': {
    async strike(app) {
      await app.killBrowser();
      await app.launch();
      await app.open();
    },
  },
  'job worker killed': { strike: dieOf('job.worker') },
  'band worker killed': { engine: 'simd', strike: dieOf('band.worker') },
  'GPU lost': {
    engine: 'gpu',
    async strike(app) {
      await (await app.devtools()).send('Browser.crashGpuProcess' as never).catch(() => undefined);
    },
  },
  'write failed': {
    async strike(app) {
      await inWorker(app, 'job.worker', FAILING_WRITES);
    },
    async undo(app) {
      await app.page.reload();
      await app.settle();
    },
  },
  'quota exceeded': {
    async strike(app, random) {
      const session = await app.devtools();
      const { usage } = await session.send('Storage.getUsageAndQuota', { origin: app.origin });
      await session.send('Storage.overrideQuotaForOrigin', {
        origin: app.origin,
        quotaSize: usage + random.below(200_000),
      });
    },
    async undo(app) {
      await (await app.devtools()).send('Storage.overrideQuotaForOrigin', { origin: app.origin });
    },
  },
  'records corrupted': {
    async strike(app, random) {
      await kill(app);
      await app.openBlank();
      await corrupt(app, random.pick(['queue', 'session', 'journal']), random.pick(NONSENSE));
      await app.open();
    },
  },
  'stage truncated': {
    staging: 'always',
    async strike(app, random) {
      await kill(app);
      await app.openBlank();
      await truncate(app, 'stages', random.next() * 1.1);
      await app.open();
    },
  },
  'copy of the picture truncated': {
    async strike(app, random) {
      await kill(app);
      await app.openBlank();
      await truncate(app, 'inputs', random.next());
      await app.open();
    },
  },
};
