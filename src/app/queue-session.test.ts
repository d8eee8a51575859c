import { describe, expect, test } from 'vitest';
import type { InputCopies } from '../cache/input-copies.ts';
import type { JournalStorage } from '../cache/journal-storage.ts';
import type { QueueStorage, SavedQueue } from '../cache/queue-storage.ts';
import type { JournalRecord, QueueRecord } from '../cache/schema.ts';
import type { StageStorage } from '../cache/stage-storage.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { Destination } from './destination.ts';
import { JobJournal } from './job-journal.ts';
import { PictureList } from './picture-list.ts';
import type { Pages } from '../platform/pages.ts';
import type { PrivateOutputs } from './private-outputs.ts';
import { QueueSession, type SessionServices } from './queue-session.ts';
import { Queue, type JobPlanner } from './queue.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { doneNamed, fakeEngine, fileNamed, inspectFake, resultOf } from './testing.ts';

/** The storage of one browser, over several visits. */
function memory() {
  const records = new Map<number, QueueRecord>();
  const sessions = new Map<string, NonNullable<SavedQueue['session']>>();
  const removed: number[] = [];
  const storage: QueueStorage = {
    load: () =>
      Promise.resolve(
        new Map(
          [...sessions].map(([page, session]) => [
            page,
            {
              session,
              records: session.order.flatMap((id) => records.get(id) ?? []),
              lost: session.order.filter((id) => !records.has(id)),
            },
          ]),
        ),
      ),
    save: (change) => {
      for (const record of change.put) records.set(record.id, record);
      for (const id of change.remove) records.delete(id);
      removed.push(...change.remove);
      for (const page of change.succeeded) sessions.delete(page);
      sessions.set(change.page, change.session);
      return Promise.resolve();
    },
  };
  /** Pages that live, with those whose places they have taken. */
  const living = new Map<string, Set<string>>();
  let opened = 0;
  const openPage = (): Pages & { readonly name: string } => {
    const name = `page ${++opened}`;
    const mine = new Set([name]);
    living.set(name, mine);
    const others = (): Set<string> =>
      new Set([...living.values()].filter((one) => one !== mine).flatMap((one) => [...one]));
    return {
      name,
      own: () => Promise.resolve(name),
      succeed: (page) => Promise.resolve(!others().has(page) && mine.add(page) !== undefined),
      whenGone: (page) => Promise.resolve(!others().has(page)),
      others: () => Promise.resolve(others()),
      alone: (task) => task(),
    };
  };
  const files = new Map<string, File>();
  const copies: InputCopies = {
    add: (file, page) => {
      if (file.name.startsWith('huge')) return Promise.resolve(null);
      files.set(`${page}.copy of ${file.name}`, file);
      return Promise.resolve(`${page}.copy of ${file.name}`);
    },
    open: (copy) => Promise.resolve(files.get(copy) ?? null),
    remove: (copy) => Promise.resolve(void files.delete(copy)),
    list: () => Promise.resolve([...files].map(([copy, { name }]) => ({ copy, page: copy.split('.')[0]!, name }))),
    sweep: async (keep, others) => {
      const alive = await others();
      for (const copy of [...files.keys()]) if (!keep.has(copy) && !alive.has(copy.split('.')[0]!)) files.delete(copy);
    },
  };
  const jobs = new Map<number, JournalRecord>();
  const journal: JournalStorage = {
    load: () => Promise.resolve([...jobs.values()]),
    put: (record) => Promise.resolve(void jobs.set(record.id, record)),
    remove: (id) => Promise.resolve(void jobs.delete(id)),
  };
  const staged = new Map<string, number>();
  const stages: StageStorage = {
    progress: (id) => Promise.resolve(staged.get(id) ?? null),
    remove: (id) => Promise.resolve(void staged.delete(id)),
    sweep: (keep) => {
      for (const id of [...staged.keys()]) if (!keep.has(id)) staged.delete(id);
      return Promise.resolve();
    },
  };
  /** The pages that are open go away, as a crash of the browser takes them. */
  const closeAll = (): void => living.clear();
  const close = (page: string): boolean => living.delete(page);
  return {
    records,
    removed,
    sessions,
    storage,
    copies,
    files,
    jobs,
    journal,
    staged,
    stages,
    openPage,
    close,
    closeAll,
  };
}

