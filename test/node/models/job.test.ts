/** Whole jobs with models, file to file; the oracle is the network run once on the whole picture, and the reference resampler. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type AiOptions } from '../../../src/core/ai.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/options.ts';
import type { PixelFormat } from '../../../src/core/pixels.ts';
import { resampleRect } from '../../../src/core/reference/resample.ts';
import { findBundled } from '../../../src/models/catalogue.ts';
import { Preview } from '../../../src/pipeline/preview/preview.ts';
import { previewServices, runTestJob } from '../../support/job.ts';
import { LocalRunners } from '../../support/model-runners.ts';
import { modelBytes, padded, readPlanes, runModel, type Planes } from '../../support/models.ts';

const SOURCE = new URL('../../fixtures/models/source.png', import.meta.url);
const [WIDTH, HEIGHT] = [64, 48];

const ai = (change: Partial<AiOptions> = {}): AiOptions => ({
  ...AI_DEFAULTS,
  model: { kind: 'bundled', id: 'anime4k-s' },
  colourLock: false,
  ...change,
});

const sourceFile = async (): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await sharp(await readRaw(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .png()
      .toBuffer(),
  );

async function readRaw(): Promise<Uint8Array> {
  const { data } = await readPlanes(SOURCE);
  const area = WIDTH * HEIGHT;
  return Uint8Array.from({ length: 3 * area }, (_, i) => Math.round(data[(i % 3) * area + Math.floor(i / 3)] * 255));
}

async function pixelsOf(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await sharp(bytes).raw().toBuffer());
}

/** The network on the whole picture with mirrored borders, as 8-bit samples. */
async function enlarged(planes: Planes): Promise<Uint8Array> {
  const { plain, shape } = findBundled('anime4k-s')!;
  const whole = await runModel(modelBytes(plain), padded(planes, shape.halo, 'mirror'));
  const inset = shape.halo * 2;
  const [width, height] = [planes.width * 2, planes.height * 2];
  return Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return Math.round(whole.data[((i % 3) * whole.height + y + inset) * whole.width + x + inset] * 255);
  });
}

function resampled(data: Uint8Array, format: PixelFormat, from: [number, number], to: [number, number]): Uint8Array {
  const [source, target] = [from, to].map(([width, height]) => ({ width, height }));
  return resampleRect(
    {
      stages: [{ from: source, to: target, kernel: 'lanczos3' }],
      ...{ input: format, output: format, curves: null, clampOvershoot: false, background: null, finish: null },
    },
    { ...source, ...format, capacity: source.height, data },
    { x: 0, y: 0, ...target },
  );
}

