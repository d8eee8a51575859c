/**
 * `npx tsx bench/series.ts`: jobs in a row by one engine, in milliseconds. The smallest pictures show what a job costs beside its pixels;
 * the first job of a row is met by workers that have started and done nothing yet.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { findBrowser } from '../scripts/browser.ts';
import type { JobOptions } from '../src/core/options.ts';
import { BenchBrowser } from './browser.ts';
import { makePhoto } from './input.ts';

const JOBS = 12;

interface Row {
  readonly title: string;
  readonly size: readonly [number, number];
  readonly options: Partial<JobOptions>;
}

const scale = (factor: number): JobOptions['target'] => ({ kind: 'scale', x: factor, y: factor });

const ROWS: readonly Row[] = [
  { title: '64 x 64, 2x, PNG', size: [64, 64], options: { target: scale(2), format: 'png' } },
  { title: '64 x 64, 2x, JPEG', size: [64, 64], options: { target: scale(2), format: 'jpeg' } },
  { title: '64 x 64, 2x, WebP', size: [64, 64], options: { target: scale(2), format: 'webp' } },
  { title: '2000 x 3000, 4x, JPEG', size: [2000, 3000], options: { target: scale(4), format: 'jpeg' } },
  { title: '2000 x 3000, 4x, PNG', size: [2000, 3000], options: { target: scale(4), format: 'png' } },
];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const here = fileURLToPath(new URL('.', import.meta.url));
const work = join(here, 'out');
const executable = findBrowser();
if (executable === null) throw new Error('This needs Chrome, Chromium or Edge; CHROMIUM may name its program.');
mkdirSync(work, { recursive: true });
spawnSync('npx', ['tsx', 'scripts/build-wasm.ts'], { stdio: 'inherit' });
await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
const scratch = process.platform === 'linux' ? '/dev/shm' : work;
const browser = await BenchBrowser.launch(executable, join(work, 'page'), scratch);
try {
  for (const { title, size, options } of ROWS) {
    const input = await makePhoto(work, ...size);
    const times = await browser.call<number[]>('series', [options, JOBS], input);
    const later = times.slice(1);
    const [first, typical, least] = [times[0]!, median(later), Math.min(...later)].map((ms) => ms.toFixed(0));
    console.log(`${title}: first ${first} ms, then median ${typical}, least ${least}`);
  }
} finally {
  await browser.close();
}
