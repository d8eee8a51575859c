/** Model files that a person drops: probed by reading and running them, kept, used, and refused with the reason. */
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { OnnxWriter } from '../../scripts/models/onnx-writer.ts';
import { AI_DEFAULTS, type ModelRef } from '../../src/core/ai.ts';
import { DEFAULT_OPTIONS } from '../../src/core/options.ts';
import { fileHash } from '../../src/models/catalogue.ts';
import animevideoUrl from '../../src/models/data/animevideo.onnx?url';
import smallUrl from '../../src/models/generated/anime4k-s.onnx?url';
import { deleteOwnModel, listOwnModels } from '../../src/models/own-models.ts';
import { addOwnModel } from '../../src/workers/add-model.ts';
import { Upscaler } from '../../src/workers/client.ts';

const fileOf = async (url: string): Promise<Blob> => (await fetch(url)).blob();
const bundledHash = (id: string): string => fileHash({ model: { kind: 'bundled', id }, noise: null });

afterEach(async () => {
  for (const { sha256 } of await listOwnModels()) await deleteOwnModel(sha256);
});

it('finds out what a Real-ESRGAN-type model is, and keeps it', async () => {
  const model = await addOwnModel(await fileOf(animevideoUrl), 'my enlarger');
  expect(model).toMatchObject({ name: 'my enlarger', sha256: bundledHash('animevideo') });
  expect(model.layout).toEqual({ order: 'nchw', white: 1, channels: 3 });
  expect(model.shape).toMatchObject({ scale: 4, trim: 0, multiple: 1, overlap: 0, fixed: null });
  // It sees 18 pixels far by its convolutions. The farthest of them hardly count, but our kernels, which run it, give nothing in their place.
  expect(model.shape.halo).toBe(18);
  expect(model.kernelBytes).toBeGreaterThan(0);
  expect(model.msPerMegapixel).toBeGreaterThan(0);
  expect((await listOwnModels()).map(({ name }) => name)).toEqual(['my enlarger']);
});

it('gives as an own model what it gives as a bundled one', async () => {
  const { name, sha256, shape } = await addOwnModel(await fileOf(smallUrl), 'small');
  expect(shape).toMatchObject({ scale: 2, halo: 4, trim: 0 });
  const upscaler = new Upscaler();
  onTestFinished(() => upscaler.close());
  const canvas = new OffscreenCanvas(90, 60);
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, 90, 60);
  for (let i = 0; i < 60; i++) {
    context.fillStyle = `hsl(${i * 47} 80% 50%)`;
    context.fillRect((i * 61) % 90, (i * 37) % 60, 17, 23);
  }
  const source = await canvas.convertToBlob();
  const enlarged = async (model: ModelRef): Promise<Uint8ClampedArray> => {
    const { file, receipt } = await upscaler.run({
      ...{ source, sourceName: 'picture.png', output: { kind: 'memory', name: 'out' } },
      options: { ...DEFAULT_OPTIONS, ai: { ...AI_DEFAULTS, model } },
    });
    expect(receipt.ai!.passes[0].sha256).toBe(sha256);
    const bitmap = await createImageBitmap(file!);
    const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    drawing.drawImage(bitmap, 0, 0);
    return drawing.getImageData(0, 0, 180, 120).data;
  };
  const own = await enlarged({ kind: 'own', name, sha256, shape });
  const bundled = await enlarged({ kind: 'bundled', id: 'anime4k-s' });
  // One runs in ONNX Runtime, the other on kernels in fixed point.
  const most = own.reduce((largest, value, i) => Math.max(largest, Math.abs(value - bundled[i])), 0);
  expect(most).toBeLessThanOrEqual(1);
});

