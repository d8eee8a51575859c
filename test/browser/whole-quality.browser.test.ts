/** Files whose quality is chosen by a limit of bytes, by the encoders themselves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_METADATA } from '../../src/core/metadata.ts';
import { DEFAULT_OPTIONS } from '../../src/core/options.ts';
import type { Raster } from '../../src/core/pixels.ts';
import { likelySizes, QualitySearch } from '../../src/pipeline/byte-limit.ts';
import { encodeWithinLimit } from '../../src/pipeline/whole-quality.ts';
import { startVips } from '../support/vips-worker.ts';

const { api, worker } = startVips();
afterAll(() => worker.terminate());

const SOURCE = { width: 960, height: 640 };
let photo: Raster;

/** The sample photograph at 1.5x. */
beforeAll(async () => {
  const bitmap = await createImageBitmap(await (await fetch('/sample.jpg')).blob());
  const [width, height] = [1440, 960];
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3));
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
  photo = { width, height, channels: 3, depth: 8, data };
});

test.each([
  ['webp', 25_000],
  ['webp', 90_000],
  ['avif', 25_000],
  ['avif', 90_000],
  ['jxl', 25_000],
  ['jxl', 90_000],
] as const)('%s of %i bytes at most comes near to them in few tries', async (format, limit) => {
  const options = { ...DEFAULT_OPTIONS, format, quality: 95 };
  let tries = 0;
  const encode = (quality: number): Promise<Uint8Array<ArrayBuffer>> => {
    tries++;
    return api.encode(photo, format, { quality, chroma: options.chroma }, NO_METADATA);
  };
  const search = new QualitySearch(limit, options.quality);
  const { bytes } = await encodeWithinLimit(encode, format, search, likelySizes(options, SOURCE, photo));
  expect(bytes.length).toBeLessThanOrEqual(limit);
  expect(bytes.length / limit).toBeGreaterThan(0.85);
  expect(tries).toBeLessThanOrEqual(4);
});
