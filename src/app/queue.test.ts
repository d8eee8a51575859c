import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import type { UpscalerPort } from './engine-port.ts';
import { PictureList } from './picture-list.ts';
import { Queue, type PlannedJob } from './queue.ts';
import { statusText } from './status-text.ts';
import { fakeEngine, fileNamed, inspectFake, resultOf } from './testing.ts';

async function queueOf(names: readonly string[], run: UpscalerPort['run']) {
  const list = new PictureList(inspectFake);
  await list.add(names.map((name) => ({ file: fileNamed(name), handle: null })));
  const jobs = list.pictures.map(({ id, name }): PlannedJob => ({
    pictureId: id,
    options: DEFAULT_OPTIONS,
    output: { kind: 'opfs', name: `${name}.png` },
  }));
  const queue = new Queue(list, () => Promise.resolve(fakeEngine(run)));
  const states = () => list.pictures.map((picture) => picture.state.kind);
  return { list, jobs, queue, states };
}

/** Ends with an abort when the signal says so, as the engine does. */
const untilAborted: UpscalerPort['run'] = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal!.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
  });

test('jobs run one at a time, in order, and end with their results', async () => {
  let running = 0;
  const order: string[] = [];
  const { list, jobs, queue, states } = await queueOf(['a.jpg', 'b.jpg'], async (request) => {
    running++;
    order.push(request.sourceName);
    expect(running).toBe(1);
    expect(states()).toEqual(order.length === 1 ? ['running', 'queued'] : ['done', 'running']);
    await Promise.resolve();
    running--;
    return resultOf(request);
  });
  await queue.run(jobs);
  expect(order).toEqual(['a.jpg', 'b.jpg']);
  expect(queue.value).toMatchObject({ running: false, total: 2, done: 2, failed: 0, cancelled: false });
  expect(list.pictures[1]!.state).toMatchObject({ kind: 'done', place: { kind: 'blob', name: 'b.jpg.png' } });
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 2 pictures in /);
});

test('a failure ends its own job only', async () => {
  const { list, jobs, queue, states } = await queueOf(['a.jpg', 'b.jpg'], (request) =>
    request.sourceName === 'a.jpg'
      ? Promise.reject(new AppError('no-quota', 'The disk is full.', { remedy: 'Free some space.' }))
      : Promise.resolve(resultOf(request)),
  );
  await queue.run(jobs);
  expect(states()).toEqual(['failed', 'done']);
  expect(list.pictures[0]!.state).toMatchObject({ problem: { message: 'The disk is full.' } });
  expect(statusText(queue.value, list.pictures)).toMatch(/^Done: 1 picture in .* Failed: 1/);
});

test('an engine that does not start fails the job, and is asked for again', async () => {
  const { list, jobs, states } = await queueOf(['a.jpg'], untilAborted);
  const queue = new Queue(list, () => Promise.reject(new Error('no worker')));
  await queue.run(jobs);
  expect(states()).toEqual(['failed']);
});

test('cancel ends the running job and drops the others', async () => {
  const { jobs, queue, states, list } = await queueOf(['a.jpg', 'b.jpg', 'c.jpg'], untilAborted);
  const run = queue.run(jobs);
  await Promise.resolve();
  expect(queue.value.running).toBe(true);
  queue.cancel();
  await run;
  expect(states()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(queue.value).toMatchObject({ running: false, cancelled: true, done: 0, failed: 0 });
  expect(statusText(queue.value, list.pictures)).toBe('Cancelled.');
});

test('progress and warnings reach the picture, and the status in steps', async () => {
  const { list, jobs, queue } = await queueOf(['a.jpg'], (request, { onEvent }) => {
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
    expect(list.pictures[0]!.state).toMatchObject({
      kind: 'running',
      progress: { fraction: 0.47 },
      warnings: ['The engine changed.'],
    });
    expect(statusText(queue.value, list.pictures)).toBe('Enlarging a.jpg: 40\u00a0%');
    return Promise.resolve(resultOf(request));
  });
  await queue.run(jobs);
  expect.assertions(2);
});
