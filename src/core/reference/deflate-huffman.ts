/** Symbols of the literal and length alphabet (RFC 1951 section 3.2.5): 256 literals, end of block, 29 lengths. */
export const LITERAL_SYMBOLS = 286;
export const END_OF_BLOCK = 256;
export const MIN_MATCH = 3;
export const MAX_MATCH = 258;

/** Longest code given to a literal or length, of the 15 that deflate allows. Costs less than 0.01 % on photographs, and spares the reference coder's buffer. */
export const MAX_CODE_BITS = 13;

const MAX_CODE_LENGTH_BITS = 7;

/** Length symbol and its extra bits, by match length 3..258 (RFC 1951 section 3.2.5). */
export const LENGTH_SYMBOL = new Uint16Array(MAX_MATCH + 1);
export const LENGTH_EXTRA_BITS = new Uint8Array(MAX_MATCH + 1);
export const LENGTH_EXTRA = new Uint8Array(MAX_MATCH + 1);
fillLengths();

function fillLengths(): void {
  let symbol = 257;
  let length = MIN_MATCH;
  for (let extra = 0; extra <= 5; extra++) {
    for (let n = extra === 0 ? 8 : 4; n > 0; n--, symbol++) {
      for (let rest = 0; rest < 1 << extra; rest++, length++) {
        LENGTH_SYMBOL[length] = symbol;
        LENGTH_EXTRA_BITS[length] = extra;
        LENGTH_EXTRA[length] = rest;
      }
    }
  }
  LENGTH_SYMBOL[MAX_MATCH] = 285;
  LENGTH_EXTRA_BITS[MAX_MATCH] = 0;
  LENGTH_EXTRA[MAX_MATCH] = 0;
}

// A code is made for every 256 KiB, in a time that shows: what is in memory from code to code need not be made anew.
const scratch = {
  keys: new Float64Array(LITERAL_SYMBOLS),
  merged: new Float64Array(LITERAL_SYMBOLS),
  weights: new Float64Array(LITERAL_SYMBOLS),
  symbols: new Uint16Array(LITERAL_SYMBOLS),
  sums: new Float64Array(LITERAL_SYMBOLS),
  leafParents: new Uint16Array(LITERAL_SYMBOLS),
  innerParents: new Uint16Array(LITERAL_SYMBOLS),
  innerDepths: new Uint8Array(LITERAL_SYMBOLS),
  depthCounts: new Uint32Array(MAX_CODE_BITS + 3),
  nextCodes: new Uint16Array(17),
};

