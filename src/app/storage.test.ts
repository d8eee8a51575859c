import { describe, expect, test } from 'vitest';
import { STORED_KINDS, type OfflineState, type StoredKind, type StoredParts } from './stored-parts.ts';
import { StorageKeeper } from './storage.ts';

function fake(change: Partial<StoredParts> = {}) {
  const bytes = Object.fromEntries(STORED_KINDS.map((kind, i) => [kind, (i + 1) * 100])) as Record<StoredKind, number>;
  const offline = { total: 300, missing: 200 };
  const calls: string[] = [];
  const parts: StoredParts = {
    bytes: (kind) => Promise.resolve(bytes[kind]),
    clear: (kind) => {
      bytes[kind] = 0;
      return Promise.resolve();
    },
    offline: () => Promise.resolve({ ...offline }),
    keepAll: (onProgress) => {
      for (const missing of [100, 0]) {
        offline.missing = missing;
        onProgress({ ...offline });
      }
      return Promise.resolve();
    },
    ...change,
  };
  const keeper = new StorageKeeper(
    {
      parts,
      state: () => Promise.resolve({ used: 10, quota: 100, persistent: false }),
      persist: () => Promise.resolve(calls.push('persist') > 0),
    },
    { clearResults: () => calls.push('results'), stagesCleared: () => calls.push('stages') },
  );
  return { keeper, calls };
}

describe('the storage', () => {
  test('is told by kind, and what cannot be told is unknown', async () => {
    const { keeper } = fake({
      bytes: (kind) => (kind === 'tiles' ? Promise.reject(new Error('forbidden')) : Promise.resolve(7)),
    });
    await keeper.refresh();
    expect(keeper.value.bytes).toMatchObject({ app: 7, tiles: null, stages: 7 });
    expect(keeper.value.room).toEqual({ used: 10, quota: 100, persistent: false });
  });

  test('is cleared by kind, results through their pictures', async () => {
    const { keeper, calls } = fake();
    await keeper.clear('models');
    expect(keeper.value.bytes).toMatchObject({ app: 100, models: 0 });
    await keeper.clear('results');
    await keeper.clear('stages');
    expect(calls).toEqual(['results', 'stages']);
    expect(keeper.value.bytes?.results).toBe(500);
  });

  test('a failure is shown', async () => {
    const { keeper } = fake({ clear: () => Promise.reject(new Error('locked')) });
    await keeper.clear('tiles');
    expect(keeper.value.problem?.message).toContain('locked');
    await keeper.refresh();
    expect(keeper.value.bytes?.tiles).toBe(400);
  });

  test('is asked to last once', async () => {
    const { keeper, calls } = fake();
    await Promise.all([keeper.keepForGood(), keeper.keepForGood()]);
    expect(calls).toEqual(['persist']);
  });
});

describe('everything offline', () => {
  test('tells how far it is', async () => {
    const { keeper, calls } = fake();
    const seen: (OfflineState | null)[] = [];
    keeper.subscribe(() => seen.push(keeper.value.offline));
    await keeper.makeOffline();
    expect(calls).toEqual(['persist']);
    expect(seen.map((state) => state?.missing)).toContain(100);
    expect(keeper.value).toMatchObject({ loading: false, problem: null, offline: { total: 300, missing: 0 } });
  });

  test('says what to do when it fails, and can be stopped without a word', async () => {
    const failing = fake({ keepAll: () => Promise.reject(new TypeError('no network')) }).keeper;
    await failing.makeOffline();
    expect(failing.value.problem).toMatchObject({ message: expect.stringContaining('Not every part') as string });
    const { keeper } = fake({
      keepAll: (_onProgress, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    const making = keeper.makeOffline();
    await Promise.resolve();
    keeper.stopOffline();
    await making;
    expect(keeper.value).toMatchObject({ loading: false, problem: null });
  });
});
