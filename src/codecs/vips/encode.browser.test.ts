import { afterAll, describe, expect, test } from 'vitest';
import { largestDifference, meanDifference } from '../../../test/support/samples.ts';
import { sceneSamples } from '../../../test/support/scene.ts';
import { decodeAll, startVips } from '../../../test/support/vips-worker.ts';
import { toErrorRecord } from '../../core/errors.ts';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import type { Channels, Depth, Raster } from '../../core/pixels.ts';
import { fileBoxes } from '../boxes.ts';
import { FileBytes } from '../bytes.ts';
import { probeSource } from '../probe.ts';
import type { VipsEncodeOptions, VipsFormat } from './encode.ts';

const { api, worker } = startVips();
afterAll(() => worker.terminate());

/** The scene in shared memory, as the pipeline has it. */
function rasterOf(channels: Channels, depth: Depth): Raster {
  const samples = sceneSamples(channels, depth);
  const data = new Uint8Array(new SharedArrayBuffer((samples.length * depth) / 8));
  if (depth === 8) data.set(samples);
  else new Uint16Array(data.buffer).set(samples);
  return { width: 61, height: 43, channels, depth, data };
}

const encode = async (
  format: VipsFormat,
  raster: Raster,
  options: Partial<VipsEncodeOptions> = {},
  metadata: Metadata = NO_METADATA,
): Promise<File> => {
  const bytes = await api.encode(raster, format, { quality: 90, chroma: '444', ...options }, metadata);
  return new File([bytes], `scene.${format}`, { type: `image/${format}` });
};

async function decode(file: File) {
  const info = await probeSource(file, file.name);
  const { samples, icc } = await decodeAll(api, file, info, 16);
  return { info, samples, icc: icc ?? info.metadata.icc };
}

/** RGBA as Chromium decodes it: another decoder than the one that belongs to the encoder. */
async function byBrowser(file: File): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

const withoutAlpha = (rgba: ArrayLike<number>): number[] => Array.from(rgba).filter((_, i) => i % 4 !== 3);

test.each([
  ['webp', 3, 8],
  ['webp', 4, 8],
  ['jxl', 1, 8],
  ['jxl', 3, 8],
  ['jxl', 4, 8],
  ['jxl', 1, 16],
  ['jxl', 3, 16],
  ['jxl', 4, 16],
  ['avif', 3, 8],
  ['avif', 4, 8],
] as const)('%s of %i channels and %i bits without loss', async (format, channels, depth) => {
  const { info, samples } = await decode(await encode(format, rasterOf(channels, depth), { lossless: true }));
  expect(info).toMatchObject({ format, width: 61, height: 43, channels, depth });
  expect(largestDifference(samples, sceneSamples(channels, depth))).toBe(0);
});

test('grey WebP is grey', async () => {
  const { samples } = await decode(await encode('webp', rasterOf(1, 8), { lossless: true }));
  expect([...samples]).toEqual(sceneSamples(1, 8).flatMap((g) => [g, g, g]));
});

test('WebP reduces 16 bits to 8', async () => {
  const { samples } = await decode(await encode('webp', rasterOf(3, 16), { lossless: true }));
  expect(
    largestDifference(
      samples,
      sceneSamples(3, 16).map((s) => Math.round(s / 257)),
    ),
  ).toBe(0);
});

test.each(['webp', 'avif'] as const)('%s as Chromium decodes it', async (format) => {
  const rgb = withoutAlpha(await byBrowser(await encode(format, rasterOf(3, 8))));
  expect(meanDifference(rgb, sceneSamples(3, 8))).toBeLessThan(format === 'webp' ? 4 : 2);
});

test.each([
  ['avif', 10],
  ['avif', 12],
] as const)('%s of %i bits', async (format, avifBits) => {
  const { info, samples } = await decode(await encode(format, rasterOf(3, 16), { avifBits }));
  expect(info.bits).toBe(avifBits);
  expect(meanDifference(samples, sceneSamples(3, 16)) / 257).toBeLessThan(1.5);
});

