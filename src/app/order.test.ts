import { describe, expect, test } from 'vitest';
import { movedBefore, rangeBetween } from './order.ts';

const items = [1, 2, 3, 4, 5].map((id) => ({ id }));
const moved = (ids: number[], before: number | null) =>
  movedBefore(items, new Set(ids), before)
    ?.map(({ id }) => id)
    .join('') ?? null;

describe('movedBefore', () => {
  test.each([
    [[4], 2, '14235'],
    [[2], null, '13452'],
    [[1], 3, '21345'],
    [[5, 2], 1, '25134'],
    [[2, 3], 3, null],
    [[1, 3], 3, '21345'],
    [[3], 4, null],
    [[5], null, null],
    [[9], 1, null],
    [[1], 9, null],
    [[1, 2, 3, 4, 5], 3, null],
  ])('%j before %j: %s', (ids, before, result) => {
    expect(moved(ids, before)).toBe(result);
  });
});

describe('rangeBetween', () => {
  test.each([
    [2, 4, [2, 3, 4]],
    [4, 2, [2, 3, 4]],
    [3, 3, [3]],
    [9, 3, [3]],
    [3, 9, []],
  ])('%d to %d', (from, to, range) => {
    expect(rangeBetween([1, 2, 3, 4, 5], from, to)).toEqual(range);
  });
});
