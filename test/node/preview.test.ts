/** Regions of a preview against the same rectangles of the file that a job writes, as libvips (sharp) reads it. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { NO_EDIT } from '../../src/core/edit/edit.ts';
import type { Rect, Size } from '../../src/core/geometry.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../src/core/options.ts';
import { bytesPerRow, type PixelFormat, type Raster } from '../../src/core/pixels.ts';
import type { EngineFactory } from '../../src/pipeline/engine-chain.ts';
import { openDecoder } from '../../src/pipeline/open-decoder.ts';
import { GiantSource } from '../../src/pipeline/preview/giant-source.ts';
import { Preview } from '../../src/pipeline/preview/preview.ts';
import { PreviewRequests } from '../../src/pipeline/preview/requests.ts';
import type { RowStore } from '../../src/pipeline/preview/row-store.ts';
import { previewServices, runTestJob, SCALAR, SIMD } from '../support/job.ts';

const SOURCE = { width: 96, height: 131 };

/** Ramps, stripes and speckles: shifted rows and columns, and wrong neighbours, all show. */
async function pngOf({ channels, depth }: PixelFormat, { width, height } = SOURCE): Promise<Uint8Array<ArrayBuffer>> {
  const max = depth === 8 ? 255 : 65535;
  const samples = depth === 8 ? new Uint8Array(width * height * channels) : new Uint16Array(width * height * channels);
  for (let i = 0; i < samples.length; i++) {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    const speckle = ((Math.imul(i + 1, 2654435761) >>> 8) & 0xffff) / 0xffff;
    const stripes = (x * 3 + y * (i % channels)) % 17 < 6 ? 0.35 : 0;
    samples[i] = Math.min(1, 0.5 * (x / width) + 0.3 * speckle + stripes) * max;
  }
  const image = sharp(samples, { raw: { width, height, channels } });
  const typed = depth === 16 ? image.toColourspace('rgb16') : image;
  return new Uint8Array(await typed.png({ compressionLevel: 1 }).toBuffer());
}

/** Rows in memory, in the place of a file. */
class MemoryRows implements RowStore {
  readonly reads: { first: number; count: number }[] = [];
  readonly #rows = new Map<number, Uint8Array>();
  readonly #stride: number;

  constructor(shape: Size & PixelFormat) {
    this.#stride = bytesPerRow(shape.width, shape);
  }

  put(first: number, rows: Uint8Array): Promise<void> {
    for (let i = 0; i * this.#stride < rows.length; i++) {
      this.#rows.set(first + i, rows.slice(i * this.#stride, (i + 1) * this.#stride));
    }
    return Promise.resolve();
  }

