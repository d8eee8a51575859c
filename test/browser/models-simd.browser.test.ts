/**
 * Each bundled network in floats gives on our SIMD kernels what its original framework gives, on whole pictures: the same comparisons as
 * test/node/models/equality.test.ts, through the workers that the app has.
 */
import { afterAll, expect, it } from 'vitest';
import { findBundled } from '../../src/models/catalogue.ts';
import { WorkerModelRunners } from '../../src/workers/model-runners.ts';
import { differenceOf, padded, type Planes } from '../support/planes.ts';

const fixtures = import.meta.glob<string>('../fixtures/models/*.png', {
  eager: true,
  query: '?url',
  import: 'default',
});

async function readPlanes(name: string): Promise<Planes> {
  const file = await (await fetch(fixtures[`../fixtures/models/${name}.png`]!)).blob();
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const samples = context.getImageData(0, 0, width, height).data;
  const area = width * height;
  const data = Float32Array.from({ length: 3 * area }, (_, i) => samples[4 * (i % area) + Math.floor(i / area)]! / 255);
  return { width, height, data };
}

const runners = new WorkerModelRunners(['wasm-threads', 'wasm']);
afterAll(() => runners.close());

it.each([
  { id: 'cunet', noise: null, file: 'cunet', tolerance: 1, margin: 0 },
  { id: 'cunet', noise: 1, file: 'cunet-noise1', tolerance: 1, margin: 0 },
  { id: 'upconv7', noise: null, file: 'upconv7', tolerance: 1, margin: 0 },
  // Its program computes in half precision; within its sight from the borders it sees zeros.
  { id: 'animevideo', noise: null, file: 'animevideo', tolerance: 2, margin: 18 },
] as const)("$id, noise $noise, equals the package's own program", async ({ id, noise, file, tolerance, margin }) => {
  const { scale, trim } = findBundled(id)!.shape;
  const { width, height, data } = padded(await readPlanes('source'), trim);
  const runner = await runners.open({ model: { kind: 'bundled', id }, noise }, { width, height }, 'wasm-threads');
  // One alone, of which workers take parts, and two at a time, each of which has a worker.
  const results = [await runner.run(data.slice())];
  results.push(...(await Promise.all([runner.run(data.slice()), runner.run(data.slice())])));
  await runner.close();
  const size = { width: (width - 2 * trim) * scale, height: (height - 2 * trim) * scale };
  const { most, mean } = differenceOf({ ...size, data: results[0]! }, await readPlanes(file), margin * scale);
  expect(most).toBeLessThan(tolerance + 0.5);
  // The original is rounded to whole levels: a quarter on average.
  expect(mean).toBeLessThan(0.35);
  for (const other of results.slice(1)) {
    expect(other).toHaveLength(results[0]!.length);
    const largest = other.reduce((max, value, i) => Math.max(max, Math.abs(value - results[0]![i]!)), 0);
    // Squares of 4 x 4 pixels begin elsewhere in parts.
    expect(largest).toBeLessThan(1e-4);
  }
});
