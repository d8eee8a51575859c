import { afterEach, describe, expect, it } from 'vitest';
import { openKernels } from '../../test/support/kernels.ts';
import { finishArea, type Finish } from '../core/finish.ts';
import type { Rect } from '../core/geometry.ts';
import { samplesOf, type Channels, type Depth } from '../core/pixels.ts';
import { finishRect } from '../core/reference/finish.ts';
import { WasmFinisher } from './finish.ts';

/** How far SIMD may be from the reference, in samples. */
const TOLERANCE: Readonly<Record<Depth, number>> = { 8: 1, 16: 2 };

const kernels = await openKernels();
const base = kernels.arena.mark();

afterEach(() => kernels.arena.release(base));

const PICTURE = { width: 157, height: 61 };

function noise(channels: Channels): Uint16Array {
  let state = 11;
  return Uint16Array.from({ length: PICTURE.width * PICTURE.height * channels }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // A quarter clear, a quarter opaque.
    if (channels === 4 && i % 4 === 3) return state >>> 31 ? state >>> 16 : state >>> 30 ? 65535 : 0;
    return state >>> 16;
  });
}

function areaOf(samples: Uint16Array, area: Rect, channels: Channels): Uint16Array {
  const part = new Uint16Array(area.width * area.height * channels);
  for (let y = 0; y < area.height; y++) {
    const start = ((area.y + y) * PICTURE.width + area.x) * channels;
    part.set(samples.subarray(start, start + area.width * channels), y * area.width * channels);
  }
  return part;
}

function simd(finish: Finish, samples: Uint16Array, channels: Channels, depth: Depth, rect: Rect): Uint8Array {
  const mark = kernels.arena.mark();
  const finisher = new WasmFinisher(kernels, finish, { ...PICTURE, channels, depth });
  const part = areaOf(samples, finisher.area(rect), channels);
  const address = kernels.arena.alloc(part.byteLength + 64);
  // What was not written shows as NaN.
  kernels.arena.release(kernels.arena.mark());
  kernels.bytes(address, part.byteLength + 64).fill(0xff);
  kernels.bytes(address, part.byteLength).set(new Uint8Array(part.buffer));
  const top = kernels.arena.mark();
  const result = finisher.run(address, rect).slice();
  expect(kernels.arena.mark()).toBe(top);
  kernels.arena.release(mark);
  return result;
}

const FINISHES: readonly Finish[] = [
  { sharpen: { radius: 0.3, amount: 100, threshold: 0 }, grain: null },
  { sharpen: { radius: 1.2, amount: 150, threshold: 4 }, grain: null },
  { sharpen: { radius: 30, amount: 60, threshold: 0 }, grain: null },
  { sharpen: null, grain: { strength: 6, size: 1, seed: -5 } },
  { sharpen: null, grain: { strength: 6, size: 3.3, seed: 12345 } },
  { sharpen: { radius: 2, amount: 90, threshold: 1 }, grain: { strength: 3, size: 12, seed: 1 } },
];

const FORMATS = ([1, 3, 4] as const).flatMap((channels) => [
  { channels, depth: 8 as Depth },
  { channels, depth: 16 as Depth },
]);

describe.each(FORMATS)('$channels channels at $depth bits', ({ channels, depth }) => {
  it.each(FINISHES)('%j is the reference', (finish) => {
    const samples = noise(channels);
    for (const rect of [
      { x: 0, y: 0, ...PICTURE },
      { x: 31, y: 17, width: 46, height: 20 },
    ]) {
      const area = finishArea(finish, PICTURE, rect);
      const input = { samples: areaOf(samples, area, channels), area, channels, picture: PICTURE };
      const want = samplesOf(finishRect(finish, input, rect, depth), depth);
      const got = samplesOf(simd(finish, samples, channels, depth, rect), depth);
      expect(got.length).toBe(want.length);
      const worst = Math.max(...Array.from(want, (value, i) => Math.abs(value - got[i]!)));
      expect(worst).toBeLessThanOrEqual(TOLERANCE[depth]);
    }
  });

  it('bands and regions make the whole', () => {
    const finish = FINISHES[5]!;
    const samples = noise(channels);
    const whole = simd(finish, samples, channels, depth, { x: 0, y: 0, ...PICTURE });
    const pixel = (channels * depth) / 8;
    for (const rect of [
      { x: 0, y: 16, width: PICTURE.width, height: 16 },
      { x: 101, y: 33, width: 56, height: 28 },
      { x: 7, y: 5, width: 1, height: 1 },
    ]) {
      const part = simd(finish, samples, channels, depth, rect);
      for (let y = 0; y < rect.height; y++) {
        const start = ((rect.y + y) * PICTURE.width + rect.x) * pixel;
        const expected = whole.subarray(start, start + rect.width * pixel);
        const row = part.subarray(y * rect.width * pixel, (y + 1) * rect.width * pixel);
        expect(Buffer.compare(row, expected)).toBe(0);
      }
    }
  });
});
