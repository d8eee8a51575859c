import { expect, it } from 'vitest';
import type { JobRequest } from '../pipeline/job-request.ts';
import { Rehearsal } from './rehearsal.ts';

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('runs a job of each usual format on a picture, and is over when they are', async () => {
  const jobs: JobRequest[] = [];
  let running = 0;
  const rehearsal = new Rehearsal(async (job) => {
    running++;
    jobs.push(job);
    await soon(20);
    running--;
  });
  while (jobs.length === 0) await soon(10);
  expect(running).toBe(1);
  await rehearsal.over();
  expect(running).toBe(0);
  expect(jobs.map(({ options }) => options.format)).toEqual(['jpeg', 'png']);
  const picture = await createImageBitmap(jobs[0]!.source);
  expect([picture.width, picture.height]).toEqual([256, 192]);
});

it('does not begin once a real job has come', async () => {
  let jobs = 0;
  const rehearsal = new Rehearsal(() => Promise.resolve(void jobs++));
  await rehearsal.over();
  await soon(500);
  expect(jobs).toBe(0);
});

it('keeps a failure to itself', async () => {
  let failed = false;
  const rehearsal = new Rehearsal(() => {
    failed = true;
    return Promise.reject(new Error('no memory'));
  });
  while (!failed) await soon(10);
  await expect(rehearsal.over()).resolves.toBeUndefined();
});
