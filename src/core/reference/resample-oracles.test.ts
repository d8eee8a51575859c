/*
 * The reference against resamplers that are not ours. sharp/libvips is none for enlargement: whatever kernel is named,
 * it enlarges with bicubic interpolation at best, and sharp 0.35 shifts by half an output pixel besides.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FilterType, ImageMagick, initializeImageMagick, MagickFormat } from '@imagemagick/magick-wasm';
import { MagickGeometry, MagickReadSettings } from '@imagemagick/magick-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Size } from '../geometry.ts';
import type { KernelName } from '../resampling.ts';
import { planStages } from '../stages.ts';
import { resampleRect } from './resample.ts';

const FROM = { width: 96, height: 72 };

/** RGB with ramps, rings that grow finer, and hard edges of moderate contrast, so that nothing overshoots a byte. */
function scene(): Uint8Array {
  const data = new Uint8Array(FROM.width * FROM.height * 3);
  for (let y = 0; y < FROM.height; y++) {
    for (let x = 0; x < FROM.width; x++) {
      const ring = 40 * Math.cos(((x - 30) ** 2 + (y - 40) ** 2) / 25);
      const edge = x + 2 * y > 150 ? 35 : -35;
      data.set([128 + ring, 110 + edge + y / 3, 60 + x + ring / 2], (y * FROM.width + x) * 3);
    }
  }
  return data;
}

function ours(kernel: KernelName, to: Size): Uint8Array {
  const format = { channels: 3, depth: 8 } as const;
  const stages = planStages('direct', kernel, FROM, to);
  const spec = { stages, input: format, output: format, curves: null, clampOvershoot: false, background: null };
  const window = { ...FROM, ...format, capacity: FROM.height, data: scene() };
  return resampleRect(spec, window, { x: 0, y: 0, ...to });
}

/** PSNR in dB of RGB bytes, without a border of so many pixels. */
function psnr(a: Uint8Array, b: Uint8Array, { width, height }: Size, border: number): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  let count = 0;
  for (let y = border; y < height - border; y++) {
    for (let i = (y * width + border) * 3; i < (y * width + width - border) * 3; i++, count++)
      sum += (a[i] - b[i]) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}

describe('ImageMagick', () => {
  beforeAll(async () => {
    const require = createRequire(import.meta.url);
    await initializeImageMagick(readFileSync(require.resolve('@imagemagick/magick-wasm/magick.wasm')));
  });

  function theirs(filter: FilterType, to: Size): Uint8Array {
    const settings = new MagickReadSettings({ format: MagickFormat.Rgb, ...FROM, depth: 8 });
    return ImageMagick.read(scene(), settings, (image) => {
      image.filterType = filter;
      const geometry = new MagickGeometry(to.width, to.height);
      geometry.ignoreAspectRatio = true;
      image.resize(geometry);
      return image.write(MagickFormat.Rgb, (data) => data.slice());
    });
  }

  // ImageMagick leaves taps outside the picture out, where we repeat the edge pixel: `support` source pixels differ.
  test.each([
    ['lanczos3', FilterType.Lanczos, 3],
    ['lanczos2', FilterType.Lanczos2, 2],
    ['mitchell', FilterType.Mitchell, 2],
    ['catmull-rom', FilterType.Catrom, 2],
    ['bilinear', FilterType.Triangle, 1],
  ] as const)('%s', (kernel, filter, support) => {
    for (const to of [
      { width: 384, height: 288 },
      { width: 250, height: 300 },
    ]) {
      const border = Math.ceil(support * Math.max(to.width / FROM.width, to.height / FROM.height));
      expect(psnr(ours(kernel, to), theirs(filter, to), to, border)).toBeGreaterThan(50);
    }
    const small = { width: 40, height: 30 };
    expect(psnr(ours(kernel, small), theirs(filter, small), small, 3)).toBeGreaterThan(50);
  });

  test('another kernel is told apart', () => {
    const to = { width: 384, height: 288 };
    expect(psnr(ours('lanczos3', to), theirs(FilterType.Lanczos2, to), to, 12)).toBeLessThan(50);
    expect(psnr(ours('catmull-rom', to), theirs(FilterType.Mitchell, to), to, 12)).toBeLessThan(50);
  });
});

/** What is used of OpenCV. */
interface Mat {
  readonly data: Uint8Array;
  delete(): void;
}
interface OpenCv {
  readonly Mat: new () => Mat;
  readonly Size: new (width: number, height: number) => unknown;
  readonly CV_8UC3: number;
  readonly INTER_LANCZOS4: number;
  readonly INTER_AREA: number;
  readonly INTER_LINEAR: number;
  matFromArray(rows: number, columns: number, type: number, data: Uint8Array): Mat;
  resize(from: Mat, to: Mat, size: unknown, fx: number, fy: number, interpolation: number): void;
}

describe('OpenCV', () => {
  let cv: OpenCv;

  beforeAll(async () => {
    // With a `then` of its own that hands out the object itself, it must neither be awaited nor imported as a namespace.
    const loading = createRequire(import.meta.url)('@techstark/opencv-js') as {
      then(done: (cv: OpenCv) => void): void;
    };
    await new Promise<void>((resolve) => {
      loading.then((loaded) => {
        cv = loaded;
        resolve();
      });
    });
  });

  function theirs(interpolation: number, to: Size): Uint8Array {
    const from = cv.matFromArray(FROM.height, FROM.width, cv.CV_8UC3, scene());
    const result = new cv.Mat();
    try {
      cv.resize(from, result, new cv.Size(to.width, to.height), 0, 0, interpolation);
      return result.data.slice();
    } finally {
      from.delete();
      result.delete();
    }
  }

  test.each([
    { width: 384, height: 288 },
    { width: 250, height: 300 },
    { width: 100, height: 75 },
  ])('INTER_LANCZOS4 to $width x $height, edges and all', (to) => {
    expect(psnr(ours('lanczos4', to), theirs(cv.INTER_LANCZOS4, to), to, 0)).toBeGreaterThan(50);
    expect(psnr(ours('lanczos3', to), theirs(cv.INTER_LANCZOS4, to), to, 0)).toBeLessThan(50);
  });

  test('INTER_AREA and INTER_LINEAR', () => {
    for (const to of [
      { width: 32, height: 24 },
      { width: 41, height: 50 },
    ]) {
      expect(psnr(ours('area', to), theirs(cv.INTER_AREA, to), to, 0)).toBeGreaterThan(50);
    }
    const to = { width: 250, height: 300 };
    expect(psnr(ours('bilinear', to), theirs(cv.INTER_LINEAR, to), to, 0)).toBeGreaterThan(50);
    expect(psnr(ours('area', to), theirs(cv.INTER_AREA, to), to, 0)).toBeGreaterThan(50);
  });
});
