/** Cancelling a gigapixel job at any time leaves no file; twenty jobs in a row leave no memory behind. */
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { photo, scratchFolder, startCli, type CliReport } from './support.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

it.each([0.3, 1, 2, 3.5, 5])('interrupted after %f s, a 15x job leaves nothing', async (seconds) => {
  const run = startCli([await photo(), '--scale', '15', '--out', join(scratch.path, 'cancelled.png'), '--quiet']);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  run.interrupt();
  const { code } = await run.ended;
  expect(code).toBe(130);
  expect(readdirSync(scratch.path)).toEqual([]);
});

it('twenty jobs in a row do not grow the browser', async () => {
  const input = await photo();
  const words = Array.from({ length: 20 }, (_, i) => ['png', 'jpg', 'tif'][i % 3]);
  const idle: number[] = [];
  // One browser for all: the same picture under twenty names.
  const inputs = words.map((_, i) => {
    const path = join(scratch.path, `in-${i}.jpg`);
    copyFileSync(input, path);
    return path;
  });
  const template = join(scratch.path, '{name}-{scale}x.png');
  const { code, stdout } = await startCli([...inputs, '--scale', '3', '--out', template, '--json', '--quiet']).ended;
  expect(code).toBe(0);
  const { jobs } = JSON.parse(stdout) as { jobs: CliReport[] };
  expect(jobs).toHaveLength(20);
  for (const job of jobs) idle.push(job.idleMemory / 2 ** 20);
  console.log(`idle before each job, MB: ${idle.map(Math.round).join(' ')}`);
  // The first jobs warm caches; after them nothing may pile up.
  const early = Math.max(...idle.slice(3, 8));
  const late = Math.max(...idle.slice(-5));
  expect(late).toBeLessThanOrEqual(early * 1.1 + 16);
});
