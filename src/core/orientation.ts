import type { Size } from './geometry.ts';
import type { Orientation } from './metadata.ts';
import { bytesPerPixel, type Raster } from './pixels.ts';

/** The size of a picture after its orientation is applied: 5 to 8 exchange width and height. */
export const uprightSize = (size: Size, orientation: Orientation): Size =>
  orientation >= 5 ? { width: size.height, height: size.width } : { width: size.width, height: size.height };

/** Pixels of a side of the squares in which a picture is transposed: both their rows and columns stay in the L1 cache. */
const BLOCK = 32;

/** The stored pixel of upright pixel (x, y) is number `base + x * stepX + y * stepY`. */
interface Walk {
  readonly base: number;
  readonly stepX: number;
  readonly stepY: number;
}

function walkOf({ width: w, height: h }: Size, orientation: Orientation): Walk {
  const last = w * h - 1;
  switch (orientation) {
    case 1:
      return { base: 0, stepX: 1, stepY: w };
    case 2:
      return { base: w - 1, stepX: -1, stepY: w };
    case 3:
      return { base: last, stepX: -1, stepY: -w };
    case 4:
      return { base: last - w + 1, stepX: 1, stepY: -w };
    case 5:
      return { base: 0, stepX: w, stepY: 1 };
    case 6:
      return { base: last - w + 1, stepX: -w, stepY: 1 };
    case 7:
      return { base: last, stepX: -w, stepY: -1 };
    case 8:
      return { base: w - 1, stepX: w, stepY: -1 };
    default:
      return orientation satisfies never;
  }
}

/** Writes rows `first` to `first + rows` of the upright picture into `into`, from the whole stored one (CIPA DC-008, tag 0x0112). */
export function orientRows(
  stored: Raster,
  orientation: Orientation,
  first: number,
  rows: number,
  into: Uint8Array,
): void {
  const { width } = uprightSize(stored, orientation);
  const walk = walkOf(stored, orientation);
  const pixelBytes = bytesPerPixel(stored);
  if (walk.stepX === 1) {
    copyRows(stored, walk, pixelBytes, first, rows, into);
    return;
  }
  // The widest unit that a pixel is a whole number of, and that the addresses allow.
  const aligned = (bytes: number): boolean =>
    [pixelBytes, stored.data.byteOffset, into.byteOffset].every((value) => value % bytes === 0);
  const unit = [4, 2, 1].find(aligned)!;
  const source = unitsOf(stored.data, unit);
  const target = unitsOf(into.subarray(0, rows * width * pixelBytes), unit);
  const units = pixelBytes / unit;
  const from = { ...walk, base: walk.base + first * walk.stepY };
  for (let y = 0; y < rows; y += BLOCK) {
    const bottom = Math.min(rows, y + BLOCK);
    for (let x = 0; x < width; x += BLOCK) {
      copyBlock(source, target, from, units, width, x, Math.min(width, x + BLOCK), y, bottom);
    }
  }
}

function copyRows(stored: Raster, walk: Walk, pixelBytes: number, first: number, rows: number, into: Uint8Array): void {
  const stride = stored.width * pixelBytes;
  for (let y = 0; y < rows; y++) {
    const start = (walk.base + (first + y) * walk.stepY) * pixelBytes;
    into.set(stored.data.subarray(start, start + stride), y * stride);
  }
}

type Units = Uint8Array | Uint16Array | Uint32Array;

function unitsOf({ buffer, byteOffset, byteLength }: Uint8Array, unit: number): Units {
  if (unit === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4);
  return unit === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint8Array(buffer, byteOffset, byteLength);
}

function copyBlock(
  from: Units,
  into: Units,
  walk: Walk,
  units: number,
  width: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): void {
  const step = walk.stepX * units;
  for (let y = top; y < bottom; y++) {
    let source = (walk.base + left * walk.stepX + y * walk.stepY) * units;
    let target = (y * width + left) * units;
    const end = (y * width + right) * units;
    if (units === 1) {
      for (; target < end; target++, source += step) into[target] = from[source]!;
    } else if (units === 3) {
      for (; target < end; target += 3, source += step) {
        into[target] = from[source]!;
        into[target + 1] = from[source + 1]!;
        into[target + 2] = from[source + 2]!;
      }
    } else {
      for (; target < end; target += units, source += step) {
        for (let i = 0; i < units; i++) into[target + i] = from[source + i]!;
      }
    }
  }
}