/** A file or folder that has to be asked for in each visit; the answer is `allow`. */
function handle(name: string, allow = true) {
  let granted = false;
  const self = {
    kind: 'file',
    name,
    asked: 0,
    file: fileNamed(name) as File | null,
    queryPermission: () => Promise.resolve(granted ? 'granted' : 'prompt'),
    requestPermission: () => {
      self.asked++;
      granted = allow;
      return Promise.resolve(granted ? 'granted' : 'denied');
    },
    getFile: () =>
      self.file === null ? Promise.reject(new DOMException('', 'NotFoundError')) : Promise.resolve(self.file),
    grant: () => (granted = true),
  };
  return self;
}
const asHandle = (self: ReturnType<typeof handle>) => self as unknown as FileSystemFileHandle;

const outputs: PrivateOutputs = {
  names: () => Promise.resolve(new Set()),
  reserve: () => Promise.resolve(true),
  clearScratch: () => Promise.resolve(),
  removePart: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  claim: () => Promise.resolve(),
};

/** The page, opened in that browser `beside` those that are open or when they are gone; with `inspect` it can be seen while it reads. */
async function visit(
  browser: ReturnType<typeof memory>,
  { beside = false, inspect = inspectFake, change = (pages: Pages): Pages => pages } = {},
) {
  const { storage, copies, journal: journalStorage, stages } = browser;
  if (!beside) browser.closeAll();
  const pages = change(browser.openPage());
  const list = new PictureList(inspect, () => DEFAULT_SETTINGS);
  const engine = fakeEngine((request) => Promise.resolve(resultOf(request)));
  const journal = new JobJournal({ journal: journalStorage, stages, outputs });
  const queue = new Queue(list, () => Promise.resolve(engine), {
    onBegin: ({ id }, { output, stage }) => journal.begin(id, output, stage),
    onOpened: ({ id }, name) => journal.opened(id, name),
    onEnded: ({ id }, error) => journal.end(id, error),
  });
  const destination = new Destination({
    ...{ folders: true, saveFiles: false },
    pickFolder: () => Promise.resolve({ kind: 'dismissed' }),
    pickSaveFile: () => Promise.resolve({ kind: 'dismissed' }),
    ensureWritable: () => Promise.resolve(true),
    privateNames: () => Promise.resolve(new Set()),
    reserveName: () => Promise.resolve(true),
  });
  const services: SessionServices = {
    ...{ storage, copies, outputs, journal },
    pages,
    ensureWritable: () => Promise.resolve(true),
    ensureReadable: async (one) => (await one.requestPermission({ mode: 'read' })) === 'granted',
  };
  const session = new QueueSession(services, list, queue, destination);
  const restoring = session.restore();
  if (inspect === inspectFake) await restoring;
  const add = async (name: string, change: { handle?: FileSystemFileHandle; settings?: Settings } = {}) => {
    await list.add([{ file: fileNamed(name), handle: change.handle ?? null }]);
    if (change.settings !== undefined) list.update(list.selected!.id, { settings: change.settings });
    await session.keep([list.selected!]);
    await session.keeper.flush();
    return list.selected!.id;
  };
  const states = () => list.pictures.map(({ name, state }) => `${name}: ${state.kind}`);
  return { list, queue, session, destination, journal, add, states };
}

const plan: JobPlanner = ({ name }) =>
  Promise.resolve({
    ...{ kind: 'job', options: DEFAULT_OPTIONS, output: { kind: 'memory', name }, folders: [], stage: null },
    place: () => ({ kind: 'file', handle: { name } as FileSystemFileHandle }),
  });

