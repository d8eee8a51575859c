/**
 * Mixed jobs in one tab, without growth of memory or storage: formats, engines, with a network and without, cancelled ones, damaged ones, saved and cleared. `SOAK_MINUTES`
 * makes it longer (120 for the whole).
 */
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AI_DEFAULTS } from '../../src/core/ai.ts';
import { Random } from '../support/fuzz/random.ts';
import { AppPage } from './faults/app-page.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 3);
const SEED = Number(process.env['SOAK_SEED'] ?? 1);

const app = new AppPage('dist');
beforeAll(() => app.start());
afterAll(() => app.end());

/** Bytes that the processes of the browser hold for themselves and their part of what they share; null without /proc. */
function memoryOfBrowser(profile: string): number | null {
  let pss = 0;
  let found = false;
  const parents = new Map<string, string>();
  const roots: string[] = [];
  const pids = (() => {
    try {
      return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    } catch {
      return [];
    }
  })();
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]!);
      if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(profile)) roots.push(pid);
    } catch {
      // Gone meanwhile.
    }
  }
  const belongs = (pid: string | undefined): boolean =>
    pid !== undefined && pid !== '0' && (roots.includes(pid) || belongs(parents.get(pid)));
  for (const pid of pids.filter(belongs)) {
    try {
      const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))!;
      pss += Number(kilobytes) * 1024;
      found = true;
    } catch {
      // Gone meanwhile, or not ours to read.
    }
  }
  return found ? pss : null;
}

/** What ended workers and their threads held comes back in a while: the least of what is seen in some seconds. */
async function memoryAtRest(profile: string): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 6; look++) {
    await new Promise((later) => setTimeout(later, 500));
    least = Math.min(least, memoryOfBrowser(profile) ?? 0);
  }
  return least;
}

interface Sample {
  readonly jobs: number;
  readonly memory: number;
  readonly storage: number;
  readonly workers: number;
}

const pictures: Buffer[] = [];
beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  const make = (width: number, height: number, channels: 3 | 4) =>
    sharp({ create: { width, height, channels, background: { r: 80, g: 120, b: 160, alpha: 0.5 }, noise } });
  pictures.push(await make(700, 500, 3).png().toBuffer(), await make(900, 400, 3).jpeg().toBuffer());
  pictures.push(await make(300, 300, 4).webp().toBuffer(), await make(500, 400, 3).tiff().toBuffer());
  pictures.push((await make(600, 600, 3).png().toBuffer()).subarray(0, 200_000));
});

/** One job in eight goes through the smallest network. */
const AI = { ...AI_DEFAULTS, model: { kind: 'bundled', id: 'anime4k-ul' } } as const;
const MODEL_SHARE = 1 / 8;

const FORMATS = ['png', 'jpeg', 'tiff', 'webp'] as const;

it(`goes on for ${MINUTES} minutes without growing`, { timeout: (MINUTES + 15) * 60_000 }, async () => {
  const random = new Random(SEED);
  await app.reset();
  await app.open();
  const samples: Sample[] = [];
  const outcomes: Record<string, number> = {};
  const ends = performance.now() + MINUTES * 60_000;
  // A round of fixed length, so that what is held at its end can be compared from round to round.
  const round = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      const format = random.pick(FORMATS);
      const ai = random.next() < MODEL_SHARE ? AI : null;
      const change = { format, engine: random.pick(['auto', 'simd', 'scalar']), linear: random.next() < 0.3, ai };
      const factor = format === 'webp' ? 1.5 : 1 + random.below(3);
      await app.page.evaluate(
        ([text]) => {
          const { testedApp } = globalThis;
          (testedApp as unknown as { settings: { change(change: object): void } }).settings.change(
            JSON.parse(text) as object,
          );
        },
        [JSON.stringify({ ...change, size: { mode: 'factor', factor } })] as const,
      );
      await app.add(random.pick(pictures), random.pick(['folder', 'download'] as const));
      await app.begin();
      if (random.next() < 0.2) {
        await new Promise((later) => setTimeout(later, random.below(400)));
        await app.page.evaluate(() =>
          (globalThis.testedApp as unknown as { queue: { cancel(): void } }).queue.cancel(),
        );
      }
      const { kind } = await app.outcome();
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      await app.clear();
    }
  };
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  let jobs = 0;
  while (performance.now() < ends) {
    await round();
    jobs += 5;
    await app.collectGarbage();
    const usage = await app.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    const names = await app.workers();
    const workers = names.length;
    if (workers > Math.max(4, ...samples.map((one) => one.workers)))
      console.log(`${jobs} jobs, workers: ${names.join(' ')}`);
    samples.push({ jobs, memory: await memoryAtRest(app.profile), storage: usage, workers });
    // A long one shows how it stands.
    if (samples.length % 20 === 0) console.log(`${jobs} jobs, ${megabytes(samples.at(-1)!.memory)} MB`);
  }
  console.log(`${jobs} jobs: ${JSON.stringify(outcomes)}`);
  console.log(`memory, MB: ${samples.map(({ memory }) => megabytes(memory)).join(' ')}`);
  console.log(`storage, MB: ${samples.map(({ storage }) => megabytes(storage)).join(' ')}`);
  console.log(`workers: ${samples.map(({ workers }) => workers).join(' ')}`);
  console.log(`at the end: ${(await app.workers()).join(' ')}`);
  expect(samples.length).toBeGreaterThanOrEqual(4);
  expect(outcomes['done']).toBeGreaterThan(0);
  // The first third fills pools and caches; the rest may not stand above it.
  const third = Math.max(1, Math.floor(samples.length / 3));
  const most = (part: readonly Sample[], key: 'memory' | 'storage'): number => Math.max(...part.map((one) => one[key]));
  const early = samples.slice(0, 2 * third);
  const late = samples.slice(-third);
  expect(most(late, 'memory')).toBeLessThanOrEqual(most(early, 'memory') * 1.15);
  expect(most(late, 'storage')).toBeLessThanOrEqual(most(early, 'storage') + 16 * 2 ** 20);
  // Previews and thumbnails have theirs for a moment; what is never ended stays below none.
  const least = (part: readonly Sample[]): number => Math.min(...part.map(({ workers }) => workers));
  expect(least(late)).toBeLessThanOrEqual(least(early) + 1);
  // What was taken off the list can be had back for half a minute.
  await expect
    .poll(async () => Object.keys(await app.lying()).filter((path) => !path.startsWith('chosen/')), {
      timeout: 60_000,
      interval: 1000,
    })
    .toEqual([]);
});
