/** A whole job whose network runs on the GPU with the bands, against the same job through tiles on the processor. */
import { expect, it, onTestFinished } from 'vitest';
import { AI_DEFAULTS } from '../../src/core/ai.ts';
import type { Receipt } from '../../src/core/job.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../src/core/options.ts';
import { Upscaler } from '../../src/workers/client.ts';

/** An opaque picture: a JPEG has no transparency. */
async function picture(width: number, height: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 90; i++) {
    context.fillStyle = `hsl(${i * 47} 60% ${20 + ((i * 7) % 60)}%)`;
    context.fillRect((i * 61) % width, (i * 37) % height, 17 + (i % 9), 23);
  }
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
}

async function pixelsOf(file: Blob): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(file);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

it.each([
  // Networks in floats and in fixed point differ by a quarter of a level, which may round to one; resampling and coding make a few of it.
  // src/gpu/model-stage.browser.test.ts compares the pixels themselves.
  { id: 'anime4k-s', size: [150, 110], scale: 1.8, most: 8, mean: 0.5 },
  { id: 'anime4k-s', size: [90, 70], scale: 4, most: 12, mean: 0.5 },
  // What the processor codes has no more than that quarter of a level, and what resampling makes of it.
  { id: 'anime4k-s', size: [90, 70], scale: 4, most: 2, mean: 0.1, format: 'png' },
  // It averages over its input, of which a tile has more around it than the picture.
  { id: 'cunet', size: [36, 30], scale: 2, most: 12, mean: 1 },
] as const)(
  'gives the same picture as tiles on the processor: $id $scale',
  async ({ id, size, scale, ...more }) => {
    const limits = { format: 'jpeg' as const, ...more };
    const upscaler = new Upscaler();
    onTestFinished(() => upscaler.close());
    const source = await picture(size[0], size[1]);
    const run = async (options: Partial<JobOptions>): Promise<{ receipt: Receipt; pixels: Uint8ClampedArray }> => {
      const { receipt, file } = await upscaler.run({
        ...{ source, sourceName: 'picture.jpg', output: { kind: 'memory', name: 'out.jpg' } },
        options: {
          ...DEFAULT_OPTIONS,
          ...{ format: limits.format, quality: 100, chroma: '444', target: { kind: 'scale', x: scale, y: scale } },
          ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id } },
          ...options,
        },
      });
      return { receipt, pixels: await pixelsOf(file!) };
    };
    const gpu = await run({ engine: 'gpu' });
    const tiles = await run({ engine: 'simd' });
    expect(gpu.receipt).toMatchObject({ engine: 'gpu', warnings: [], ai: { backends: ['webgpu'] } });
    expect(tiles.receipt.engine).toBe('simd');
    expect(gpu.pixels.length).toBe(tiles.pixels.length);
    let sum = 0;
    let most = 0;
    gpu.pixels.forEach((value, i) => {
      const difference = Math.abs(value - tiles.pixels[i]!);
      sum += difference;
      most = Math.max(most, difference);
    });
    expect(most).toBeLessThanOrEqual(limits.most);
    expect(sum / gpu.pixels.length).toBeLessThan(limits.mean);
  },
  200_000,
);