  read(first: number, count: number, into: Uint8Array): Promise<void> {
    this.reads.push({ first, count });
    for (let i = 0; i < count; i++) into.set(this.#rows.get(first + i)!, i * this.#stride);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Opened {
  readonly preview: Preview;
  readonly decodes: () => number;
  readonly region: (options: Partial<JobOptions>, size: Size, rect: Rect) => Promise<Raster>;
}

async function openPreview(
  source: Uint8Array<ArrayBuffer>,
  given: {
    readonly engine?: EngineFactory;
    readonly heldBytes?: number;
    readonly store?: (shape: Size & PixelFormat) => RowStore | null;
  } = {},
): Promise<Opened> {
  let decodes = 0;
  const services = previewServices({
    openReader: (decoder, file, info) => {
      decodes++;
      return openDecoder(decoder, file, info);
    },
    engines: () => [given.engine ?? SIMD],
    openStore: (shape) => Promise.resolve(given.store?.(shape) ?? null),
    ...(given.heldBytes === undefined ? {} : { heldBytes: given.heldBytes }),
  });
  const { signal } = new AbortController();
  const preview = await Preview.open(new Blob([source]), 'test.png', services, () => undefined, signal);
  const region: Opened['region'] = async (options, size, rect) => {
    const whole = { ...DEFAULT_OPTIONS, ...options };
    await preview.ready(whole, size, rect);
    return preview.region(whole, size, rect, signal);
  };
  return { preview, decodes: () => decodes, region };
}

/** A rectangle of a written file. */
async function crop(bytes: Uint8Array, rect: Rect, depth: 8 | 16): Promise<Uint8Array> {
  const { x: left, y: top, width, height } = rect;
  let image = sharp(bytes).extract({ left, top, width, height });
  if (depth === 16) image = image.toColourspace('rgb16');
  return new Uint8Array(await image.raw({ depth: depth === 16 ? 'ushort' : 'uchar' }).toBuffer());
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const TALL = { width: 413, height: 551 };
const RECTS: readonly Rect[] = [
  { x: 0, y: 0, width: 64, height: 48 },
  { x: 201, y: 260, width: 77, height: 130 },
  { x: 349, y: 503, width: 64, height: 48 },
];

describe.each([
  ['simd', SIMD],
  ['scalar', SCALAR],
] as const)('with the %s engine', (_, engine) => {
  it.each([
    { kernel: 'lanczos3' },
    { kernel: 'mitchell', linear: true },
    { kernel: 'nearest' },
    { kernel: 'catmull-rom', clampOvershoot: true },
    { kernel: 'lanczos3', method: 'progressive' },
    { kernel: 'lanczos4', method: 'fractional', linear: true },
  ] as const)('a region of %o is that of the file', async (chosen) => {
    const format = { channels: 4, depth: 8 } as const;
    const source = await pngOf(format);
    const options = { ...chosen, target: { kind: 'exact', ...TALL } } as const;
    const { bytes } = await runTestJob({ source, options, engines: [engine] });
    const { preview, region } = await openPreview(source, { engine });
    for (const rect of RECTS)
      expect(same((await region(options, TALL, rect)).data, await crop(bytes, rect, 8))).toBe(true);
    await preview.close();
  });

  it('16 bits and a reduction are those of the file', async () => {
    const source = await pngOf({ channels: 3, depth: 16 });
    const size = { width: 41, height: 50 };
    const options = { target: { kind: 'exact', ...size } } as const;
    const { bytes } = await runTestJob({ source, options, engines: [engine] });
    const { preview, region } = await openPreview(source, { engine });
    const rect = { x: 7, y: 11, width: 30, height: 39 };
    expect(same((await region(options, size, rect)).data, await crop(bytes, rect, 16))).toBe(true);
    await preview.close();
  });
});

const EDIT = {
  quarterTurns: 1,
  mirror: true,
  crop: { kind: 'part', x: 0.1, y: 0.2, width: 0.7, height: 0.6 },
} as const;

it.each([
  { edit: { ...NO_EDIT, ...EDIT } },
  { edit: { ...NO_EDIT, straighten: 7, corners: 'fill' }, background: [200, 40, 0] },
  { finish: { sharpen: { radius: 2, amount: 120, threshold: 3 }, grain: { strength: 4, size: 2, seed: 5 } } },
  {
    edit: { ...NO_EDIT, ...EDIT, straighten: -3 },
    finish: { sharpen: { radius: 1, amount: 80, threshold: 0 }, grain: null },
  },
] as const)('a region with %o is that of the file', async (chosen) => {
  const source = await pngOf({ channels: 3, depth: 8 });
  const options: Partial<JobOptions> = { ...chosen, target: { kind: 'scale', x: 3, y: 3 } };
  const { bytes, receipt } = await runTestJob({ source, options });
  const { preview, region, decodes } = await openPreview(source);
  const { width, height } = receipt.output;
  expect(preview.describe({ ...DEFAULT_OPTIONS, ...options })).toMatchObject({ picture: { width, height } });
  for (const [x, y] of [
    [0, 0],
    [width - 90, 60],
    [70, height - 90],
  ] as const) {
    const rect = { x, y, width: 90, height: 90 };
    expect(same((await region(options, { width, height }, rect)).data, await crop(bytes, rect, 8))).toBe(true);
  }
  // From farther away, and back to the unedited picture.
  await region(options, { width: 20, height: 20 }, { x: 0, y: 0, width: 20, height: 20 });
  await region({}, { width: 192, height: 262 }, { x: 0, y: 0, width: 20, height: 20 });
  expect(decodes()).toBe(1);
  await preview.close();
});

it('lays transparency on the background of a JPEG', async () => {
  const { preview, region } = await openPreview(await pngOf({ channels: 4, depth: 8 }));
  const size = { width: 192, height: 262 };
  const { channels } = await region({ format: 'jpeg' }, size, { x: 0, y: 0, width: 8, height: 8 });
  expect(channels).toBe(3);
  expect(preview.describe({ ...DEFAULT_OPTIONS, format: 'jpeg' })).toMatchObject({ picture: { ...size, channels: 3 } });
  await preview.close();
});

it('decodes once, whatever is asked', async () => {
  const { preview, region, decodes } = await openPreview(await pngOf({ channels: 3, depth: 8 }));
  const rect = { x: 3, y: 5, width: 20, height: 20 };
  for (const kernel of ['lanczos3', 'area', 'bilinear'] as const) {
    await region({ kernel }, { width: 192, height: 262 }, rect);
    await region({ kernel, target: { kind: 'scale', x: 3, y: 3 } }, { width: 288, height: 393 }, rect);
    await region({ kernel }, { width: 24, height: 33 }, rect);
  }
  expect(decodes()).toBe(1);
  await preview.close();
});

it('refuses in words what the format cannot hold', async () => {
  const { preview } = await openPreview(await pngOf({ channels: 3, depth: 8 }));
  const plan = preview.describe({ ...DEFAULT_OPTIONS, target: { kind: 'scale', x: 60, y: 60 } });
  expect(plan).toMatchObject({ kind: 'refusal', code: 'bad-options' });
  await preview.close();
});

describe('levels', () => {
  /** Root of the mean squared difference, of 255. */
  const distance = (a: Uint8Array, b: Uint8Array): number =>
    Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.length);

  it.each([0.5, 0.25, 0.1])('at %f of the output look like the reduced file', async (factor) => {
    const [width, height] = [640, 480];
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 128 + 60 * Math.sin(x / 19 + (i % 3)) + 50 * Math.cos((x + 2 * y) / 31) + (x > 300 && y < 200 ? 15 : 0);
    });
    const png = sharp(pixels, { raw: { width, height, channels: 3 } }).png();
    const source = new Uint8Array(await png.toBuffer());
    const options = { target: { kind: 'scale', x: 2, y: 2 } } as const;
    const { bytes } = await runTestJob({ source, options });
    const size = { width: Math.ceil(1280 * factor), height: Math.ceil(960 * factor) };
    const want = await sharp(bytes)
      .resize(size.width, size.height, { kernel: 'lanczos3', fit: 'fill' })
      .raw()
      .toBuffer();
    const { preview, region } = await openPreview(source);
    const got = await region(options, size, { x: 0, y: 0, ...size });
    expect(distance(got.data, new Uint8Array(want))).toBeLessThan(3);
    await preview.close();
  });
});

