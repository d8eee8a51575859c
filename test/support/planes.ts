/** Pictures as what models take: planes of red, green and blue, 0..1. Runs in Node and in browsers. */
import type { Rect, Size } from '../../src/core/geometry.ts';

export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** A copy of a rectangle. */
export function cropped(planes: Size & { readonly data: Float32Array }, { x, y, width, height }: Rect): Planes {
  const data = new Float32Array(3 * width * height);
  for (let row = 0; row < 3 * height; row++) {
    const from = (Math.floor(row / height) * planes.height + y + (row % height)) * planes.width + x;
    data.set(planes.data.subarray(from, from + width), row * width);
  }
  return { width, height, data };
}

/** A copy without `margin` pixels at each side. */
export const withoutMargin = (planes: Size & { readonly data: Float32Array }, margin: number): Planes =>
  cropped(planes, { x: margin, y: margin, width: planes.width - 2 * margin, height: planes.height - 2 * margin });

/** A picture with its border pixels repeated `margin` times, or mirrored without repeating them. */
export function padded(planes: Planes, margin: number, how: 'repeat' | 'mirror' = 'repeat'): Planes {
  const [width, height] = [planes.width + 2 * margin, planes.height + 2 * margin];
  const data = new Float32Array(3 * width * height);
  const at = (position: number, length: number): number => {
    if (how === 'repeat') return Math.min(length - 1, Math.max(0, position));
    const positive = Math.abs(position);
    return positive < length ? positive : 2 * (length - 1) - positive;
  };
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * planes.height + at(y - margin, planes.height)) * planes.width;
      for (let x = 0; x < width; x++) {
        data[(c * height + y) * width + x] = planes.data[row + at(x - margin, planes.width)];
      }
    }
  }
  return { width, height, data };
}

/** Largest and mean difference in levels of 255, without a margin at the borders. */
export function differenceOf(a: Planes, b: Planes, margin = 0): { most: number; mean: number } {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`${a.width} x ${a.height} against ${b.width} x ${b.height}`);
  }
  let most = 0;
  let sum = 0;
  let count = 0;
  for (let c = 0; c < 3; c++) {
    for (let y = margin; y < a.height - margin; y++) {
      for (let x = margin; x < a.width - margin; x++) {
        const i = (c * a.height + y) * a.width + x;
        const difference = 255 * Math.abs(a.data[i] - b.data[i]);
        // NaN is larger than anything.
        most = difference > most || Number.isNaN(difference) ? difference : most;
        sum += difference;
        count++;
      }
    }
  }
  return { most, mean: sum / count };
}
