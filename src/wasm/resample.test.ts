import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { openKernels } from '../../test/support/kernels.ts';
import type { Rect } from '../core/geometry.ts';
import { bytesPerRow, samplesOf, type Channels, type Depth, type PixelFormat } from '../core/pixels.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { KERNEL_NAMES, METHOD_NAMES, type ResampleSpec } from '../core/resampling.ts';
import { noise, specOf, whole, type Alpha } from '../core/resampling.testing.ts';
import type { SourceWindow } from '../core/source.ts';
import { planStages } from '../core/stages.ts';
import { sourceRowsFor } from '../core/taps.ts';
import { sampleCurve, srgbCurves } from '../core/transfer.ts';
import { WasmResampler } from './resample.ts';

/** How far SIMD may be from the reference, in samples. */
const TOLERANCE: Readonly<Record<Depth, number>> = { 8: 1, 16: 2 };

const kernels = await openKernels();
const base = kernels.arena.mark();

afterEach(() => expect(kernels.arena.mark()).toBe(base));

const POISONED = 2 ** 21;

/** Fills the next memory with NaN patterns, so that use of anything not written would show. */
function poison(): void {
  const mark = kernels.arena.mark();
  const length = Math.min(kernels.exports.memory.buffer.byteLength - mark, POISONED);
  kernels.bytes(mark, length).fill(0xff);
}

function simd(spec: ResampleSpec, window: SourceWindow, rects: readonly Rect[]): Uint8Array<ArrayBuffer>[] {
  const before = kernels.arena.mark();
  poison();
  const resampler = new WasmResampler(kernels, spec, window);
  const parts = rects.map((rect) => {
    const mark = kernels.arena.mark();
    poison();
    const part = resampler.run(window, rect).slice();
    kernels.arena.release(mark);
    return part;
  });
  resampler.close();
  expect(kernels.arena.mark()).toBe(before);
  return parts;
}

/** The largest difference of a sample; of 16-bit colours with alpha, weighed by the alpha, as they will be seen. */
function distance(a: Uint8Array, b: Uint8Array, { channels, depth }: PixelFormat): number {
  const [v, w] = [samplesOf(a, depth), samplesOf(b, depth)];
  expect(v.length).toBe(w.length);
  let worst = 0;
  for (let i = 0; i < v.length; i++) {
    const weight = channels === 4 && depth === 16 && i % 4 < 3 ? v[i | 3] / 65535 : 1;
    worst = Math.max(worst, weight * Math.abs(v[i] - w[i]));
  }
  return worst;
}

const expectAgreement = (spec: ResampleSpec, source: SourceWindow): void => {
  const [actual] = simd(spec, source, [whole(spec)]);
  const reference = resampleRect(spec, source, whole(spec));
  expect(distance(reference, actual, spec.output)).toBeLessThanOrEqual(TOLERANCE[spec.output.depth]);
};

const SIZES = [
  { width: 100, height: 71 },
  { width: 61, height: 43 },
  { width: 122, height: 86 },
  { width: 23, height: 17 },
  { width: 1100, height: 9 },
  { width: 4, height: 200 },
];

const COLOURS = [
  { name: 'encoded', linear: false, clampOvershoot: false },
  { name: 'linear', linear: true, clampOvershoot: false },
  { name: 'clamped', linear: false, clampOvershoot: true },
  { name: 'linear and clamped', linear: true, clampOvershoot: true },
];

const FORMATS: readonly (readonly [Channels, Depth, Depth])[] = [
  [1, 8, 8],
  [3, 8, 8],
  [4, 8, 8],
  [1, 16, 16],
  [3, 16, 16],
  [4, 16, 16],
  [3, 8, 16],
  [4, 16, 8],
];

describe.each(KERNEL_NAMES)('%s agrees with the reference', (kernel) => {
  test.each(FORMATS)('%d channels, %d bits to %d', (channels, depth, outputDepth) => {
    const source = noise(61, 43, { channels, depth });
    for (const to of SIZES) {
      for (const { linear, clampOvershoot } of COLOURS) {
        const curves = linear ? srgbCurves(channels) : null;
        const output = { channels, depth: outputDepth };
        expectAgreement(specOf(source, to, kernel, { curves, clampOvershoot, output }), source);
      }
    }
  });

  test.each(['noise', 'opaque', 'patches'] as const)('with alpha of %s, kept or laid on a background', (alpha) => {
    const source = noise(300, 30, { channels: 4, depth: 8 }, alpha);
    for (const to of [
      { width: 1200, height: 75 },
      { width: 130, height: 14 },
    ]) {
      expectAgreement(specOf(source, to, kernel), source);
      const output = { channels: 3, depth: 8 } as const;
      for (const curves of [null, srgbCurves(3)]) {
        expectAgreement(specOf(source, to, kernel, { output, curves, background: [0.9, 0, 0.3] }), source);
      }
    }
  });
});

