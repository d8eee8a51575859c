import type { Size } from '../../core/geometry.ts';
import type { Planes } from './planes.ts';

/** Radius in source pixels of the tent that separates colour from detail: what is wider than about 8 pixels is taken from the source. */
const RADIUS = 8;

/** Source pixels around a rectangle that its correction depends on: the tent, and one for sampling between pixels. */
export const LOCK_REACH = RADIUS + 1;

/**
 * What to add to a model's picture so that its low frequencies are the source's: the picture made small again is compared with the source, the
 * difference smoothed with a tent, and sampled between pixels. Sums are of whole numbers, so that a pixel does not depend on the rectangle
 * that it was computed in.
 */
export class ColourLock {
  readonly #size: Size;
  readonly #scale: number;
  /** The smoothed difference of each colour, in samples. */
  readonly #planes: readonly Float32Array[];
  /** The part of the row between two rows of the source, at the source's width. */
  readonly #line: Float32Array;

  /**
   * `samples` are interleaved with `stride` channels, of which the first `colours` count, and `scale` times as large as the source. `most` is
   * the largest sample.
   */
  constructor(
    source: Planes,
    samples: Uint8Array | Uint16Array,
    colours: 1 | 3,
    stride: number,
    scale: number,
    most: number,
  ) {
    this.#size = source;
    this.#scale = scale;
    this.#line = new Float32Array(source.width);
    this.#planes = Array.from({ length: colours }, (_, c) =>
      smoothed(differenceOf(source, samples, c, stride, scale, most), source, scale),
    );
  }

  /** The correction in samples of colour `c` for a row of the enlarged rectangle, from column `x` on, as long as `into`. */
  row(c: number, y: number, x: number, into: Float32Array): void {
    const plane = this.#planes[c];
    const line = this.#line;
    const scale = this.#scale;
    const { width, height } = this.#size;
    const v = (y + 0.5) / scale - 0.5;
    const top = Math.max(0, Math.floor(v));
    const [above, below] = [top * width, Math.min(height - 1, top + 1) * width];
    const down = Math.max(0, v - top);
    for (let i = 0; i < width; i++) line[i] = plane[above + i] * (1 - down) + plane[below + i] * down;
    // Every `scale`th pixel lies in the same place between two of the source.
    for (let phase = 0; phase < scale; phase++) {
      const offset = (phase + 0.5) / scale - 0.5;
      const first = Math.floor(offset);
      const share = offset - first;
      let i = (((phase - x) % scale) + scale) % scale;
      for (let u = Math.floor((x + i) / scale) + first; i < into.length; i += scale, u++) {
        const left = line[u < 0 ? 0 : u];
        into[i] = left + (line[u + 1 < width ? u + 1 : width - 1] - left) * share;
      }
    }
  }
}

/** The sums over what a source pixel has become, less the source: `scale` squared times the difference, a whole number of samples. */
function differenceOf(
  { width, height, data }: Planes,
  samples: Uint8Array | Uint16Array,
  c: number,
  stride: number,
  scale: number,
  most: number,
): Float64Array {
  const difference = new Float64Array(width * height);
  const sums = new Int32Array(width);
  const weight = scale * scale;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    let i = y * scale * width * scale * stride + c;
    for (let row = 0; row < scale; row++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < scale; k++, i += stride) sum += samples[i];
        sums[x] += sum;
      }
    }
    const from = (c * height + y) * width;
    for (let x = 0; x < width; x++) {
      difference[y * width + x] = weight * Math.round(data[from + x] * most) - sums[x];
    }
  }
  return difference;
}

/** The tent's weights within a line, by position: what is beyond the borders does not count. */
function weightsOf(count: number): Float64Array {
  const ones = new Float64Array(count).fill(1);
  const weights = new Float64Array(count);
  tent(ones, weights, 0, count);
  return weights;
}

/** Convolves with a tent of `RADIUS`, with the weights renewed to a sum of 1 at the borders, and divides by `scale` squared. */
function smoothed(difference: Float64Array, { width, height }: Size, scale: number): Float32Array {
  const across = new Float64Array(difference.length);
  for (let y = 0; y < height; y++) tent(difference, across, y * width, width);
  const columns = weightsOf(width);
  const rows = weightsOf(height);
  const result = new Float32Array(difference.length);
  // As `tent`, for all columns at once: sums of RADIUS rows, and sums of those.
  const inner = new Float64Array(width);
  const outer = new Float64Array(width);
  const ring = Array.from({ length: RADIUS }, () => new Float64Array(width));
  for (let y = 1 - RADIUS; y < height + RADIUS - 1; y++) {
    const entering = y + RADIUS - 1;
    const leaving = y - 1;
    const oldest = ring[(y + RADIUS) % RADIUS];
    for (let x = 0; x < width; x++) {
      let sum = inner[x];
      if (entering < height) sum += across[entering * width + x];
      if (leaving >= 0) sum -= across[leaving * width + x];
      inner[x] = sum;
      outer[x] += sum - oldest[x];
      oldest[x] = sum;
    }
    // The outer sum is of the inner sums from y - RADIUS + 1 to y: a tent around row y.
    if (y < 0 || y >= height) continue;
    const share = 1 / (rows[y] * scale * scale);
    for (let x = 0; x < width; x++) result[y * width + x] = (outer[x] * share) / columns[x];
  }
  return result;
}

/**
 * A line's sums with the weights 1, 2 … RADIUS … 2, 1: those of RADIUS neighbours, summed again over RADIUS neighbours. Beyond the line are
 * zeros.
 */
function tent(from: Float64Array, to: Float64Array, start: number, count: number): void {
  const ring = new Float64Array(RADIUS);
  let inner = 0;
  let outer = 0;
  for (let i = 1 - RADIUS; i < count; i++) {
    if (i + RADIUS - 1 < count) inner += from[start + i + RADIUS - 1];
    if (i - 1 >= 0) inner -= from[start + i - 1];
    const slot = (i + RADIUS) % RADIUS;
    outer += inner - ring[slot];
    ring[slot] = inner;
    if (i >= 0) to[start + i] = outer;
  }
}
