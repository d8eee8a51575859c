import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../test/support/jpeg.ts';
import { kernelsModule } from '../../test/support/kernels.ts';
import type { PlaneStrip } from '../core/jpeg/planes.ts';
import { convertPlanes } from '../core/reference/jpeg-planes.ts';
import { planeConverters } from './jpeg-planes.ts';

const open = planeConverters(kernelsModule);

/** Samples of every value, most of them near the ends, where sums are clamped. */
function samples(count: number, seed: number): Uint8Array {
  const random = randomBytes(seed);
  return Uint8Array.from({ length: count }, () => {
    const value = random();
    return value & 1 ? random() : value & 2 ? 255 - (random() >> 4) : random() >> 4;
  });
}

/** Lays out rows `top` to `top + rows` of a picture, strides padded by so many bytes. */
function stripOf(width: number, height: number, top: number, rows: number, padding: number): [PlaneStrip, number] {
  const lumaStride = width + padding;
  const chromaStride = ((width + 1) >> 1) + padding;
  const cb = rows * lumaStride;
  const cr = cb + ((rows + 1) >> 1) * chromaStride;
  const end = cr + ((rows + 1) >> 1) * chromaStride;
  return [{ width, height, top, luma: 0, lumaStride, cb, cr, chromaStride }, end];
}

async function converted(strip: PlaneStrip, data: Uint8Array, y: number, rows: number): Promise<Uint8Array> {
  const converter = await open(data.length, strip.width, rows);
  converter.memory(1).set(data);
  const into = new Uint8Array(rows * strip.width * 3 + 9).fill(77);
  converter.convert(1, strip, y, rows, into, 5);
  converter.close();
  expect([...into.subarray(0, 5), ...into.subarray(-4)]).toEqual(Array(9).fill(77));
  return into.subarray(5, -4);
}

describe('planes to pixels', () => {
  it('gives the pixels of the scalar twin for pictures of any size', async () => {
    const cases = fc.record({
      width: fc.oneof(fc.integer({ min: 5, max: 70 }), fc.constantFrom(127, 128, 129, 255, 256, 257, 1031)),
      height: fc.integer({ min: 1, max: 20 }),
      padding: fc.integer({ min: 0, max: 17 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ width, height, padding, seed }) => {
        const [strip, bytes] = stripOf(width, height, 0, height, padding);
        const data = samples(bytes, seed);
        const want = new Uint8Array(width * height * 3);
        convertPlanes(data, strip, 0, height, want, 0);
        expect(await converted(strip, data, 0, height)).toEqual(want);
      }),
      { numRuns: 300 },
    );
  });

  it('makes the same of a part, of which it has two rows more on either side', async () => {
    const [width, height] = [101, 33];
    const [whole, bytes] = stripOf(width, height, 0, height, 0);
    const data = samples(bytes, 4);
    const want = new Uint8Array(width * height * 3);
    convertPlanes(data, whole, 0, height, want, 0);
    for (const [y, rows] of [
      [0, 2],
      [2, 5],
      [7, 1],
      [10, 20],
      [30, 3],
      [32, 1],
    ] as const) {
      const top = Math.max(0, (y & ~1) - 2);
      const end = Math.min(height, y + rows + 2);
      const [strip, size] = stripOf(width, height, top, end - top, 3);
      const part = new Uint8Array(size);
      const copyRows = (
        from: number,
        fromStride: number,
        to: number,
        toStride: number,
        count: number,
        n: number,
      ): void => {
        for (let i = 0; i < count; i++)
          part.set(data.subarray(from + i * fromStride, from + i * fromStride + n), to + i * toStride);
      };
      const [chromaRows, chroma] = [(end - top + 1) >> 1, (width + 1) >> 1];
      copyRows(top * whole.lumaStride, whole.lumaStride, 0, strip.lumaStride, end - top, width);
      for (const plane of ['cb', 'cr'] as const) {
        const from = whole[plane] + (top / 2) * whole.chromaStride;
        copyRows(from, whole.chromaStride, strip[plane], strip.chromaStride, chromaRows, chroma);
      }
      expect(await converted(strip, part, y, rows)).toEqual(want.subarray(y * width * 3, (y + rows) * width * 3));
    }
  });

  it('converts every pair of chroma values as libjpeg does', async () => {
    // Chroma that is the same all over: interpolating changes nothing.
    const width = 16;
    const [strip, bytes] = stripOf(width, 2, 0, 2, 0);
    const data = new Uint8Array(bytes);
    const converter = await open(bytes, width, 1);
    const pixels = new Uint8Array(width * 3);
    const clamped = (value: number): number => Math.min(255, Math.max(0, value));
    const luma = Array.from({ length: width }, (_, i) => i * 17);
    let wrong = 0;
    for (let cb = 0; cb < 256; cb++) {
      for (let cr = 0; cr < 256; cr++) {
        data.fill(cb, strip.cb).fill(cr, strip.cr).set(luma);
        converter.memory(0).set(data);
        converter.convert(0, strip, 0, 1, pixels, 0);
        // The tables of jdcolor.c, build_ycc_rgb_table.
        const red = Math.floor((91881 * (cr - 128) + 32768) / 65536);
        const green = Math.floor((-22554 * (cb - 128) + 32768 - 46802 * (cr - 128)) / 65536);
        const blue = Math.floor((116130 * (cb - 128) + 32768) / 65536);
        for (let i = 0; i < width; i++) {
          const want = [red, green, blue].map((part) => clamped(luma[i] + part));
          if (want.some((value, c) => value !== pixels[i * 3 + c])) wrong++;
        }
      }
    }
    converter.close();
    expect(wrong).toBe(0);
  });

  it('uses memory again after close, and none before', async () => {
    const first = await open(4096, 64, 2);
    const second = await open(4096, 64, 2);
    expect(second.memory(0).buffer).not.toBe(first.memory(0).buffer);
    const { buffer } = first.memory(0);
    first.close();
    first.close();
    const third = await open(4096, 64, 2);
    const fourth = await open(4096, 64, 2);
    expect(third.memory(0).buffer).toBe(buffer);
    expect(fourth.memory(0).buffer).not.toBe(buffer);
  });

  it('refuses what it has no memory for, and pictures whose chroma is not interpolated', async () => {
    const converter = await open(4096, 64, 2);
    const [strip] = stripOf(64, 3, 0, 3, 0);
    expect(() => converter.convert(0, strip, 0, 3, new Uint8Array(64 * 9), 0)).toThrow(RangeError);
    converter.close();
    expect(() => converter.convert(0, strip, 0, 1, new Uint8Array(64 * 3), 0)).toThrow(RangeError);
    await expect(open(4096, 4, 2)).rejects.toThrow(RangeError);
  });
});
