import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { EngineJob } from '../core/engine.ts';
import { wholeOf } from '../core/geometry.ts';
import { resampleRect } from '../core/reference/resample.ts';
import kernelsUrl from '../wasm/generated/kernels.wasm?url';
import { BandPool } from './band-pool.ts';

const started: Worker[] = [];
const OriginalWorker = globalThis.Worker;

beforeEach(() => {
  started.length = 0;
  globalThis.Worker = class extends OriginalWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.push(this);
    }
  };
});
afterEach(() => {
  globalThis.Worker = OriginalWorker;
});

const FROM = { width: 20, height: 16 };
const FORMAT = { channels: 3, depth: 8 } as const;

/** A job for this factor, on a source that the factor has a part in. */
function jobOf(factor: number): EngineJob {
  const to = { width: FROM.width * factor, height: FROM.height * factor };
  const data = new Uint8Array(new SharedArrayBuffer(FROM.width * FROM.height * 3));
  data.forEach((_, i) => (data[i] = (i * 31 * factor) & 255));
  const spec = { stages: [{ from: FROM, to, kernel: 'lanczos3' as const }], input: FORMAT, output: FORMAT };
  return {
    source: { ...FROM, ...FORMAT, capacity: FROM.height, data },
    spec: { ...spec, curves: null, clampOvershoot: false, background: null },
    picture: { ...to, ...FORMAT },
    encoding: null,
    hooks: { before: null, after: null },
  };
}

const signal = (): AbortSignal => new AbortController().signal;

/** Pixels of the whole picture, from every worker of a pool of two, are those of the reference. */
async function expectRight(pool: BandPool, factor: number): Promise<void> {
  const job = jobOf(factor);
  await pool.open(job);
  const whole = wholeOf(job.picture);
  const expected = resampleRect(job.spec, job.source, whole);
  for (const rows of await Promise.all([pool.pixels(whole, signal()), pool.pixels(whole, signal())])) {
    expect(rows.every((value, i) => Math.abs(value - expected[i]!) <= 1)).toBe(true);
  }
}

function poolOf(workers: number, courtesy: ConstructorParameters<typeof BandPool>[2] = null): BandPool {
  const pool = new BandPool(WebAssembly.compileStreaming(fetch(kernelsUrl)), workers, courtesy);
  onTestFinished(() => started.forEach((worker) => worker.terminate()));
  return pool;
}

const poolOfTwo = (): BandPool => poolOf(2);

it('serves one job after another with the same workers', async () => {
  const pool = poolOfTwo();
  for (const factor of [2, 5, 3]) {
    expect(pool.claim()).toBe(true);
    expect(pool.claim()).toBe(false);
    await expectRight(pool, factor);
    await pool.close();
  }
  expect(started).toHaveLength(2);
});

const shoot = (worker: Worker): boolean => worker.dispatchEvent(new ErrorEvent('error', { message: 'shot' }));

it('replaces a dead worker in the middle of a job, and loses none of its bands', async () => {
  const pool = poolOfTwo();
  pool.claim();
  const job = jobOf(40);
  await pool.open(job);
  const whole = wholeOf(job.picture);
  const expected = resampleRect(job.spec, job.source, whole);
  const bands = Array.from({ length: 5 }, () => pool.pixels(whole, signal()));
  // One at work, and later one that may wait.
  shoot(started[0]!);
  await Promise.race(bands);
  shoot(started[1]!);
  for (const rows of await Promise.all(bands)) {
    expect(rows.every((value, i) => Math.abs(value - expected[i]!) <= 1)).toBe(true);
  }
  expect(started).toHaveLength(4);
  await pool.close();
  expect(pool.claim()).toBe(true);
  await expectRight(pool, 4);
  expect(started).toHaveLength(4);
});

it('rejects when the worker in the place of a dead one dies as well', async () => {
  const pool = poolOfTwo();
  pool.claim();
  await expectRight(pool, 2);
  const Living = globalThis.Worker;
  globalThis.Worker = class extends Living {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      queueMicrotask(() => shoot(this));
    }
  };
  shoot(started[0]!);
  const whole = wholeOf(jobOf(2).picture);
  const both = await Promise.allSettled([pool.pixels(whole, signal()), pool.pixels(whole, signal())]);
  expect(both.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  globalThis.Worker = Living;
  await pool.close();
  expect(pool.claim()).toBe(true);
  await expectRight(pool, 4);
});

it('opens for a job though a worker dies of it', async () => {
  const pool = poolOfTwo();
  pool.claim();
  const opened = expectRight(pool, 3);
  shoot(started[1]!);
  await opened;
  expect(started).toHaveLength(3);
});

it('rejects what is under way when it is closed, and is free for the next job', async () => {
  const pool = poolOfTwo();
  pool.claim();
  const job = jobOf(40);
  await pool.open(job);
  const bands = Array.from({ length: 6 }, () => pool.pixels(wholeOf(job.picture), signal()));
  const settled = Promise.allSettled(bands);
  await pool.close();
  for (const { status } of await settled) expect(status).toBe('rejected');
  expect(pool.claim()).toBe(true);
  await expectRight(pool, 3);
});

it('ends after hooks, which may have left anything behind', async () => {
  const pool = poolOfTwo();
  pool.claim();
  const hook = URL.createObjectURL(new Blob(['export default () => {}'], { type: 'text/javascript' }));
  await pool.open({ ...jobOf(2), hooks: { before: hook, after: null } });
  await pool.close();
  expect(pool.ended).toBe(true);
  expect(pool.claim()).toBe(false);
});

it.each([
  [2, 0],
  [3, 1],
])('of %i workers, only %i begin a band in a break; after it all bands are right', async (workers, atWork) => {
  const courtesy: { over: Promise<void> | null } = { over: null };
  const pool = poolOf(workers, courtesy);
  pool.claim();
  const job = jobOf(4);
  await pool.open(job);
  let end = (): void => undefined;
  courtesy.over = new Promise((resolve) => (end = resolve));
  let begun = 0;
  for (const worker of started) {
    const post = worker.postMessage.bind(worker) as Worker['postMessage'];
    worker.postMessage = (...message: unknown[]) => {
      begun++;
      // Nothing comes back from a band in a break: its worker has not ended it.
      if (courtesy.over === null) (post as (...parameters: unknown[]) => void)(...message);
      else void courtesy.over.then(() => (post as (...parameters: unknown[]) => void)(...message));
    };
  }
  const whole = wholeOf(job.picture);
  const expected = resampleRect(job.spec, job.source, whole);
  const bands = Promise.all(Array.from({ length: 2 * workers }, () => pool.pixels(whole, signal())));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(begun).toBe(atWork);
  courtesy.over = null;
  end();
  for (const rows of await bands) expect(rows.every((value, i) => Math.abs(value - expected[i]!) <= 1)).toBe(true);
  expect(begun).toBe(2 * workers);
  await pool.close();
});

it('rejects what waits for the end of a break when it is closed', async () => {
  const courtesy: { over: Promise<void> | null } = { over: null };
  const pool = poolOf(2, courtesy);
  pool.claim();
  const job = jobOf(4);
  await pool.open(job);
  courtesy.over = new Promise(() => undefined);
  const band = pool.pixels(wholeOf(job.picture), signal());
  const settled = expect(band).rejects.toMatchObject({ code: 'engine-failed' });
  await pool.close();
  await settled;
});
