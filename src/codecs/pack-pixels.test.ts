import { describe, expect, it } from 'vitest';
import type { Channels, Depth } from '../core/pixels.ts';
import { packPixels, type PixelOrder } from './pack-pixels.ts';

const PIXELS = 37;
/** Samples of pixel i in the order R, G, B, A. */
const rgba = (i: number): number[] => [i * 3, 255 - i, (i * 71) & 255, (i * 5) & 255];
const greys = (i: number): number[] => [i * 6, i * 6, i * 6, 255];

function stored(order: PixelOrder, pixel: (i: number) => number[]): Uint8Array {
  const swapped = order.startsWith('B');
  return Uint8Array.from(
    Array.from({ length: PIXELS }, (_, i) => {
      const [r, g, b, a] = pixel(i);
      return swapped ? [b!, g!, r!, a!] : [r!, g!, b!, a!];
    }).flat(),
  );
}

describe('packPixels', () => {
  const orders: readonly PixelOrder[] = ['RGBA', 'RGBX', 'BGRA', 'BGRX'];
  const formats: readonly (readonly [Channels, Depth])[] = [1, 3, 4].flatMap((channels) =>
    ([8, 16] as const).map((depth) => [channels as Channels, depth] as const),
  );
  const cases = orders.flatMap((order) => formats.map(([channels, depth]) => ({ order, channels, depth })));

  it.each(cases)('packs $order into $channels channels of $depth bits', ({ order, channels, depth }) => {
    const pixel = channels === 1 ? greys : rgba;
    const source = stored(order, pixel);
    const expected = Array.from({ length: PIXELS }, (_, i) => pixel(i).slice(0, channels)).flat();
    for (const [offset, first, count] of [
      [0, 0, PIXELS],
      [1, 0, PIXELS],
      [0, 4, 30],
      [0, 3, 5],
      [0, 2, 1],
    ] as const) {
      const sampleBytes = depth / 8;
      const room = new Uint8Array(offset + PIXELS * channels * sampleBytes).fill(0xee);
      const into = room.subarray(offset);
      packPixels(source, order, into, first, count, { channels, depth });
      const written = expected.slice(0, count * channels).flatMap((v) => (depth === 8 ? [v] : [v, v]));
      const start = first * channels * sampleBytes;
      expect([...into.subarray(start, start + written.length)]).toEqual(written);
      // Nothing beside the place is touched.
      expect(into.subarray(0, start).every((v) => v === 0xee)).toBe(true);
      expect(into.subarray(start + written.length).every((v) => v === 0xee)).toBe(true);
    }
  });
});
