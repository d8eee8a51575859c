import { afterAll, describe, expect, test } from 'vitest';
import { fixture, FIXTURES } from '../../../test/support/fixtures.ts';
import { largestDifference, meanDifference } from '../../../test/support/samples.ts';
import { EXACT_TIFFS, sceneSamples } from '../../../test/support/scene.ts';
import { decodeAll, infoOf, startVips, type InfoPatch } from '../../../test/support/vips-worker.ts';
import { toErrorRecord } from '../../core/errors.ts';
import type { PictureShape } from '../../core/encoding.ts';
import type { InputFormat, SourceInfo } from '../../core/formats.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import type { Channels, Depth, Raster } from '../../core/pixels.ts';
import { cmykNote } from '../cmyk-note.ts';
import { probeSource } from '../probe.ts';
import { createTiffFile } from '../tiff/file.ts';
import { plain } from '../../core/text.ts';

const FORMATS: Readonly<Record<string, InputFormat>> = { tif: 'tiff', jpg: 'jpeg' };
const formatOf = (name: string): InputFormat => {
  const extension = name.split('.').at(-1) ?? '';
  return FORMATS[extension] ?? (extension as InputFormat);
};

const { api, worker } = startVips();
afterAll(() => worker.terminate());

const decode = async (name: string, channels: Channels, depth: Depth, patch: InfoPatch = {}, rows = 10) =>
  decodeAll(api, await fixture(name), infoOf(formatOf(name), channels, depth, patch), rows);

const EXACT = [
  ...EXACT_TIFFS,
  ['png/rgb.png', 3, 8],
  ['png/rgb16.png', 3, 16],
  ['png/rgba.png', 4, 8],
  ['jxl/lossless.jxl', 3, 8],
  ['jxl/lossless16.jxl', 3, 16],
  ['jxl/alpha.jxl', 4, 8],
  ['jxl/grey.jxl', 1, 8],
  ['webp/lossless.webp', 3, 8],
  ['webp/alpha-lossless.webp', 4, 8],
  ['avif/alpha.avif', 4, 8],
] as const;

test.each(EXACT)('%s comes out as it was drawn', async (name, channels, depth) => {
  const { samples, toSrgb, warnings } = await decode(name, channels, depth);
  expect(largestDifference(samples, sceneSamples(channels, depth))).toBe(0);
  expect({ toSrgb, warnings }).toEqual({ toSrgb: false, warnings: [] });
});

/** Mean differences, of 255, that the quality of these files leaves. */
const LOSSY = [
  ['tiff/jpeg.tif', 3, 8, 4],
  ['tiff/palette.tif', 3, 8, 12],
  ['jpeg/420.jpg', 3, 8, 5],
  ['jpeg/progressive.jpg', 3, 8, 5],
  ['jpeg/arithmetic.jpg', 3, 8, 5],
  ['jpeg/grey.jpg', 1, 8, 2],
  ['jxl/lossy.jxl', 3, 8, 4],
  ['avif/420.avif', 3, 8, 4],
  ['avif/grey.avif', 1, 8, 2],
  ['avif/10bit.avif', 3, 16, 3],
  ['avif/12bit.avif', 3, 16, 3],
] as const;

test.each(LOSSY)('%s is close to what was drawn', async (name, channels, depth, most) => {
  const bits = Number(/(\d+)bit/.exec(name)?.[1] ?? depth);
  const { samples } = await decode(name, channels, depth, { bits });
  expect(meanDifference(samples, sceneSamples(channels, depth)) / (depth === 8 ? 1 : 257)).toBeLessThan(most);
});

test('10 bits reach the whole range of 16', async () => {
  const { samples } = await decode('avif/10bit.avif', 3, 16, { bits: 10 });
  const steps = [...samples].map((sample) => (sample / 65535) * 1023);
  expect(Math.max(...steps.map((step) => Math.abs(step - Math.round(step))))).toBeLessThan(0.01);
});

test('a fax is black and white', async () => {
  const { samples } = await decode('tiff/fax.tif', 1, 8, { bits: 1 });
  expect([...new Set(samples)].sort((a, b) => a - b)).toEqual([0, 255]);
  // Dithering keeps the mean: a polarity taken the wrong way round would be far off.
  const mean = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0) / list.length;
  expect(Math.abs(mean(samples) - mean(sceneSamples(1, 8)))).toBeLessThan(16);
});

