import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addStatistics, codesOf, emptyStatistics, optimalTable, optimisedTables } from './huffman.ts';
import { STANDARD_TABLES } from './tables.ts';

/** Bits that plain Huffman coding spends, with one more symbol of weight 1 for the code that may not be used. */
function huffmanCost(histogram: readonly number[]): number {
  const weights = [1, ...histogram.filter((n) => n > 0)];
  let cost = 0;
  while (weights.length > 1) {
    weights.sort((a, b) => b - a);
    const sum = weights.pop()! + weights.pop()!;
    weights.push(sum);
    cost += sum;
  }
  return cost;
}

describe('optimalTable', () => {
  it('gives every symbol that occurs a code, none of them all ones, in as few bits as Huffman', () => {
    const histograms = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })), {
      minLength: 2,
      maxLength: 256,
    });
    fc.assert(
      fc.property(histograms, (histogram) => {
        const table = optimalTable(histogram);
        const { code, length } = codesOf(table);
        const used = histogram.flatMap((n, symbol) => (n > 0 ? [symbol] : []));
        expect([...table.values].sort((a, b) => a - b)).toEqual(used);
        for (const symbol of used) expect(code[symbol]).toBeLessThan((1 << length[symbol]) - 1);
        const spent = used.reduce((sum, symbol) => sum + histogram[symbol] * length[symbol], 0);
        const reserved = Math.max(0, ...used.map((symbol) => length[symbol]));
        if (reserved < 16) expect(spent).toBeLessThanOrEqual(huffmanCost(histogram));
      }),
    );
  });

  it('keeps codes within 16 bits where Huffman would take 30', () => {
    const powers = Array.from({ length: 30 }, (_, i) => 3 ** i);
    const { counts, values } = optimalTable(powers);
    expect(counts).toHaveLength(16);
    expect(values).toHaveLength(30);
    expect(counts.reduce((a, b) => a + b)).toBe(30);
    const space = counts.reduce((sum, count, i) => sum + count * 2 ** (15 - i), 0);
    expect(space).toBeLessThan(2 ** 16);
    expect([values[0], values.at(-1)]).toEqual([29, 0]);
  });
});

describe('optimisedTables', () => {
  it('from a sample have a code for every symbol that the standard tables have', () => {
    const sample = emptyStatistics();
    sample.ac[0][0x01] = 1000;
    const tables = optimisedTables(sample, 'sample');
    for (const i of [0, 1] as const) {
      expect(new Set(tables.dc[i].values)).toEqual(new Set(STANDARD_TABLES.dc[i].values));
      expect(new Set(tables.ac[i].values)).toEqual(new Set(STANDARD_TABLES.ac[i].values));
    }
    expect(codesOf(tables.ac[0]).length[0x01]).toBe(1);
  });

  it('of the sum of two parts are those of the whole', () => {
    const part = emptyStatistics();
    part.dc[1][3] = 5;
    part.ac[1][0xf0] = 2;
    const sum = emptyStatistics();
    addStatistics(sum, part);
    addStatistics(sum, part);
    expect([sum.dc[1][3], sum.ac[1][0xf0], sum.ac[0][0]]).toEqual([10, 4, 0]);
  });
});
