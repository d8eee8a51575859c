/**
 * Damaged files of every format through whole jobs of the built app: each is enlarged or refused with a reason, in seconds; the page lives, no worker
 * is left, memory comes back. `FUZZ_BROWSER_INPUTS` and `FUZZ_FORMATS` choose how many and which.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { corpusOf } from '../support/fuzz/corpus.ts';
import { mutated } from '../support/fuzz/mutate.ts';
import { Random } from '../support/fuzz/random.ts';
import { AppPage } from './faults/app-page.ts';

const INPUTS = Number(process.env['FUZZ_BROWSER_INPUTS'] ?? 500);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const FORMATS = (process.env['FUZZ_FORMATS'] ?? 'png,jpeg,webp,avif,gif,bmp,tiff,jxl').split(',');

declare const localStorage: { setItem(key: string, value: string): void };

const BATCH = 50;
const HANG_MS = 5000;
const MOST_GROWTH = 150 * 2 ** 20;
/** A decoder that waits for the next job, and one for the next preview, may have started since the first count. */
const MOST_MORE_WORKERS = 2;

const app = new AppPage('dist');
beforeAll(() => app.start());
afterAll(() => app.end());

interface Outcome {
  readonly kind: string;
  readonly message: string;
  readonly remedy: string;
}

/** Runs files to their ends; how each ended, and the milliseconds of the slowest. */
async function runAll(files: readonly Buffer[], extension: string): Promise<{ outcomes: Outcome[]; slowest: number }> {
  const texts = files.map((file) => file.toString('base64'));
  return app.page.evaluate(
    async ([given, ending]) => {
      const { testedApp } = globalThis;
      const all = given.map((text, i) => {
        const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        return { file: new File([bytes], `fuzz-${i}.${ending}`), handle: null };
      });
      testedApp.destination.choose('download');
      await testedApp.add(all);
      let slowest = 0;
      let running = -1;
      let since = performance.now();
      const started = testedApp.start();
      const watch = setInterval(() => {
        const now = testedApp.pictures.pictures.findIndex(({ state }) => state.kind === 'running');
        if (now !== running) since = performance.now();
        else if (now >= 0) slowest = Math.max(slowest, performance.now() - since);
        running = now;
      }, 50);
      await started;
      clearInterval(watch);
      const outcomes = testedApp.pictures.pictures.map(({ state }) => ({
        ...{ kind: state.kind, message: state.problem?.message ?? '', remedy: state.problem?.remedy ?? '' },
      }));
      (testedApp as unknown as { clear(): void }).clear();
      return { outcomes, slowest };
    },
    [texts, extension] as const,
  );
}

const workers = async (): Promise<number> => {
  const { targetInfos } = await (await app.devtools()).send('Target.getTargets');
  return targetInfos.filter(({ type }) => type === 'worker').length;
};

/** Workers of a decoder, and the threads that it has started, go away a moment after they were ended. */
async function workersAtMost(limit: number): Promise<number> {
  const end = performance.now() + HANG_MS;
  let count = await workers();
  while (count > limit && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    count = await workers();
  }
  return count;
}

async function heap(): Promise<number> {
  const session = await app.devtools();
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

it.each(FORMATS)('%s', async (format) => {
  const { files, makers } = await corpusOf(format, true);
  const random = new Random(SEED);
  await app.reset();
  await app.page.evaluate(
    (text) => localStorage.setItem('pro-upscaler.settings', text),
    JSON.stringify({ size: { mode: 'factor', factor: 1 }, kernel: 'nearest' }),
  );
  await app.open();
  // What the first jobs start stays for the next ones.
  await runAll(
    files.slice(0, 3).map((file) => Buffer.from(file)),
    format,
  );
  const before = { workers: await workers(), heap: await heap() };
  const odd: string[] = [];
  const counts: Record<string, number> = {};
  let slowest = 0;
  for (let done = 0; done < INPUTS; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, INPUTS - done) }, () => Buffer.from(mutated(files, random)));
    const result = await runAll(batch, format);
    slowest = Math.max(slowest, result.slowest);
    result.outcomes.forEach(({ kind, message, remedy }, i) => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      // Refused by the verdict before Start: it waits for other settings.
      const good = kind === 'done' || kind === 'ready' || (kind === 'failed' && message.length > 10);
      if (!good || /TypeError|RangeError|undefined|stopped working/.test(message + remedy)) {
        odd.push(`input ${done + i}: ${kind} ${message}\n${batch[i]!.toString('base64')}`);
      }
    });
  }
  const after = { workers: await workersAtMost(before.workers + MOST_MORE_WORKERS), heap: await heap() };
  const grown = Math.round((after.heap - before.heap) / 2 ** 20);
  console.log(
    `${format}: ${INPUTS} inputs of ${makers.join(', ')}; ${JSON.stringify(counts)}, slowest ${Math.round(slowest)} ms, ` +
      `workers ${before.workers} to ${after.workers}, heap ${grown} MB`,
  );
  expect(odd).toEqual([]);
  expect(slowest).toBeLessThan(HANG_MS);
  expect(after.workers).toBeLessThanOrEqual(before.workers + MOST_MORE_WORKERS);
  expect(after.heap - before.heap).toBeLessThan(MOST_GROWTH);
});
