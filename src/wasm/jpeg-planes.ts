import {
  LEAST_INTERPOLATED_WIDTH,
  type OpenPlaneConverter,
  type PlaneConverter,
  type PlaneStrip,
} from '../core/jpeg/planes.ts';
import { Kernels } from './kernels.ts';

/** What the kernel may read beyond planes and write beyond pixels. */
const SLACK = 64;

/**
 * Opens converters of planes with the SIMD kernels: the same pixels as `convertPlanes` of core/reference. Each has an instance of the module, which
 * goes to the next one when it is closed, so that memory is fresh only once.
 */
export function planeConverters(module: WebAssembly.Module): OpenPlaneConverter {
  const idle: Kernels[] = [];
  return async (stripBytes, width, rows) => {
    if (width < LEAST_INTERPOLATED_WIDTH) throw new RangeError(`${width} pixels are not interpolated`);
    const kernels = idle.pop() ?? (await Kernels.instantiate(module));
    return new KernelPlaneConverter(kernels, stripBytes, width, rows, () => idle.push(kernels));
  };
}

class KernelPlaneConverter implements PlaneConverter {
  readonly #kernels: Kernels;
  readonly #mark: number;
  readonly #stripBytes: number;
  readonly #strips: readonly [number, number];
  readonly #scratch: number;
  readonly #pixels: number;
  readonly #rows: number;
  readonly #onClosed: () => void;
  #closed = false;

  constructor(kernels: Kernels, stripBytes: number, width: number, rows: number, onClosed: () => void) {
    const { arena, exports } = kernels;
    this.#kernels = kernels;
    this.#mark = arena.mark();
    this.#stripBytes = stripBytes;
    this.#strips = [arena.alloc(stripBytes + SLACK), arena.alloc(stripBytes + SLACK)];
    this.#scratch = arena.alloc(exports.planesScratchBytes(width));
    this.#pixels = arena.alloc(rows * width * 3 + SLACK);
    this.#rows = rows;
    this.#onClosed = onClosed;
  }

  memory(index: 0 | 1): Uint8Array<ArrayBuffer> {
    return this.#kernels.bytes(this.#strips[index], this.#stripBytes);
  }

  convert(index: 0 | 1, strip: PlaneStrip, y: number, rows: number, into: Uint8Array, at: number): void {
    if (this.#closed || rows > this.#rows) throw new RangeError('closed, or more rows than there is memory for');
    const { width, height, top, lumaStride, chromaStride } = strip;
    const start = this.#strips[index];
    const chroma = start + ((y >> 1) - (top >> 1)) * chromaStride;
    this.#kernels.exports.planesToRgb(
      start + strip.luma + (y - top) * lumaStride,
      lumaStride,
      chroma + strip.cb,
      chroma + strip.cr,
      chromaStride,
      ...([width, y, rows, (height - 1) >> 1, this.#scratch, this.#pixels] as const),
    );
    into.set(this.#kernels.bytes(this.#pixels, rows * width * 3), at);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#kernels.arena.release(this.#mark);
    this.#onClosed();
  }
}
