import { describe, expect, it } from 'vitest';
import { openWithBrowser } from '../../src/codecs/browser-decode.ts';
import {
  givesBackKnownPixels,
  hasExactPixels,
  hasStraightAlpha,
  type PixelSource,
} from '../../src/codecs/pixel-source.ts';
import { probeSource } from '../../src/codecs/probe.ts';
import type { SourceInfo } from '../../src/core/formats.ts';
import { bytesPerRow } from '../../src/core/pixels.ts';
import { fixture } from '../support/fixtures.ts';
import { largestDifference } from '../support/samples.ts';
import { SCENE, sceneSamples } from '../support/scene.ts';

const reference = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await (await fixture(`decoded/${name}.raw`)).arrayBuffer());

async function decode(file: File, info: SourceInfo, rowsAtATime = 10): Promise<Uint8Array> {
  const reader = await openWithBrowser(file, info);
  const stride = bytesPerRow(reader.width, reader);
  const data = new Uint8Array(new SharedArrayBuffer(stride * reader.height));
  for (let y = 0; y < reader.height; y += rowsAtATime) {
    const rows = Math.min(rowsAtATime, reader.height - y);
    await reader.read(rows, data.subarray(y * stride, (y + rows) * stride));
  }
  await reader.close();
  return data;
}

async function decodeFixture(name: string): Promise<{ data: Uint8Array; info: SourceInfo }> {
  const file = await fixture(name);
  const info = await probeSource(file, file.name);
  return { data: await decode(file, info), info };
}

function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / sum);
}

describe('openWithBrowser', () => {
  it.each([
    ...['420', '444', 'progressive', 'arithmetic', 'grey'].map((name) => `jpeg/${name}.jpg`),
    ...['jpeg/p3.jpg', 'jpeg/camera.jpg', 'webp/lossy.webp', 'webp/alpha-lossy.webp', 'webp/metadata.webp'],
    ...[2, 5, 8].map((orientation) => `jpeg/orientation-${orientation}.jpg`),
  ])('decodes %s to exactly what libvips makes of it: not turned, not converted', async (name) => {
    const { data, info } = await decodeFixture(name);
    expect(data.length).toBe(info.width * info.height * info.channels);
    expect(largestDifference(data, await reference(name))).toBe(0);
  });

  // AV1 leaves the conversion to RGB to the application: rounding differs.
  it.each(['444', 'rotated', 'upside-down', 'mirrored'])(
    'decodes %s.avif as libheif does, within rounding',
    async (name) => {
      const { data } = await decodeFixture(`avif/${name}.avif`);
      expect(largestDifference(data, await reference(`avif/${name}.avif`))).toBeLessThanOrEqual(2);
    },
  );

  it('keeps 4:2:0 AVIF close to the picture it was made from', async () => {
    const { data } = await decodeFixture('avif/420.avif');
    const original = sceneSamples(3, 8);
    // libheif repeats chroma samples where browsers interpolate: ours may not be worse.
    expect(psnr(data, original)).toBeGreaterThan(psnr(await reference('avif/420.avif'), original) - 0.1);
  });

  it.each(['webp/alpha-lossless.webp', 'png/rgba.png', 'bmp/alpha.bmp'])(
    'gives back the colour behind every alpha of %s',
    async (name) => {
      expect(await hasStraightAlpha()).toBe(true);
      const { data } = await decodeFixture(name);
      expect(largestDifference(data, sceneSamples(4, 8))).toBe(0);
    },
  );

  it.each(['webp/lossless.webp', 'bmp/24bit.bmp', 'bmp/top-down.bmp', 'png/rgb.png'])(
    'decodes lossless %s exactly',
    async (name) => {
      const { data } = await decodeFixture(name);
      expect(largestDifference(data, sceneSamples(3, 8))).toBe(0);
    },
  );

  it.each(['gif/still.gif', 'gif/interlaced.gif', 'gif/animated.gif', 'bmp/palette.bmp', 'bmp/rle.bmp', 'bmp/565.bmp'])(
    'decodes the first picture of %s, as near as its few colours are',
    async (name) => {
      const { data, info } = await decodeFixture(name);
      expect([info.width, info.height, info.channels]).toEqual([SCENE.width, SCENE.height, 3]);
      expect(psnr(data, sceneSamples(3, 8))).toBeGreaterThan(24);
    },
  );

  it('delivers grey pictures in one channel', async () => {
    const { data } = await decodeFixture('avif/grey.avif');
    expect(psnr(data, sceneSamples(1, 8))).toBeGreaterThan(30);
  });

  it('widens to 16 bits where they are promised', async () => {
    const file = await fixture('avif/10bit.avif');
    const info = await probeSource(file, file.name);
    expect(info.depth).toBe(16);
    const data = await decode(file, info);
    const samples = new Uint16Array(data.length / 2);
    new Uint8Array(samples.buffer).set(data);
    const original = sceneSamples(3, 16);
    expect(
      psnr(
        Array.from(samples, (s) => s / 257),
        original.map((s) => s / 257),
      ),
    ).toBeGreaterThan(35);
  });

  it('reads in runs of any height into memory at any address', async () => {
    const file = await fixture('jpeg/420.jpg');
    const info = await probeSource(file, file.name);
    const expected = await reference('jpeg/420.jpg');
    for (const rows of [1, 7, 43]) expect(largestDifference(await decode(file, info, rows), expected)).toBe(0);
    const reader = await openWithBrowser(file, info);
    const odd = new Uint8Array(expected.length + 3).subarray(3);
    await reader.read(info.height, odd);
    expect(largestDifference(odd, expected)).toBe(0);
  });

  it('reads pictures wider than a texture', async () => {
    const canvas = new OffscreenCanvas(20_001, 3);
    const context = canvas.getContext('2d')!;
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : (i * 7919) >> 5;
    context.putImageData(pixels, 0, 0);
    const file = new File([await canvas.convertToBlob({ type: 'image/png' })], 'wide.png');
    const info: SourceInfo = { ...(await probeSource(file, file.name)), alpha: true, channels: 4 };
    expect(largestDifference(await decode(file, info), pixels.data)).toBe(0);
  });

  it('reads opaque pictures wider than a VideoFrame', async () => {
    const canvas = new OffscreenCanvas(40_001, 3);
    const context = canvas.getContext('2d', { alpha: false })!;
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : (i * 7919) >> 5;
    context.putImageData(pixels, 0, 0);
    const file = new File([await canvas.convertToBlob({ type: 'image/png' })], 'wide.png');
    const info: SourceInfo = { ...(await probeSource(file, file.name)), alpha: false, channels: 3 };
    const want = pixels.data.filter((_, i) => i % 4 !== 3);
    expect(largestDifference(await decode(file, info), want)).toBe(0);
  });

  it.each(['jpeg/420.jpg', 'jpeg/progressive.jpg'])('refuses %s when it is cut off', async (name) => {
    const file = await fixture(name);
    const info = await probeSource(file, file.name);
    const cut = new File([file.slice(0, file.size - 60)], file.name);
    await expect(openWithBrowser(cut, info)).rejects.toMatchObject({ code: 'bad-input', values: { name: file.name } });
  });

  it('takes a JPEG with something appended', async () => {
    const file = await fixture('jpeg/420.jpg');
    const longer = new File([file, new Uint8Array(200_000)], file.name);
    const info = await probeSource(longer, longer.name);
    expect(largestDifference(await decode(longer, info), await reference('jpeg/420.jpg'))).toBe(0);
  });

  it('names a file that the browser refuses', async () => {
    const file = await fixture('webp/lossy.webp');
    const info = await probeSource(file, file.name);
    const broken = new Uint8Array(await file.arrayBuffer()).fill(0x55, 40);
    await expect(openWithBrowser(new File([broken], 'broken.webp'), info)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('broken.webp') as string,
    });
  });

  it('can be closed at any time and more than once', async () => {
    const file = await fixture('jpeg/420.jpg');
    const reader = await openWithBrowser(file, await probeSource(file, file.name));
    await reader.read(3, new Uint8Array(3 * SCENE.width * 3));
    await reader.close();
    await reader.close();
  });
});