/** Sorts the first `count` of `keys`, by merging; returns where they are then, which is `keys` or `merged`. For so few the browser's own sort takes longer. */
function sorted(keys: Float64Array, merged: Float64Array, count: number): Float64Array {
  let from = keys;
  let to = merged;
  for (let run = 1; run < count; run *= 2) {
    for (let start = 0; start < count; start += 2 * run) {
      const middle = Math.min(start + run, count);
      const end = Math.min(start + 2 * run, count);
      let left = start;
      let right = middle;
      for (let i = start; i < end; i++) {
        to[i] = right >= end || (left < middle && from[left] <= from[right]) ? from[left++] : from[right++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Depths of the leaves of a Huffman tree over the first `leaves` of `weights`, at least two, in ascending order; counts how many have which, those beyond `limit` as if at it. */
function countDepths(weights: Float64Array, leaves: number, limit: number): Uint32Array {
  const { sums, leafParents, innerParents, innerDepths, depthCounts } = scratch;
  const inner = leaves - 1;
  let leaf = 0;
  let node = 0;
  for (let made = 0; made < inner; made++) {
    let weight = 0;
    for (let child = 0; child < 2; child++) {
      if (node >= made || (leaf < leaves && weights[leaf] <= sums[node])) {
        weight += weights[leaf];
        leafParents[leaf++] = made;
      } else {
        weight += sums[node];
        innerParents[node++] = made;
      }
    }
    sums[made] = weight;
  }
  innerDepths[inner - 1] = 0;
  for (let i = inner - 2; i >= 0; i--) innerDepths[i] = innerDepths[innerParents[i]] + 1;
  const counts = depthCounts.fill(0, 0, limit + 1);
  for (let i = 0; i < leaves; i++) counts[Math.min(innerDepths[leafParents[i]] + 1, limit)]++;
  return counts;
}

/**
 * Code lengths of a Huffman code over the symbols with a positive frequency (integers below 2^32), none longer than `limit`, which is 15 at most; at
 * most `LITERAL_SYMBOLS` of them. Depends on the frequencies alone: ties go by symbol. A single symbol gets one bit. Returns `lengths`.
 */
export function codeLengths(
  frequencies: Uint32Array,
  limit: number,
  lengths = new Uint8Array(frequencies.length),
): Uint8Array {
  const { keys, merged, weights, symbols } = scratch;
  lengths.fill(0);
  let used = 0;
  // Frequency and symbol in one number, so that one comparison orders by both.
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    if (frequencies[symbol] > 0) keys[used++] = frequencies[symbol] * 512 + symbol;
  }
  const order = sorted(keys, merged, used);
  for (let i = 0; i < used; i++) {
    weights[i] = Math.floor(order[i] / 512);
    symbols[i] = order[i] - weights[i] * 512;
  }
  if (used < 2) {
    if (used === 1) lengths[symbols[0]] = 1;
    return lengths;
  }
  const counts = countDepths(weights, used, limit);
  let kraft = 0;
  for (let length = 1; length <= limit; length++) kraft += counts[length] << (limit - length);
  // Cut codes claim more than there is: lengthen the cheapest shorter ones until they fit.
  while (kraft > 1 << limit) {
    let length = limit - 1;
    while (counts[length] === 0) length--;
    counts[length]--;
    counts[length + 1]++;
    kraft -= 1 << (limit - length - 1);
  }
  // The last step may have freed more than was missing; decoders refuse a code that is not complete.
  for (; kraft < 1 << limit; kraft++) {
    counts[limit]--;
    counts[limit - 1]++;
  }
  let next = 0;
  for (let length = limit; length > 0; length--) {
    for (let n = counts[length]; n > 0; n--) lengths[symbols[next++]] = length;
  }
  return lengths;
}

/** Bytes with their bits in reverse. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let i = 0; i < 8; i++) reversed |= ((byte >> i) & 1) << (7 - i);
  return reversed;
});

/** The canonical codes of the lengths (RFC 1951 section 3.2.2), bits reversed as deflate sends them. Returns `codes`. */
export function canonicalCodes(lengths: Uint8Array, codes = new Uint16Array(lengths.length)): Uint16Array {
  const next = scratch.nextCodes.fill(0);
  codes.fill(0);
  for (let i = 0; i < lengths.length; i++) if (lengths[i] > 0) next[lengths[i] + 1]++;
  for (let i = 1; i < 17; i++) next[i] = (next[i] + next[i - 1]) << 1;
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length === 0) continue;
    const code = next[length]++;
    codes[symbol] = ((REVERSED[code & 255] << 8) | REVERSED[code >> 8]) >> (16 - length);
  }
  return codes;
}

/** Bits put into bytes from the lowest bit on (RFC 1951 section 3.1.1). */
export class BitWriter {
  /** Replaced by whoever moves the memory behind it. */
  bytes: Uint8Array;
  /** Bits written so far; those of the byte it lies in are valid, what follows is not. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** `value` is below 2^count; count is at most 16. */
  put(value: number, count: number): void {
    const start = Math.floor(this.position / 8);
    const shift = this.position % 8;
    const held = shift === 0 ? 0 : this.bytes[start] & ((1 << shift) - 1);
    let bits = held | (value << shift);
    for (let i = start, left = shift + count; left > 0; i++, left -= 8, bits >>>= 8) this.bytes[i] = bits & 255;
    this.position += count;
  }

  /** Goes on to the next whole byte, with zeros. */
  align(): void {
    const rest = this.position % 8;
    if (rest > 0) this.put(0, 8 - rest);
  }

  /** Appends bytes; the position is on a byte. */
  putBytes(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.position / 8);
    this.position += bytes.length * 8;
  }
}

/** Bits after the symbols of the code length alphabet that repeat lengths (RFC 1951 section 3.2.7). */
const REPEAT_BITS: Readonly<Record<number, number>> = { 16: 2, 17: 3, 18: 7 };
const repeatBits = (symbol: number): number => (symbol < 16 ? 0 : REPEAT_BITS[symbol]!);

/**
 * The first `count` code lengths as symbols of the code length alphabet, in the lower 5 bits, with what follows each above them. Returns how many
 * there are in `tokens`.
 */
function lengthTokens(lengths: Uint8Array, count: number, tokens: Uint16Array): number {
  let made = 0;
  for (let i = 0; i < count;) {
    const value = lengths[i];
    let run = 1;
    while (i + run < count && lengths[i + run] === value) run++;
    i += run;
    if (value === 0) {
      for (; run >= 11; run -= Math.min(run, 138)) tokens[made++] = 18 | ((Math.min(run, 138) - 11) << 5);
      if (run >= 3) {
        tokens[made++] = 17 | ((run - 3) << 5);
        run = 0;
      }
    } else {
      tokens[made++] = value;
      run--;
      for (; run >= 3; run -= Math.min(run, 6)) tokens[made++] = 16 | ((Math.min(run, 6) - 3) << 5);
    }
    for (; run > 0; run--) tokens[made++] = value;
  }
  return made;
}

/** The order in which code length code lengths are sent (RFC 1951 section 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * The code of one block: literals and lengths, and the distances. All matches of a block have the distance symbol 0 (distance 1):
 * one code of one bit. Holds until the next one is made, which has the same memory.
 */
export interface BlockCode {
  readonly lengths: Uint8Array;
  readonly codes: Uint16Array;
  /** The block's size with its header, in bits. */
  readonly bits: number;
  /** Writes the block's header, from the bit that says whether it is the last. */
  writeHeader(out: BitWriter, final: boolean): void;
}

/** Bits of a match beside the code of its length symbol: extra bits, and one for the distance. */
const matchBits = (symbol: number): number => (symbol < 265 || symbol === 285 ? 1 : 1 + ((symbol - 261) >> 2));

const block = {
  frequencies: new Uint32Array(LITERAL_SYMBOLS),
  lengths: new Uint8Array(LITERAL_SYMBOLS),
  codes: new Uint16Array(LITERAL_SYMBOLS),
  /** Those of literals and lengths that are sent, and that of the distance. */
  sent: new Uint8Array(LITERAL_SYMBOLS + 1),
  tokens: new Uint16Array(LITERAL_SYMBOLS + 1),
  tokenCounts: new Uint32Array(19),
  tokenLengths: new Uint8Array(19),
  tokenCodes: new Uint16Array(19),
};

/** The best dynamic code for a block with these symbols; the end of block is counted here. */
export function blockCode(histogram: Uint32Array): BlockCode {
  const { frequencies, sent, tokens, tokenCounts } = block;
  frequencies.set(histogram);
  frequencies[END_OF_BLOCK] = 1;
  const lengths = codeLengths(frequencies, MAX_CODE_BITS, block.lengths);
  let count = LITERAL_SYMBOLS;
  while (lengths[count - 1] === 0) count--;
  sent.set(lengths);
  sent[count] = 1;
  const tokensMade = lengthTokens(sent, count + 1, tokens);
  tokenCounts.fill(0);
  for (let i = 0; i < tokensMade; i++) tokenCounts[tokens[i] & 31]++;
  const tokenLengths = codeLengths(tokenCounts, MAX_CODE_LENGTH_BITS, block.tokenLengths);
  const tokenCodes = canonicalCodes(tokenLengths, block.tokenCodes);
  let orderCount = 19;
  while (orderCount > 4 && tokenLengths[LENGTH_ORDER[orderCount - 1]] === 0) orderCount--;

  let bits = 17 + orderCount * 3;
  for (let symbol = 0; symbol < 19; symbol++) bits += tokenCounts[symbol] * (tokenLengths[symbol] + repeatBits(symbol));
  for (let symbol = 0; symbol < count; symbol++) {
    const extra = symbol > END_OF_BLOCK ? matchBits(symbol) : 0;
    bits += frequencies[symbol] * (lengths[symbol] + extra);
  }

  const writeHeader = (out: BitWriter, final: boolean): void => {
    out.put(final ? 1 : 0, 1);
    out.put(2, 2);
    out.put(count - 257, 5);
    out.put(0, 5);
    out.put(orderCount - 4, 4);
    for (let i = 0; i < orderCount; i++) out.put(tokenLengths[LENGTH_ORDER[i]], 3);
    for (let i = 0; i < tokensMade; i++) {
      const symbol = tokens[i] & 31;
      out.put(tokenCodes[symbol], tokenLengths[symbol]);
      if (symbol >= 16) out.put(tokens[i] >> 5, repeatBits(symbol));
    }
  };
  return { lengths, codes: canonicalCodes(lengths, block.codes), bits, writeHeader };
}
