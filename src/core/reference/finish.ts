import { grainFilter, LUMA, sharpenFilter, type Finish } from '../finish.ts';
import type { Rect, Size } from '../geometry.ts';
import { maxSample, samplesOf, type Channels, type Depth } from '../pixels.ts';

/** Resampled pixels of 16 bits, rows unpadded. */
export interface FinishInput {
  readonly samples: Uint16Array;
  /** What they cover: `finishArea` of the rectangle that is asked for. */
  readonly area: Rect;
  readonly channels: Channels;
  /** The size of the whole picture. */
  readonly picture: Size;
}

/**
 * Sharpens and grains a rectangle: the definition of what every engine computes. Each pixel's colours get the same amount added, so that
 * hues stay: the sharpening of its brightness, and its noise. Alpha is not changed; where it is 0 nothing is. Sums are in
 * double precision, rounding (half up) to the depth happens once, at the end.
 */
export function finishRect(finish: Finish, input: FinishInput, rect: Rect, depth: Depth): Uint8Array<ArrayBuffer> {
  const { samples, area, channels } = input;
  const out = new Uint8Array((rect.width * rect.height * channels * depth) / 8);
  const finished = samplesOf(out, depth);
  const max = maxSample(depth);
  const delta = new Float64Array(rect.width);
  const colours = Math.min(channels, 3);
  const sharpen = finish.sharpen === null ? null : new Sharpening(finish.sharpen, input);
  const grain = finish.grain === null ? null : new Grains(finish.grain, rect);
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    delta.fill(0);
    sharpen?.add(y, rect, delta);
    grain?.add(y, rect, delta);
    let from = ((y - area.y) * area.width + rect.x - area.x) * channels;
    for (let x = 0; x < rect.width; x++, from += channels, at += channels) {
      const clear = channels === 4 && samples[from + 3] === 0;
      const added = clear ? 0 : delta[x]!;
      for (let c = 0; c < channels; c++) {
        const value = samples[from + c]! + (c < colours ? added : 0);
        finished[at + c] = Math.max(0, Math.min(max, Math.floor((value * max) / 65535 + 0.5)));
      }
    }
  }
  return out;
}

/** Adds the sum of a symmetric filter over `source` around each of `count` places, of which the first is at `from`. */
const filtered = (half: Float64Array, at: (offset: number) => number): number => {
  let sum = half[0]! * at(0);
  for (let k = 1; k < half.length; k++) sum += half[k]! * (at(-k) + at(k));
  return sum;
};

const clamp = (value: number, last: number): number => Math.max(0, Math.min(last, value));

class Sharpening {
  readonly #half: Float64Array;
  readonly #gain: number;
  readonly #threshold: number;
  readonly #input: FinishInput;
  /** Brightness times alpha (0..1), and alpha, of every pixel of the area. */
  readonly #luma: Float64Array;
  readonly #alpha: Float64Array;

  constructor(sharpen: NonNullable<Finish['sharpen']>, input: FinishInput) {
    const { samples, area, channels } = input;
    this.#half = sharpenFilter(sharpen);
    this.#gain = sharpen.amount / 100;
    this.#threshold = sharpen.threshold * 257;
    this.#input = input;
    const pixels = area.width * area.height;
    this.#luma = new Float64Array(pixels);
    this.#alpha = new Float64Array(pixels).fill(1);
    for (let i = 0, p = 0; i < pixels; i++, p += channels) {
      const luma =
        channels === 1
          ? samples[p]!
          : LUMA.red * samples[p]! + LUMA.green * samples[p + 1]! + LUMA.blue * samples[p + 2]!;
      if (channels === 4) this.#alpha[i] = samples[p + 3]! / 65535;
      this.#luma[i] = luma * this.#alpha[i]!;
    }
  }

  add(y: number, rect: Rect, delta: Float64Array): void {
    const weighted = this.#column(this.#luma, y);
    const weights = this.#column(this.#alpha, y);
    for (let i = 0; i < rect.width; i++) {
      const x = rect.x + i;
      const sum = filtered(this.#half, (offset) => weighted(x + offset));
      const weight = filtered(this.#half, (offset) => weights(x + offset));
      const here = (y - this.#input.area.y) * this.#input.area.width + x - this.#input.area.x;
      const alpha = this.#alpha[here]!;
      if (alpha === 0 || weight === 0) continue;
      const difference = this.#luma[here]! / alpha - sum / weight;
      const beyond = Math.abs(difference) - this.#threshold;
      if (beyond > 0) delta[i]! += this.#gain * (difference < 0 ? -beyond : beyond);
    }
  }

  /** The filtered column at a picture's x, each computed once. */
  #column(plane: Float64Array, y: number): (x: number) => number {
    const { area, picture } = this.#input;
    const known = new Map<number, number>();
    return (x) => {
      const column = clamp(x, picture.width - 1) - area.x;
      let sum = known.get(column);
      if (sum === undefined) {
        sum = filtered(this.#half, (offset) => {
          const row = clamp(y + offset, picture.height - 1) - area.y;
          return plane[row * area.width + column]!;
        });
        known.set(column, sum);
      }
      return sum;
    };
  }
}

/** The sum of four bytes has this standard deviation, and nearly the shape of a Gaussian. */
const SIGMA_OF_BYTES = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Noise of mean 0 and variance 1 at a place; the same on every engine. A finaliser of MurmurHash3 (A. Appleby) mixes the bits. */
export function noiseAt(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(seed, 0xc2b2ae3d);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  const sum = (h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24);
  return (sum - 510) / SIGMA_OF_BYTES;
}

class Grains {
  readonly #half: Float64Array | null;
  readonly #strength: number;
  readonly #seed: number;
  /** Columns of single pixels' noise filtered downward, from `rect.x` less the reach on. */
  readonly #columns: Float64Array;

  constructor(grain: NonNullable<Finish['grain']>, rect: Rect) {
    this.#half = grainFilter(grain);
    this.#strength = (grain.strength / 100) * 65535;
    this.#seed = grain.seed;
    this.#columns = new Float64Array(rect.width + 2 * ((this.#half?.length ?? 1) - 1));
  }

  add(y: number, rect: Rect, delta: Float64Array): void {
    const half = this.#half;
    if (half === null) {
      for (let i = 0; i < rect.width; i++) delta[i]! += this.#strength * noiseAt(rect.x + i, y, this.#seed);
      return;
    }
    const reach = half.length - 1;
    for (let i = 0; i < this.#columns.length; i++) {
      this.#columns[i] = filtered(half, (offset) => noiseAt(rect.x - reach + i, y + offset, this.#seed));
    }
    for (let i = 0; i < rect.width; i++) {
      delta[i]! += this.#strength * filtered(half, (offset) => this.#columns[i + reach + offset]!);
    }
  }
}