describe('a picture of several strips', () => {
  it('comes the same in runs of any number of rows', async () => {
    const [width, height] = [1031, 1211];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { alpha: false })!;
    const image = context.createImageData(width, height);
    image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i >> 4) ^ (i >> 13)));
    context.putImageData(image, 0, 0);
    const file = new File([await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 })], 'strips.jpg');
    // The oracle: the browser's canvas, which has the whole bitmap in one piece.
    context.drawImage(await createImageBitmap(file, { colorSpaceConversion: 'none' }), 0, 0);
    const want = context.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 !== 3);
    const info = await probeSource(file, file.name);
    for (const rows of [7, 254, 255, 700, height]) {
      expect(largestDifference(await decode(file, info, rows), want), `${rows} rows at a time`).toBe(0);
    }
  });
});

describe('trust in a way of reading pixels', () => {
  const reads = (change: (pixels: Uint8Array) => void) => (): PixelSource => {
    const pixels = Uint8Array.from({ length: 48 * 48 * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : (Math.imul(i + 1, 2654435761) >>> 16) & 255,
    );
    change(pixels);
    return { order: 'RGBA', stripRows: 48, read: () => pixels, close: () => undefined };
  };

  it('is given here', async () => {
    expect(await hasExactPixels()).toBe(true);
  });

  it('is refused to one that changes a single sample, throws, or does not exist', async () => {
    expect(
      await givesBackKnownPixels(
        reads(() => undefined),
        false,
      ),
    ).toBe(true);
    const noisy = reads((pixels) => void (pixels[4 * 999 + 1]! ^= 1));
    expect(await givesBackKnownPixels(noisy, false)).toBe(false);
    expect(await givesBackKnownPixels(() => null, false)).toBe(false);
    const broken = (): PixelSource => {
      throw new Error('no');
    };
    expect(await givesBackKnownPixels(broken, false)).toBe(false);
  });
});
