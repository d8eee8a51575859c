import { describe, expect, it } from 'vitest';
import { ColourLock } from './colour-lock.ts';

const RADIUS = 8;

const random = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
};

/** The same by the definition: no running sums, no phases. */
function expected(
  source: Float32Array,
  { width, height }: { width: number; height: number },
  sample: (x: number, y: number) => number,
  scale: number,
  most: number,
  [x, y]: [number, number],
): number {
  const difference = (u: number, v: number): number => {
    let sum = 0;
    for (let k = 0; k < scale * scale; k++) sum += sample(u * scale + (k % scale), v * scale + Math.floor(k / scale));
    return Math.round(source[v * width + u] * most) - sum / scale ** 2;
  };
  const smooth = (u: number, v: number): number => {
    let [sum, weights] = [0, 0];
    for (let dy = -RADIUS; dy <= RADIUS; dy++) {
      for (let dx = -RADIUS; dx <= RADIUS; dx++) {
        if (u + dx < 0 || u + dx >= width || v + dy < 0 || v + dy >= height) continue;
        const weight = (RADIUS - Math.abs(dx)) * (RADIUS - Math.abs(dy));
        sum += weight * difference(u + dx, v + dy);
        weights += weight;
      }
    }
    return sum / weights;
  };
  const clamp = (position: number, length: number): number => Math.min(length - 1, Math.max(0, position));
  const [u, v] = [(x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5];
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const at = (dx: number, dy: number): number => smooth(clamp(left + dx, width), clamp(top + dy, height));
  const [fx, fy] = [u - left, v - top];
  return (at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy;
}

describe('ColourLock', () => {
  it.each([
    { scale: 2, width: 23, height: 19, colours: 3, stride: 4, most: 255 },
    { scale: 4, width: 21, height: 6, colours: 1, stride: 1, most: 65535 },
    { scale: 1, width: 18, height: 30, colours: 3, stride: 3, most: 255 },
    { scale: 3, width: 2, height: 1, colours: 3, stride: 3, most: 255 },
  ] as const)('gives what its definition says: $scale x, $width x $height', (kase) => {
    const { scale, width, height, colours, stride, most } = kase;
    const next = random(7);
    const data = Float32Array.from({ length: colours * width * height }, () => Math.round(next() * most) / most);
    const wide = width * scale;
    const samples = new (most === 255 ? Uint8Array : Uint16Array)(wide * height * scale * stride).map(() =>
      Math.round(next() * most),
    );
    const lock = new ColourLock({ width, height, channels: colours, data }, samples, colours, stride, scale, most);
    const skipped = Math.min(3, wide - 1);
    const row = new Float32Array(wide - skipped);
    for (let c = 0; c < colours; c++) {
      const plane = data.subarray(c * width * height, (c + 1) * width * height);
      for (let y = 0; y < height * scale; y += 5) {
        lock.row(c, y, skipped, row);
        for (let x = 0; x < row.length; x += 3) {
          const sample = (u: number, v: number): number => samples[(v * wide + u) * stride + c];
          const value = expected(plane, { width, height }, sample, scale, most, [x + skipped, y]);
          expect(Math.abs(row[x] - value)).toBeLessThan(most * 1e-5);
        }
      }
    }
  });
});
