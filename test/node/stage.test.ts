/** Jobs that go on behind the bands that an attempt before has left: the file is the one of an undisturbed run, to the byte. */
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import type { JobEvent } from '../../src/core/job.ts';
import type { JobOptions } from '../../src/core/options.ts';
import type { EngineFactory } from '../../src/pipeline/engine-chain.ts';
import type { OutputTarget } from '../../src/pipeline/job-request.ts';
import type { StageFile } from '../../src/pipeline/stage/band-stage.ts';
import { runTestJob, SIMD } from '../support/job.ts';

/** A stage's file in memory; `room` is the disk's. */
class MemoryStage implements StageFile {
  bytes: Uint8Array<ArrayBuffer>;
  removed = false;
  readonly #room: number;

  constructor(bytes: Uint8Array = new Uint8Array(), room = Infinity) {
    this.bytes = bytes.slice();
    this.#room = room;
  }

  size(): number {
    return this.bytes.length;
  }

  read(at: number, length: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(at, at + length);
  }

  write(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.#room) throw new DOMException('full', 'QuotaExceededError');
    const grown = new Uint8Array(Math.max(this.bytes.length, at + bytes.length));
    grown.set(this.bytes);
    grown.set(bytes, at);
    this.bytes = grown;
  }

  truncate(size: number): void {
    this.bytes = this.bytes.slice(0, size);
  }

  flush(): void {}

  remove(): Promise<void> {
    this.removed = true;
    return Promise.resolve();
  }
}

/** Private storage that all files share the room of, the stage's too. */
function smallDisk(stage: MemoryStage, room: number): void {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const fileOf = (first: string) => {
    let name = first;
    const write = (bytes: Uint8Array, { at }: { at: number }): number => {
      const before = files.get(name)!;
      const grown = new Uint8Array(Math.max(before.length, at + bytes.length));
      const used = [...files].reduce((sum, [other, { length }]) => sum + (other === name ? 0 : length), 0);
      const left = room - used - (stage.removed ? 0 : stage.bytes.length);
      if (grown.length > left) return 0;
      grown.set(before);
      grown.set(bytes, at);
      files.set(name, grown);
      return bytes.length;
    };
    const access = { write, truncate: (size: number) => files.set(name, files.get(name)!.slice(0, size)), close() {} };
    return {
      createSyncAccessHandle: () => Promise.resolve(access),
      getFile: () => Promise.resolve(new Blob([files.get(name)!])),
      move: (to: string) => {
        files.set(to, files.get(name)!);
        files.delete(name);
        name = to;
        return Promise.resolve();
      },
    };
  };
  const folder = {
    getDirectoryHandle: () => Promise.resolve(folder),
    getFileHandle: (name: string) => {
      if (!files.has(name)) files.set(name, new Uint8Array());
      return Promise.resolve(fileOf(name));
    },
    removeEntry: (name: string) => Promise.resolve(void files.delete(name)),
  };
  vi.stubGlobal('navigator', { storage: { getDirectory: () => Promise.resolve(folder) } });
  onTestFinished(() => void vi.unstubAllGlobals());
}

/** Counts the bands that are computed. */
function counting(): { factory: EngineFactory; computed: number[] } {
  const computed: number[] = [];
  const factory: EngineFactory = {
    name: 'simd',
    create: async () => {
      const engine = await SIMD.create();
      return {
        ...{ name: engine.name, parallelism: engine.parallelism },
        open: (job) => engine.open(job),
        segment: (place, signal) => {
          computed.push(place.index);
          return engine.segment(place, signal);
        },
        pixels: (rect, signal) => engine.pixels(rect, signal),
        close: () => engine.close(),
      } satisfies Engine;
    },
  };
  return { factory, computed };
}

/** Rows of 40 bands, or of 20 of JPEG, whose restart intervals are higher. */
const ROWS = 640;
let source: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  const image = sharp({ create: { width: 70, height: 40, channels: 3, background: '#808080', noise } });
  source = new Uint8Array(await image.png().toBuffer());
});

const options = (format: JobOptions['format']): Partial<JobOptions> => ({
  ...{ format, quality: 80 },
  target: { kind: 'exact', width: 130, height: ROWS },
});

interface Attempt {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly computed: readonly number[];
  readonly bands: number;
  readonly kept: number | null | undefined;
  readonly warnings: readonly string[];
}

async function attempt(
  format: JobOptions['format'],
  stage?: MemoryStage,
  more: Partial<JobOptions> = {},
  output?: OutputTarget,
): Promise<Attempt> {
  const { factory, computed } = counting();
  let kept: number | null | undefined;
  const onEvent = (event: JobEvent): void => {
    if (event.kind === 'started') kept = event.keptBands;
  };
  const { bytes, receipt } = await runTestJob({
    ...{ source, options: { ...options(format), ...more }, engines: [factory], onEvent },
    ...(stage === undefined ? {} : { stage }),
    ...(output === undefined ? {} : { output }),
  });
  return { bytes, computed, bands: receipt.bands, kept, warnings: receipt.warnings };
}

