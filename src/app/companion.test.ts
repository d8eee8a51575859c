import { beforeEach, expect, test, vi } from 'vitest';
import { Companion } from './companion.ts';
import { Queue, type JobPlanner } from './queue.ts';
import { statusText } from './status-text.ts';
import { fakeEngine, fakeList, fileNamed, resultOf } from './testing.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';

const notifyIfHidden = vi.hoisted(() => vi.fn((title: string, body: string) => Promise.resolve(void [title, body])));

vi.mock('../platform/attention.ts', () => ({
  ...{ canAskToNotify: () => false, setBadge: () => undefined },
  notifyIfHidden,
}));
vi.mock('../platform/acting.ts', () => ({ watchActing: () => () => undefined }));
vi.mock('../platform/wake-lock.ts', () => ({
  WakeLock: class {
    hold(): void {}
    release(): void {}
  },
}));
vi.mock('../platform/working-lock.ts', () => ({ holdWorkingLock: () => () => undefined }));

beforeEach(() => {
  vi.useFakeTimers();
  notifyIfHidden.mockClear();
  return () => void vi.useRealTimers();
});

/** A run of pictures by these names, each of which takes `ms`; what the bar says at its end. */
async function run(names: readonly string[], ms: number): Promise<string> {
  const list = fakeList();
  await list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
  const engine = fakeEngine(async (request) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (request.sourceName.startsWith('fails')) throw new Error('It fails.');
    return resultOf(request);
  });
  const queue = new Queue(list, () => Promise.resolve(engine));
  new Companion(queue, list);
  const plan: JobPlanner = ({ name }) =>
    Promise.resolve(
      name.startsWith('there')
        ? { kind: 'skip', name }
        : {
            ...{ kind: 'job', options: DEFAULT_OPTIONS, output: { kind: 'memory', name }, folders: [], stage: null },
            place: () => ({ kind: 'file', handle: { name } as FileSystemFileHandle }),
          },
    );
  const ids = list.pictures.filter(({ info }) => info !== null).map(({ id }) => id);
  const running = queue.run(ids, plan);
  await vi.runAllTimersAsync();
  await running;
  return statusText(queue.value, list.pictures);
}

test('the end of a long run is told as it stands beside Start, with all that came to nothing', async () => {
  const said = await run(['a.jpg', 'b.jpg', 'fails.jpg', 'there.jpg', 'bad.jpg'], 40_000);
  expect(said).toBe('Done: 2 pictures in 2 min 00 s. Failed: 1. Skipped: 1. Could not be read: 1.');
  expect(notifyIfHidden.mock.calls).toEqual([['Pro Upscaler', said]]);
});

test('a short run ends in silence', async () => {
  await run(['a.jpg'], 1000);
  expect(notifyIfHidden).not.toHaveBeenCalled();
});
