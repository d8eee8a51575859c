/**
 * Each bundled network in floats gives on our SIMD kernels what its original framework gives, on whole pictures: the same comparisons as
 * test/node/models/equality.test.ts, through the workers that the app has.
 */
import { afterAll, expect, it } from 'vitest';
import { randomPlanes } from '../../src/core/network.testing.ts';
import { findBundled } from '../../src/models/catalogue.ts';
import { WorkerModelRunners } from '../../src/workers/model-runners.ts';
import { readPlanes } from '../support/model-fixtures.ts';
import { differenceOf, padded } from '../support/planes.ts';

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
  const result = await runner.run(data.slice());
  await runner.close();
  const size = { width: (width - 2 * trim) * scale, height: (height - 2 * trim) * scale };
  const { most, mean } = differenceOf({ ...size, data: result }, await readPlanes(file), margin * scale);
  expect(most).toBeLessThan(tolerance + 0.5);
  // The original is rounded to whole levels: a quarter on average.
  expect(mean).toBeLessThan(0.35);
});

it.each(['upconv7', 'animevideo'])('%s gives the same for a tile by parts, side by side', async (id) => {
  const size = { width: 52, height: 270 };
  const { data } = randomPlanes(size.width, size.height);
  const results = [];
  for (const tiles of [1, 4]) {
    const runner = await runners.open({ model: { kind: 'bundled', id }, noise: null }, size, 'wasm-threads', tiles);
    results.push(await runner.run(Float32Array.from(data)));
    await runner.close();
  }
  const [parts, whole] = results as [Float32Array, Float32Array];
  expect(parts).toHaveLength(whole.length);
  // Squares of 4 x 4 pixels begin elsewhere in parts, which rounds otherwise.
  const most = parts.reduce((largest, value, i) => Math.max(largest, Math.abs(value - whole[i]!)), 0);
  expect(most).toBeLessThan(1e-4);
  expect(most).toBeGreaterThan(0);
});
