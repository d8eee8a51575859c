import { expect, it, onTestFinished, vi } from 'vitest';
import { isAbort } from '../core/errors.ts';
import { WorkerModelRunners } from './model-runners.ts';

it('starts no worker after it was closed, which nobody would end', async () => {
  const started: Worker[] = [];
  class Counted extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started.push(this);
    }
  }
  vi.stubGlobal('Worker', Counted);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    for (const worker of started) worker.terminate();
  });
  for (const backend of ['wasm-threads', 'wasm'] as const) {
    const runners = new WorkerModelRunners([backend]);
    const model = { kind: 'bundled', id: 'anime4k-s' } as const;
    const opening = runners.open({ model, noise: null }, { width: 32, height: 32 }, backend);
    const opened = expect(opening).rejects.toSatisfy(isAbort);
    const before = started.length;
    runners.close();
    await opened;
    expect(started).toHaveLength(before);
  }
  expect(started.length).toBeLessThanOrEqual(1);
});