describe('the next visit', () => {
  test('finds pictures, settings and order', async () => {
    const browser = memory();
    const first = await visit(browser);
    const known = await first.add('a.jpg');
    const b = await first.add('b.jpg', { settings: { ...DEFAULT_SETTINGS, quality: 33 } });
    first.list.nudge(new Set([b]), -1);
    await first.session.keeper.flush();
    const second = await visit(browser);
    expect(second.states()).toEqual(['b.jpg: ready', 'a.jpg: ready']);
    expect(second.list.find(b)?.settings.quality).toBe(33);
    expect(second.list.selected?.name).toBe('b.jpg');
    // New ones must not take the ids of old ones.
    expect([known, b]).not.toContain(await second.add('c.jpg'));
  });

  test('lets in what comes with the page behind its own pictures', async () => {
    const browser = memory();
    const first = await visit(browser);
    const known = await first.add('a.jpg');
    // Restoring is not waited for here, nor is it by a page that is opened with files.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const second = await visit(browser, { inspect: (file) => inspectFake(file) });
    const shared = await second.add('shared.jpg');
    expect(shared).not.toBe(known);
    expect(second.list.find(shared)?.copy).not.toBeNull();
    expect(browser.records.size).toBe(2);
    expect(second.list.pictures.map(({ name }) => name)).toEqual(['a.jpg', 'shared.jpg']);
  });

  test('asks for files on disk, once', async () => {
    const browser = memory();
    const [yes, no] = [handle('yes.jpg'), handle('no.jpg', false)];
    const first = await visit(browser);
    for (const one of [yes, no]) await first.add(one.name, { handle: asHandle(one) });
    const second = await visit(browser);
    expect(second.states()).toEqual(['yes.jpg: locked', 'no.jpg: locked']);
    expect(second.session.value).toEqual({ locked: 2, unfinished: 0, kept: [] });
    expect(await second.session.unlock()).toEqual([]);
    expect(second.states()).toEqual(['yes.jpg: ready', 'no.jpg: locked']);
    expect(second.session.value).toEqual({ locked: 1, unfinished: 0, kept: [] });
    expect([yes.asked, no.asked]).toEqual([1, 1]);
    // The locked one is not forgotten by what is written now.
    await second.session.keeper.flush();
    expect(browser.records.size).toBe(2);
  });

  test('needs no question where the permission lasts', async () => {
    const browser = memory();
    const lasting = handle('a.jpg');
    await (await visit(browser)).add('a.jpg', { handle: asHandle(lasting) });
    lasting.grant();
    const second = await visit(browser);
    expect(second.states()).toEqual(['a.jpg: ready']);
    expect(second.session.value).toBeNull();
  });

  test('says what is gone or was never kept', async () => {
    const browser = memory();
    const moved = handle('moved.jpg');
    moved.grant();
    const first = await visit(browser);
    await first.add('moved.jpg', { handle: asHandle(moved) });
    await first.add('huge.jpg');
    moved.file = null;
    const second = await visit(browser);
    expect(second.states()).toEqual(['moved.jpg: failed', 'huge.jpg: failed']);
    expect(second.list.pictures[0]!.state).toMatchObject({
      problem: { message: expect.stringContaining('moved.jpg') },
    });
  });

  test('goes on with a run where it was', async () => {
    const browser = memory();
    const first = await visit(browser);
    const [a, b, c] = [await first.add('a.jpg'), await first.add('b.jpg'), await first.add('c.jpg')];
    // The page goes away while b is worked on: its job never ends.
    void first.queue.run([a, b, c], (picture) =>
      picture.name === 'b.jpg' ? new Promise<never>(() => undefined) : plan(picture),
    );
    await new Promise((resolve) => setTimeout(resolve, 0));
    await first.journal.begin(b, { kind: 'opfs', name: 'b-2x.png' }, 'stage of b');
    browser.staged.set('stage of b', 0.4).set('stage of nobody', 0.9);
    await first.session.keeper.flush();
    expect(first.states()).toEqual(['a.jpg: done', 'b.jpg: running', 'c.jpg: queued']);
    const target = { kind: 'private', name: 'b-2x.png' };
    expect(browser.jobs.get(b)).toEqual({ id: b, target, stage: 'stage of b', page: 'page 1' });

    const second = await visit(browser);
    expect(second.states()).toEqual(['a.jpg: done', 'b.jpg: ready', 'c.jpg: ready']);
    expect(second.session.value).toEqual({ locked: 0, unfinished: 2, kept: [{ name: 'b.jpg', share: 0.4 }] });
    expect([...browser.staged.keys()]).toEqual(['stage of b']);
    expect(second.journal.stageOf(b)).toBe('stage of b');
    const left = await second.session.unlock();
    expect(left).toEqual([b, c]);
    expect(second.session.value).toBeNull();
    await second.queue.run(left, plan);
    expect(second.states()).toEqual(['a.jpg: done', 'b.jpg: done', 'c.jpg: done']);
    expect([browser.jobs.size, second.journal.stageOf(b)]).toEqual([0, null]);
  });

  test('finds the result of the run before the one that was cut short, and can go on with that', async () => {
    const browser = memory();
    const first = await visit(browser);
    const a = await first.add('a.jpg');
    await first.queue.run([a], plan);
    const { state } = first.list.find(a)!;
    if (state.kind !== 'done') throw new Error('it is not done');
    first.list.setState(a, { kind: 'queued', earlier: state });
    void first.queue.run([a], () => new Promise<never>(() => undefined));
    await first.journal.begin(a, { kind: 'opfs', name: 'a-3x.png' }, 'stage of a');
    browser.staged.set('stage of a', 0.4);
    await first.session.keeper.flush();

    const second = await visit(browser);
    expect(second.list.find(a)?.state).toEqual(state);
    expect(second.session.value).toEqual({ locked: 0, unfinished: 1, kept: [{ name: 'a.jpg', share: 0.4 }] });
    // Not cut short once more, it is kept over another visit.
    await second.session.keeper.flush();
    expect(await second.session.unlock()).toEqual([a]);
    await second.queue.run([a], plan);
    expect([second.states(), browser.jobs.size]).toEqual([['a.jpg: done'], 0]);
  });

  test('finds written down which results were saved, under a run that is on, too', async () => {
    const browser = memory();
    const { list, queue, session, add } = await visit(browser);
    const ids = [await add('a.jpg'), await add('b.jpg'), await add('c.jpg')];
    const [a, b, c] = ids as [number, number, number];
    list.setState(a, doneNamed('a.png'));
    list.setState(b, doneNamed('b.png', { saved: true }));
    list.setState(c, doneNamed('c.png', { saved: true }));
    void queue.run([c], () => new Promise<never>(() => undefined));
    await session.keeper.flush();
    const saved = ids.map((id) => {
      const { state } = browser.records.get(id)!;
      return state.kind === 'done' ? state.saved : state.kind === 'queued' ? state.earlier?.saved : null;
    });
    expect(saved).toEqual([undefined, true, true]);
  });

  test('Continue waits for the headers that are still being read', async () => {
    const browser = memory();
    const first = await visit(browser);
    const ids = [await first.add('a.jpg'), await first.add('b.jpg')];
    void first.queue.run(ids, () => new Promise<never>(() => undefined));
    await first.session.keeper.flush();
    const slowly = async (file: File): ReturnType<typeof inspectFake> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return inspectFake(file);
    };
    const second = await visit(browser, { inspect: slowly });
    while (second.session.value === null) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(second.states()).toEqual(['a.jpg: reading', 'b.jpg: reading']);
    expect(await second.session.unlock()).toEqual(ids);
  });

  test('takes no notice of nonsense', async () => {
    const browser = memory();
    await (await visit(browser)).add('a.jpg');
    const good = [...browser.records.values()][0]!;
    const odd = { ...good, settings: 'none', state: { kind: 'later' } } as unknown as QueueRecord;
    browser.records.set(good.id, odd);
    const second = await visit(browser);
    expect(second.list.pictures[0]).toMatchObject({
      name: 'a.jpg',
      settings: DEFAULT_SETTINGS,
      state: { kind: 'ready' },
    });
  });

  test('removes records that are lost, says how many, and brings back what there are copies of', async () => {
    const browser = memory();
    const first = await visit(browser);
    const [a, huge] = [await first.add('a.jpg'), await first.add('huge.jpg')];
    const kept = await first.add('c.jpg');
    expect(first.session.losses).toEqual({ lost: 0, bare: 0 });
    for (const id of [a, huge]) browser.records.delete(id);
    const second = await visit(browser);
    expect(second.states()).toEqual(['c.jpg: ready', 'a.jpg: ready']);
    expect(second.session.losses).toEqual({ lost: 1, bare: 1 });
    await second.session.keeper.flush();
    expect(browser.removed).toEqual([a, huge]);
    expect(browser.files.size).toBe(2);
    // And they are not lost once more.
    const third = await visit(browser);
    expect(third.session.losses).toEqual({ lost: 0, bare: 0 });
    expect(third.states()).toEqual(['c.jpg: ready', 'a.jpg: ready']);
    expect(third.list.find(kept)).not.toBeNull();
  });

  test('brings back the copies where the whole database is lost', async () => {
    const browser = memory();
    const first = await visit(browser);
    await first.add('a.jpg');
    browser.files.set('page 1.cut short', new File([], 'cut short'));
    browser.records.clear();
    browser.sessions.clear();
    const second = await visit(browser);
    expect(second.states()).toEqual(['a.jpg: ready']);
    expect(second.session.losses).toEqual({ lost: 0, bare: 1 });
    expect([...browser.files.keys()]).toEqual(['page 1.copy of a.jpg']);
  });

  test('clears nothing away while the database cannot be read', async () => {
    const browser = memory();
    const first = await visit(browser);
    await first.add('a.jpg');
    browser.staged.set('stage of a', 0.4);
    const { load } = browser.storage;
    browser.storage.load = () => Promise.reject(new DOMException('', 'UnknownError'));
    const second = await visit(browser);
    expect(second.states()).toEqual([]);
    expect([browser.files.size, browser.staged.size]).toEqual([1, 1]);
    browser.storage.load = load;
    expect((await visit(browser)).states()).toEqual(['a.jpg: ready']);
  });

  test('brings back nothing that was taken off', async () => {
    const browser = memory();
    const first = await visit(browser);
    const a = await first.add('a.jpg');
    first.list.remove(a);
    await first.session.keeper.flush();
    const second = await visit(browser);
    expect(second.states()).toEqual([]);
    expect(browser.files.size).toBe(0);
  });

  test('forgets what was taken off, with its copy', async () => {
    const browser = memory();
    const first = await visit(browser);
    const a = await first.add('a.jpg');
    expect(browser.files.size).toBe(1);
    first.session.forget(first.list.remove(a));
    await first.session.keeper.flush();
    expect([browser.records.size, browser.files.size]).toEqual([0, 0]);
  });
});

