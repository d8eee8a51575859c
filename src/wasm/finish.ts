import { finishArea, grainFilter, sharpenFilter, type Finish } from '../core/finish.ts';
import type { Rect, Size } from '../core/geometry.ts';
import { bytesPerRow, type PixelFormat } from '../core/pixels.ts';
import type { Kernels } from './kernels.ts';

/** Bytes that the kernels may read or write beyond a row: they take eight floats at a time. */
const SLACK = 32;

/** What noise of whole bytes is divided by to have the variance 1: core/reference/finish.ts. */
const NOISE_SCALE = 1 / Math.sqrt((4 * (256 ** 2 - 1)) / 12);

interface PlacedFilter {
  readonly reach: number;
  /** Address of the weights, floats. */
  readonly half: number;
}

/**
 * Sharpens and grains rectangles of one job with SIMD: within 1 of 255, or 2 of 65535, of `finishRect` in core/reference for the same
 * input. Each pixel depends on its surroundings alone, so any division into bands or regions gives the same picture. Filters stay in the
 * instance's arena from construction on.
 */
export class WasmFinisher {
  readonly #kernels: Kernels;
  readonly #finish: Finish;
  readonly #picture: Size & PixelFormat;
  readonly #blur: PlacedFilter | null;
  readonly #grain: PlacedFilter | null;

  constructor(kernels: Kernels, finish: Finish, picture: Size & PixelFormat) {
    this.#kernels = kernels;
    this.#finish = finish;
    this.#picture = picture;
    const place = (half: Float64Array | null): PlacedFilter | null => {
      if (half === null) return null;
      const address = kernels.arena.alloc(half.length * 4);
      new Float32Array(kernels.exports.memory.buffer, address, half.length).set(half);
      return { reach: half.length - 1, half: address };
    };
    this.#blur = place(finish.sharpen && sharpenFilter(finish.sharpen));
    this.#grain = place(finish.grain && grainFilter(finish.grain));
  }

