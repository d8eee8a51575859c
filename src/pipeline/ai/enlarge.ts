import type { Size } from '../../core/geometry.ts';
import { KERNELS } from '../../core/kernels.ts';

/** Taps of Lanczos-3 on either side of a pixel. */
export const ENLARGE_REACH = 3;

/** The weights of each of the `scale` positions within a source pixel; taps begin `ENLARGE_REACH` pixels before it. */
function phases(scale: number): Float32Array[] {
  const { at } = KERNELS.lanczos3;
  return Array.from({ length: scale }, (_, phase) => {
    const offset = (phase + 0.5) / scale - 0.5;
    const taps = Float32Array.from({ length: 2 * ENLARGE_REACH + 1 }, (__, tap) => at(tap - ENLARGE_REACH - offset));
    const sum = taps.reduce((a, b) => a + b);
    return taps.map((tap) => tap / sum);
  });
}

/** Enlarges a plane by a whole factor with Lanczos-3, borders clamped: the same as the engines' direct method. */
export function enlargePlane(plane: Float32Array, { width, height }: Size, scale: number): Float32Array<ArrayBuffer> {
  if (scale === 1) return Float32Array.from(plane);
  const weights = phases(scale);
  const outWidth = width * scale;
  const wide = new Float32Array(outWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let phase = 0; phase < scale; phase++) {
        const taps = weights[phase];
        let sum = 0;
        for (let tap = 0; tap < taps.length; tap++) {
          const column = Math.min(width - 1, Math.max(0, x + tap - ENLARGE_REACH));
          sum += taps[tap] * plane[y * width + column];
        }
        wide[y * outWidth + x * scale + phase] = sum;
      }
    }
  }
  const result = new Float32Array(outWidth * height * scale);
  for (let y = 0; y < height * scale; y++) {
    const taps = weights[y % scale];
    const row = result.subarray(y * outWidth, (y + 1) * outWidth);
    for (let tap = 0; tap < taps.length; tap++) {
      const from = Math.min(height - 1, Math.max(0, Math.floor(y / scale) + tap - ENLARGE_REACH)) * outWidth;
      const weight = taps[tap];
      for (let x = 0; x < outWidth; x++) row[x] += weight * wide[from + x];
    }
  }
  return result;
}