it('runs on the GPU with the bands what our kernels know', async () => {
  // Each of the four pixels is the one in the middle of 5 x 5, and a little of those around it.
  const file = model([1, 3, 'h', 'w'], (writer, x) => {
    const weights = Float32Array.from({ length: 12 * 3 * 25 }, (_, i) => {
      const [output, input, place] = [Math.floor(i / 75), Math.floor(i / 25) % 3, i % 25];
      if (output % 3 !== input) return 0;
      return place === 12 ? 0.8 : place % 5 === Math.floor(output / 3) ? 0.04 : 0;
    });
    const four = writer.convolution(x, { out: 12, in: 3, size: 5, pad: 2 }, weights, null);
    writer.clip(writer.node('DepthToSpace', [four], { blocksize: 2, mode: 'DCR' }), 'output');
    writer.output('output', [1, 3, 'rows', 'columns']);
  });
  const { name, sha256, shape } = await addOwnModel(file, 'wide');
  expect(shape).toMatchObject({ scale: 2, halo: 2 });
  const upscaler = new Upscaler();
  onTestFinished(() => upscaler.close());
  const canvas = new OffscreenCanvas(70, 50);
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, 70, 50);
  for (let i = 0; i < 40; i++) {
    context.fillStyle = `hsl(${i * 47} 80% 50%)`;
    context.fillRect((i * 61) % 70, (i * 37) % 50, 13, 9);
  }
  const source = await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
  const enlarged = async (engine: 'gpu' | 'simd'): Promise<{ engine: string; data: Uint8ClampedArray }> => {
    const { file: result, receipt } = await upscaler.run({
      ...{ source, sourceName: 'picture.jpg', output: { kind: 'memory', name: 'out.png' } },
      options: {
        ...{ ...DEFAULT_OPTIONS, format: 'png', engine },
        ai: { ...AI_DEFAULTS, model: { kind: 'own', name, sha256, shape } },
      },
    });
    expect(receipt).toMatchObject({ warnings: [] });
    const bitmap = await createImageBitmap(result!);
    const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    drawing.drawImage(bitmap, 0, 0);
    const by = receipt.engine === 'gpu' ? receipt.ai!.backends.join() : '';
    return { engine: `${receipt.engine} ${by}`.trim(), data: drawing.getImageData(0, 0, 140, 100).data };
  };
  const [gpu, tiles] = [await enlarged('gpu'), await enlarged('simd')];
  expect([gpu.engine, tiles.engine]).toEqual(['gpu webgpu', 'simd']);
  const most = gpu.data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - tiles.data[i])), 0);
  expect(most).toBeLessThanOrEqual(1);
});

it('has what our kernels do not know run by ONNX Runtime', async () => {
  // A convolution that repeats each pixel, and a step that is none of a picture's but changes nothing.
  const repeating = (wrap: (writer: OnnxWriter, x: string) => string): Blob =>
    model([1, 3, 'h', 'w'], (writer, x) => {
      const weights = Float32Array.from({ length: 36 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3));
      const four = writer.convolution(x, { out: 12, in: 3, size: 1 }, weights, null);
      writer.clip(wrap(writer, writer.node('DepthToSpace', [four], { blocksize: 2, mode: 'DCR' })), 'output');
      writer.output('output', [1, 3, 'rows', 'columns']);
    });
  const known = await addOwnModel(
    repeating((_, x) => x),
    'known',
  );
  const unknown = await addOwnModel(
    repeating((writer, x) => writer.node('Abs', [x])),
    'unknown',
  );
  expect(known).toMatchObject({ shape: { scale: 2, halo: 0 } });
  expect(known.kernelBytes).toBeGreaterThan(0);
  expect(unknown).toMatchObject({ shape: { scale: 2, halo: 0 } });
  expect(unknown.kernelBytes).toBeUndefined();
});

