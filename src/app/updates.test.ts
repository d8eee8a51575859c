import { expect, test } from 'vitest';
import type { AppWorker, WorkerListeners } from '../platform/service-worker.ts';
import { Updates, type UpdateServices } from './updates.ts';

/** A browser whose events the test makes; `calls` is what the page asked of it. */
function fakeBrowser() {
  const calls: string[] = [];
  let listeners: WorkerListeners | null = null;
  let needsIsolation = (): void => undefined;
  let endJobs = (): void => undefined;
  const worker: AppWorker = { check: () => calls.push('check'), letIn: () => calls.push('let in') };
  const services: UpdateServices = {
    start(given) {
      listeners = given;
      return worker;
    },
    whenIsolationNeedsReload: (reload) => {
      needsIsolation = reload;
      return Promise.resolve();
    },
    reloadForIsolation: () => calls.push('reload for isolation'),
    whenNobodyWorks: (task) =>
      new Promise((resolve) => {
        endJobs = () => void task().then(resolve);
      }),
    reload: () => calls.push('reload'),
  };
  return {
    services,
    calls,
    newVersion: () => listeners!.onWaiting(),
    takenOver: () => listeners!.onReplaced(),
    needIsolation: () => needsIsolation(),
    endJobs: () => endJobs(),
  };
}

function started(isUnused: boolean) {
  const browser = fakeBrowser();
  const updates = new Updates(() => isUnused, browser.services);
  updates.start();
  return { browser, updates };
}

test('a new version is offered, and let in after the last job', () => {
  const { browser, updates } = started(false);
  browser.newVersion();
  expect(updates.value).toBe('ready');
  void updates.accept();
  expect(updates.value).toBe('waiting');
  expect(browser.calls).toEqual([]);
  browser.endJobs();
  expect(browser.calls).toEqual(['let in']);
  browser.takenOver();
  expect(browser.calls).toEqual(['let in', 'reload']);
});

test('a version that another window let in does not reload a page in use', () => {
  const { browser, updates } = started(false);
  browser.takenOver();
  expect(updates.value).toBe('replaced');
  expect(browser.calls).toEqual([]);
  void updates.accept();
  expect(browser.calls).toEqual(['reload']);
});

test('an unused page follows at once', () => {
  const { browser } = started(true);
  browser.takenOver();
  expect(browser.calls).toEqual(['reload']);
});

test('the first visit is loaded again for isolation, unless it is in use by then', () => {
  const unused = started(true);
  unused.browser.needIsolation();
  expect(unused.browser.calls).toEqual(['reload for isolation']);

  const used = started(false);
  used.browser.needIsolation();
  expect(used.browser.calls).toEqual([]);
  expect(used.updates.value).toBe('slow');
  void used.updates.accept();
  expect(used.browser.calls).toEqual(['reload for isolation']);
});
