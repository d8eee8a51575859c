import type { JpegHuffmanTable, JpegTables } from '../encoding.ts';

/** Codes and their lengths in bits by symbol; length 0 where a symbol has no code. */
export interface JpegCodes {
  readonly code: Uint16Array;
  readonly length: Uint8Array;
}

/** The canonical codes of a table (ITU T.81, annex C.2). */
export function codesOf(table: JpegHuffmanTable): JpegCodes {
  const code = new Uint16Array(256);
  const length = new Uint8Array(256);
  let next = 0;
  let index = 0;
  table.counts.forEach((count, i) => {
    for (let n = 0; n < count; n++) {
      const symbol = table.values[index++];
      code[symbol] = next++;
      length[symbol] = i + 1;
    }
    next <<= 1;
  });
  return { code, length };
}

const MAX_LENGTH = 16;

/** Index of the smallest positive frequency, the highest index among equals, or -1. */
function rarest(frequency: Float64Array, except: number): number {
  let found = -1;
  for (let i = 0; i < frequency.length; i++) {
    if (i === except || frequency[i] === 0) continue;
    if (found < 0 || frequency[i] <= frequency[found]) found = i;
  }
  return found;
}

/** Lengths of an unlimited Huffman code (ITU T.81, figures K.1 and K.2). */
function huffmanLengths(frequency: Float64Array): Uint16Array {
  const length = new Uint16Array(frequency.length);
  const chain = new Int32Array(frequency.length).fill(-1);
  const deepen = (start: number): number => {
    let last = start;
    for (let i = start; i >= 0; i = chain[i]) {
      length[i]++;
      last = i;
    }
    return last;
  };
  for (;;) {
    const first = rarest(frequency, -1);
    const second = rarest(frequency, first);
    if (second < 0) return length;
    frequency[first] += frequency[second];
    frequency[second] = 0;
    chain[deepen(first)] = second;
    deepen(second);
  }
}

/** Shortens codes of more than 16 bits at the cost of shorter ones (ITU T.81, figure K.3). */
function limitLengths(counts: number[]): void {
  for (let i = counts.length - 1; i > MAX_LENGTH; i--) {
    while (counts[i] > 0) {
      let j = i - 2;
      while (counts[j] === 0) j--;
      counts[i] -= 2;
      counts[i - 1]++;
      counts[j + 1] += 2;
      counts[j]--;
    }
  }
}

/**
 * The best table for symbols that occur this often (ITU T.81, K.2): no code is longer than 16 bits and none is all ones.
 * Symbols with a count of 0 get no code, so a histogram of a sample must give every possible symbol some count.
 */
export function optimalTable(histogram: ArrayLike<number>): JpegHuffmanTable {
  const symbols = Math.min(256, histogram.length);
  const frequency = new Float64Array(257);
  for (let i = 0; i < symbols; i++) frequency[i] = histogram[i];
  // A symbol that never occurs takes the longest code, which would be the one of all ones.
  frequency[256] = 1;
  const length = huffmanLengths(frequency);
  const counts = new Array<number>(length.reduce((a, b) => Math.max(a, b), MAX_LENGTH) + 1).fill(0);
  for (const n of length) counts[n]++;
  counts[0] = 0;
  limitLengths(counts);
  let longest = MAX_LENGTH;
  while (longest > 0 && counts[longest] === 0) longest--;
  counts[longest]--;
  // Limiting changes how many codes there are of each length, not the order of the symbols by length.
  const values = Array.from({ length: symbols }, (_, i) => i)
    .filter((i) => length[i] > 0)
    .sort((a, b) => length[a] - length[b] || a - b);
  return { counts: counts.slice(1, MAX_LENGTH + 1), values };
}

/** How often each symbol occurs: luminance, then chrominance. */
export interface JpegStatistics {
  readonly dc: readonly [Uint32Array, Uint32Array];
  readonly ac: readonly [Uint32Array, Uint32Array];
}

export function emptyStatistics(): JpegStatistics {
  const pair = (): [Uint32Array, Uint32Array] => [new Uint32Array(256), new Uint32Array(256)];
  return { dc: pair(), ac: pair() };
}

/** Adds the counts of one part of the picture to a sum. */
export function addStatistics(sum: JpegStatistics, part: JpegStatistics): void {
  const add = (into: Uint32Array, from: Uint32Array): void => from.forEach((n, i) => (into[i] += n));
  for (const i of [0, 1] as const) {
    add(sum.dc[i], part.dc[i]);
    add(sum.ac[i], part.ac[i]);
  }
}

const isDcSymbol = (symbol: number): boolean => symbol <= 11;

/** Size 1..10 after a run of 0..15, end of block, or a run of sixteen zeros (ITU T.81, F.1.2.2 for 8-bit samples). */
const isAcSymbol = (symbol: number): boolean => {
  const size = symbol & 15;
  return size === 0 ? symbol === 0 || symbol === 0xf0 : size <= 10;
};

/** Against a sample's counts, a symbol that the sample lacks weighs as one occurrence in this many samples. */
const SAMPLE_WEIGHT = 16;

/**
 * Tables made for the picture that the statistics were taken from. With `sample` they come from a part of it, and every
 * symbol that the rest could have gets a code too.
 */
export function optimisedTables(statistics: JpegStatistics, extent: 'whole' | 'sample'): JpegTables {
  const table = (histogram: Uint32Array, possible: (symbol: number) => boolean): JpegHuffmanTable => {
    if (extent === 'whole') return optimalTable(histogram);
    return optimalTable(Array.from(histogram, (n, symbol) => (possible(symbol) ? Math.max(1, n * SAMPLE_WEIGHT) : 0)));
  };
  const { dc, ac } = statistics;
  return {
    dc: [table(dc[0], isDcSymbol), table(dc[1], isDcSymbol)],
    ac: [table(ac[0], isAcSymbol), table(ac[1], isAcSymbol)],
  };
}
