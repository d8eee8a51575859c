/**
 * Each bundled network gives on WebGPU (here SwiftShader) what its original framework gives, on whole small pictures: the same comparisons as
 * test/node/models/equality.test.ts, through the workers that the app has, which run them on our own shaders.
 */
import restoreUl from '../../node_modules/anime4k.js/dist/glsl/Restore/Anime4K_Restore_CNN_UL.mjs?raw';
import upscaleS from '../../node_modules/anime4k.js/dist/glsl/Upscale/Anime4K_Upscale_CNN_x2_S.mjs?raw';
import upscaleUl from '../../node_modules/anime4k.js/dist/glsl/Upscale/Anime4K_Upscale_CNN_x2_UL.mjs?raw';
import { afterAll, expect, it } from 'vitest';
import type { NoiseLevel } from '../../src/core/ai.ts';
import { findBundled } from '../../src/models/catalogue.ts';
import { WorkerModelRunners } from '../../src/workers/model-runners.ts';
import { runShaders } from '../support/anime4k-shaders.ts';
import { readPlanes } from '../support/model-fixtures.ts';
import { cropped, differenceOf, padded, type Planes } from '../support/planes.ts';

const topLeft = (planes: Planes, width: number, height: number): Planes =>
  cropped(planes, { x: 0, y: 0, width, height });

const runners = new WorkerModelRunners(['webgpu']);
afterAll(() => runners.close());

/** The whole picture in one run. */
async function onGpu(id: string, noise: NoiseLevel | null, { width, height, data }: Planes): Promise<Planes> {
  const { scale, trim } = findBundled(id)!.shape;
  const runner = await runners.open({ model: { kind: 'bundled', id }, noise }, { width, height }, 'webgpu');
  const result = await runner.run(data.slice());
  await runner.close();
  return { width: (width - 2 * trim) * scale, height: (height - 2 * trim) * scale, data: result };
}

it.each([
  { id: 'anime4k-s', shader: upscaleS },
  { id: 'anime4k-ul', shader: upscaleUl },
  { id: 'anime4k-restore', shader: restoreUl },
])('$id equals the shaders of the package, run as they stand', async ({ id, shader }) => {
  const source = topLeft(await readPlanes('source'), 28, 24);
  const { most } = differenceOf(
    await onGpu(id, null, source),
    runShaders(shader, source),
    8 * findBundled(id)!.shape.scale,
  );
  expect(most).toBeLessThan(0.01);
});

/** Part of a picture that what is cut off by the network, `trim` pixels of the source, lies around. */
const CROP = { width: 28, height: 24 };

it.each([
  // It averages over its input, so that only the whole picture is what its program has seen.
  { id: 'cunet', noise: null, file: 'cunet', tolerance: 1, margin: 0, crop: null },
  { id: 'cunet', noise: 1, file: 'cunet-noise1', tolerance: 1, margin: 0, crop: null },
  { id: 'upconv7', noise: null, file: 'upconv7', tolerance: 1, margin: 7, crop: CROP },
  // Its program computes in half precision; within its sight from the borders, which are not those of the whole, it sees zeros.
  { id: 'animevideo', noise: null, file: 'animevideo', tolerance: 2, margin: 18, crop: { width: 48, height: 48 } },
] as const)(
  "$id, noise $noise, equals the package's own program",
  async ({ id, noise, file, tolerance, margin, crop }) => {
    const { shape } = findBundled(id)!;
    const whole = await readPlanes('source');
    const { width, height } = crop ?? whole;
    const source = padded(topLeft(whole, width, height), shape.trim);
    const expected = topLeft(await readPlanes(file), width * shape.scale, height * shape.scale);
    const { most, mean } = differenceOf(await onGpu(id, noise, source), expected, margin * shape.scale);
    expect(most).toBeLessThan(tolerance + 0.5);
    // The original is rounded to whole levels: a quarter on average.
    expect(mean).toBeLessThan(0.35);
  },
  // A GPU that the processor computes is slow.
  240_000,
);