describe('a source that memory does not hold', () => {
  const giant = { width: 400, height: 3000 };
  const options = { kernel: 'lanczos3', target: { kind: 'scale', x: 2, y: 2 } } as const;
  const size = { width: 800, height: 6000 };
  /** Half of it for the window, which is 166 rows. */
  const heldBytes = 400_000;
  const rects = [4000, 100, 5900, 4200, 4100, 4300, 0].map((y, i) => ({ x: 50 * i, y, width: 120, height: 100 }));

  it.each(['a file for its rows', 'nothing but the source'])('gives the same regions with %s', async (place) => {
    const source = await pngOf({ channels: 3, depth: 8 }, giant);
    const stores: MemoryRows[] = [];
    const keep = (shape: Size & PixelFormat): RowStore => {
      stores.push(new MemoryRows(shape));
      return stores[0]!;
    };
    const store = place.startsWith('a file') ? keep : () => null;
    const { preview, region, decodes } = await openPreview(source, { heldBytes, store });
    expect(preview.source).toBeInstanceOf(GiantSource);
    const { bytes } = await runTestJob({ source, options });
    for (const rect of rects)
      expect(same((await region(options, size, rect)).data, await crop(bytes, rect, 8))).toBe(true);
    // A level that covers more rows than the window holds, and one from the reduced copy.
    for (const level of [
      { width: 400, height: 3000 },
      { width: 50, height: 375 },
    ]) {
      const whole = await region(options, level, { x: 0, y: 0, ...level });
      const want = await sharp(bytes).resize(level.width, level.height, { fit: 'fill' }).raw().toBuffer();
      const mean = whole.data.reduce((sum, v, i) => sum + Math.abs(v - want[i]!), 0) / want.length;
      expect(mean).toBeLessThan(6);
    }
    const held = preview.source.window.data.length + (preview.source as GiantSource).proxy.data.length;
    expect(held).toBeLessThan(heldBytes);
    if (place.startsWith('a file')) expect(decodes()).toBe(1);
    await preview.close();
  });

  it('reads only the rows that it has not got', async () => {
    const source = await pngOf({ channels: 3, depth: 8 }, giant);
    let store: MemoryRows | null = null;
    const { preview, region } = await openPreview(source, {
      heldBytes,
      store: (shape) => (store = new MemoryRows(shape)),
    });
    const look = (y: number): Promise<Raster> => region(options, size, { x: 0, y, width: 10, height: 40 });
    await look(2000);
    const { reads } = store!;
    const before = reads.length;
    await look(2010);
    const rows = reads.slice(before).reduce((sum, { count }) => sum + count, 0);
    expect(rows).toBe(5);
    await look(2005);
    expect(reads.slice(before).reduce((sum, { count }) => sum + count, 0)).toBe(rows);
    await preview.close();
  });
});

