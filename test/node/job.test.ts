/** Whole jobs, file to file, on both CPU engines; results are read by libvips (sharp) and compared with the scalar reference. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { BandPlace, Segment } from '../../src/core/encoding.ts';
import type { Engine } from '../../src/core/engine.ts';
import { AppError } from '../../src/core/errors.ts';
import type { JobEvent } from '../../src/core/job.ts';
import { samplesOf, type PixelFormat } from '../../src/core/pixels.ts';
import { resampleRect } from '../../src/core/reference/resample.ts';
import type { ResampleSpec } from '../../src/core/resampling.ts';
import type { EngineFactory } from '../../src/pipeline/engine-chain.ts';
import { PauseGate } from '../../src/pipeline/pause-gate.ts';
import { ScalarEngine } from '../../src/pipeline/scalar-engine.ts';
import { WindowMemory } from '../../src/pipeline/window-memory.ts';
import { runTestJob, SCALAR, SIMD } from '../support/job.ts';

const WIDTH = 37;
const HEIGHT = 53;

/** A picture with edges, ramps and noise, so that misplaced rows, columns and channels all show. */
function testPixels({ channels, depth }: PixelFormat): Uint8Array<ArrayBuffer> {
  const max = depth === 8 ? 255 : 65535;
  const samples = depth === 8 ? new Uint8Array(WIDTH * HEIGHT * channels) : new Uint16Array(WIDTH * HEIGHT * channels);
  let seed = 12345;
  for (let i = 0, y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let c = 0; c < channels; c++, i++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        const noise = (seed / 0x7fffffff) * 0.1;
        const ramp = ((x * (c + 1)) / WIDTH + y / HEIGHT) / (c + 2);
        const edge = (x >> 3) % 2 === (y >> 4) % 2 ? 0.3 : 0;
        samples[i] = Math.round(Math.min(1, ramp + edge + noise) * max);
      }
    }
  }
  return new Uint8Array(samples.buffer);
}

async function pngOf(format: PixelFormat): Promise<Uint8Array<ArrayBuffer>> {
  const data = testPixels(format);
  const raw = { width: WIDTH, height: HEIGHT, channels: format.channels };
  const input = format.depth === 16 ? new Uint16Array(data.buffer) : data;
  let image = sharp(input, { raw });
  if (format.channels === 1) image = image.toColourspace(format.depth === 16 ? 'grey16' : 'b-w');
  else if (format.depth === 16) image = image.toColourspace('rgb16');
  return new Uint8Array(await image.png({ compressionLevel: 1 }).toBuffer());
}

async function readBack(
  bytes: Uint8Array,
  depth: 8 | 16,
): Promise<{ data: Uint8Array; width: number; channels: number }> {
  let image = sharp(bytes, { failOn: 'warning', limitInputPixels: false });
  // As stored: otherwise libvips goes through 8 bits, and grey comes as RGB.
  const grey = (await image.metadata()).channels === 1;
  if (depth === 16) image = image.toColourspace(grey ? 'grey16' : 'rgb16');
  else if (grey) image = image.toColourspace('b-w');
  const { data, info } = await image
    .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, channels: info.channels };
}

function wholeReference(format: PixelFormat, spec: Partial<ResampleSpec>, width: number, height: number): Uint8Array {
  const from = { width: WIDTH, height: HEIGHT };
  const full: ResampleSpec = {
    stages: [{ from, to: { width, height }, kernel: 'lanczos3' }],
    ...{ input: format, output: format, curves: null, clampOvershoot: false, background: null },
    ...spec,
  };
  const window = { ...from, ...format, capacity: HEIGHT, data: testPixels(format) };
  return resampleRect(full, window, { x: 0, y: 0, width, height });
}

function largestDifference(a: Uint8Array, b: Uint8Array, depth: 8 | 16): number {
  const [x, y] = [samplesOf(a.slice(), depth), samplesOf(b.slice(), depth)];
  expect(x.length).toBe(y.length);
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]! - y[i]!));
  return most;
}

const FORMATS: PixelFormat[] = ([1, 3, 4] as const).flatMap((channels) => [
  { channels, depth: 8 },
  { channels, depth: 16 },
]);