describe('pixel formats other than the stored one', () => {
  test('grey as RGB and RGBA, RGB as grey', async () => {
    const grey = sceneSamples(1, 8);
    const rgb = await decode('tiff/grey.tif', 3, 8);
    expect([...rgb.samples]).toEqual(grey.flatMap((g) => [g, g, g]));
    const rgba = await decode('tiff/grey16.tif', 4, 16);
    expect([...rgba.samples]).toEqual(sceneSamples(1, 16).flatMap((g) => [g, g, g, 65535]));
  });

  test('8 bits as 16 and back', async () => {
    const deep = await decode('tiff/strips.tif', 3, 16);
    expect(
      largestDifference(
        deep.samples,
        sceneSamples(3, 8).map((s) => s * 257),
      ),
    ).toBe(0);
    const flat = await decode('tiff/rgb16.tif', 3, 8);
    expect(
      largestDifference(
        flat.samples,
        sceneSamples(3, 16).map((s) => Math.round(s / 257)),
      ),
    ).toBe(0);
  });
});

describe('colours that become sRGB', () => {
  async function pngSamples(name: string): Promise<number[]> {
    const { samples } = await decode(name, 3, 8);
    return [...samples];
  }

  test.each([
    ['jpeg/cmyk.jpg', 'vips/cmyk-jpeg.png'],
    ['tiff/cmyk.tif', 'vips/cmyk-tiff.png'],
  ])('%s as sharp converts it', async (name, expected) => {
    const { samples, toSrgb, warnings } = await decode(name, 3, 8, { model: 'cmyk' });
    expect(meanDifference(samples, await pngSamples(expected))).toBeLessThan(3);
    expect(toSrgb).toBe(true);
    expect(warnings).toEqual([cmykNote(false)]);
  });

  test.each([
    ['tiff/lab.tif', 8, 2],
    ['tiff/lab.tif', 16, 2],
    ['vips/lab16.tif', 16, 0.5],
    ['vips/lab16.tif', 8, 0.6],
    ['vips/linear-float.tif', 16, 0.1],
  ] as const)('%s at %i bits', async (name, depth, most) => {
    const { samples, toSrgb, warnings } = await decode(name, 3, depth, { model: 'lab', bits: 16 });
    expect(meanDifference(samples, sceneSamples(3, depth)) / (depth === 8 ? 1 : 257)).toBeLessThan(most);
    expect(toSrgb).toBe(true);
    expect(warnings.length).toBeGreaterThan(0);
  });
});

describe('wide samples', () => {
  test('floats that hold 8-bit samples', async () => {
    const { samples, toSrgb, warnings } = await decode('tiff/float.tif', 3, 16, { bits: 32 });
    expect(
      largestDifference(
        samples,
        sceneSamples(3, 8).map((s) => s * 257),
      ),
    ).toBe(0);
    expect(toSrgb).toBe(false);
    expect(warnings.map(plain)[0]).toContain('float');
  });

  test('32-bit integers', async () => {
    const { samples } = await decode('vips/uint32.tif', 1, 16, { bits: 32 });
    expect(largestDifference(samples, sceneSamples(1, 16))).toBeLessThanOrEqual(1);
  });
});

test('premultiplied alpha becomes straight', async () => {
  const { samples } = await decode('vips/premultiplied.tif', 4, 8);
  const expected = sceneSamples(4, 8);
  for (let i = 0; i < samples.length; i += 4) {
    const alpha = expected[i + 3]!;
    if (alpha === 0) continue;
    // The product was rounded to whole numbers, or cut to them.
    for (let c = 0; c < 3; c++)
      expect(Math.abs(samples[i + c]! - expected[i + c]!)).toBeLessThanOrEqual(255 / alpha + 1);
  }
});

describe('turned pictures', () => {
  const stored = sceneSamples(3, 8);
  const at = (x: number, y: number): number[] => stored.slice((y * 61 + x) * 3, (y * 61 + x) * 3 + 3);

  test('JPEG comes as it is stored', async () => {
    const { samples } = await decode('jpeg/orientation-6.jpg', 3, 8, { metadata: { orientation: 6 } });
    expect(meanDifference(samples, stored)).toBeLessThan(5);
  });

  // Clockwise by a quarter; mirrored on the other diagonal.
  test.each([
    ['avif/rotated.avif', (x: number, y: number) => at(y, 42 - x)],
    ['jxl/camera.jxl', (x: number, y: number) => at(y, 42 - x)],
    ['avif/mirrored.avif', (x: number, y: number) => at(60 - y, 42 - x)],
  ])('%s comes upright', async (name, expected) => {
    const { samples } = await decode(name, 3, 8, { width: 43, height: 61 });
    const turned = Array.from({ length: 43 * 61 }, (_, i) => expected(i % 43, Math.floor(i / 43))).flat();
    expect(meanDifference(samples, turned)).toBeLessThan(5);
  });
});

