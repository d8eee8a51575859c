import { describe, expect, test } from 'vitest';
import type { Size } from '../../src/core/geometry.ts';
import { resampleRect } from '../../src/core/reference/resample.ts';
import { planStages } from '../../src/core/stages.ts';

const FROM = { width: 90, height: 70 };

/** Ramps, rings and edges; `translucent` with an alpha that runs through all values, hard edges and full transparency. */
function scene(translucent: boolean): ImageData {
  const image = new ImageData(FROM.width, FROM.height);
  for (let y = 0; y < FROM.height; y++) {
    for (let x = 0; x < FROM.width; x++) {
      const ring = 90 * Math.cos(((x - 30) ** 2 + (y - 40) ** 2) / 60);
      const edge = x + 2 * y > 150 ? 255 : 0;
      const alpha = x > 60 && y > 40 ? 0 : Math.min(255, 4 * y + x);
      image.data.set([128 + ring, edge, 60 + x + ring / 2, translucent ? alpha : 255], (y * FROM.width + x) * 4);
    }
  }
  return image;
}

const contextOf = ({ width, height }: Size): OffscreenCanvasRenderingContext2D => {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  return context;
};

/** What Canvas makes of the picture, drawn from step to step. */
function drawn(image: ImageData, sizes: readonly Size[]): Uint8ClampedArray {
  let context = contextOf(image);
  context.putImageData(image, 0, 0);
  for (const size of sizes) {
    const next = contextOf(size);
    next.drawImage(context.canvas, 0, 0, size.width, size.height);
    context = next;
  }
  const { width, height } = context.canvas;
  return context.getImageData(0, 0, width, height).data;
}

/** Premultiplied bytes: a Canvas keeps no more, so straight colours of nearly transparent pixels come out coarse. */
const premultiplied = (data: ArrayLike<number>): number[] =>
  Array.from(data, (v, i) => (i % 4 === 3 ? v : (v * data[i | 3]) / 255));

function psnr(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const sum = a.reduce((total, v, i) => total + (v - b[i]) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

function ours(image: ImageData, to: Size): Uint8Array {
  const format = { channels: 4, depth: 8 } as const;
  const stages = planStages('progressive', 'lanczos3', FROM, to);
  const spec = { stages, input: format, output: format, curves: null, clampOvershoot: false, background: null };
  const window = { ...FROM, ...format, capacity: FROM.height, data: new Uint8Array(image.data.buffer) };
  return resampleRect(spec, window, { x: 0, y: 0, ...to });
}

describe.each([false, true])('the progressive method equals Canvas 2D, with alpha: %s', (translucent) => {
  test.each([
    { width: 180, height: 140 },
    { width: 360, height: 280 },
    { width: 720, height: 560 },
    { width: 450, height: 350 },
    { width: 333, height: 259 },
    { width: 117, height: 91 },
    { width: 360, height: 105 },
  ])('at $width x $height', (to) => {
    const image = scene(translucent);
    const stages = planStages('progressive', 'lanczos3', FROM, to);
    const theirs = drawn(
      image,
      stages.map((stage) => stage.to),
    );
    expect(psnr(premultiplied(ours(image, to)), premultiplied(theirs))).toBeGreaterThan(50);
  });
});

test('another kernel or one step instead of three is told apart', () => {
  const image = scene(false);
  const to = { width: 720, height: 560 };
  expect(psnr(premultiplied(ours(image, to)), premultiplied(drawn(image, [to])))).toBeLessThan(50);
});
