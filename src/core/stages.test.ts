import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METHOD_NAMES, type Stage } from './resampling.ts';
import { planStages } from './stages.ts';

const size = (width: number, height: number) => ({ width, height });
const line = ({ to, kernel }: Stage): string => `${to.width}x${to.height} ${kernel}`;

test('direct is one stage with the kernel asked for', () => {
  expect(planStages('direct', 'catmull-rom', size(10, 20), size(50, 5))).toEqual([
    { from: size(10, 20), to: size(50, 5), kernel: 'catmull-rom' },
  ]);
});

test.each([
  [size(100, 60), size(400, 240), ['200x120 mitchell', '400x240 mitchell']],
  [size(100, 60), size(450, 270), ['200x120 mitchell', '400x240 mitchell', '450x270 mitchell']],
  [size(100, 60), size(130, 78), ['130x78 mitchell']],
  [size(100, 40), size(450, 60), ['200x60 mitchell', '400x60 mitchell', '450x60 mitchell']],
  [size(101, 80), size(20, 20), ['51x40 area', '26x20 area', '20x20 mitchell']],
  [size(80, 80), size(20, 20), ['40x40 area', '20x20 area']],
  [size(90, 30), size(20, 60), ['45x30 area', '23x30 area', '20x60 mitchell']],
  [size(7, 7), size(7, 7), ['7x7 lanczos3']],
])('progressive from %o to %o', (from, to, stages) => {
  expect(planStages('progressive', 'lanczos3', from, to).map(line)).toEqual(stages);
});

const MEGABYTE = 2 ** 20;
test.each([
  // Doublings while they fit; 100 x 100 x 16 bytes is far from any budget.
  [size(100, 100), size(200, 200), 256, ['200x200']],
  [size(100, 100), size(210, 210), 256, ['210x210']],
  [size(100, 100), size(130, 130), 256, ['110x110', '130x130']],
  [size(100, 100), size(1000, 1000), 256, ['200x200', '400x400', '800x800', '880x880', '1000x1000']],
  // 1 MiB is 65536 pixels of 16 bytes, 256 x 256: after 200 only 1.1x fits, then nothing does.
  [size(100, 100), size(1000, 1000), 1, ['200x200', '220x220', '242x242', '1000x1000']],
  [size(160, 160), size(1000, 1000), 1, ['240x240', '1000x1000']],
  [size(300, 300), size(1000, 1000), 1, ['1000x1000']],
  [size(100, 100), size(300, 50), 256, ['200x50', '300x50']],
])('fractional from %o to %o within %d MiB', (from, to, budget, stages) => {
  const planned = planStages('fractional', 'lanczos3', from, to, { budgetBytes: budget * MEGABYTE });
  expect(planned.map((s) => `${s.to.width}x${s.to.height}`)).toEqual(stages);
  expect(new Set(planned.map((s) => s.kernel))).toEqual(new Set(['lanczos3']));
});

describe('any plan', () => {
  const side = fc.integer({ min: 1, max: 3000 });
  const anySize = fc.record({ width: side, height: side });

  test('is a chain from the source to the target, within the budget', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METHOD_NAMES), anySize, anySize, (method, from, to) => {
        const budgetBytes = 4 * MEGABYTE;
        const stages = planStages(method, 'lanczos3', from, to, { budgetBytes });
        expect(stages[0].from).toEqual(from);
        expect(stages.at(-1)!.to).toEqual(to);
        expect(stages.length).toBeLessThan(60);
        stages.slice(1).forEach((stage, i) => expect(stage.from).toEqual(stages[i].to));
        if (method === 'fractional') {
          for (const { to: middle } of stages.slice(0, -1)) {
            expect(middle.width * middle.height * 16).toBeLessThanOrEqual(budgetBytes);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