describe.each([
  { engine: SCALAR, tolerance: { 8: 0, 16: 0 } },
  { engine: SIMD, tolerance: { 8: 1, 16: 2 } },
] as const)('$engine.name jobs', ({ engine, tolerance }) => {
  it.each(FORMATS.flatMap((format) => (['png', 'tiff'] as const).map((container) => ({ ...format, container }))))(
    '$channels x $depth bit to $container equals the whole reference',
    async ({ container, ...format }) => {
      const [width, height] = [173, 301];
      const { bytes, receipt } = await runTestJob({
        source: await pngOf(format),
        options: { target: { kind: 'exact', width, height }, format: container },
        engines: [engine],
      });
      expect(receipt.bands).toBeGreaterThan(3);
      expect(receipt.output.bytes).toBe(bytes.length);
      const got = await readBack(bytes, format.depth);
      expect(got.width).toBe(width);
      expect(got.channels).toBe(format.channels);
      const want = wholeReference(format, {}, width, height);
      expect(largestDifference(got.data, want, format.depth)).toBeLessThanOrEqual(tolerance[format.depth]);
    },
  );

  it('writes a JPEG that libvips reads, close to the reference', async () => {
    const format: PixelFormat = { channels: 3, depth: 8 };
    const { bytes } = await runTestJob({
      source: await pngOf(format),
      options: { target: { kind: 'exact', width: 173, height: 301 }, format: 'jpeg', quality: 98, chroma: '444' },
      engines: [engine],
    });
    const got = await readBack(bytes, 8);
    const want = wholeReference(format, {}, 173, 301);
    let squares = 0;
    for (let i = 0; i < want.length; i++) squares += (want[i]! - got.data[i]!) ** 2;
    expect(10 * Math.log10(255 ** 2 / (squares / want.length))).toBeGreaterThan(42);
  });

  it('gives the same bytes each time', async () => {
    const source = await pngOf({ channels: 3, depth: 8 });
    const run = (): Promise<{ bytes: Uint8Array }> =>
      runTestJob({ source, options: { target: { kind: 'scale', x: 3.3, y: 2.7 } }, engines: [engine] });
    const [one, two] = [await run(), await run()];
    expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
  });
});

/** A scalar engine whose bands fail from the n-th on, as a lost device would make them. */
function failing(after: number): EngineFactory {
  return {
    name: 'simd',
    create: () => {
      const inner = new ScalarEngine();
      let bands = 0;
      const engine: Engine = {
        name: 'simd',
        parallelism: 3,
        open: (job) => inner.open(job),
        segment: (place: BandPlace, signal): Promise<Segment> =>
          bands++ >= after
            ? Promise.reject(new AppError('engine-failed', 'the device was lost'))
            : inner.segment(place, signal),
        pixels: (rect, signal) => inner.pixels(rect, signal),
        close: () => inner.close(),
      };
      return Promise.resolve(engine);
    },
  };
}

describe('a change of engine', () => {
  it.each([0, 1, 4])('after %i bands loses none and is told', async (after) => {
    const source = await pngOf({ channels: 3, depth: 8 });
    const options = { target: { kind: 'exact', width: 173, height: 301 } } as const;
    const changed = await runTestJob({ source, options, engines: [failing(after), SCALAR] });
    const plain = await runTestJob({ source, options, engines: [SCALAR] });
    expect(Buffer.compare(changed.bytes, plain.bytes)).toBe(0);
    expect(changed.receipt.engine).toBe('scalar');
    expect(changed.receipt.warnings.join()).toMatch(/SIMD engine was given up: the device was lost/);
  });

  it('ends in an error when no engine is left', async () => {
    const source = await pngOf({ channels: 3, depth: 8 });
    const job = runTestJob({ source, options: {}, engines: [failing(1)] });
    await expect(job).rejects.toMatchObject({ code: 'engine-failed' });
  });
});

/** The SIMD kernels under a name, one band at a time; counts the bands. */
function named(name: Engine['name']): { factory: EngineFactory; computed: () => number } {
  let bands = 0;
  const create = async (): Promise<Engine> => {
    const inner = await SIMD.create();
    return {
      ...{ name, parallelism: 1, open: (job) => inner.open(job), close: () => inner.close() },
      pixels: (rect, signal) => inner.pixels(rect, signal),
      segment: (place, signal) => {
        bands++;
        return inner.segment(place, signal);
      },
    };
  };
  return { factory: { name, create }, computed: () => bands };
}

describe('bands that are joined for the GPU engine', () => {
  const run = async (name: Engine['name']) => {
    const { factory, computed } = named(name);
    let told = 0;
    const { bytes, receipt } = await runTestJob({
      source: await pngOf({ channels: 3, depth: 8 }),
      options: { target: { kind: 'exact', width: 130, height: 640 }, format: 'jpeg' },
      engines: [factory],
      onEvent: (event) => {
        if (event.kind === 'started') told = event.bands;
      },
    });
    return { bytes, receipt, told, computed: computed() };
  };

  it('are told as they were computed, and held in the ledger', async () => {
    const plain = await run('simd');
    const joined = await run('gpu');
    expect(joined.computed).toBeLessThanOrEqual(plain.computed / 2);
    for (const { told, receipt, computed } of [plain, joined]) {
      expect([told, receipt.bands]).toEqual([computed, computed]);
    }
    expect(joined.receipt.ledgerPeakBytes).toBeGreaterThan(1.5 * plain.receipt.ledgerPeakBytes);
    expect(Buffer.compare(joined.bytes, plain.bytes)).toBe(0);
  });
});