test('curves that differ between channels, or jump, agree', () => {
  // With a toe, as sRGB has: a pure power is infinitely steep at black, where a float's last bit is tens of 16-bit samples.
  const gamma = (g: number): Float32Array => sampleCurve((v) => Math.max(v / 16, v ** g));
  const jumping = sampleCurve((v) => (v < 0.5 ? v / 10 : 1 - 0.9 * (1 - v)));
  for (const toLinear of [
    [gamma(1.8), gamma(2.2), gamma(1)],
    [jumping, jumping, jumping],
    [jumping, gamma(2.4), jumping],
  ]) {
    for (const [channels, depth] of FORMATS.filter(([count]) => count !== 1)) {
      const source = noise(61, 43, { channels, depth });
      for (const to of SIZES) expectAgreement(specOf(source, to, 'lanczos3', { curves: { toLinear } }), source);
    }
  }
});

test.each(['progressive', 'fractional'] as const)('%s stages agree', (method) => {
  for (const [channels, depth] of FORMATS) {
    const source = noise(61, 43, { channels, depth });
    for (const to of [...SIZES, { width: 450, height: 300 }]) {
      for (const linear of [false, true]) {
        const stages = planStages(method, 'lanczos3', { width: 61, height: 43 }, to);
        expectAgreement(
          specOf(source, to, 'lanczos3', { stages, curves: linear ? srgbCurves(channels) : null }),
          source,
        );
      }
    }
  }
});

test('the extreme factors agree', () => {
  const source = noise(201, 7, { channels: 3, depth: 8 });
  for (const kernel of KERNEL_NAMES) {
    expectAgreement(specOf(source, { width: 10, height: 350 }, kernel), source);
    expectAgreement(specOf(source, { width: 10050, height: 1 }, kernel), source);
  }
});

test('flat pictures stay exactly flat', () => {
  for (const channels of [1, 3, 4] as const) {
    for (const value of [0, 1, 127, 128, 254, 255]) {
      const source = noise(40, 30, { channels, depth: 8 });
      source.data.fill(value);
      if (channels === 4) source.data.forEach((_, i) => i % 4 === 3 && (source.data[i] = 255));
      const spec = specOf(source, { width: 167, height: 93 }, 'lanczos3');
      const [out] = simd(spec, source, [whole(spec)]);
      expect(out.every((v, i) => v === (channels === 4 && i % 4 === 3 ? 255 : value))).toBe(true);
    }
  }
});

test('a rectangle beside a transparent patch goes the way of its strip', () => {
  // The patch ends at column 375 of 1500; columns up to 511 are in its strip, and not taken as opaque although they are.
  const source = noise(200, 40, { channels: 4, depth: 8 }, 'patches');
  const spec = specOf(source, { width: 1500, height: 300 }, 'lanczos3');
  const rects = [
    { x: 420, y: 170, width: 80, height: 100 },
    { x: 420, y: 170, width: 700, height: 100 },
    { x: 0, y: 170, width: 1500, height: 100 },
  ];
  const [narrow, wide, full] = simd(spec, source, rects);
  for (let y = 0; y < 100; y++) {
    const expected = full.subarray((y * 1500 + 420) * 4, (y * 1500 + 500) * 4);
    expect(narrow.subarray(y * 320, (y + 1) * 320)).toEqual(expected);
    expect(wide.subarray(y * 2800, y * 2800 + 320)).toEqual(expected);
  }
});

test.each([
  ['lanczos3', 4],
  ['lanczos4', 3.7],
  ['mitchell', 2],
  ['catmull-rom', 1.3],
  ['lanczos3', 0.3],
] as const)('fixed point rounds as the reference nearly always: %s at %d', (kernel, factor) => {
  for (const channels of [1, 3, 4] as const) {
    const source = noise(150, 150, { channels, depth: 8 }, 'opaque');
    const side = Math.round(150 * factor);
    const spec = specOf(source, { width: side, height: side }, kernel);
    const [actual] = simd(spec, source, [whole(spec)]);
    const reference = resampleRect(spec, source, whole(spec));
    const different = actual.reduce((count, v, i) => count + Number(v !== reference[i]), 0);
    // 14-bit weights and 7 fraction bits between the passes make errors of a few hundredths of a sample.
    expect(different / actual.length).toBeLessThan(0.04);
  }
});

const anyCase = fc.record({
  kernel: fc.constantFrom(...KERNEL_NAMES),
  method: fc.constantFrom(...METHOD_NAMES),
  format: fc.constantFrom(...FORMATS),
  alpha: fc.constantFrom<Alpha>('noise', 'opaque', 'patches'),
  // Several strips wide, so that rectangles begin and end inside them.
  width: fc.integer({ min: 1, max: 1400 }),
  height: fc.integer({ min: 1, max: 40 }),
  linear: fc.boolean(),
  clampOvershoot: fc.boolean(),
});

