import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import type { UpscalerPort } from './engine-port.ts';
import { overallOf } from './overall.ts';
import { isDamaged, isStartable } from './picture.ts';
import { Queue, type JobPlanner, type QueueListener } from './queue.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { statusText } from './status-text.ts';
import { fakeEngine, fakeList, fileNamed, pictureNamed, resultOf } from './testing.ts';

async function queueOf(
  names: readonly string[],
  run: UpscalerPort['run'],
  change: Partial<UpscalerPort> = {},
  listener: QueueListener = {},
) {
  const list = fakeList();
  await list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
  const ids = list.pictures.map(({ id }) => id);
  const plan: JobPlanner = ({ name }) =>
    Promise.resolve({
      kind: 'job',
      options: DEFAULT_OPTIONS,
      output: { kind: 'memory', name: `${name}.png` },
      folders: [],
      stage: null,
      place: ({ file }) => ({ kind: 'blob', blob: file!, folders: [], name: `${name}.png`, stored: null }),
    });
  const queue = new Queue(list, () => Promise.resolve({ ...fakeEngine(run), ...change }), listener);
  const states = () => list.pictures.map((picture) => picture.state.kind);
  return { list, ids, plan, queue, states };
}

/** Lets everything happen that can happen by itself. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Ends with an abort when the signal says so, as the engine does. */
const untilAborted: UpscalerPort['run'] = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal!.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
  });

test('jobs run one at a time, in order, and end with their results', async () => {
  let running = 0;
  const order: string[] = [];
  const { list, ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg'], async (request) => {
    running++;
    order.push(request.sourceName);
    expect(running).toBe(1);
    expect(states()).toEqual(order.length === 1 ? ['running', 'queued'] : ['done', 'running']);
    await Promise.resolve();
    running--;
    return resultOf(request);
  });
  await queue.run(ids, plan);
  expect(order).toEqual(['a.jpg', 'b.jpg']);
  expect(queue.value).toMatchObject({ running: false, total: 2, done: 2, failed: 0, cancelled: false });
  expect(list.pictures[1]!.state).toMatchObject({ kind: 'done', place: { kind: 'blob', name: 'b.jpg.png' } });
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 2 pictures in /);
});

test('a failure ends its own job only', async () => {
  const { list, ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg'], (request) =>
    request.sourceName === 'a.jpg'
      ? Promise.reject(new AppError('no-quota', 'The disk is full.', { remedy: 'Free some space.' }))
      : Promise.resolve(resultOf(request)),
  );
  await queue.run(ids, plan);
  expect(states()).toEqual(['failed', 'done']);
  expect(list.pictures[0]!.state).toMatchObject({ problem: { message: 'The disk is full.' } });
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 1 picture in .* Failed: 1/);
});

test('a file that turns out to be damaged is told from one that another run may do', async () => {
  const { list, ids, plan, queue } = await queueOf(['a.jpg', 'b.jpg'], (request) =>
    Promise.reject(new AppError(request.sourceName === 'a.jpg' ? 'bad-input' : 'no-quota', 'No.')),
  );
  await queue.run(ids, plan);
  expect(list.pictures.map(isDamaged)).toEqual([true, false]);
});

test('an engine that does not start fails the job, and is asked for again', async () => {
  const { list, ids, plan, states } = await queueOf(['a.jpg'], untilAborted);
  const queue = new Queue(list, () => Promise.reject(new Error('no worker')));
  await queue.run(ids, plan);
  expect(states()).toEqual(['failed']);
});

test('cancel ends the running job and drops the others', async () => {
  const { ids, plan, queue, states, list } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], untilAborted);
  const run = queue.run(ids, plan);
  await Promise.resolve();
  expect(queue.value.running).toBe(true);
  queue.cancel();
  await run;
  expect(states()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(queue.value).toMatchObject({ running: false, cancelled: true, done: 0, failed: 0 });
  expect(statusText(queue.value, list.pictures)).toBe('Cancelled.');
});

test('progress and warnings reach the picture, and the status in steps', async () => {
  // What is expected in a job would only fail the job.
  const met: unknown[] = [];
  const { list, ids, plan, queue } = await queueOf(['a.jpg'], (request, { onEvent }) => {
    onEvent!({ kind: 'warning', message: 'The engine changed.' });
    onEvent!({
      kind: 'progress',
      fraction: 0.47,
      bytes: 10,
      elapsedMs: 5,
      remainingMs: null,
      megapixelsPerSecond: 1,
      engine: 'simd',
    });
    const texts = [statusText(queue.value, list.pictures), statusText(queue.value, list.pictures, 'seen')];
    met.push(list.pictures[0]!.state, ...texts);
    return Promise.resolve(resultOf(request));
  });
  await queue.run(ids, plan);
  expect(met).toEqual([
    expect.objectContaining({
      kind: 'running',
      progress: expect.objectContaining({ fraction: 0.47 }) as unknown,
      warnings: ['The engine changed.'],
    }),
    'Enlarging a.jpg: 40%',
    'Enlarging a.jpg: 47%',
  ]);
});