it('takes a model that does not enlarge for one that restores, and has the kernel enlarge after it', async () => {
  const file = model([1, 3, 'h', 'w'], (writer, x) => {
    const weights = Float32Array.from({ length: 9 }, (_, i) => Number(i % 4 === 0));
    writer.clip(writer.convolution(x, { out: 3, in: 3, size: 1 }, weights, null), 'output');
    writer.output('output', [1, 3, 'h', 'w']);
  });
  const { name, sha256, shape } = await addOwnModel(file, 'identity');
  expect(shape).toMatchObject({ scale: 1, trim: 0 });
  const upscaler = new Upscaler();
  onTestFinished(() => upscaler.close());
  const canvas = new OffscreenCanvas(40, 30);
  const context = canvas.getContext('2d')!;
  context.fillStyle = 'rgb(200 100 50)';
  context.fillRect(0, 0, 40, 30);
  const { file: result, receipt } = await upscaler.run({
    ...{ source: await canvas.convertToBlob(), sourceName: 'picture.png', output: { kind: 'memory', name: 'out' } },
    options: { ...DEFAULT_OPTIONS, ai: { ...AI_DEFAULTS, model: { kind: 'own', name, sha256, shape } } },
  });
  expect(receipt.ai!.passes.map(({ output }) => output)).toEqual([{ width: 40, height: 30 }]);
  const bitmap = await createImageBitmap(result!);
  expect([bitmap.width, bitmap.height]).toEqual([80, 60]);
  const drawing = new OffscreenCanvas(80, 60).getContext('2d')!;
  drawing.drawImage(bitmap, 0, 0);
  const middle = drawing.getImageData(40, 30, 1, 1).data;
  [200, 100, 50].forEach((value, i) => expect(Math.abs(middle[i]! - value)).toBeLessThanOrEqual(1));
});

/** A model with one convolution. */
function model(dims: readonly (number | string)[], end: (writer: OnnxWriter, x: string) => void): Blob {
  const writer = new OnnxWriter('test');
  const x = writer.input('input', dims);
  end(writer, x);
  return new Blob([writer.finish()]);
}

describe('is refused with its reason:', () => {
  it.each([
    {
      what: 'a classifier',
      file: () =>
        model([1, 3, 'h', 'w'], (writer, x) => {
          const features = writer.convolution(x, { out: 10, in: 3, size: 3, pad: 1 }, new Float32Array(270), null);
          writer.node('Flatten', [writer.node('GlobalAveragePool', [features])], { axis: 1 }, 'output');
          writer.output('output', [1, 10]);
        }),
      says: /a list of numbers, as a classifier does/,
    },
    {
      what: 'an input of the wrong rank',
      file: () =>
        model([3, 'h', 'w'], (writer, x) => {
          writer.node('Relu', [x], {}, 'output');
          writer.output('output', [3, 'h', 'w']);
        }),
      says: /3 dimensions; a picture has 4/,
    },
    {
      what: 'five channels',
      file: () =>
        model([1, 5, 'h', 'w'], (writer, x) => {
          writer.node('Relu', [x], {}, 'output');
          writer.output('output', [1, 5, 'h', 'w']);
        }),
      says: /5 channels/,
    },
    {
      what: 'a network that makes something else of a picture',
      file: () =>
        model([1, 3, 'h', 'w'], (writer, x) => {
          const weights = Float32Array.from({ length: 81 }, (_, i) => (i % 9 === 4 ? -3 : 0));
          writer.node(
            'Identity',
            [writer.convolution(x, { out: 3, in: 3, size: 3, pad: 1 }, weights, null)],
            {},
            'out',
          );
          writer.output('out', [1, 3, 'h', 'w']);
        }),
      says: /does something else/,
    },
    { what: 'a text', file: () => new Blob(['Dear reader, this is no model at all.\n']), says: /no ONNX model/ },
    { what: 'an empty file', file: () => new Blob([]), says: /no ONNX model/ },
  ])('$what', async ({ file, says }) => {
    await expect(addOwnModel(file(), 'unfit')).rejects.toMatchObject({ message: expect.stringMatching(says) });
    expect(await listOwnModels()).toEqual([]);
  });

  it('a truncated file', async () => {
    const whole = await fileOf(smallUrl);
    const cut = whole.slice(0, whole.size >> 1);
    await expect(addOwnModel(cut, 'cut')).rejects.toMatchObject({
      message: expect.stringMatching(/no ONNX model: it ends in the middle/),
      remedy: expect.stringMatching(/again/),
    });
  });
});