test('any rectangle, from any ring that holds its rows, equals that part of the whole', () => {
  fc.assert(
    fc.property(anyCase, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (c, [a, b, d, e, f]) => {
      const [channels, depth, outputDepth] = c.format;
      const from = { width: 190, height: 17 };
      const source = noise(190, 17, { channels, depth }, c.alpha);
      const to = { width: c.width, height: c.height };
      const spec = specOf(source, to, c.kernel, {
        stages: planStages(c.method, c.kernel, from, to),
        output: { channels, depth: outputDepth },
        curves: c.linear ? srgbCurves(channels) : null,
        clampOvershoot: c.clampOvershoot,
      });
      const [x, y] = [a % to.width, b % to.height];
      const rect = { x, y, width: 1 + (d % (to.width - x)), height: 1 + (e % (to.height - y)) };
      const rows = sourceRowsFor(spec, rect.y, rect.height);
      const capacity = Math.min(rows.count + (f % 3), from.height);
      const stride = bytesPerRow(from.width, source);
      const ring = noise(from.width, capacity, source, 'noise', 99).data;
      for (let r = rows.first; r < rows.first + rows.count; r++) {
        ring.set(source.data.subarray(r * stride, (r + 1) * stride), (r % capacity) * stride);
      }
      const [all] = simd(spec, source, [whole(spec)]);
      const [part] = simd(spec, { ...source, capacity, data: ring }, [rect]);
      const pixel = bytesPerRow(1, spec.output);
      for (let r = 0; r < rect.height; r++) {
        const start = ((y + r) * to.width + x) * pixel;
        const expected = all.subarray(start, start + rect.width * pixel);
        const actual = part.subarray(r * rect.width * pixel, (r + 1) * rect.width * pixel);
        if (Buffer.compare(actual, expected) !== 0) throw new Error(`row ${r} differs`);
      }
    }),
    { numRuns: 150 },
  );
});

test.each([1, 2, 7, 16, 64])('bands of %d rows make the whole', (rows) => {
  for (const [channels, depth] of FORMATS) {
    const source = noise(50, 40, { channels, depth }, 'patches');
    const spec = specOf(source, { width: 570, height: 131 }, 'lanczos3');
    const bands: Rect[] = [];
    for (let y = 0; y < 131; y += rows) bands.push({ x: 0, y, width: 570, height: Math.min(rows, 131 - y) });
    const [all] = simd(spec, source, [whole(spec)]);
    expect(Buffer.concat(simd(spec, source, bands)).equals(all)).toBe(true);
  }
});

test('columns in groups agree, and any part of them equals that part of the whole', () => {
  for (const width of [3, 5, 6, 7, 8, 12, 190]) {
    const source = noise(width, 9, { channels: 3, depth: 8 });
    const spec = specOf(source, { width: width * 4, height: 31 }, 'lanczos3');
    expectAgreement(spec, source);
    const [all] = simd(spec, source, [whole(spec)]);
    const rects: Rect[] = [];
    for (const x of [0, 1, 2, 3, 4, 6, 503, 511, 515].filter((left) => left < width * 4)) {
      for (const columns of [1, 2, 7, 8, 11, 16, 250]) {
        rects.push({ x, y: 13, width: Math.min(columns, width * 4 - x), height: 3 });
      }
    }
    simd(spec, source, rects).forEach((part, i) => {
      const { x, width: columns } = rects[i];
      for (let r = 0; r < 3; r++) {
        const start = ((13 + r) * width * 4 + x) * 3;
        const expected = all.subarray(start, start + columns * 3);
        expect(part.subarray(r * columns * 3, (r + 1) * columns * 3)).toEqual(expected);
      }
    });
  }
});

test('memory is bounded by the band', async () => {
  const cases = [
    { from: { width: 2000, height: 3000 }, to: { width: 30000, height: 45000 }, rows: 64, megabytes: 12 },
    { from: { width: 24000, height: 25000 }, to: { width: 6000, height: 6250 }, rows: 32, megabytes: 20 },
  ];
  for (const { from, to, rows, megabytes } of cases) {
    const own = await openKernels();
    const format = { channels: 3, depth: 8 } as const;
    const stages = planStages('direct', 'lanczos3', from, to);
    const spec = { stages, input: format, output: format, curves: null, clampOvershoot: false, background: null };
    const resampler = new WasmResampler(own, spec, from);
    const y = 3200;
    const { count } = sourceRowsFor(spec, y, rows);
    const data = new Uint8Array(count * from.width * 3).fill(77);
    const mark = own.arena.mark();
    const band = resampler.run(
      { ...from, ...format, capacity: count, data },
      { x: 0, y, width: to.width, height: rows },
    );
    expect(band.every((v) => v === 77)).toBe(true);
    own.arena.release(mark);
    expect(own.exports.memory.buffer.byteLength / 2 ** 20).toBeLessThan(megabytes);
  }
});

test('a failed run leaves nothing behind', () => {
  const source = noise(20, 20, { channels: 3, depth: 8 });
  const spec = specOf(source, { width: 40, height: 40 }, 'lanczos3');
  const resampler = new WasmResampler(kernels, spec, source);
  const mark = kernels.arena.mark();
  expect(() => resampler.run(source, { x: 39, y: 0, width: 2, height: 1 })).toThrow(/outside 40 x 40/);
  expect(kernels.arena.mark()).toBe(mark);
  resampler.close();
  expect(() => new WasmResampler(kernels, spec, { width: 21, height: 20 })).toThrow(/not 20 x 20/);
});