describe('two pages at a time', () => {
  test('keep a queue each, and leave the other one alone', async () => {
    const browser = memory();
    const first = await visit(browser);
    await first.add('a.jpg');
    const second = await visit(browser, { beside: true });
    expect(second.states()).toEqual([]);
    const b = await second.add('b.jpg');
    browser.staged.set('stage of b', 0.4);
    await second.journal.begin(b, { kind: 'opfs', name: 'b-2x.png' }, 'stage of b');
    const third = await visit(browser, { beside: true });
    expect(third.states()).toEqual([]);
    expect([browser.records.size, browser.files.size, browser.jobs.size, browser.staged.size]).toEqual([2, 2, 1, 1]);
    expect(second.journal.stageOf(b)).toBe('stage of b');
  });

  test('are both taken over when both are gone', async () => {
    const browser = memory();
    const first = await visit(browser);
    await first.add('a.jpg');
    const second = await visit(browser, { beside: true });
    const b = await second.add('b.jpg');
    void second.queue.run([b], () => new Promise<never>(() => undefined));
    browser.staged.set('stage of b', 0.4);
    await second.journal.begin(b, { kind: 'opfs', name: 'b-2x.png' }, 'stage of b');
    await second.session.keeper.flush();
    const third = await visit(browser);
    expect(third.states().sort()).toEqual(['a.jpg: ready', 'b.jpg: ready']);
    expect(third.session.value).toEqual({ locked: 0, unfinished: 1, kept: [{ name: 'b.jpg', share: 0.4 }] });
    await third.session.keeper.flush();
    expect([...browser.sessions.keys()]).toEqual(['page 3']);
    // And once more, though nothing of it was written anew.
    const fourth = await visit(browser);
    expect(fourth.states().sort()).toEqual(['a.jpg: ready', 'b.jpg: ready']);
    expect(fourth.journal.stageOf(b)).toBe('stage of b');
    expect(browser.files.size).toBe(2);
  });

  test('leave one alone that reloads while the other opens', async () => {
    const browser = memory();
    const first = await visit(browser);
    const a = await first.add('a.jpg');
    browser.staged.set('stage of a', 0.4);
    await first.journal.begin(a, { kind: 'opfs', name: 'a-2x.png' }, 'stage of a');
    // It lives when it is looked for, and goes away in the moment before the clearing up.
    const second = await visit(browser, {
      beside: true,
      change: (pages) => ({
        ...pages,
        whenGone: () => {
          browser.close('page 1');
          return Promise.resolve(false);
        },
      }),
    });
    expect(second.states()).toEqual([]);
    expect([browser.records.size, browser.files.size, browser.jobs.size, browser.staged.size]).toEqual([1, 1, 1, 1]);
    const again = await visit(browser, { beside: true });
    expect(again.states()).toEqual(['a.jpg: ready']);
    expect(again.journal.stageOf(a)).toBe('stage of a');
  });

  test('take over from one that dies while the other lives', async () => {
    const browser = memory();
    const dead = await visit(browser);
    await dead.add('a.jpg');
    const living = await visit(browser, { beside: false });
    expect(living.states()).toEqual(['a.jpg: ready']);
    const b = await living.add('b.jpg');
    const third = await visit(browser, { beside: true });
    expect(third.states()).toEqual([]);
    expect(await third.add('c.jpg')).not.toBe(b);
    expect([...browser.records.values()].map(({ name }) => name).sort()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });
});
