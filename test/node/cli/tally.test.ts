import { describe, expect, it } from 'vitest';
import { tallyPlaywright, tallyVitest } from '../../../scripts/cli/tally.ts';

describe('counts out of reports', () => {
  it('counts a file that did not load', () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [
        { status: 'passed', assertionResults: [{}, {}] },
        { status: 'failed', assertionResults: [{}] },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(tallyVitest(report)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('counts what passed only when repeated, and errors outside of tests, as failed', () => {
    const report = { stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] };
    expect(tallyPlaywright(report)).toEqual({ passed: 7, failed: 3, skipped: 2 });
  });
});
