/** Previews through the real workers, against files that the real job writes. */
import { afterAll, describe, expect, test } from 'vitest';
import type { Rect } from '../../src/core/geometry.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../src/core/options.ts';
import type { Raster } from '../../src/core/pixels.ts';
import { Upscaler } from '../../src/workers/client.ts';

const upscaler = new Upscaler();
afterAll(() => upscaler.close());

const SOURCE = { width: 150, height: 110 };

/** Rings, an edge and a ramp, as the browser codes them into a file of the given kind. */
async function picture(type: 'image/png' | 'image/jpeg', { width, height } = SOURCE): Promise<File> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const ring = 90 * Math.cos(((x - 60) ** 2 + (y - 40) ** 2) / 90);
    image.data.set([128 + ring, x + 2 * y > 190 ? 235 : 12, (x * 255) / width, 255], i * 4);
  }
  context.putImageData(image, 0, 0);
  return new File([await canvas.convertToBlob({ type, quality: 0.95 })], `rings.${type.slice(6)}`);
}

/** Pixels of a rectangle of an opaque picture, by the browser. */
async function pixelsOf(source: Blob | ImageBitmap, rect: Rect): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(source, rect.x, rect.y, rect.width, rect.height);
  const context = new OffscreenCanvas(rect.width, rect.height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, rect.width, rect.height);
  return new Uint8Array(data.filter((_, i) => i % 4 !== 3));
}

async function written(source: File, options: JobOptions): Promise<Blob> {
  const output = { kind: 'memory', name: 'out' } as const;
  const { file } = await upscaler.run({ source, sourceName: source.name, options, output });
  return file!;
}

const opaque = ({ data, channels }: Raster): Uint8Array => (channels === 4 ? data.filter((_, i) => i % 4 !== 3) : data);

const farthest = (a: Uint8Array, b: Uint8Array): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
};

const brightest = (pixels: Uint8Array): number => pixels.reduce((most, v) => Math.max(most, v), 0);

const RECT = { x: 117, y: 201, width: 160, height: 96 };

describe('a region is the same rectangle of the written file', () => {
  const opened = picture('image/png').then(async (source) => ({
    source,
    session: await upscaler.openPreview({ source, sourceName: source.name }),
  }));
  for (const engine of ['simd', 'scalar'] as const) {
    for (const chosen of [
      { kernel: 'lanczos3' },
      { kernel: 'catmull-rom', linear: true },
      { kernel: 'nearest', method: 'fractional' },
    ] as const) {
      test(`${engine}, ${JSON.stringify(chosen)}`, async () => {
        const { source, session } = await opened;
        const options = { ...DEFAULT_OPTIONS, target: { kind: 'scale', x: 3, y: 3 }, engine, ...chosen } as const;
        const region = opaque(await session.pixels(options, RECT));
        const file = await pixelsOf(await written(source, options), RECT);
        expect(farthest(region, file)).toBe(0);
        expect(await session.engine(options, { width: 450, height: 330 })).toBe(engine);
        const other = { ...options, engine: engine === 'simd' ? 'scalar' : 'simd' } as const;
        expect(farthest(opaque(await session.pixels(other, RECT)), file)).toBeLessThanOrEqual(1);
        const tile = await session.tile(
          { kind: 'picture', options },
          { size: { width: 450, height: 330 }, rect: RECT },
        );
        expect(farthest(await pixelsOf(tile, { ...RECT, x: 0, y: 0 }), file)).toBe(0);
      });
    }
  }
});

test('shows a JPEG as it will be coded', async () => {
  const source = await picture('image/jpeg');
  const options = { ...DEFAULT_OPTIONS, format: 'jpeg', quality: 30, target: { kind: 'scale', x: 3, y: 3 } } as const;
  const session = await upscaler.openPreview({ source, sourceName: source.name });
  const size = { width: 450, height: 330 };
  const file = await pixelsOf(await written(source, options), RECT);
  const shown = async (kind: 'coded' | 'picture'): Promise<Uint8Array> =>
    pixelsOf(await session.tile({ kind, options }, { size, rect: RECT }), { ...RECT, x: 0, y: 0 });
  expect(farthest(await shown('coded'), file)).toBeLessThanOrEqual(1);
  expect(farthest(await shown('picture'), file)).toBeGreaterThan(10);
  await session.close();
});

test('tells values, differences and histograms', async () => {
  const source = await picture('image/png');
  const options = { ...DEFAULT_OPTIONS, kernel: 'nearest' } as const;
  const session = await upscaler.openPreview({ source, sourceName: source.name });
  const size = { width: 300, height: 220 };
  const original = await pixelsOf(source, { x: 20, y: 31, width: 1, height: 1 });
  const values = await session.values(options, size, 41, 62);
  expect(values.source).toEqual({ x: 20, y: 31, samples: [...original, 255], depth: 8 });
  expect(values.result.samples).toEqual([...original, 255]);

  const view = { kind: 'difference', before: options, after: options, gain: 8 } as const;
  const tile = await session.tile(view, { size, rect: { x: 0, y: 0, ...size } });
  expect(brightest(await pixelsOf(tile, { x: 0, y: 0, ...size }))).toBe(0);
  const other = await session.tile({ ...view, after: DEFAULT_OPTIONS }, { size, rect: { x: 0, y: 0, ...size } });
  expect(brightest(await pixelsOf(other, { x: 0, y: 0, ...size }))).toBe(255);

  const all = await pixelsOf(source, { x: 0, y: 0, ...SOURCE });
  const bins = new Uint32Array(256);
  for (let i = 1; i < all.length; i += 3) bins[all[i]!]! += 4;
  const { green, pixels } = await session.histogram(options, size);
  expect(pixels).toBe(size.width * size.height);
  expect(green).toEqual(bins);
  await session.close();
});

test('a cancelled request rejects at once, and a closed session rejects all', async () => {
  const source = await picture('image/png', { width: 900, height: 700 });
  const session = await upscaler.openPreview({ source, sourceName: source.name });
  const options = {
    ...DEFAULT_OPTIONS,
    engine: 'scalar',
    linear: true,
    target: { kind: 'scale', x: 8, y: 8 },
  } as const;
  const region = { size: { width: 7200, height: 5600 }, rect: { x: 0, y: 0, width: 2048, height: 2048 } };
  const controller = new AbortController();
  const cancelled = session.tile({ kind: 'picture', options }, region, controller.signal);
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  const pending = session.level(options, region);
  const closed = session.close();
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  await closed;
  await expect(session.describe(options)).rejects.toMatchObject({ name: 'AbortError' });
});

test('says what is wrong with a file', async () => {
  const opened = upscaler.openPreview({ source: new Blob(['no picture']), sourceName: 'letter.png' });
  await expect(opened).rejects.toThrow(/letter\.png/);
});
