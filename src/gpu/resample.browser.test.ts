import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeOf, type Rect, type Size } from '../core/geometry.ts';
import type { Channels, Depth } from '../core/pixels.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { KERNEL_NAMES, outputSize, type ResampleSpec } from '../core/resampling.ts';
import { planStages } from '../core/stages.ts';
import { srgbCurves } from '../core/transfer.ts';
import type { GpuContext } from './context.ts';
import type { GpuEngineOptions } from './engine.ts';
import { compare, directSpec, jobOf, never, openContext, testSource, withEngine } from './support.testing.ts';

/** Largest differences from the scalar reference that count as the same, by depth: sums of 32-bit floats may round the other way. */
const TOLERANCE = { 8: 1, 16: 2 } as const;

let context: GpuContext;
beforeAll(async () => {
  context = await openContext();
});
afterAll(() => context.destroy());

async function differenceOf(spec: ResampleSpec, rect?: Rect, options: Omit<GpuEngineOptions, 'encoders'> = {}) {
  const source = testSource(spec.stages[0].from, spec.input);
  const wanted = rect ?? wholeOf(outputSize(spec));
  const actual = await withEngine(context, jobOf(spec, source), (engine) => engine.pixels(wanted, never), options);
  return compare(actual, resampleRect(spec, source, wanted), wanted.width, spec.output);
}

async function expectSame(spec: ResampleSpec, rect?: Rect, options?: Omit<GpuEngineOptions, 'encoders'>) {
  const { largest, at } = await differenceOf(spec, rect, options);
  expect(largest, at).toBeLessThanOrEqual(TOLERANCE[spec.output.depth]);
}

const FROM: Size = { width: 37, height: 29 };
const SIZES: readonly Size[] = [
  { width: 133, height: 101 },
  { width: 37, height: 29 },
  { width: 13, height: 11 },
  { width: 90, height: 9 },
];

describe('a stage equals the reference', () => {
  it.each(KERNEL_NAMES)('%s, larger and smaller', async (kernel) => {
    for (const to of SIZES) await expectSame(directSpec(FROM, to, kernel, 3, 8));
  });

  const formats: readonly (readonly [Channels, Depth])[] = [
    [1, 8],
    [1, 16],
    [3, 16],
    [4, 8],
    [4, 16],
  ];
  it.each(formats)('%i channels of %i bits, encoded and linear, free and clamped', async (channels, depth) => {
    for (const curves of [null, srgbCurves(channels)]) {
      for (const clampOvershoot of [false, true]) {
        await expectSame(directSpec(FROM, SIZES[0], 'lanczos3', channels, depth, { curves, clampOvershoot }));
      }
    }
  });

  it('lays transparent pixels on a background', async () => {
    for (const curves of [null, srgbCurves(3)]) {
      const output = { channels: 3, depth: 8 } as const;
      await expectSame(directSpec(FROM, SIZES[0], 'lanczos3', 4, 8, { output, curves, background: [0.9, 0.5, 0.1] }));
    }
  });

  it('changes the depth', async () => {
    await expectSame(directSpec(FROM, SIZES[0], 'mitchell', 3, 16, { output: { channels: 3, depth: 8 } }));
    await expectSame(directSpec(FROM, SIZES[0], 'mitchell', 3, 8, { output: { channels: 3, depth: 16 } }));
  });

  it.each([
    [1, 1, 40, 30],
    [1, 50, 3, 3],
    [50, 1, 500, 2],
    [7, 5, 350, 250],
    [400, 3, 20, 1],
  ])('%i x %i to %i x %i', async (w, h, width, height) => {
    await expectSame(directSpec({ width: w, height: h }, { width, height }, 'lanczos4', 3, 8));
  });
});

describe('several stages equal the reference', () => {
  it.each(['progressive', 'fractional'] as const)('%s', async (method) => {
    for (const channels of [3, 4] as const) {
      const stages = planStages(method, 'lanczos3', FROM, { width: 190, height: 141 }, { budgetBytes: 200_000 });
      expect(stages.length).toBeGreaterThan(1);
      await expectSame({ ...directSpec(FROM, FROM, 'lanczos3', channels, 8), stages });
      await expectSame({ ...directSpec(FROM, FROM, 'lanczos3', channels, 8, { clampOvershoot: true }), stages });
    }
  });
});

describe('parts', () => {
  const spec = directSpec(FROM, { width: 301, height: 203 }, 'lanczos3', 3, 8);

  it.each([
    { x: 0, y: 0, width: 1, height: 1 },
    { x: 300, y: 202, width: 1, height: 1 },
    { x: 17, y: 33, width: 101, height: 5 },
    { x: 250, y: 0, width: 51, height: 203 },
  ])('the rectangle at $x, $y of $width x $height equals the same part of the reference', async (rect) => {
    await expectSame(spec, rect);
  });

  it('are the same bytes however they are cut into tiles', async () => {
    const source = testSource(FROM, spec.input);
    const whole = wholeOf(outputSize(spec));
    const pixels = (options: Omit<GpuEngineOptions, 'encoders'>) =>
      withEngine(context, jobOf(spec, source), (engine) => engine.pixels(whole, never), options);
    const uncut = await pixels({});
    for (const options of [{ mostWork: 50_000 }, { scratchBytes: 16_384 }, { scratchBytes: 4096, mostWork: 1 }]) {
      expect(compare(await pixels(options), uncut, whole.width, spec.output)).toEqual({ largest: 0, at: '' });
    }
  });

  it('come from a window that holds only some rows, as a ring', async () => {
    const full = testSource(FROM, spec.input);
    const capacity = 13;
    const stride = FROM.width * 3;
    const ring = { ...full, capacity, data: new Uint8Array(new SharedArrayBuffer(capacity * stride)) };
    for (let y = 9; y < 9 + capacity; y++) {
      ring.data.set(full.data.subarray(y * stride, (y + 1) * stride), (y % capacity) * stride);
    }
    const rect = { x: 0, y: 91, width: 301, height: 36 };
    const actual = await withEngine(context, jobOf(spec, ring), (engine) => engine.pixels(rect, never));
    expect(compare(actual, resampleRect(spec, full, rect), 301, spec.output).largest).toBeLessThanOrEqual(1);
  });
});