function most(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

const RGB = { channels: 3, depth: 8 } as const;

describe('jobs with a model', () => {
  it('gives what the network gives, resampled to the exact size', async () => {
    const { bytes, receipt } = await runTestJob({
      source: await sourceFile(),
      options: { target: { kind: 'exact', width: 111, height: 83 }, ai: ai() },
    });
    const expected = resampled(await enlarged(await readPlanes(SOURCE)), RGB, [128, 96], [111, 83]);
    expect(most(await pixelsOf(bytes), expected)).toBeLessThanOrEqual(1);
    expect(receipt.ai).toMatchObject({
      passes: [{ model: 'anime4k-s', output: { width: 128, height: 96 } }],
      ...{ backends: ['wasm'], tiles: 1, retries: {}, replaced: 0 },
    });
    expect(receipt.ai!.passes[0].sha256).toBe(findBundled('anime4k-s')!.plain.sha256);
  });

  it('runs the model again on what it gave, until the last step is a reduction', async () => {
    const options = { target: { kind: 'scale', x: 3, y: 3 }, ai: ai() } as const;
    const { bytes, receipt } = await runTestJob({ source: await sourceFile(), options });
    const once = await enlarged(await readPlanes(SOURCE));
    const area = 128 * 96;
    const data = Float32Array.from({ length: 3 * area }, (_, i) => once[3 * (i % area) + Math.floor(i / area)] / 255);
    const twice = await enlarged({ width: 128, height: 96, data });
    expect(receipt.ai!.passes.map(({ output }) => output.width)).toEqual([128, 256]);
    expect(most(await pixelsOf(bytes), resampled(twice, RGB, [256, 192], [192, 144]))).toBeLessThanOrEqual(1);
  });

  it('is Lanczos where nothing of the model is mixed in', async () => {
    const { bytes } = await runTestJob({ source: await sourceFile(), options: { ai: ai({ blend: 0 }) } });
    const expected = resampled(await readRaw(), RGB, [WIDTH, HEIGHT], [128, 96]);
    expect(most(await pixelsOf(bytes), expected)).toBeLessThanOrEqual(1);
  });

  it('enlarges transparency with Lanczos, and colours as if nothing were transparent', async () => {
    const colours = await readRaw();
    const alpha = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < 20 ? 0 : 255 - (i % 3)));
    const rgba = Uint8Array.from({ length: 4 * WIDTH * HEIGHT }, (_, i) =>
      i % 4 === 3 ? alpha[i >> 2] : colours[3 * (i >> 2) + (i % 4)],
    );
    const source = new Uint8Array(
      await sharp(rgba, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const result = await pixelsOf((await runTestJob({ source, options: { ai: ai() } })).bytes);
    const opaque = await pixelsOf((await runTestJob({ source: await sourceFile(), options: { ai: ai() } })).bytes);
    const wanted = resampled(alpha, { channels: 1, depth: 8 }, [WIDTH, HEIGHT], [128, 96]);
    let colour = 0;
    for (let i = 0; i < wanted.length; i++) {
      expect(Math.abs(result[4 * i + 3] - wanted[i])).toBeLessThanOrEqual(1);
      // Beyond the halo of the transparent part.
      if (i % 128 < 2 * (20 + 4)) continue;
      for (let c = 0; c < 3; c++) colour = Math.max(colour, Math.abs(result[4 * i + c] - opaque[3 * i + c]));
    }
    expect(colour).toBeLessThanOrEqual(1);
  });

  it('keeps 16 bits, and grey', async () => {
    const grey = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => 20000 + 300 * (i % WIDTH));
    const source = new Uint8Array(
      await sharp(grey, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer(),
    );
    const { bytes, receipt } = await runTestJob({ source, options: { ai: ai() } });
    expect(receipt.output.depth).toBe(16);
    const image = sharp(bytes).toColourspace('grey16');
    const { data, info } = await image.raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(1);
    const row = new Uint16Array(new Uint8Array(data).buffer).subarray(48 * 128, 49 * 128);
    // A ramp stays one: 150 a pixel, and values between those of 8 bits.
    for (let x = 12; x < 110; x++) expect(Math.abs(row[x] - (20000 + 150 * (x - 0.5)))).toBeLessThan(400);
    expect(row.some((value) => value % 257 !== 0)).toBe(true);
  });

  it('holds colours against the source', async () => {
    const lighter = new LocalRunners((value) => Math.min(1, value + 0.08));
    const job = async (colourLock: boolean): Promise<number> => {
      const { bytes } = await runTestJob({
        source: await sourceFile(),
        models: lighter,
        options: { ai: ai({ colourLock }) },
      });
      const pixels = await pixelsOf(bytes);
      const raw = await readRaw();
      const mean = (samples: Uint8Array): number => samples.reduce((a, b) => a + b) / samples.length;
      return Math.abs(mean(pixels) - mean(raw));
    };
    expect(await job(false)).toBeGreaterThan(15);
    expect(await job(true)).toBeLessThan(0.5);
  });

  it.each([
    { change: { model: { kind: 'bundled', id: 'none' } }, says: /no model none/ },
    { change: { noise: 3 }, says: /no noise level 3/ },
    { change: { blend: 2 }, says: /blend/ },
    { change: { before: [{ kind: 'bundled', id: 'cunet' }] }, says: /cannot be a stage/ },
  ] as const)('refuses $change', async ({ change, says }) => {
    const job = runTestJob({ source: await sourceFile(), options: { ai: ai(change as Partial<AiOptions>) } });
    await expect(job).rejects.toMatchObject({ code: 'bad-options', message: expect.stringMatching(says) });
  });
});

describe('a preview with a model', () => {
  it('shows the pixels that the file will have', async () => {
    const options = {
      ...DEFAULT_OPTIONS,
      target: { kind: 'scale', x: 3, y: 3 },
      ai: ai({ colourLock: true }),
    } as const;
    const { bytes } = await runTestJob({ source: await sourceFile(), options });
    const { signal } = new AbortController();
    const file = new Blob([await sourceFile()]);
    const preview = await Preview.open(file, 'test.png', previewServices(), () => undefined, signal);
    const size = { width: 192, height: 144 };
    for (const rect of [
      { x: 0, y: 0, width: 40, height: 30 },
      { x: 101, y: 77, width: 91, height: 67 },
    ]) {
      await preview.ready(options, size, rect);
      const shown = await preview.region(options, size, rect, signal);
      const { x: left, y: top, width, height } = rect;
      const written = await sharp(bytes).extract({ left, top, width, height }).raw().toBuffer();
      expect(most(shown.data, new Uint8Array(written))).toBe(0);
    }
    await preview.close();
  });
});
