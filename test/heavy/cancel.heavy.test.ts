/** Cancelling a gigapixel job at any time leaves no file; forty jobs in a row leave no memory behind. */
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
  // Null: the signal came before the program could listen to it, and ended it as it ends any other.
  expect([130, null]).toContain(code);
  expect(readdirSync(scratch.path)).toEqual([]);
});

/** Rounds of ten jobs; the memory of ended workers comes back when the browser sees fit, which takes the first rounds to level off. */
const ROUNDS = 4;

it('jobs in a row do not grow the browser', async () => {
  const input = await photo();
  // One browser for all: the same picture under many names.
  const inputs = Array.from({ length: 10 * ROUNDS }, (_, i) => {
    const path = join(scratch.path, `in-${i}.jpg`);
    copyFileSync(input, path);
    return path;
  });
  const template = join(scratch.path, '{name}-{scale}x.png');
  const { code, stdout } = await startCli([...inputs, '--scale', '3', '--out', template, '--json', '--quiet']).ended;
  expect(code).toBe(0);
  const { jobs } = JSON.parse(stdout) as { jobs: CliReport[] };
  const idle = jobs.map((job) => job.idleMemory / 2 ** 20);
  console.log(`idle before each job, MB: ${idle.map(Math.round).join(' ')}`);
  const most = Array.from({ length: ROUNDS }, (_, round) => Math.max(...idle.slice(10 * round, 10 * round + 10)));
  expect(most[3]).toBeLessThanOrEqual(most[2] * 1.05);
  expect(most[3]).toBeLessThanOrEqual(1100);
});
