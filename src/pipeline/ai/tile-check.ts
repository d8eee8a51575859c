import type { RetryReason } from '../../core/ai.ts';
import type { Size } from '../../core/geometry.ts';

/** Side in input pixels of the cells whose means are compared. */
const CELL = 16;

/**
 * Difference of the mean of a cell, 0..1, from which a result is held to have drifted away from its source. Networks that redraw
 * differ by 0.03 at most in pictures; one that computes nonsense is at 0.3 soon.
 */
const MOST_DRIFT = 0.2;

/** Below this range of values, 0..1, an area counts as even. */
const EVEN = 1 / 255;
const NOT_EVEN = 16 / 255;

interface Area {
  readonly planes: Float32Array;
  readonly size: Size;
}

/**
 * What is wrong with a result, by looking at it and the pixels that it was made from (the same part of the picture, `scale` times
 * smaller), or null. Faulty drivers and exhausted devices give black, even or random tiles without any error.
 */
export function tileFault(input: Area, output: Area, scale: number): RetryReason | null {
  const range = rangeOf(output.planes);
  if (range === null) return 'not-finite';
  const source = rangeOf(input.planes);
  if (range < EVEN && source !== null && source > NOT_EVEN) return 'constant';
  return driftOf(input, output, scale) > MOST_DRIFT ? 'drift' : null;
}

/** Largest minus smallest value; null where one is not a finite number. */
function rangeOf(values: Float32Array): number | null {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    // NaN escapes comparisons, but not sums.
    sum += value;
  }
  return Number.isFinite(sum) ? high - low : null;
}

/** The largest difference of the means of a cell and of what was made of it. */
function driftOf(input: Area, output: Area, scale: number): number {
  const before = cellMeans(input, CELL);
  const after = cellMeans(output, CELL * scale);
  let most = 0;
  for (let i = 0; i < before.length; i++) most = Math.max(most, Math.abs(before[i] - after[i]));
  return most;
}

function cellMeans({ planes, size }: Area, side: number): Float64Array {
  const { width, height } = size;
  const columns = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const sums = new Float64Array(3 * columns * rows);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const cell = (c * rows + Math.floor(y / side)) * columns;
      const row = (c * height + y) * width;
      for (let column = 0; column < columns; column++) {
        const end = row + Math.min(width, (column + 1) * side);
        let sum = 0;
        for (let i = row + column * side; i < end; i++) sum += planes[i];
        sums[cell + column] += sum;
      }
    }
  }
  return sums.map((sum, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    const area = Math.min(side, width - column * side) * Math.min(side, height - row * side);
    return sum / area;
  });
}
