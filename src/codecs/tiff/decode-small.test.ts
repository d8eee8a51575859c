import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { EXACT_TIFFS, sceneSamples } from '../../../test/support/scene.ts';
import { toErrorRecord } from '../../core/errors.ts';
import type { SourceInfo } from '../../core/formats.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import { bytesPerRow, samplesOf, type Channels, type Depth } from '../../core/pixels.ts';
import { openSmallTiff } from './decode-small.ts';
import { parseIfd, readTiffHeader } from './ifd.ts';

const fixtures = join(import.meta.dirname, '../../../test/fixtures');
const fixture = (name: string): File => new File([readFileSync(join(fixtures, name))], name.split('/').at(-1) ?? name);

const infoOf = (channels: Channels, depth: Depth): SourceInfo => ({
  ...{ format: 'tiff', mime: 'image/tiff', width: 61, height: 43, model: 'rgb', alpha: channels === 4, bits: depth },
  ...{ channels, depth, progressive: false, frames: 1, bytes: 0, metadata: NO_METADATA, warnings: [] },
});

async function decode(file: Blob, channels: Channels, depth: Depth, rows = 10): Promise<Uint8Array | Uint16Array> {
  const reader = await openSmallTiff(file, infoOf(channels, depth));
  const stride = bytesPerRow(61, reader);
  const data = new Uint8Array(stride * 43);
  for (let y = 0; y < 43; y += rows) {
    const count = Math.min(rows, 43 - y);
    await reader.read(count, data.subarray(y * stride, (y + count) * stride));
  }
  await reader.close();
  return samplesOf(data, depth);
}

const differences = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  a.length === b.length ? Array.from(a, (v, i) => Math.abs(v - b[i]!)) : [Infinity];
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

test.each(EXACT_TIFFS)('%s comes out as it was drawn', async (name, channels, depth) => {
  for (const rows of [1, 7, 43]) {
    expect(
      Math.max(...differences(await decode(fixture(name), channels, depth, rows), sceneSamples(channels, depth))),
    ).toBe(0);
  }
});

// The decoder behind geotiff repeats subsampled chroma, libjpeg interpolates it; libvips cuts
// palette entries to 8 bits instead of rounding them.
test.each([
  ['tiff/jpeg.tif', 4],
  ['tiff/palette.tif', 0.5],
])('%s as libvips decodes it', async (name, most) => {
  const { data } = await sharp(join(fixtures, name)).raw().toBuffer({ resolveWithObject: true });
  expect(mean(differences(await decode(fixture(name), 3, 8), data))).toBeLessThanOrEqual(most);
});

test.each([
  ['tiff/lab.tif', 8],
  ['vips/lab16.tif', 16],
] as const)('%s becomes sRGB', async (name, depth) => {
  const samples = await decode(fixture(name), 3, depth);
  expect(mean(differences(samples, sceneSamples(3, depth))) / (depth === 8 ? 1 : 257)).toBeLessThan(2);
});

test('CMYK becomes RGB by formula: the same picture, other hues', async () => {
  const samples = await decode(fixture('tiff/cmyk.tif'), 3, 8);
  expect(mean(differences(samples, sceneSamples(3, 8)))).toBeLessThan(60);
});

test('premultiplied alpha becomes straight', async () => {
  const samples = await decode(fixture('vips/premultiplied.tif'), 4, 8);
  const expected = sceneSamples(4, 8);
  const errors = differences(samples, expected).filter((_, i) => expected[i | 3]! >= 64);
  expect(Math.max(...errors)).toBeLessThanOrEqual(5);
});

test('grey as RGB, 16 bits as 8', async () => {
  expect([...(await decode(fixture('tiff/grey.tif'), 3, 8))]).toEqual(sceneSamples(1, 8).flatMap((g) => [g, g, g]));
  const flat = sceneSamples(3, 16).map((s) => Math.round(s / 257));
  expect(Math.max(...differences(await decode(fixture('tiff/rgb16.tif'), 3, 8), flat))).toBe(0);
});

describe('what cannot be read', () => {
  const failure = async (file: Blob): Promise<ReturnType<typeof toErrorRecord>> =>
    decode(file, 3, 8).then(
      () => Promise.reject(new Error('it was read')),
      (error: unknown) => toErrorRecord(error),
    );

  test.each(['tiff/float.tif', 'vips/uint32.tif', 'tiff/fax.tif'])('%s is refused', async (name) => {
    expect(await failure(fixture(name))).toMatchObject({ code: 'unsupported-input' });
  });

  test.each(['tiff/strips.tif', 'tiff/lzw.tif', 'tiff/deflate.tif', 'tiff/tiled.tif'])('%s cut short', async (name) => {
    const file = fixture(name);
    for (const part of [0.3, 0.6, 0.9]) {
      const error = await failure(new File([file.slice(0, Math.floor(file.size * part))], file.name));
      expect(error.code).toBe('bad-input');
      expect(error.message).toContain(file.name);
    }
  });

  test.each(['tiff/strips.tif', 'tiff/deflate.tif', 'tiff/lzw.tif', 'tiff/packbits.tif'])(
    '%s whose last strip goes past the end',
    async (name) => {
      const bytes = readFileSync(join(fixtures, name));
      const header = readTiffHeader(bytes)!;
      const offsets = parseIfd(bytes.subarray(header.first), header.first, header)!.entries.get(273)!;
      bytes.writeUInt32LE(bytes.length - 10, offsets.position + offsets.bytes - 4);
      expect(await failure(new File([bytes], 'strip.tif'))).toMatchObject({ code: 'bad-input' });
    },
  );

  test('text', async () => {
    expect(await failure(new Blob(['not a picture at all']))).toMatchObject({ code: 'bad-input' });
  });
});
