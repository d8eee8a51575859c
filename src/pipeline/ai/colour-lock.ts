import type { Planes } from './planes.ts';

/** Radius in source pixels of the tent that separates colour from detail: what is wider than about 8 pixels is taken from the source. */
const RADIUS = 8;

/** Source pixels around a rectangle that its correction depends on: the tent, and one for sampling between pixels. */
export const LOCK_REACH = RADIUS + 1;

/** What to add to a model's picture so that its low frequencies are the source's. */
export interface Correction {
  /** For colour channel `c`, at pixel (x, y) of the enlarged rectangle; 0..1 is the range of a sample. */
  at(c: number, x: number, y: number): number;
}

/**
 * Compares a model's picture, made small again, with the source, smooths the difference with a tent, and gives it, sampled between
 * pixels, as what is to be added. `samples` are interleaved with `stride` channels, of which the first `colours` count.
 */
export function lockColours(
  source: Planes,
  samples: ArrayLike<number>,
  colours: 1 | 3,
  stride: number,
  scale: number,
  most: number,
): Correction {
  const { width, height } = source;
  const area = width * height;
  const planes = Array.from({ length: colours }, (_, c) => {
    const difference = new Float32Array(area);
    const share = 1 / (scale * scale * most);
    for (let y = 0; y < height * scale; y++) {
      const row = Math.floor(y / scale) * width;
      let i = y * width * scale * stride + c;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < scale; k++, i += stride) sum += samples[i];
        difference[row + x] -= sum * share;
      }
    }
    for (let i = 0; i < area; i++) difference[i] += source.data[c * area + i];
    return tent(difference, width, height);
  });
  const phase = (position: number): number => (position + 0.5) / scale - 0.5;
  return {
    at(c, x, y) {
      const plane = planes[c];
      const [u, v] = [phase(x), phase(y)];
      const left = Math.max(0, Math.floor(u));
      const top = Math.max(0, Math.floor(v));
      const right = Math.min(width - 1, left + 1);
      const below = Math.min(height - 1, top + 1) * width;
      const [fx, fy] = [Math.max(0, u - left), Math.max(0, v - top)];
      const above = plane[top * width + left] * (1 - fx) + plane[top * width + right] * fx;
      const under = plane[below + left] * (1 - fx) + plane[below + right] * fx;
      return above * (1 - fy) + under * fy;
    },
  };
}

/** Convolves with a tent of `RADIUS`, its weights renewed to a sum of 1 at the borders of the plane. */
function tent(plane: Float32Array, width: number, height: number): Float32Array {
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) smooth(plane, rows, y * width, 1, width);
  const result = new Float32Array(plane.length);
  for (let x = 0; x < width; x++) smooth(rows, result, x, width, height);
  return result;
}

function smooth(from: Float32Array, to: Float32Array, start: number, step: number, count: number): void {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    let weights = 0;
    for (let k = Math.max(-RADIUS + 1, -i); k < Math.min(RADIUS, count - i); k++) {
      const weight = RADIUS - Math.abs(k);
      sum += weight * from[start + (i + k) * step];
      weights += weight;
    }
    to[start + i * step] = sum / weights;
  }
}
