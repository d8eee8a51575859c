import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('sizes submissions by the speed that was measured', () => {
  const pace = new Pace();
  const first = pace.mostWork;
  for (let i = 0; i < 50; i++) pace.record(4e8, i * 4, (i + 1) * 4);
  // 1e8 a millisecond, for 10 of them.
  expect(pace.mostWork / 1e9).toBeCloseTo(1, 2);
  expect(first).toBeLessThan(pace.mostWork);
});

it('does not take the time between two jobs for slowness', () => {
  const pace = new Pace();
  for (let i = 0; i < 50; i++) pace.record(4e8, i * 4, (i + 1) * 4);
  // The last submission of a job, too short to judge by.
  pace.record(1e8, 200, 201);
  pace.begin();
  pace.record(4e8, 10_000, 10_004);
  expect(pace.mostWork / 1e9).toBeCloseTo(1, 1);
});
