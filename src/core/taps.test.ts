import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KERNEL_NAMES, type KernelName, type ResampleSpec } from './resampling.ts';
import { planStages } from './stages.ts';
import { buildTaps, sourceRowsFor, sourceSpan, stageRects, tapsFor } from './taps.ts';

const weightsOf = (kernel: KernelName, from: number, to: number, i: number): number[] => {
  const { taps, weights } = buildTaps(kernel, from, to);
  return [...weights.subarray(i * taps, (i + 1) * taps)].map((w) => Math.round(w * 1e6) / 1e6);
};

test('weights and starts are those of pixel-centre mapping, folded at the edges', () => {
  expect([...buildTaps('bilinear', 4, 8).starts]).toEqual([0, 0, 0, 1, 1, 2, 2, 2]);
  expect(weightsOf('bilinear', 4, 8, 0)).toEqual([1, 0]);
  expect(weightsOf('bilinear', 4, 8, 1)).toEqual([0.75, 0.25]);
  expect(weightsOf('bilinear', 4, 8, 2)).toEqual([0.25, 0.75]);
  expect(weightsOf('bilinear', 4, 8, 7)).toEqual([0, 1]);
  expect(weightsOf('catmull-rom', 8, 16, 5)).toEqual([-0.070312, 0.867188, 0.226563, -0.023437]);
  expect([...buildTaps('nearest', 3, 7).starts]).toEqual([0, 0, 1, 1, 1, 2, 2]);
});

test('reducing widens the kernel and area is exact coverage', () => {
  expect(weightsOf('bilinear', 8, 4, 1)).toEqual([0.125, 0.375, 0.375, 0.125]);
  expect(weightsOf('area', 5, 2, 0)).toEqual([0.4, 0.4, 0.2]);
  expect(weightsOf('area', 5, 2, 1)).toEqual([0.2, 0.4, 0.4]);
  expect(weightsOf('area', 2, 3, 1)).toEqual([0.5, 0.5]);
  expect(buildTaps('lanczos3', 400, 100).taps).toBe(24);
});

test.each(KERNEL_NAMES)('%s at the same size changes nothing, unless it is Mitchell', (kernel) => {
  expect(buildTaps(kernel, 9, 9).taps === 1).toBe(kernel !== 'mitchell');
});

const axis = fc.record({
  kernel: fc.constantFrom(...KERNEL_NAMES),
  from: fc.integer({ min: 1, max: 300 }),
  factor: fc.double({ min: Math.log(0.05), max: Math.log(50), noNaN: true }),
});
const target = (from: number, factor: number): number => Math.max(1, Math.round(from * Math.exp(factor)));

test('tables stay inside the picture, ascend, sum to 1 and mirror', () => {
  fc.assert(
    fc.property(axis, ({ kernel, from, factor }) => {
      const to = target(from, factor);
      const { size, taps, starts, weights } = buildTaps(kernel, from, to);
      expect([size, starts.length, weights.length]).toEqual([to, to, to * taps]);
      for (let i = 0; i < to; i++) {
        const row = weights.subarray(i * taps, (i + 1) * taps);
        const sum = row.reduce((a, b) => a + b, 0);
        const ordered = i === 0 || starts[i] >= starts[i - 1];
        if (Math.abs(sum - 1) > 1e-12 || !ordered || starts[i] < 0 || starts[i] + taps > from) {
          throw new Error(`output ${i}: sum ${sum}, start ${starts[i]}, taps ${taps}`);
        }
        if (kernel === 'nearest') continue; // a centre on a boundary goes to one side
        for (let k = 0; k < taps; k++) {
          const source = from - 1 - (starts[i] + k);
          const mirrored = source - starts[to - 1 - i];
          const other = mirrored >= 0 && mirrored < taps ? weights[(to - 1 - i) * taps + mirrored] : 0;
          if (Math.abs(other - row[k]) > 1e-9) throw new Error(`output ${i}, tap ${k}: ${row[k]} against ${other}`);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('the span of a run of outputs is the union of its taps', () => {
  fc.assert(
    fc.property(axis, fc.nat(), fc.nat(), ({ kernel, from, factor }, a, b) => {
      const to = target(from, factor);
      const first = a % to;
      const count = 1 + (b % (to - first));
      const { starts, taps } = tapsFor(kernel, from, to);
      const touched = Array.from({ length: count }, (_, i) => starts[first + i]);
      const span = sourceSpan(kernel, from, to, first, count);
      expect(span.first).toBe(Math.min(...touched));
      expect(span.first + span.count).toBe(Math.max(...touched) + taps);
    }),
    { numRuns: 100 },
  );
});

describe('through several stages', () => {
  const from = { width: 100, height: 80 };
  const stages = planStages('progressive', 'lanczos3', from, { width: 500, height: 400 });
  const spec: ResampleSpec = {
    stages,
    input: { channels: 3, depth: 8 },
    output: { channels: 3, depth: 8 },
    curves: null,
    clampOvershoot: false,
    background: null,
  };

  test('rows and rectangles are traced back to the source', () => {
    // 5x is 2x, 2x, 1.25x with four taps each: rows 200..209 of 400 need 158..169 of 320, those 77..86 of 160, those 37..44.
    expect(stageRects(stages, { x: 0, y: 200, width: 500, height: 10 }).map((r) => [r.y, r.height])).toEqual([
      [37, 8],
      [77, 10],
      [158, 12],
      [200, 10],
    ]);
    expect(sourceRowsFor(spec, 200, 10)).toEqual({ first: 37, count: 8 });
  });

  test('the whole output needs the whole source', () => {
    expect(sourceRowsFor(spec, 0, 400)).toEqual({ first: 0, count: 80 });
  });
});

test('a span is found without a table, which may be larger than memory', () => {
  const to = 2 ** 31 - 1;
  const { first, count } = sourceSpan('lanczos3', 1000, to, to - 16, 16);
  expect(first + count).toBe(1000);
  expect(count).toBe(tapsFor('lanczos3', 1000, 4000).taps);
});