  /** What has to be resampled, to 16 bits, for a rectangle. */
  area(rect: Rect): Rect {
    return finishArea(this.#finish, this.#picture, rect);
  }

  /**
   * Finishes a rectangle whose area lies at `source`, rows unpadded, with some bytes to spare behind them. The result takes the
   * place of the input, from its first byte on.
   */
  run(source: number, rect: Rect): Uint8Array<ArrayBuffer> {
    const { arena } = this.#kernels;
    const length = rect.height * bytesPerRow(rect.width, this.#picture);
    const mark = arena.mark();
    try {
      const rows = new FinishRows(this.#kernels, this.#finish, this.#picture, this.#blur, this.#grain, source, rect);
      for (let y = 0; y < rect.height; y++) rows.finish(y);
      return this.#kernels.bytes(source, length);
    } finally {
      arena.release(mark);
    }
  }
}

/** The scratch memory of one rectangle, and its rows one after another from top to bottom. */
class FinishRows {
  readonly #k: Kernels;
  readonly #finish: Finish;
  readonly #picture: Size & PixelFormat;
  readonly #blur: PlacedFilter | null;
  readonly #grain: PlacedFilter | null;
  readonly #source: number;
  readonly #rect: Rect;
  readonly #area: Rect;
  readonly #alpha: boolean;
  /** Planes of the whole area, and of the noise around the rectangle; 0 where there are none. */
  #lumaPlane = 0;
  #alphaPlane = 0;
  #noisePlane = 0;
  readonly #planeStride: number;
  readonly #noiseStride: number;
  /** Rows: filtered downward with margins, then filtered along, and what is added in the end. */
  readonly #padded: number;
  readonly #blurred: number;
  readonly #weight: number;
  readonly #here: number;
  readonly #delta: number;
  readonly #pointers: number;

  constructor(
    kernels: Kernels,
    finish: Finish,
    picture: Size & PixelFormat,
    blur: PlacedFilter | null,
    grain: PlacedFilter | null,
    source: number,
    rect: Rect,
  ) {
    const { arena } = kernels;
    this.#k = kernels;
    this.#finish = finish;
    this.#picture = picture;
    this.#blur = blur;
    this.#grain = grain;
    this.#source = source;
    this.#rect = rect;
    this.#area = finishArea(finish, picture, rect);
    this.#alpha = picture.channels === 4;
    const reach = Math.max(blur?.reach ?? 0, grain?.reach ?? 0);
    const rowBytes = (rect.width + 2 * reach) * 4 + SLACK;
    this.#planeStride = this.#area.width * 4;
    this.#noiseStride = (rect.width + 2 * (grain?.reach ?? 0)) * 4;
    [this.#padded, this.#blurred, this.#weight, this.#here, this.#delta] = Array.from({ length: 5 }, () =>
      arena.alloc(rowBytes),
    ) as [number, number, number, number, number];
    this.#pointers = arena.alloc((2 * reach + 1) * 4);
    if (blur !== null) {
      const bytes = this.#area.height * this.#planeStride + SLACK;
      this.#lumaPlane = arena.alloc(bytes);
      if (this.#alpha) this.#alphaPlane = arena.alloc(bytes);
    }
    if (grain !== null) this.#noisePlane = arena.alloc((rect.height + 2 * grain.reach) * this.#noiseStride + SLACK);
    this.#fillPlanes();
  }

  /** Before any row is finished, since the results overwrite the input. */
  #fillPlanes(): void {
    const { exports } = this.#k;
    const { channels } = this.#picture;
    const { width, height } = this.#area;
    if (this.#blur !== null) {
      for (let r = 0; r < height; r++) {
        const source = this.#source + r * width * channels * 2;
        const at = r * this.#planeStride;
        exports.finishLuma(source, width, channels, Number(this.#alpha), this.#lumaPlane + at);
        if (this.#alpha) exports.finishAlpha(source, width, this.#alphaPlane + at);
      }
    }
    const { grain } = this.#finish;
    if (grain === null || this.#grain === null) return;
    const { reach } = this.#grain;
    const { x, y, width: columns, height: rows } = this.#rect;
    for (let r = 0; r < rows + 2 * reach; r++) {
      const out = this.#noisePlane + r * this.#noiseStride;
      exports.finishNoise(x - reach, y - reach + r, grain.seed, columns + 2 * reach, NOISE_SCALE, out);
    }
  }

  /** Row `r` of the rectangle. */
  finish(r: number): void {
    const { exports } = this.#k;
    const { channels, depth } = this.#picture;
    const { width } = this.#rect;
    const sourceRow = this.#rect.y + r - this.#area.y;
    const column = this.#rect.x - this.#area.x;
    const source = this.#source + (sourceRow * this.#area.width + column) * channels * 2;
    if (this.#finish.sharpen === null) this.#k.bytes(this.#delta, width * 4).fill(0);
    else this.#sharpen(r, source, this.#lumaPlane + sourceRow * this.#planeStride + column * 4);
    this.#addGrain(r);
    const out = this.#source + (r * width * channels * depth) / 8;
    exports.finishApply(source, width, channels, this.#delta, depth === 16 ? 1 : 0, out);
  }

  #sharpen(r: number, source: number, luma: number): void {
    const { exports } = this.#k;
    const { width } = this.#rect;
    const { amount, threshold } = this.#finish.sharpen!;
    this.#around(this.#lumaPlane, r, this.#blurred);
    if (this.#alpha) {
      this.#around(this.#alphaPlane, r, this.#weight);
      exports.finishLuma(source, width, 4, 0, this.#here);
    }
    const here = this.#alpha ? this.#here : luma;
    const weight = this.#alpha ? this.#weight : 0;
    exports.finishDifference(here, this.#blurred, weight, amount / 100, threshold * 257, width, this.#delta);
  }

  /** The surroundings of each pixel of a row in a plane of the area; beyond the picture its edge goes on. */
  #around(plane: number, r: number, out: number): void {
    const { exports } = this.#k;
    const { reach, half } = this.#blur!;
    const { x, y, width } = this.#rect;
    const { height } = this.#picture;
    this.#point(reach, (k) => {
      const row = Math.max(0, Math.min(height - 1, y + r + k)) - this.#area.y;
      return plane + row * this.#planeStride;
    });
    const left = this.#area.x - (x - reach);
    const inside = this.#area.width;
    exports.finishColumns(this.#pointers, reach, half, inside, this.#padded + left * 4);
    const row = new Float32Array(exports.memory.buffer, this.#padded, width + 2 * reach);
    row.fill(row[left]!, 0, left);
    row.fill(row[left + inside - 1]!, left + inside);
    exports.finishRow(this.#padded, reach, half, width, out);
  }

  #addGrain(r: number): void {
    const { grain } = this.#finish;
    if (grain === null) return;
    const { exports } = this.#k;
    const { x, y, width } = this.#rect;
    const scale = (grain.strength / 100) * 65535;
    if (this.#grain === null) {
      exports.finishNoise(x, y + r, grain.seed, width, NOISE_SCALE, this.#blurred);
    } else {
      const { reach, half } = this.#grain;
      this.#point(reach, (k) => this.#noisePlane + (r + reach + k) * this.#noiseStride);
      exports.finishColumns(this.#pointers, reach, half, width + 2 * reach, this.#padded);
      exports.finishRow(this.#padded, reach, half, width, this.#blurred);
    }
    exports.finishAdd(this.#blurred, scale, width, this.#delta);
  }

  #point(reach: number, address: (k: number) => number): void {
    const pointers = new Uint32Array(this.#k.exports.memory.buffer, this.#pointers, 2 * reach + 1);
    for (let k = -reach; k <= reach; k++) pointers[k + reach] = address(k);
  }
}