const from = (first: number, bands: number): number[] => Array.from({ length: bands - first }, (_, i) => first + i);

/** Comparing element by element takes the test's library too long. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Of a whole stage, what is there up to the middle of it. */
const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >> 1);

describe.each(['png', 'jpeg', 'tiff'] as const)('a %s job', (format) => {
  it('keeps its bands, writes the same file, and leaves nothing', async () => {
    const plain = await attempt(format);
    expect([plain.kept, plain.computed]).toEqual([null, from(0, plain.bands)]);
    const stage = new MemoryStage();
    const staged = await attempt(format, stage);
    expect(staged.kept).toBe(0);
    expect(same(staged.bytes, plain.bytes)).toBe(true);
    expect(stage.removed).toBe(true);
  });

  it('goes on behind the last whole band, wherever it was cut off', async () => {
    const whole = new MemoryStage();
    const plain = await attempt(format, whole);
    const { length } = whole.bytes;
    const keeps: number[] = [];
    for (const share of [0, 0.001, 0.02, 0.11, 0.37, 0.5, 0.73, 0.999, 1]) {
      const left = new MemoryStage(whole.bytes.subarray(0, Math.round(share * length)));
      const again = await attempt(format, left);
      expect(same(again.bytes, plain.bytes)).toBe(true);
      expect(again.computed).toEqual(from(again.kept!, plain.bands));
      keeps.push(again.kept!);
    }
    expect(keeps[0]).toBe(0);
    expect(keeps[5]).toBeGreaterThan(plain.bands / 4);
    expect(keeps.at(-1)).toBe(plain.bands);
    expect([...keeps].sort((a, b) => a - b)).toEqual(keeps);
  });

  it('takes no damaged band for a good one', async () => {
    const whole = new MemoryStage();
    const plain = await attempt(format, whole);
    for (let i = 0; i < 12; i++) {
      const damaged = new MemoryStage(whole.bytes);
      damaged.bytes[Math.floor(((i + 0.5) / 12) * damaged.bytes.length)]! ^= 1 << (i % 8);
      const again = await attempt(format, damaged);
      expect(same(again.bytes, plain.bytes)).toBe(true);
      expect(again.kept).toBeLessThan(plain.bands);
    }
  });
});

describe('a stage', () => {
  it('of other options, or of another picture, is not used', async () => {
    const whole = new MemoryStage();
    await attempt('png', whole);
    const sharper = await attempt('png', new MemoryStage(half(whole.bytes)), { kernel: 'mitchell' });
    expect([sharper.kept, sharper.computed]).toEqual([0, from(0, sharper.bands)]);
    const before = source;
    const other = sharp(Buffer.from(source)).negate();
    source = new Uint8Array(await other.png().toBuffer());
    const changed = await attempt('png', new MemoryStage(half(whole.bytes)));
    source = before;
    expect(changed.kept).toBe(0);
  });

  it('that finds no room is given up, and the job goes on', async () => {
    const plain = await attempt('png');
    const stage = new MemoryStage(new Uint8Array(), plain.bytes.length / 2);
    const { bytes, warnings } = await attempt('png', stage);
    expect(same(bytes, plain.bytes)).toBe(true);
    expect(stage.removed).toBe(true);
    expect(warnings.join()).toContain('not kept');
  });

  // Of the larger one the room ends while it is still being read.
  it.each([0.3, 0.9])('of %f of a job makes room where the disk holds the file and nothing more', async (share) => {
    const whole = new MemoryStage();
    const plain = await attempt('tiff', whole);
    const left = new MemoryStage(whole.bytes.subarray(0, share * whole.bytes.length));
    smallDisk(left, 1.05 * plain.bytes.length);
    const again = await attempt('tiff', left, {}, { kind: 'opfs', name: 'small.tif' });
    expect(same(again.bytes, plain.bytes)).toBe(true);
    expect(again.warnings.join()).toContain('not kept');
    expect(again.computed.at(0)).toBeGreaterThan(0);
  });

  it('goes with a job that is cancelled or fails', async () => {
    const controller = new AbortController();
    const stage = new MemoryStage();
    const cancelled = runTestJob({
      ...{ source, options: options('png'), stage, signal: controller.signal },
      onEvent: ({ kind }) => void (kind === 'progress' && controller.abort()),
    });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(stage.bytes.length).toBeGreaterThan(0);
    expect(stage.removed).toBe(true);

    const failing: EngineFactory = { name: 'simd', create: () => Promise.reject(new Error('no')) };
    const second = new MemoryStage();
    await expect(
      runTestJob({ source, options: options('png'), stage: second, engines: [failing] }),
    ).rejects.toMatchObject({ code: 'engine-failed' });
    expect(second.removed).toBe(true);
  });

  it('is not kept where bands cannot be: with a limit of bytes', async () => {
    const stage = new MemoryStage();
    const { kept } = await attempt('jpeg', stage, { maxBytes: 60_000 });
    expect(kept).toBeNull();
    expect(stage.bytes).toHaveLength(0);
  });
});
