import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PreviewSession } from './preview-client.ts';
import { RemoteWorker } from './remote-worker.ts';

interface Call {
  readonly id: string;
  readonly path: readonly string[];
}

/** A worker that notes what it is asked, and answers when it is told to. */
class HeldWorker extends EventTarget {
  static last: HeldWorker;
  readonly asked: Call[] = [];
  isTerminated = false;

  constructor() {
    super();
    HeldWorker.last = this;
  }

  postMessage(message: Call): void {
    this.asked.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(name: string): void {
    const { id } = this.asked.find(({ path }) => path?.join() === name)!;
    this.dispatchEvent(new MessageEvent('message', { data: { id, type: 'RAW', value: undefined } }));
  }

  get calls(): string[] {
    return this.asked.flatMap(({ path }) => (path === undefined ? [] : [path.join()]));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', HeldWorker);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

interface Api {
  work(): Promise<void>;
}

const start = (): RemoteWorker<Api> => new RemoteWorker<Api>(new Worker('worker.js'), 'The test');

describe('a worker', () => {
  it('that is terminated ends at once', async () => {
    const remote = start();
    const pending = remote.call((api) => api.work());
    remote.terminate();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    expect(HeldWorker.last.isTerminated).toBe(true);
  });

  it('that is retired takes no calls any more, and ends after those that it has ended', async () => {
    const remote = start();
    const pending = remote.call((api) => api.work());
    remote.retire();
    expect(remote.ended).toBe(true);
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    await expect(remote.call((api) => api.work())).rejects.toMatchObject({ name: 'AbortError' });
    await vi.advanceTimersByTimeAsync(20);
    expect(HeldWorker.last.isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(HeldWorker.last.isTerminated).toBe(true);
  });
});

it('a worker that will soon be ended leaves its own to that, and takes none of their answers any more', async () => {
  vi.resetModules();
  const { RemoteWorker: Inner, leaveWorkers } = await import('./remote-worker.ts');
  const remote = new Inner<Api>(new Worker('worker.js'), 'The test');
  const pending = remote.call((api) => api.work());
  leaveWorkers();
  remote.terminate();
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  expect(remote.ended).toBe(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(HeldWorker.last.isTerminated).toBe(false);
});

describe('a preview whose opening is aborted', () => {
  const open = (): { readonly opening: Promise<unknown>; readonly abort: () => void } => {
    const controller = new AbortController();
    const request = { source: new Blob(), sourceName: 'picture.png' };
    const opening = PreviewSession.open(request, () => undefined, controller.signal);
    opening.catch(() => undefined);
    return { opening, abort: () => controller.abort() };
  };

  it('rejects at once, and ends its decoder itself before its worker is ended', async () => {
    const { opening, abort } = open();
    abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect(HeldWorker.last.calls).toEqual(['open', 'close']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(HeldWorker.last.isTerminated).toBe(false);
    HeldWorker.last.answer('close');
    await vi.advanceTimersByTimeAsync(1000);
    expect(HeldWorker.last.isTerminated).toBe(true);
  });

  it('is ended all the same when it does not answer', async () => {
    const { abort } = open();
    abort();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(HeldWorker.last.isTerminated).toBe(true);
  });
});