describe('pictures of several runs of rows', () => {
  // 9 MB: strips of the reader and of the file end at different rows.
  const shape: PictureShape = { width: 1500, height: 2001, channels: 3, depth: 8 };
  const data = new Uint8Array(shape.width * shape.height * 3).map((_, i) => (i % 251) ^ (i >> 13));
  const infoFor = (format: InputFormat): SourceInfo => ({ ...infoOf(format, 3, 8), width: 1500, height: 2001 });

  function tiffOf(rows: number): File {
    const writer = createTiffFile(shape, rows, 'store', NO_METADATA, data.length);
    const parts = writer.begin();
    for (let y = 0, index = 0; y < shape.height; y += rows, index++) {
      const count = Math.min(rows, shape.height - y);
      const place = { index, y, rows: count, first: y === 0, last: y + count === shape.height };
      parts.push(...writer.segment({ bytes: data.slice(y * 4500, (y + count) * 4500) }, place));
    }
    const { bytes, patches } = writer.end();
    parts.push(...bytes);
    const [header, ...rest] = parts;
    patches.forEach((patch) => header?.set(patch.bytes, patch.position));
    return new File([header!, ...rest], 'strips.tif');
  }

  test.each([1, 3, 7, 12, 20, 100, 128, 129, 700, 2001])('TIFF in strips of %i rows', async (rows) => {
    const { samples } = await decodeAll(api, tiffOf(rows), infoFor('tiff'), 64);
    expect(largestDifference(samples, data)).toBe(0);
  });

  test.each(['webp', 'jxl', 'avif'] as const)('%s', async (format) => {
    const raster: Raster = { ...shape, data };
    const options = { quality: 90, chroma: '444', lossless: true, effort: 0 } as const;
    const bytes = await api.encode(raster, format, options, NO_METADATA);
    const { samples } = await decodeAll(api, new File([bytes], `large.${format}`), infoFor(format), 64);
    expect(largestDifference(samples, data)).toBe(0);
  });

  test('JPEG', async () => {
    const canvas = new OffscreenCanvas(1500, 2001);
    const context = canvas.getContext('2d')!;
    const gradient = context.createLinearGradient(0, 0, 1500, 2001);
    ['red', 'lime', 'blue', 'white'].forEach((colour, i) => gradient.addColorStop(i / 3, colour));
    context.fillStyle = gradient;
    context.fillRect(0, 0, 1500, 2001);
    const file = new File([await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })], 'large.jpg');
    const { samples } = await decodeAll(api, file, infoFor('jpeg'), 64);
    const rgba = context.getImageData(0, 0, 1500, 2001).data;
    expect(
      meanDifference(
        samples,
        rgba.filter((_, i) => i % 4 !== 3),
      ),
    ).toBeLessThan(2);
  });
});

// The browser decodes image sequences; this build of libheif does not.
const PROBED = FIXTURES.filter(
  (name) => /^(tiff|jpeg|jxl|avif|webp|png|vips)\//.test(name) && name !== 'avif/animated.avif',
);

test.each(PROBED)('%s comes as its probe says', async (name) => {
  const file = await fixture(name);
  const info = await probeSource(file, file.name);
  const { samples } = await decodeAll(api, file, info, 16);
  expect(samples.length).toBe(info.width * info.height * info.channels);
  expect(new Set(samples).size).toBeGreaterThan(1);
});

describe('what cannot be read', () => {
  const failure = async (file: Blob, format: InputFormat, patch: InfoPatch = {}) => {
    try {
      await decodeAll(api, file, infoOf(format, 3, 8, patch), 10);
    } catch (error) {
      return toErrorRecord(error);
    }
    throw new Error('it was read');
  };

  test.each([
    'tiff/strips.tif',
    'tiff/lzw.tif',
    'jpeg/444.jpg',
    'png/rgb.png',
    'jxl/lossless.jxl',
    'webp/lossless.webp',
    'avif/444.avif',
  ])('%s cut in half', async (name) => {
    const file = await fixture(name);
    const cut = new File([file.slice(0, file.size / 2)], file.name);
    const error = await failure(cut, formatOf(name));
    expect(error.code).toBe('bad-input');
    expect(error.message).toContain(file.name);
    expect(error.values['reason']).not.toBe('');
  });

  test('another format than the header said', async () => {
    expect((await failure(await fixture('png/rgb.png'), 'jpeg')).code).toBe('bad-input');
  });

  test('a size that the header did not say', async () => {
    const error = await failure(await fixture('tiff/lzw.tif'), 'tiff', { width: 60 });
    expect(error).toMatchObject({ code: 'bad-input', values: { width: 61, height: 43 } });
  });

  test('a file that is read after a failure', async () => {
    const { samples } = await decode('tiff/lzw.tif', 3, 8);
    expect(largestDifference(samples, sceneSamples(3, 8))).toBe(0);
  });
});
