import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerRow, maxSample, samplesOf, type PixelFormat } from '../pixels.ts';
import { KERNEL_NAMES, type KernelName, type ResampleSpec } from '../resampling.ts';
import type { SourceWindow } from '../source.ts';
import { planStages } from '../stages.ts';
import { sourceRowsFor } from '../taps.ts';
import { srgbCurves, srgbToLinear } from '../transfer.ts';
import { noise, specOf, whole } from '../resampling.testing.ts';
import { resampleRect } from './resample.ts';

/* A second resampler, written from the definitions alone: the weight of every source pixel for every output pixel. */
const sinc = (x: number): number => (Math.abs(x) < 1e-12 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const bicubic = (x: number, b: number, c: number): number => {
  const [d, e, f] = [Math.abs(x), Math.abs(x) ** 2, Math.abs(x) ** 3];
  if (d < 1) return (1 - b / 3 + (b * 2 + c - 3) * e + (2 - b * 1.5 - c) * f) as number;
  return d < 2 ? (b * 4) / 3 + 4 * c - (2 * b + 8 * c) * d + (b + 5 * c) * e - (b / 6 + c) * f : 0;
};
const lobes = (x: number, n: number): number => (Math.abs(x) < n ? sinc(x) * sinc(x / n) : 0);
const FORMULAS: Readonly<Record<Exclude<KernelName, 'nearest' | 'area'>, readonly [number, (x: number) => number]>> = {
  bilinear: [1, (x) => Math.max(1 - Math.abs(x), 0)],
  'catmull-rom': [2, (x) => bicubic(x, 0, 0.5)],
  mitchell: [2, (x) => bicubic(x, 1 / 3, 1 / 3)],
  lanczos2: [2, (x) => lobes(x, 2)],
  lanczos3: [3, (x) => lobes(x, 3)],
  lanczos4: [4, (x) => lobes(x, 4)],
};

function bruteWeights(kernel: KernelName, from: number, to: number, i: number): number[] {
  const weights = new Array<number>(from).fill(0);
  const ratio = from / to;
  if (kernel === 'nearest') {
    weights[Math.floor((i + 0.5) * ratio)] = 1;
  } else if (kernel === 'area') {
    for (let j = 0; j < from; j++) {
      weights[j] = Math.max(0, Math.min((i + 1) * ratio, j + 1) - Math.max(i * ratio, j)) / ratio;
    }
  } else {
    const [support, formula] = FORMULAS[kernel];
    const scale = Math.max(ratio, 1);
    const centre = (i + 0.5) * ratio - 0.5;
    for (let j = Math.floor(centre - support * scale); j <= centre + support * scale; j++) {
      weights[Math.min(Math.max(j, 0), from - 1)] += formula((j - centre) / scale);
    }
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

/** Unrounded output samples, 0..max. */
function brute(source: SourceWindow, spec: ResampleSpec): number[] {
  const { kernel, to } = spec.stages[0];
  const { width, height, channels } = source;
  const samples = samplesOf(source.data, source.depth);
  const scale = 1 / maxSample(source.depth);
  const max = maxSample(spec.output.depth);
  const light = (v: number): number => (spec.curves ? srgbToLinear(v) : v);
  const dark = (v: number): number => {
    const c = Math.min(Math.max(v, 0), 1);
    if (!spec.curves) return c;
    return c <= 0.04045 / 12.92 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055;
  };
  const columns = Array.from({ length: to.width }, (_, x) => bruteWeights(kernel, width, to.width, x));
  const out: number[] = [];
  for (let y = 0; y < to.height; y++) {
    const rows = bruteWeights(kernel, height, to.height, y);
    for (let x = 0; x < to.width; x++) {
      const sums = [0, 0, 0, 0];
      let coverage = 0;
      rows.forEach((v, r) => {
        if (v === 0) return;
        columns[x].forEach((w, c) => {
          if (w === 0) return;
          const at = (r * width + c) * channels;
          const alpha = channels === 4 ? samples[at + 3] * scale : 1;
          coverage += v * w * alpha;
          for (let k = 0; k < Math.min(channels, 3); k++) {
            const under = spec.background ? (1 - alpha) * light(spec.background[k]) : 0;
            sums[k] += v * w * (light(samples[at + k] * scale) * alpha + under);
          }
        });
      });
      const alpha = Math.min(Math.max(coverage, 0), 1);
      const divisor = spec.output.channels === 4 ? Math.max(alpha, 0.5 / max) : 1;
      for (let k = 0; k < Math.min(spec.output.channels, 3); k++) out.push(dark(sums[k] / divisor) * max);
      if (spec.output.channels === 4) out.push(alpha * max);
    }
  }
  return out;
}

/** The largest distance beyond correct rounding, in output samples; of 16-bit colours, weighed by their alpha. */
function excess(actual: Uint8Array, exact: readonly number[], { channels, depth }: PixelFormat): number {
  const samples = samplesOf(actual, depth);
  expect(samples.length).toBe(exact.length);
  const weight = (i: number): number => (channels === 4 && depth === 16 && i % 4 < 3 ? exact[i | 3] / 65535 : 1);
  return exact.reduce((worst, v, i) => Math.max(worst, weight(i) * (Math.abs(samples[i] - v) - 0.5)), 0);
}

const SIZES = [
  { width: 23, height: 31 },
  { width: 5, height: 4 },
  { width: 13, height: 11 },
  { width: 31, height: 3 },
];

describe.each(KERNEL_NAMES)('%s', (kernel) => {
  test.each([1, 3, 4] as const)('of %d channels is the weighted sum by definition, rounded once', (channels) => {
    for (const to of SIZES) {
      for (const depth of [8, 16] as const) {
        const source = noise(13, 11, { channels, depth });
        for (const rest of [{}, { curves: srgbCurves(channels) }]) {
          const spec = specOf(source, to, kernel, rest);
          const worst = excess(resampleRect(spec, source, whole(spec)), brute(source, spec), spec.output);
          // Floats between the passes: 2^-24 of full scale; light curves magnify it.
          expect(worst).toBeLessThan(depth === 8 ? 0.01 : 0.6);
        }
      }
    }
  });
});

test('depths are converted and backgrounds laid in the same rounding', () => {
  const source = noise(13, 11, { channels: 4, depth: 8 });
  for (const curves of [null, srgbCurves(3)]) {
    for (const depth of [8, 16] as const) {
      const output = { channels: 3, depth } as const;
      const spec = specOf(source, SIZES[0], 'lanczos3', { curves, output, background: [1, 0.5, 0.25] });
      const worst = excess(resampleRect(spec, source, whole(spec)), brute(source, spec), spec.output);
      expect(worst).toBeLessThan(depth === 8 ? 0.01 : 0.6);
    }
  }
});

test('16 bits to 8 and back keep what fits', () => {
  const source = noise(9, 9, { channels: 3, depth: 8 });
  const wide = specOf(source, source, 'lanczos3', { output: { channels: 3, depth: 16 } });
  const deep = resampleRect(wide, source, whole(wide));
  expect([...samplesOf(deep, 16)]).toEqual([...source.data].map((v) => v * 257));
  const narrow = specOf({ ...source, depth: 16, data: deep }, source, 'lanczos3', {
    output: { channels: 3, depth: 8 },
  });
  expect(resampleRect(narrow, { ...source, depth: 16, data: deep }, whole(narrow))).toEqual(source.data);
});

test.each(KERNEL_NAMES.filter((name) => name !== 'mitchell'))('%s at the same size is the source', (kernel) => {
  for (const channels of [1, 3, 4] as const) {
    for (const depth of [8, 16] as const) {
      const source = noise(17, 12, { channels, depth });
      // Colours under alpha 0 are lost by premultiplying.
      if (channels === 4) samplesOf(source.data, depth).forEach((v, i, all) => (all[i] = i % 4 === 3 ? v || 1 : v));
      for (const curves of [null, srgbCurves(channels)]) {
        const spec = specOf(source, source, kernel, { curves });
        expect(resampleRect(spec, source, whole(spec))).toEqual(source.data);
      }
    }
  }
});

test('clamping overshoot keeps an edge within its two sides, and only then', () => {
  const source = noise(16, 16, { channels: 1, depth: 8 });
  source.data.forEach((_, i, data) => (data[i] = i % 16 < 8 ? 60 : 190));
  const range = (clampOvershoot: boolean): number[] => {
    const spec = specOf(source, { width: 64, height: 64 }, 'lanczos3', { clampOvershoot });
    const out = resampleRect(spec, source, whole(spec));
    return [Math.min(...out), Math.max(...out)];
  };
  expect(range(true)).toEqual([60, 190]);
  expect(range(false)[0]).toBeLessThan(55);
  expect(range(false)[1]).toBeGreaterThan(195);
});

test('transparent pixels lend no colour to their neighbours', () => {
  const source = noise(8, 8, { channels: 4, depth: 8 });
  for (let i = 0; i < 256; i += 4) source.data.set(i % 32 < 16 ? [255, 0, 0, 0] : [0, 0, 200, 255], i);
  const spec = specOf(source, { width: 24, height: 24 }, 'lanczos3');
  const out = resampleRect(spec, source, whole(spec));
  for (let i = 0; i < out.length; i += 4) expect(out[i]).toBe(0);
});

test('linear light averages light: black and white lines become 188, not 128', () => {
  const source = noise(64, 64, { channels: 1, depth: 8 });
  source.data.forEach((_, i, data) => (data[i] = i & 1 ? 255 : 0));
  const value = (curves: ResampleSpec['curves']): number => {
    const spec = specOf(source, { width: 32, height: 64 }, 'area', { curves });
    return resampleRect(spec, source, { x: 10, y: 10, width: 1, height: 1 })[0];
  };
  expect([value(null), value(srgbCurves(1))]).toEqual([128, 188]);
});

const anySpec = fc.record({
  kernel: fc.constantFrom(...KERNEL_NAMES),
  method: fc.constantFrom('direct' as const, 'progressive' as const, 'fractional' as const),
  channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
  depth: fc.constantFrom(8 as const, 16 as const),
  width: fc.integer({ min: 1, max: 60 }),
  height: fc.integer({ min: 1, max: 60 }),
  linear: fc.boolean(),
  clampOvershoot: fc.boolean(),
});

test('any rectangle, from any ring that holds its rows, equals that part of the whole', () => {
  fc.assert(
    fc.property(anySpec, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (c, [a, b, d, e, f]) => {
      const source = noise(19, 17, c);
      const to = { width: c.width, height: c.height };
      const spec = specOf(source, to, c.kernel, {
        stages: planStages(c.method, c.kernel, { width: 19, height: 17 }, to),
        curves: c.linear ? srgbCurves(c.channels) : null,
        clampOvershoot: c.clampOvershoot,
      });
      const all = resampleRect(spec, source, whole(spec));
      const [x, y] = [a % to.width, b % to.height];
      const rect = { x, y, width: 1 + (d % (to.width - x)), height: 1 + (e % (to.height - y)) };
      const rows = sourceRowsFor(spec, rect.y, rect.height);
      const capacity = Math.min(rows.count + (f % 3), 17);
      const stride = bytesPerRow(19, source);
      // Rows that are not promised are noise of another seed, so reading one would show.
      const ring = noise(19, capacity, c, 'noise', 99).data;
      for (let r = rows.first; r < rows.first + rows.count; r++) {
        ring.set(source.data.subarray(r * stride, (r + 1) * stride), (r % capacity) * stride);
      }
      const part = resampleRect(spec, { ...source, capacity, data: ring }, rect);
      const pixel = bytesPerRow(1, spec.output);
      for (let r = 0; r < rect.height; r++) {
        const start = ((y + r) * to.width + x) * pixel;
        const expected = all.subarray(start, start + rect.width * pixel);
        expect(part.subarray(r * rect.width * pixel, (r + 1) * rect.width * pixel)).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test('what cannot be right is refused', () => {
  const source = noise(8, 8, { channels: 4, depth: 8 });
  const spec = specOf(source, { width: 16, height: 16 }, 'lanczos3');
  const run =
    (s: ResampleSpec, rect = whole(spec), window = source) =>
    () =>
      resampleRect(s, window, rect);
  expect(run(spec, { x: 10, y: 0, width: 7, height: 1 })).toThrow(/outside 16 x 16/);
  expect(run(spec, whole(spec), noise(9, 8, { channels: 4, depth: 8 }))).toThrow(/window does not match/);
  expect(run({ ...spec, output: { channels: 3, depth: 8 } })).toThrow(/4 channels in, 3 out/);
  expect(run({ ...spec, curves: srgbCurves(1) })).toThrow(/1 curves for 3/);
});
