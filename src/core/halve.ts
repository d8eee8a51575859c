import { bytesPerRow, samplesOf, type PixelFormat } from './pixels.ts';

/**
 * Means of squares of two by two pixels, of one or two rows: half as many, rounded up, where an odd last column or row counts by itself.
 * Colours are weighed by their alpha. `rows` holds `count` (1 or 2) rows of `width` pixels; the result is one row.
 */
export function halveRows(
  rows: Uint8Array,
  width: number,
  count: number,
  format: PixelFormat,
): Uint8Array<ArrayBuffer> {
  const { channels, depth } = format;
  const halfWidth = Math.ceil(width / 2);
  const half = new Uint8Array(bytesPerRow(halfWidth, format));
  const source = samplesOf(rows, depth);
  const target = samplesOf(half, depth);
  const below = count === 2 ? width * channels : 0;
  for (let x = 0; x < halfWidth; x++) {
    const a = 2 * x * channels;
    // An odd last column stands for both.
    const b = 2 * x + 1 < width ? a + channels : a;
    const to = x * channels;
    if (channels === 4) {
      averageAlpha(source, [a, b, a + below, b + below], target, to);
      continue;
    }
    for (let c = 0; c < channels; c++) {
      target[to + c] = (source[a + c]! + source[b + c]! + source[a + below + c]! + source[b + below + c]! + 2) >> 2;
    }
  }
  return half;
}

function averageAlpha(
  source: Uint8Array | Uint16Array,
  at: readonly number[],
  target: Uint8Array | Uint16Array,
  to: number,
): void {
  let alpha = 0;
  for (const from of at) alpha += source[from + 3]!;
  target[to + 3] = (alpha + 2) >> 2;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (const from of at) sum += source[from + c]! * source[from + 3]!;
    target[to + c] = alpha === 0 ? 0 : Math.round(sum / alpha);
  }
}
