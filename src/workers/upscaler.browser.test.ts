import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fixture } from '../../test/support/fixtures.ts';
import { cmykNote } from '../codecs/cmyk-note.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../core/options.ts';
import { plain } from '../core/text.ts';
import { Upscaler, type RunControl } from './client.ts';
import type { JobResult } from './protocol.ts';

/** Counts the workers that this page starts; those within workers are not seen. */
class CountingWorker extends Worker {
  static started: CountingWorker[] = [];

  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    CountingWorker.started.push(this);
  }
}

const OriginalWorker = globalThis.Worker;

beforeEach(() => {
  CountingWorker.started = [];
  globalThis.Worker = CountingWorker;
});
afterEach(() => {
  globalThis.Worker = OriginalWorker;
});

async function picture(side: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d')!;
  for (let i = 0; i < 200; i++) {
    context.fillStyle = `hsl(${i * 47} 80% 50%)`;
    context.fillRect((i * 61) % side, (i * 37) % side, 17, 23);
  }
  return canvas.convertToBlob();
}

function engine(): Upscaler {
  const upscaler = new Upscaler();
  onTestFinished(() => upscaler.close());
  return upscaler;
}

const run = (
  upscaler: Upscaler,
  source: Blob,
  options: Partial<JobOptions>,
  control?: RunControl,
): Promise<JobResult> =>
  upscaler.run(
    {
      source,
      sourceName: 'picture.png',
      options: { ...DEFAULT_OPTIONS, ...options },
      output: { kind: 'memory', name: 'out' },
    },
    control,
  );

async function bytesOf(result: Promise<JobResult>): Promise<string> {
  const { file } = await result;
  const digest = await crypto.subtle.digest('SHA-256', await file!.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const scale = (factor: number): Partial<JobOptions> => ({ target: { kind: 'scale', x: factor, y: factor } });

it('tells once what becomes of CMYK, though the header and the decoder both know', async () => {
  const upscaler = engine();
  const { receipt } = await run(upscaler, await fixture('jpeg/cmyk.jpg'), scale(1));
  expect(receipt.warnings.filter((warning) => warning.includes('CMYK'))).toEqual([plain(cmykNote(false))]);
});

describe('jobs one after another', () => {
  it('share a worker, and none shows in the next', async () => {
    const upscaler = engine();
    const [small, large] = [await picture(60), await picture(300)];
    const alone = await bytesOf(run(engine(), small, scale(3)));
    const [first, , , fourth] = await Promise.all([
      bytesOf(run(upscaler, small, scale(3))),
      bytesOf(run(upscaler, large, { ...scale(2), format: 'jpeg' })),
      bytesOf(run(upscaler, small, { ...scale(2), engine: 'scalar' })),
      bytesOf(run(upscaler, small, scale(3))),
    ]);
    expect([first, fourth]).toEqual([alone, alone]);
    expect(CountingWorker.started).toHaveLength(2);
  });

  it('go on in the same worker after a damaged file', async () => {
    const upscaler = engine();
    const source = await picture(60);
    const damaged = source.slice(0, source.size >> 1);
    await expect(run(upscaler, damaged, scale(2))).rejects.toMatchObject({ code: 'bad-input' });
    await bytesOf(run(upscaler, source, scale(2)));
    expect(CountingWorker.started).toHaveLength(1);
  });

  it('leave nothing in the private storage of a picture that turns out to be damaged', async () => {
    const source = await picture(60);
    const request = {
      ...{ source: source.slice(0, source.size >> 1), sourceName: 'picture.png', options: DEFAULT_OPTIONS },
      output: { kind: 'opfs', name: 'damaged.png' } as const,
    };
    await expect(engine().run(request)).rejects.toMatchObject({ code: 'bad-input' });
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('outputs', { create: true });
    const names = await Array.fromAsync(folder.keys());
    expect(names.filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it('go on in the same worker after a cancel at any moment, with the right pixels', async () => {
    const upscaler = engine();
    const [small, large] = [await picture(60), await picture(600)];
    const alone = await bytesOf(run(upscaler, small, scale(3)));
    for (const moment of ['started', 'progress'] as const) {
      const controller = new AbortController();
      const onEvent: RunControl['onEvent'] = ({ kind }) => {
        if (kind === moment) controller.abort();
      };
      const cancelled = run(upscaler, large, scale(12), { signal: controller.signal, onEvent });
      await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
      expect(await bytesOf(run(upscaler, small, scale(3)))).toBe(alone);
    }
    expect(CountingWorker.started).toHaveLength(1);
  });

  it('give way to somebody who never stops acting, and end all the same, with the same bytes', async () => {
    const upscaler = engine();
    const source = await picture(600);
    const alone = await bytesOf(run(upscaler, source, scale(6)));
    const acting = setInterval(() => upscaler.setActing(true), 5);
    onTestFinished(() => clearInterval(acting));
    expect(await bytesOf(run(upscaler, source, scale(6)))).toBe(alone);
    expect(CountingWorker.started).toHaveLength(1);
  });

  it('get a fresh worker after hooks', async () => {
    const upscaler = engine();
    const source = await picture(60);
    const hook = URL.createObjectURL(new Blob(['export default () => {}'], { type: 'text/javascript' }));
    await bytesOf(run(upscaler, source, { ...scale(2), hooks: { before: null, after: hook } }));
    await bytesOf(run(upscaler, source, scale(2)));
    expect(CountingWorker.started).toHaveLength(2);
  });

  it('get a fresh worker after the first has died, with its job rejected', async () => {
    const upscaler = engine();
    const source = await picture(600);
    const onEvent: RunControl['onEvent'] = ({ kind }) => {
      if (kind === 'started') CountingWorker.started[0]!.dispatchEvent(new ErrorEvent('error', { message: 'shot' }));
    };
    await expect(run(upscaler, source, scale(8), { onEvent })).rejects.toMatchObject({ code: 'worker-died' });
    await bytesOf(run(upscaler, source, scale(2)));
    expect(CountingWorker.started).toHaveLength(2);
  });
});