test('the order is that of the list at the moment, and pictures can join', async () => {
  const order: string[] = [];
  const { list, ids, plan, queue } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'], async (request) => {
    order.push(request.sourceName);
    if (order.length === 1) {
      list.move(new Set([ids[2]!]), ids[1]!);
      void queue.run([ids[3]!], plan);
    }
    await settled();
    return resultOf(request);
  });
  await queue.run(ids.slice(0, 3), plan);
  expect(order).toEqual(['a.jpg', 'c.jpg', 'b.jpg', 'd.jpg']);
  expect(queue.value).toMatchObject({ total: 4, done: 4 });
});

test('a pause holds the engine at once; going on frees it', async () => {
  const told: boolean[] = [];
  let finish = (): void => undefined;
  const run: UpscalerPort['run'] = (request) => new Promise((resolve) => (finish = () => resolve(resultOf(request))));
  const { ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg'], run, {
    setPaused: (paused) => void told.push(paused),
  });
  const running = queue.run(ids, plan);
  await settled();
  queue.pause();
  await settled();
  expect([told, queue.value.paused, queue.value.running]).toEqual([[true], true, true]);
  const elapsed = queue.elapsed();
  // What was computed already may still land; the next one does not begin.
  finish();
  await settled();
  expect(states()).toEqual(['done', 'queued']);
  expect(queue.elapsed()).toBe(elapsed);
  queue.resume();
  await settled();
  expect([told, states()]).toEqual([
    [true, false],
    ['done', 'running'],
  ]);
  finish();
  await running;
  expect(states()).toEqual(['done', 'done']);
});

test('a pause after the present picture lets it end', async () => {
  const told: boolean[] = [];
  const { ids, plan, queue, states } = await queueOf(
    ['a.jpg', 'b.jpg'],
    async (request) => {
      await settled();
      return resultOf(request);
    },
    { setPaused: (paused) => void told.push(paused) },
  );
  const running = queue.run(ids, plan);
  await settled();
  queue.pause('after-picture');
  expect(queue.value).toMatchObject({ pausing: true, paused: false });
  await settled();
  await settled();
  await settled();
  expect([states(), queue.value.paused]).toEqual([['done', 'queued'], true]);
  queue.cancel();
  await running;
  expect(states()).toEqual(['done', 'cancelled']);
  // The engine must not stay held for the next run.
  await settled();
  expect(told.at(-1)).toBe(false);
});

test('one picture is taken out of a run, the others are done', async () => {
  const { ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], (request, { signal }) =>
    request.sourceName === 'a.jpg' ? untilAborted(request, { signal: signal! }) : Promise.resolve(resultOf(request)),
  );
  const running = queue.run(ids, plan);
  await settled();
  queue.cancelOne(ids[1]!);
  queue.cancelOne(ids[0]!);
  await running;
  expect(states()).toEqual(['cancelled', 'ready', 'done']);
  // What was cancelled is no part of the run: it must not count as progress.
  expect(queue.value).toMatchObject({ ids: [ids[2]], total: 1, done: 1, cancelled: false });
});

test('a plan that skips, and one that fails, are not run', async () => {
  const { list, ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], (request) =>
    Promise.resolve(resultOf(request)),
  );
  await queue.run(ids, (picture) => {
    if (picture.name === 'a.jpg') return Promise.resolve({ kind: 'skip', name: 'a-2x.png' });
    if (picture.name === 'b.jpg') return Promise.reject(new AppError('write-failed', 'No folder.'));
    return plan(picture);
  });
  expect(states()).toEqual(['skipped', 'failed', 'done']);
  expect(list.pictures[0]!.state).toMatchObject({ name: 'a-2x.png' });
  expect(queue.value).toMatchObject({ total: 3, done: 1, failed: 1, skipped: 1 });
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 1 picture in .* Failed: 1\. Skipped: 1\.$/);
  await queue.run([ids[0]!], () => Promise.resolve({ kind: 'skip', name: 'a-2x.png' }));
  expect(statusText(queue.value, list.pictures)).toBe('Skipped: 1.');
});