test.each(['webp', 'avif', 'jxl'] as const)('a lower quality of %s is a smaller file', async (format) => {
  const [low, high] = [await encode(format, rasterOf(3, 8), { quality: 30 }), await encode(format, rasterOf(3, 8))];
  expect(low.size).toBeLessThan(high.size);
});

test('4:2:0 is smaller than 4:4:4', async () => {
  const [full, halved] = [
    await encode('avif', rasterOf(3, 8)),
    await encode('avif', rasterOf(3, 8), { chroma: '420' }),
  ];
  expect(halved.size).toBeLessThan(full.size);
});

describe('metadata', () => {
  const fixture = new URL('../../../test/fixtures/jpeg/camera.jpg', import.meta.url);
  const camera = async (): Promise<Metadata> => {
    const blob = await (await fetch(fixture)).blob();
    const { metadata } = await probeSource(blob, 'camera.jpg');
    return { ...metadata, orientation: 1 };
  };

  const latin = (bytes: Uint8Array | null): string => String.fromCharCode(...(bytes ?? []));

  test.each(['webp', 'avif', 'jxl'] as const)('%s keeps EXIF, XMP, profile and density', async (format) => {
    const metadata = { ...(await camera()), density: { x: 300, y: 300 } };
    const { info, icc } = await decode(await encode(format, rasterOf(3, 8), { lossless: format === 'jxl' }, metadata));
    expect(latin(info.metadata.exif)).toContain('Camera One');
    expect(latin(info.metadata.exif)).toContain('A lens');
    expect(latin(info.metadata.xmp)).toBe(latin(metadata.xmp));
    expect(info.metadata.density!.x).toBeCloseTo(300, 1);
    expect(latin(icc)).toBe(latin(metadata.icc));
  });

  test('a JPEG XL has one EXIF block, which is not compressed', async () => {
    const types: string[] = [];
    const file = await encode('jxl', rasterOf(3, 8), { lossless: true }, await camera());
    for await (const { type } of fileBoxes(new FileBytes(new Blob([file]), 'a.jxl'))) types.push(type);
    expect(types.filter((type) => ['Exif', 'xml ', 'brob'].includes(type))).toEqual(['Exif', 'xml ']);
  });

  test.each(['webp', 'avif', 'jxl'] as const)('%s keeps a density without EXIF', async (format) => {
    const metadata = { ...NO_METADATA, density: { x: 300, y: 150 } };
    const { info } = await decode(await encode(format, rasterOf(3, 8), {}, metadata));
    expect(info.metadata.density).toEqual({ x: 300, y: 150 });
  });

  test.each([true, false])('WebP with alpha and XMP, lossless %s', async (lossless) => {
    const xmp = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>');
    const file = await encode('webp', rasterOf(4, 8), { lossless }, { ...NO_METADATA, xmp });
    const { info, samples } = await decode(file);
    expect(info).toMatchObject({ width: 61, height: 43, alpha: true });
    expect(latin(info.metadata.xmp)).toBe(latin(xmp));
    const alphas = (list: ArrayLike<number>): number[] => Array.from(list).filter((_, i) => i % 4 === 3);
    expect(alphas(samples)).toEqual(alphas(sceneSamples(4, 8)));
    expect(meanDifference(alphas(await byBrowser(file)), alphas(sceneSamples(4, 8)))).toBe(0);
  });

  test.each(['webp', 'avif', 'jxl'] as const)('%s has none when none is given', async (format) => {
    const { info } = await decode(await encode(format, rasterOf(3, 8)));
    expect(info.metadata).toMatchObject({ xmp: null, orientation: 1 });
    expect(latin(info.metadata.exif)).not.toContain('Camera');
  });
});

test('a picture beyond the format is refused', async () => {
  const width = 16384;
  const raster: Raster = { width, height: 1, channels: 3, depth: 8, data: new Uint8Array(width * 3) };
  const error = await encode('webp', raster).then(() => null, toErrorRecord);
  expect(error).toMatchObject({ code: 'internal', values: { format: 'webp', width } });
});