describe('options', () => {
  it.each(['direct', 'progressive', 'fractional'] as const)(
    '%s, linear and clamped, in bands equals the whole',
    async (method) => {
      const format: PixelFormat = { channels: 4, depth: 8 };
      const source = await pngOf(format);
      const options = {
        target: { kind: 'exact', width: 400, height: 570 },
        method,
        linear: true,
        clampOvershoot: true,
      } as const;
      const banded = await readBack((await runTestJob({ source, options, engines: [SCALAR] })).bytes, 8);
      const simd = await readBack((await runTestJob({ source, options, engines: [SIMD] })).bytes, 8);
      expect(largestDifference(banded.data, simd.data, 8)).toBeLessThanOrEqual(1);
    },
  );

  it('lays transparency on the background for JPEG', async () => {
    const pixels = sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    const source = new Uint8Array(await pixels.png().toBuffer());
    const { bytes, receipt } = await runTestJob({ source, options: { format: 'jpeg', background: [200, 100, 50] } });
    const got = await readBack(bytes, 8);
    expect(Math.abs(got.data[0]! - 200) + Math.abs(got.data[1]! - 100) + Math.abs(got.data[2]! - 50)).toBeLessThan(8);
    expect(receipt.warnings.join()).toMatch(/no transparency/);
  });

  it('keeps a window of the source only, and says how far it is', async () => {
    const events: JobEvent[] = [];
    const source = await pngOf({ channels: 3, depth: 8 });
    await runTestJob({
      source,
      options: { target: { kind: 'scale', x: 20, y: 20 } },
      onEvent: (event) => events.push(event),
    });
    const fractions = events.flatMap((event) => (event.kind === 'progress' ? [event.fraction] : []));
    expect(fractions.at(-1)).toBe(1);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(events.some((event) => event.kind === 'started' && event.output.width === 740)).toBe(true);
    expect(events.at(-1)).toEqual({ kind: 'committing' });
  });

  it('stands still between bands while it is paused, and then ends as if nothing had been', async () => {
    const source = await pngOf({ channels: 3, depth: 8 });
    const options = { target: { kind: 'scale', x: 20, y: 20 } } as const;
    const gate = new PauseGate();
    let landed = 0;
    const job = runTestJob({
      source,
      options,
      gate,
      onEvent: (event) => {
        if (event.kind === 'started') gate.set(true);
        if (event.kind === 'progress' && event.fraction > 0) landed = event.fraction;
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(landed).toBe(0);
    gate.set(false);
    const { bytes } = await job;
    expect(landed).toBe(1);
    expect(bytes).toEqual((await runTestJob({ source, options })).bytes);
  });
});

describe('refusals and faults', () => {
  it.each([
    { options: { target: { kind: 'scale', x: 60, y: 60 } }, code: 'bad-options', say: /factor/ },
    { options: { format: 'jpeg', depth: 16 }, code: 'bad-options', say: /16 bits/ },
    { options: { format: 'webp', target: { kind: 'exact', width: 1800, height: 2600 } }, code: null, say: /./ },
    {
      options: { format: 'jpeg', target: { kind: 'exact', width: 37 * 49, height: 65600 } },
      code: 'bad-options',
      say: /factor/,
    },
  ] as const)('$options', async ({ options, code, say }) => {
    const source = await pngOf({ channels: 3, depth: 8 });
    const job = runTestJob({ source, options });
    await expect(job).rejects.toThrow(say);
    if (code !== null) await expect(job).rejects.toMatchObject({ code });
  });

  it('names the file in what is wrong with it', async () => {
    const whole = await pngOf({ channels: 3, depth: 8 });
    for (const source of [
      new Uint8Array(0),
      whole.slice(0, 300),
      new TextEncoder().encode('just some text, no picture'),
    ]) {
      const job = runTestJob({ source: source as Uint8Array<ArrayBuffer>, name: 'holiday.png', options: {} });
      await expect(job).rejects.toMatchObject({ name: 'AppError' });
      await expect(job).rejects.toThrow(/holiday\.png/);
    }
  });

  it('says what to do when there is no memory for a buffer', async () => {
    const windows = new WindowMemory();
    windows.take = () => new Uint8Array(2 ** 53 - 1);
    const error: unknown = await runTestJob({
      source: await pngOf({ channels: 3, depth: 8 }),
      options: {},
      windows,
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('no-memory');
    expect((error as AppError).remedy).toContain('smaller size');
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const source = await pngOf({ channels: 3, depth: 8 });
    const job = runTestJob({
      source,
      options: { target: { kind: 'scale', x: 30, y: 30 } },
      engines: [SCALAR],
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'progress') controller.abort(new DOMException('enough', 'AbortError'));
      },
    });
    await expect(job).rejects.toMatchObject({ name: 'AbortError' });
  });
});