it('drops what is not wanted any more, and does the latest first', async () => {
  const source = await pngOf({ channels: 3, depth: 8 });
  let computed = 0;
  const counting: EngineFactory = {
    name: 'simd',
    create: async () => {
      const engine = await SIMD.create();
      return {
        name: 'simd',
        parallelism: 1,
        open: (job) => engine.open(job),
        segment: (place, signal) => engine.segment(place, signal),
        pixels: (rect, signal) => {
          computed++;
          return engine.pixels(rect, signal);
        },
        close: () => engine.close(),
      };
    },
  };
  const { preview } = await openPreview(source, { engine: counting });
  const requests = new PreviewRequests(preview, { kernels: () => null });
  const size = { width: 192, height: 262 };
  const done: number[] = [];
  const ask = (i: number, signal: AbortSignal): Promise<string> =>
    requests.pixels(DEFAULT_OPTIONS, { size, rect: { x: i, y: i, width: 64, height: 64 } }, signal).then(
      () => (done.push(i), 'done'),
      (error: Error) => error.name,
    );
  await ask(0, new AbortController().signal);
  const before = computed;
  // A hundred pans, each of which makes the one before pointless.
  const controllers = Array.from({ length: 100 }, () => new AbortController());
  const answers = controllers.map(({ signal }, i) => ask(i, signal));
  for (const { abort } of controllers.slice(0, 97).map((controller) => ({ abort: () => controller.abort() }))) abort();
  const results = await Promise.all(answers);
  expect(results.filter((result) => result === 'AbortError')).toHaveLength(97);
  expect(computed - before).toBe(3);
  expect(done).toEqual([0, 99, 98, 97]);
  await preview.close();
});