test('files that cannot be read are accounted for', async () => {
  const { list, plan, queue, states } = await queueOf(['a.jpg', 'bad.jpg', 'b.jpg', 'bad too.jpg'], (request) =>
    request.sourceName === 'b.jpg' ? Promise.reject(new AppError('no-quota', '')) : Promise.resolve(resultOf(request)),
  );
  await queue.run(
    list.pictures.filter(isStartable).map(({ id }) => id),
    plan,
  );
  expect(states()).toEqual(['done', 'failed', 'failed', 'failed']);
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 1 picture in .* Failed: 1\. Could not be read: 2\.$/);
});

test('the picture that runs is numbered after those that were skipped', async () => {
  const { list, ids, plan, queue, states } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], untilAborted);
  const run = queue.run(ids, (picture) =>
    picture.name === 'a.jpg' ? Promise.resolve({ kind: 'skip', name: 'a-2x.png' }) : plan(picture),
  );
  await settled();
  expect(states()).toEqual(['skipped', 'running', 'queued']);
  expect(statusText(queue.value, list.pictures)).toMatch(/^Enlarging b\.jpg \(2 of 3\)/);
  queue.cancel();
  await run;
});

test('a run that comes to nothing leaves the results of the run before', async () => {
  let run: UpscalerPort['run'] = (request) => Promise.resolve(resultOf(request));
  const { list, ids, plan, queue } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], (...job) => run(...job));
  await queue.run(ids, plan);
  const before = list.pictures.map(({ state }) => state);

  run = untilAborted;
  const again = queue.run(ids, plan);
  await settled();
  queue.cancelOne(ids[2]!);
  expect(list.find(ids[2]!)?.state).toBe(before[2]);
  queue.cancel();
  await again;
  expect(list.pictures.map(({ state }) => state)).toEqual(before);

  run = () => Promise.reject(new AppError('no-quota', 'The disk is full.'));
  await queue.run(ids.slice(0, 1), plan);
  expect(list.pictures[0]!.state).toEqual({ ...before[0], again: { message: 'The disk is full.', remedy: '' } });
  expect(queue.value).toMatchObject({ failed: 1, done: 0 });
  await queue.run(ids.slice(1), () => Promise.resolve({ kind: 'skip', name: 'b-2x.png' }));
  expect(list.pictures.slice(1).map(({ state }) => state)).toEqual(before.slice(1));
});

test('a result is given up when the next one is there, and its end is recorded', async () => {
  const said: string[] = [];
  const replaced: unknown[] = [];
  let fails = false;
  const { list, ids, plan, queue } = await queueOf(
    ['a.jpg'],
    (request) => (fails ? Promise.reject(new Error('The disk is full.')) : Promise.resolve(resultOf(request))),
    {},
    {
      onEnded: () => Promise.resolve(void said.push('ended')),
      onReplaced: (_, { place }) => void (said.push('replaced'), replaced.push(place)),
    },
  );
  await queue.run(ids, plan);
  const { state } = list.pictures[0]!;
  fails = true;
  await queue.run(ids, plan);
  expect(said).toEqual(['ended', 'ended']);
  fails = false;
  await queue.run(ids, plan);
  expect(said).toEqual(['ended', 'ended', 'ended', 'replaced']);
  expect(replaced).toEqual([state.kind === 'done' && state.place]);
  expect(list.pictures[0]!.state).toMatchObject({ kind: 'done' });
  expect(list.pictures[0]!.state).not.toHaveProperty('again');
});

test('the whole run adds up by pixels', () => {
  const progress = (fraction: number) =>
    ({
      kind: 'progress',
      fraction,
      bytes: 0,
      elapsedMs: 0,
      remainingMs: 0,
      megapixelsPerSecond: 0,
      engine: 'simd',
    }) as const;
  const pictures = [
    pictureNamed('a', { id: 1, state: { kind: 'failed', problem: { message: '', remedy: '' } } }),
    pictureNamed('b', {
      id: 2,
      state: { kind: 'running', settings: DEFAULT_SETTINGS, progress: progress(0.5), warnings: [], keptBands: null },
    }),
    pictureNamed('c', { id: 3, state: { kind: 'queued' } }),
    pictureNamed('d', { id: 4 }),
  ];
  // 10 + 20 + 70 megapixels; 10 of them computed in 2 s, 80 left.
  const pixelsOf = ({ id }: { id: number }) => [0, 10e6, 20e6, 70e6, 999e6][id]!;
  expect(overallOf(pictures, [1, 2, 3], pixelsOf, 2000)).toEqual({
    fraction: 0.2,
    elapsedMs: 2000,
    remainingMs: 16_000,
    megapixelsPerSecond: 5,
    engine: 'simd',
  });
  expect(overallOf(pictures, [3], pixelsOf, 0).remainingMs).toBeNull();
});
