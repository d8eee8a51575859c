import { describe, expect, test } from 'vitest';
import type { JournalRecord } from '../cache/schema.ts';
import { AppError } from '../core/errors.ts';
import { JobJournal } from './job-journal.ts';

/** A folder with files of some bytes; `granted` is whether the page may write there without asking. */
function fakeFolder(files: Record<string, number>, granted = true) {
  const self = {
    files: new Map(Object.entries(files)),
    granted,
    queryPermission: () => Promise.resolve(self.granted ? 'granted' : 'prompt'),
    getFileHandle: (name: string) => {
      const size = self.files.get(name);
      if (size === undefined) return Promise.reject(new DOMException(name, 'NotFoundError'));
      return Promise.resolve({ getFile: () => Promise.resolve({ size }) });
    },
    removeEntry: (name: string) =>
      self.files.delete(name) ? Promise.resolve() : Promise.reject(new DOMException(name, 'NotFoundError')),
  };
  return self;
}

/** What a page does that opens when all others are gone; 'page' is the name of every one. */
async function takeOver(journal: JobJournal, ids: readonly number[]) {
  journal.start('page');
  const cut = await journal.adopt('page', new Set(ids));
  await journal.sweep(() => Promise.resolve(new Set()));
  return cut;
}

function browser() {
  const records = new Map<number, JournalRecord>();
  const stages = new Set<string>();
  const outputs = new Set<string>();
  const open = (): JobJournal =>
    new JobJournal({
      journal: {
        load: () => Promise.resolve([...records.values()]),
        put: (record) => Promise.resolve(void records.set(record.id, record)),
        remove: (id) => Promise.resolve(void records.delete(id)),
      },
      stages: {
        progress: (id) => Promise.resolve(stages.has(id) ? 0.5 : null),
        remove: (id) => Promise.resolve(void stages.delete(id)),
        sweep: (keep) => {
          for (const id of [...stages]) if (!keep.has(id)) stages.delete(id);
          return Promise.resolve();
        },
      },
      outputs: {
        names: () => Promise.resolve(outputs),
        reserve: () => Promise.resolve(true),
        remove: (name) => Promise.resolve(void outputs.delete(name)),
        clearScratch: () => Promise.resolve(),
        removePart: (name) => Promise.resolve(void outputs.delete(`${name}.part`)),
        claim: () => Promise.resolve(),
      },
    });
  return { records, stages, outputs, open };
}

const into = (folder: ReturnType<typeof fakeFolder>, name: string) =>
  ({ kind: 'folder', handle: folder as unknown as FileSystemDirectoryHandle, name }) as const;

/** A page that began a job, saw its output opened under a name, and went away. */
async function crash(
  place: ReturnType<typeof browser>,
  folder: ReturnType<typeof fakeFolder>,
  opened: string | null,
): Promise<void> {
  const journal = place.open();
  journal.start('page');
  await journal.begin(7, into(folder, 'a.png'), 's');
  place.stages.add('s');
  if (opened !== null) {
    folder.files.set(opened, 0);
    journal.opened(7, opened);
    await Promise.resolve();
  }
}

describe('after a crash', () => {
  test('the empty file goes, the stage stays for its picture', async () => {
    const place = browser();
    const folder = fakeFolder({ 'other.png': 0 });
    await crash(place, folder, 'a.png');
    folder.files.set('a.png.crswap', 100);
    const cut = await takeOver(place.open(), [7]);
    expect(cut).toEqual([{ id: 7, kept: 0.5 }]);
    expect([...folder.files.keys()]).toEqual(['other.png']);
    expect([...place.stages]).toEqual(['s']);
  });

  test('a file that was there before stays, and so does one with content', async () => {
    const before = fakeFolder({ 'a.png': 0 });
    const place = browser();
    await crash(place, before, null);
    await takeOver(place.open(), [7]);
    expect([...before.files.keys()]).toEqual(['a.png']);

    const complete = fakeFolder({});
    await crash(place, complete, 'a.png');
    complete.files.set('a.png', 500);
    await takeOver(place.open(), [7]);
    expect(complete.files.get('a.png')).toBe(500);
  });

  test('a name that was taken is told from the one that was made', async () => {
    const place = browser();
    const folder = fakeFolder({ 'a.png': 0 });
    await crash(place, folder, 'a (2).png');
    await takeOver(place.open(), [7]);
    expect([...folder.files.keys()]).toEqual(['a.png']);
  });

  test('where the browser must be asked, it waits for that', async () => {
    const place = browser();
    const folder = fakeFolder({});
    await crash(place, folder, 'a.png');
    folder.granted = false;
    const journal = place.open();
    await takeOver(journal, [7]);
    expect([...folder.files.keys()]).toEqual(['a.png']);
    folder.granted = true;
    await journal.clearAllowed();
    expect([...folder.files.keys()]).toEqual([]);
    // What is left of the job can be gone on with.
    expect(journal.stageOf(7)).toBe('s');
  });

  test('without a stage nothing is remembered once it is cleared up', async () => {
    const place = browser();
    const journal = place.open();
    journal.start('page');
    await journal.begin(7, { kind: 'opfs', name: 'a.png' }, null);
    place.outputs.add('a.png.part');
    const next = place.open();
    expect(await takeOver(next, [7])).toEqual([]);
    expect([place.records.size, place.outputs.size]).toEqual([0, 0]);
  });

  test('the stage of a picture that is not in the queue goes with its record', async () => {
    const place = browser();
    await crash(place, fakeFolder({}), 'a.png');
    expect(await takeOver(place.open(), [])).toEqual([]);
    expect([place.stages.size, place.records.size]).toEqual([0, 0]);
  });
});

describe('beside another page', () => {
  test('its jobs and stages are left alone, and cleared up after when it is gone', async () => {
    const place = browser();
    const folder = fakeFolder({});
    await crash(place, folder, 'a.png');
    const other = place.open();
    other.start('other');
    await other.sweep(() => Promise.resolve(new Set(['page'])));
    expect([[...folder.files.keys()], [...place.stages], place.records.size]).toEqual([['a.png'], ['s'], 1]);
    await other.sweep(() => Promise.resolve(new Set()));
    expect([[...folder.files.keys()], [...place.stages], place.records.size]).toEqual([[], [], 0]);
  });
});

describe('while the page lives', () => {
  test('a job that is done or cancelled leaves nothing', async () => {
    for (const error of [null, new DOMException('', 'AbortError'), new AppError('no-quota', 'full')]) {
      const place = browser();
      const journal = place.open();
      journal.start('page');
      await journal.begin(7, { kind: 'opfs', name: 'a.png' }, 's');
      place.stages.add('s');
      place.outputs.add('a.png.part');
      await journal.end(7, error);
      expect([place.stages.size, place.records.size, journal.stageOf(7)]).toEqual([0, 0, null]);
      if (error !== null) expect(place.outputs.size).toBe(0);
    }
  });

  test('a worker that died leaves what the next attempt goes on with, and no file', async () => {
    const place = browser();
    const journal = place.open();
    journal.start('page');
    await journal.begin(7, { kind: 'opfs', name: 'a.png' }, 's');
    place.stages.add('s');
    place.outputs.add('a.png.part');
    await journal.end(7, new AppError('worker-died', 'gone'));
    expect([place.outputs.size, journal.stageOf(7)]).toEqual([0, 's']);
    await journal.forget(7);
    expect([place.stages.size, place.records.size]).toEqual([0, 0]);
  });
});
