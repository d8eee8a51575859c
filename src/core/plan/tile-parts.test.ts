import { describe, expect, it, test } from 'vitest';
import type { ModelShape } from '../ai.ts';
import { cutTile, runParts } from './tile-parts.ts';

const PLAIN: ModelShape = { scale: 2, halo: 8, trim: 0, multiple: 1, overlap: 0, tile: 256, fixed: null };
const TRIMMED: ModelShape = { ...PLAIN, halo: 7, trim: 7 };
const HALVED: ModelShape = { ...PLAIN, scale: 3, halo: 10, trim: 4, multiple: 4 };

describe.each([
  ['plain', PLAIN],
  ['trimmed', TRIMMED],
  ['halved', HALVED],
])('%s', (_, shape) => {
  test.each([1, 2, 3, 8])('%i parts cover a tile once, with what they depend on', (most) => {
    const height = 544;
    const parts = cutTile(height, shape, most);
    expect(parts.length).toBe(Math.min(most, 5));
    let next = 0;
    for (const { firstInput, inputRows, skip, firstRow, rows } of parts) {
      expect(firstRow).toBe(next);
      next += rows;
      expect([firstInput % shape.multiple, inputRows % shape.multiple]).toEqual([0, 0]);
      const [start, end] = [firstRow / shape.scale + shape.trim, next / shape.scale + shape.trim];
      expect(firstInput).toBeLessThanOrEqual(Math.max(0, start - shape.halo));
      expect(firstInput + inputRows).toBeGreaterThanOrEqual(Math.min(height, end + shape.halo));
      expect(firstInput + inputRows).toBeLessThanOrEqual(height);
      expect((firstInput + shape.trim) * shape.scale + skip).toBe(start * shape.scale);
    }
    expect(next).toBe((height - 2 * shape.trim) * shape.scale);
  });

  it('is joined to what the whole tile gives', async () => {
    const [width, height] = [24, 320];
    const planes = Float32Array.from({ length: 3 * width * height }, (_value, i) => (i * 7919) % 10007);
    const { scale, trim } = shape;
    /** Repeats each pixel but those at the border. */
    const enlarge = (data: Float32Array): Float32Array => {
      const rows = data.length / 3 / width;
      const [wide, high] = [(width - 2 * trim) * scale, (rows - 2 * trim) * scale];
      return Float32Array.from({ length: 3 * wide * high }, (_value, i) => {
        const [x, y, c] = [i % wide, Math.floor(i / wide) % high, Math.floor(i / wide / high)];
        return data[(c * rows + trim + Math.floor(y / scale)) * width + trim + Math.floor(x / scale)]!;
      });
    };
    const parts = cutTile(height, shape, 3);
    expect(parts.length).toBeGreaterThan(1);
    const joined = await runParts(planes, { width, height }, shape, parts, (part) => Promise.resolve(enlarge(part)));
    expect(joined).toEqual(enlarge(planes));
  });
});
