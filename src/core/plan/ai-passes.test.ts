import { describe, expect, it } from 'vitest';
import type { ModelShape } from '../ai.ts';
import { planPasses, type PassRequest } from './ai-passes.ts';

const shape = (scale: number): ModelShape => ({
  ...{ scale, halo: 8, trim: 0, multiple: 1, overlap: 0, tile: 512, fixed: null },
});
const request = (scale: number): PassRequest => ({
  ...{ model: { kind: 'bundled', id: 'm' }, shape: shape(scale), noise: 1, passes: 'all', before: [], after: [] },
});
const source = { width: 100, height: 60 };
const wanted = (factor: number): { width: number; height: number } => ({ width: 100 * factor, height: 60 * factor });

describe('planPasses', () => {
  it.each([
    { model: 2, factor: 0.5, passes: 1 },
    { model: 2, factor: 2, passes: 1 },
    { model: 2, factor: 2.01, passes: 2 },
    { model: 2, factor: 15, passes: 4 },
    { model: 4, factor: 4, passes: 1 },
    { model: 4, factor: 15, passes: 2 },
    { model: 4, factor: 16, passes: 2 },
    { model: 4, factor: 17, passes: 3 },
    { model: 1, factor: 4, passes: 1 },
  ])('$model x model for $factor x: $passes', ({ model, factor, passes }) => {
    const planned = planPasses(source, wanted(factor), request(model));
    expect(planned).toHaveLength(passes);
    expect(planned.at(-1)!.output.width).toBe(100 * model ** passes);
  });

  it('does one pass when asked to, and removes noise in the first only', () => {
    expect(planPasses(source, wanted(15), { ...request(2), passes: 'first' })).toHaveLength(1);
    expect(planPasses(source, wanted(15), request(4)).map(({ noise }) => noise)).toEqual([1, null]);
  });

  it('puts stages before and after', () => {
    const stage = { model: { kind: 'bundled', id: 'clean' }, shape: shape(1) } as const;
    const planned = planPasses(source, wanted(2), { ...request(2), before: [stage], after: [stage] });
    expect(planned.map(({ output }) => output.width)).toEqual([100, 200, 200]);
    expect(planned.map(({ model }) => model.kind === 'bundled' && model.id)).toEqual(['clean', 'm', 'clean']);
  });

  it('counts the larger factor of the two axes', () => {
    expect(planPasses(source, { width: 100, height: 600 }, request(4))).toHaveLength(2);
  });
});
