import type { Straightening } from '../edit/plan-edit.ts';
import { KERNELS } from '../kernels.ts';
import { maxSample, samplesOf, type Raster } from '../pixels.ts';

/** Steps within a pixel for which weights are kept: at most 1/2048 of a pixel off, which moves no edge by more than half a level. */
const PHASES = 1024;
const TAPS = 6;

/** Lanczos-3 weights of six neighbouring pixels, which sum to 1, for each phase of a point between the third and the fourth. */
const WEIGHTS = ((): Float64Array => {
  const weights = new Float64Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = weights.subarray(phase * TAPS, (phase + 1) * TAPS);
    for (let k = 0; k < TAPS; k++) row[k] = KERNELS.lanczos3.at(k - 2 - phase / PHASES);
    const sum = row.reduce((all, weight) => all + weight, 0);
    for (let k = 0; k < TAPS; k++) row[k] /= sum;
  }
  return weights;
})();

/**
 * Computes rows `y` to `y + rows` of a straightened picture into `into`: each pixel is the Lanczos-3 sum of 6 x 6 source pixels around
 * its point, colours weighed by alpha, coordinates clamped at the region's edges. Beyond the picture lies nothing, with a soft edge of
 * one pixel: transparent, or `background` (samples) where there is no alpha.
 */
export function straightenRows(
  region: Raster,
  { cos, sin, originX, originY, region: { x: regionX, y: regionY }, picture }: Straightening,
  background: readonly [number, number, number],
  width: number,
  y: number,
  rows: number,
  into: Uint8Array,
): void {
  const { channels, depth } = region;
  const from = samplesOf(region.data, depth);
  const out = samplesOf(into, depth);
  const max = maxSample(depth);
  const stride = region.width * channels;
  const columns = new Int32Array(TAPS);
  const sums = new Float64Array(4);
  const row = new Float64Array(4);
  let at = 0;
  for (let j = y; j < y + rows; j++) {
    for (let i = 0; i < width; i++, at += channels) {
      const px = originX + cos * (i + 0.5) + sin * (j + 0.5);
      const py = originY + cos * (j + 0.5) - sin * (i + 0.5);
      const cover = Math.min(px, py, picture.width - px, picture.height - py) + 0.5;
      if (cover <= 0) {
        for (let c = 0; c < channels; c++) out[at + c] = channels === 4 ? 0 : background[c]!;
        continue;
      }
      const sx = px - 0.5 - regionX;
      const sy = py - 0.5 - regionY;
      const left = Math.floor(sx);
      const top = Math.floor(sy);
      const wx = Math.round((sx - left) * PHASES) * TAPS;
      const wy = Math.round((sy - top) * PHASES) * TAPS;
      for (let k = 0; k < TAPS; k++) {
        columns[k] = Math.min(Math.max(left + k - 2, 0), region.width - 1) * channels;
      }
      sums.fill(0);
      for (let r = 0; r < TAPS; r++) {
        const start = Math.min(Math.max(top + r - 2, 0), region.height - 1) * stride;
        const weight = WEIGHTS[wy + r]!;
        row.fill(0);
        for (let k = 0; k < TAPS; k++) {
          const p = start + columns[k]!;
          if (channels === 4) {
            const alpha = WEIGHTS[wx + k]! * from[p + 3]!;
            row[0]! += alpha * from[p]!;
            row[1]! += alpha * from[p + 1]!;
            row[2]! += alpha * from[p + 2]!;
            row[3]! += alpha;
          } else {
            const w = WEIGHTS[wx + k]!;
            for (let c = 0; c < channels; c++) row[c]! += w * from[p + c]!;
          }
        }
        for (let c = 0; c < channels; c++) sums[c]! += weight * row[c]!;
      }
      const share = Math.min(1, cover);
      if (channels === 4) {
        const alpha = Math.min(sums[3]!, max);
        // Where alpha rounds to nothing the colour is black, as everywhere in the engine.
        const scale = alpha >= 0.5 ? 1 / sums[3]! : 0;
        for (let c = 0; c < 3; c++) out[at + c] = rounded(sums[c]! * scale, max);
        out[at + 3] = rounded(alpha * share, max);
      } else {
        for (let c = 0; c < channels; c++) {
          out[at + c] = rounded(background[c]! + (sums[c]! - background[c]!) * share, max);
        }
      }
    }
  }
}

const rounded = (value: number, max: number): number => (value > 0 ? (value < max ? Math.floor(value + 0.5) : max) : 0);
