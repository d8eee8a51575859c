// Blocks of deflate with runs and dynamic Huffman codes. The twin of core/reference/deflate.ts, which explains the choices;
// codes are made by the host (core/reference/deflate-huffman.ts) from the histogram found here. What is slow in such code is a branch that cannot
// be foretold, so runs are found without any, and literals are coded sixteen at a time: from a table of fours where they are small, else with vectors.

// The state that the host allocates, by offset. Entries of codes are bits << 6 | their number.
/** u32[288]: how often each literal and length symbol is sent. */
const HISTOGRAM: usize = 0;
/** u32[288]: entries of the literals and of the end of block. */
const LITERALS: usize = 1152;
/** u32[259]: entries of whole matches by their length. */
const MATCHES: usize = 2304;
/** u8[16]: the codes of the literals from -8 to 7, where they have 7 bits or fewer. */
const SHORT_CODES: usize = 3344;
/** u8[16]: 128 less the lengths of these codes, and 0 where there is none. */
const SHORT_LENGTHS: usize = 3360;
/** u32[4096]: of four literals from -4 to 3, 3 bits each, their codes << 8 and the number of bits; `NO_QUAD` bits where they are more than 24. */
const QUADS: usize = 3376;
/** u32[64] twice, for making the former: pairs of literals likewise, and 2 to the power of their bits. */
const PAIRS: usize = 19760;
const POWERS_OF_PAIRS: usize = 20016;
const STATE_BYTES: usize = 20272;

const NO_QUAD: i32 = 63;
const MOST_QUAD_BITS: i32 = 24;

const END_OF_BLOCK: usize = 256;
const MAX_MATCH: usize = 258;
const MIN_MATCH: usize = 3;
const SAMPLED_BLOCK: u32 = 32768;
const PIECE: u32 = 256;
/** One in eight. */
const SAMPLE_SHIFT: u32 = 3;

// Vectors that a loop uses are loaded before it: constants would be made anew in each turn (V8).
/** 16 bytes of ones, and 16 of zeros: from 16 - n on, a mask of the first n. */
const MASKS: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
/** 2 to the power of the place, for 0 to 7. */
const POWERS: usize = memory.data<u8>([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
/** 2 to the power of the place, as 64 bits. */
const POWERS_OF_64: usize = memory.data<u64>([1, 2, 4, 8, 16, 32, 64, 128]);
const SPLAT_4: usize = memory.data<u8>([4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
const SPLAT_248: usize = memory.data<u8>([
  248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248, 248,
]);
/** Makes the upper byte of a word the lower and 8 times the upper. */
const SPLAT_264_OF_16: usize = memory.data<u16>([264, 264, 264, 264, 264, 264, 264, 264]);
/** Joins these by twos to offsets in a table of four bytes an entry. */
const QUAD_WEIGHTS: usize = memory.data<u16>([4, 256, 4, 256, 4, 256, 4, 256]);
const SPLAT_8: usize = memory.data<u8>([8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
const SPLAT_128: usize = memory.data<u8>([
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
]);
const SPLAT_255_OF_16: usize = memory.data<u16>([255, 255, 255, 255, 255, 255, 255, 255]);
const SPLAT_1_OF_32: usize = memory.data<u32>([1, 1, 1, 1]);

/** Symbol of each match length, as in RFC 1951 section 3.2.5. */
// @ts-ignore: decorator
@inline function lengthSymbol(length: usize): usize {
  if (length === MAX_MATCH) return 285;
  const rest = <u32>length - 3;
  if (rest < 8) return 257 + rest;
  const extra = 29 - clz(rest);
  return 257 + (extra << 2) + (rest >>> extra);
}

// @ts-ignore: decorator
@inline function nextMatch(length: usize): usize {
  return length <= MAX_MATCH ? length : min(MAX_MATCH, length - MIN_MATCH);
}

/** Bytes of state that `deflateScan` and the others need. */
export function deflateStateBytes(): usize {
  return STATE_BYTES;
}

// @ts-ignore: decorator
@inline function add(state: usize, symbol: usize, count: u32): void {
  const at = state + (symbol << 2);
  store<u32>(at, load<u32>(at, HISTOGRAM) + count, HISTOGRAM);
}

// @ts-ignore: decorator
@inline function lanes(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/** Adds the sum of 16 counts. */
// @ts-ignore: decorator
@inline function addCounts(state: usize, literal: i32, counts: v128): void {
  add(state, literal & 255, lanes(i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts))));
}

/** Counts at most 4080 bytes as literals; those from -3 to 3, nearly all, sixteen at a time. */
function countLiterals(from: usize, end: usize, state: usize): void {
  let zeros = i8x16.splat(0);
  let ones = zeros;
  let minusOnes = zeros;
  let twos = zeros;
  let minusTwos = zeros;
  let threes = zeros;
  let minusThrees = zeros;
  for (; from + 16 <= end; from += 16) {
    const v = v128.load(from);
    const is0 = i8x16.eq(v, i8x16.splat(0));
    const is1 = i8x16.eq(v, i8x16.splat(1));
    const isMinus1 = i8x16.eq(v, i8x16.splat(-1));
    const is2 = i8x16.eq(v, i8x16.splat(2));
    const isMinus2 = i8x16.eq(v, i8x16.splat(-2));
    const is3 = i8x16.eq(v, i8x16.splat(3));
    const isMinus3 = i8x16.eq(v, i8x16.splat(-3));
    zeros = i8x16.sub(zeros, is0);
    ones = i8x16.sub(ones, is1);
    minusOnes = i8x16.sub(minusOnes, isMinus1);
    twos = i8x16.sub(twos, is2);
    minusTwos = i8x16.sub(minusTwos, isMinus2);
    threes = i8x16.sub(threes, is3);
    minusThrees = i8x16.sub(minusThrees, isMinus3);
    const small = v128.or(v128.or(v128.or(is0, is1), v128.or(isMinus1, is2)), v128.or(v128.or(isMinus2, is3), isMinus3));
    for (let large = ~i8x16.bitmask(small) & 0xffff; large !== 0; large &= large - 1) {
      add(state, load<u8>(from + ctz(large)), 1);
    }
  }
  addCounts(state, 0, zeros);
  addCounts(state, 1, ones);
  addCounts(state, -1, minusOnes);
  addCounts(state, 2, twos);
  addCounts(state, -2, minusTwos);
  addCounts(state, 3, threes);
  addCounts(state, -3, minusThrees);
  for (; from < end; from++) add(state, load<u8>(from), 1);
}

/** One bit for each of 64 bytes that equals the one before it. */
// @ts-ignore: decorator
@inline function repeats(at: usize): u64 {
  const before = at - 1;
  const m0 = <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(before))));
  const m1 = <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 16), v128.load(before, 16))));
  const m2 = <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 32), v128.load(before, 32))));
  const m3 = <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at, 48), v128.load(before, 48))));
  return m0 | (m1 << 16) | ((m2 | (m3 << 16)) << 32);
}

/**
 * Lists, in turn, the places of the tenth byte of each run and of the first byte after it. Places are found for 64 bytes at a time, and four are
 * stored however many there are: most often there are fewer, and no branch depends on it. Returns the end of the list.
 */
function findRuns(from: usize, length: u32, list: usize): usize {
  const end = from + length;
  // What the 64 bytes before have left: bytes that repeat, and ends of two, four and ten of them in turn.
  let equalBefore: u64 = 0;
  let twoBefore: u64 = 0;
  let fourBefore: u64 = 0;
  let tenBefore: u64 = 0;
  // One word more where the last is full, for a run that ends with it.
  for (let at = from, base: u32 = 0; at <= end; at += 64, base += 64) {
    let equal = repeats(at);
    // The first byte repeats nothing: what lies before the block does not count, nor what lies behind it.
    if (at === from) equal &= ~1;
    if (end - at < 64) equal &= ((<u64>1) << (<u64>(end - at))) - 1;
    const two = equal & ((equal << 1) | (equalBefore >> 63));
    const four = two & ((two << 2) | (twoBefore >> 62));
    const ten = four & ((four << 4) | (fourBefore >> 60)) & ((two << 8) | (twoBefore >> 56));
    let edges = ten ^ ((ten << 1) | (tenBefore >> 63));
    equalBefore = equal;
    twoBefore = two;
    fourBefore = four;
    tenBefore = ten;
    const next = list + ((<usize>popcnt(edges)) << 2);
    store<u32>(list, base + <u32>ctz(edges));
    edges &= edges - 1;
    store<u32>(list, base + <u32>ctz(edges), 4);
    edges &= edges - 1;
    store<u32>(list, base + <u32>ctz(edges), 8);
    edges &= edges - 1;
    store<u32>(list, base + <u32>ctz(edges), 12);
    for (list += 16; list < next; list += 4) {
      edges &= edges - 1;
      store<u32>(list, base + <u32>ctz(edges));
    }
    list = next;
  }
  return list;
}

// @ts-ignore: decorator
@inline function isSampled(piece: u32): bool {
  return (piece * 0x9e3779b1) >>> (32 - SAMPLE_SHIFT) === 0;
}

/** Bytes from `start` to `stop` that lie in sampled pieces. */
function sampledBytes(start: u32, stop: u32): u32 {
  let sum: u32 = 0;
  while (start < stop) {
    const piece = start / PIECE;
    const next = min(stop, (piece + 1) * PIECE);
    if (isSampled(piece)) sum += next - start;
    start = next;
  }
  return sum;
}

/** The least or largest of 16 signed bytes; `scratch` has room for them. */
function extreme(v: v128, scratch: usize, largest: bool): i32 {
  v128.store(scratch, v);
  let found: i32 = load<i8>(scratch);
  for (let i: usize = 1; i < 16; i++) {
    const byte: i32 = load<i8>(scratch + i);
    found = largest ? max(found, byte) : min(found, byte);
  }
  return found;
}

/** Scales the counts of sampled literals; every one between the least and the largest of the block is counted at least once. */
function scaleSample(from: usize, end: usize, state: usize): void {
  for (let literal: usize = 0; literal < 256; literal++) {
    const at = state + (literal << 2);
    store<u32>(at, load<u32>(at, HISTOGRAM) << SAMPLE_SHIFT, HISTOGRAM);
  }
  let least = v128.load8_splat(from);
  let most = least;
  let at = from;
  for (; at + 64 <= end; at += 64) {
    const v0 = v128.load(at);
    const v1 = v128.load(at, 16);
    const v2 = v128.load(at, 32);
    const v3 = v128.load(at, 48);
    least = i8x16.min_s(i8x16.min_s(least, i8x16.min_s(v0, v1)), i8x16.min_s(v2, v3));
    most = i8x16.max_s(i8x16.max_s(most, i8x16.max_s(v0, v1)), i8x16.max_s(v2, v3));
  }
  for (; at < end; at++) {
    const v = v128.load8_splat(at);
    least = i8x16.min_s(least, v);
    most = i8x16.max_s(most, v);
  }
  const high = extreme(most, state + LITERALS, true);
  for (let value = extreme(least, state + LITERALS, false); value <= high; value++) {
    const entry = state + ((<usize>(value & 255)) << 2);
    store<u32>(entry, max<u32>(load<u32>(entry, HISTOGRAM), 1), HISTOGRAM);
  }
}

/**
 * Finds the runs of a block, and writes start and length of each to `runs`, two u32; counts the symbols. Returns the number of runs. Behind the last
 * run 16 bytes more are written. Up to 128 bytes behind the block and one before it are read, and have no effect.
 */
export function deflateScan(from: usize, length: u32, state: usize, runs: usize): u32 {
  memory.fill(state + HISTOGRAM, 0, 1152);
  const runsEnd = findRuns(from, length, runs);
  const end = from + length;
  const exact = length < SAMPLED_BLOCK;
  for (let at: u32 = 0; at < length; at += PIECE) {
    if (exact || isSampled(at / PIECE)) countLiterals(from + at, min(from + at + PIECE, end), state);
  }
  for (let run = runs; run < runsEnd; run += 8) {
    const start = load<u32>(run) - 9;
    const stop = load<u32>(run, 4);
    store<u32>(run, start);
    store<u32>(run, stop - start, 4);
    // The bytes of runs were counted as literals.
    const counted = exact ? stop - start : sampledBytes(start, stop);
    add(state, load<u8>(from + start), 0 - counted);
    for (let left = <usize>(stop - start); left > 0;) {
      const match = nextMatch(left);
      add(state, lengthSymbol(match), 1);
      left -= match;
    }
  }
  if (!exact) scaleSample(from, end, state);
  return <u32>((runsEnd - runs) >> 3);
}

/** Makes the table of fours. */
function placeQuads(state: usize): void {
  for (let i: usize = 0; i < 64; i++) {
    const first = load<u32>(state + ((((i & 7) - 4) & 255) << 2), LITERALS);
    const second = load<u32>(state + ((((i >> 3) - 4) & 255) << 2), LITERALS);
    const bits = (first & 63) + (second & 63);
    store<u32>(state + (i << 2), (((first >>> 6) | ((second >>> 6) << (first & 63))) << 8) | bits, PAIRS);
    store<u32>(state + (i << 2), 1 << bits, POWERS_OF_PAIRS);
  }
  const none = i32x4.splat(NO_QUAD);
  const mostBits = i32x4.splat(MOST_QUAD_BITS);
  const low = i32x4.splat(255);
  let out = state;
  for (let second: usize = 0; second < 64; second++) {
    const entry = load<u32>(state + (second << 2), PAIRS);
    const codes = i32x4.splat(entry & ~255);
    const bits = i32x4.splat(entry & 255);
    for (let first: usize = 0; first < 256; first += 16, out += 16) {
      const moved = i32x4.mul(codes, v128.load(state + first, POWERS_OF_PAIRS));
      const quads = i32x4.add(i32x4.add(moved, bits), v128.load(state + first, PAIRS));
      const isLong = i32x4.gt_s(v128.and(quads, low), mostBits);
      v128.store(out, v128.bitselect(none, quads, isLong), QUADS);
    }
  }
}

/** Adds bits, at most 56, to the `count` (0 to 7) that the byte at `out` has; above them is nothing. A shift by a variable takes V8 four operations. */
// @ts-ignore: decorator
@inline function put(out: usize, more: u64, count: u64): void {
  store<u64>(out, <u64>load<u8>(out) + more * load<u64>(POWERS_OF_64 + ((<usize>count) << 3)));
}

/**
 * Writes the literals and matches of a block and the end of block to `out`, behind the `held` bits (0 to 7) that the first byte there already has.
 * Returns the bits now valid from `out` on. Up to 8 bytes more are overwritten; up to 16 behind the block are read.
 */
export function deflateEmit(from: usize, length: u32, runs: usize, runCount: u32, state: usize, out: usize, held: u32): u32 {
  const begin = out;
  const end = from + length;
  const bias = v128.load(SPLAT_8);
  const most = v128.load(SPLAT_128);
  const all = v128.load(MASKS);
  const powers = v128.load(POWERS);
  const firsts = v128.load(SPLAT_255_OF_16);
  const ones = v128.load(SPLAT_1_OF_32);
  const shortCodes = v128.load(state, SHORT_CODES);
  const shortLengths = v128.load(state, SHORT_LENGTHS);
  store<u8>(out, <u8>(<u32>load<u8>(out) & ((1 << held) - 1)));
  let count: u64 = held;
  placeQuads(state);
  const quads = state + QUADS;
  const four = v128.load(SPLAT_4);
  const high = v128.load(SPLAT_248);
  const byEight = v128.load(SPLAT_264_OF_16);
  const toQuads = v128.load(QUAD_WEIGHTS);
  let at = from;
  for (let run: u32 = 0; run <= runCount; run++, runs += 8) {
    const stop = run < runCount ? from + load<u32>(runs) : end;
    for (; at < stop; at += 16) {
      const left = stop - at;
      if (left >= 16) {
        const small = i8x16.add(v128.load(at), four);
        if (!v128.any_true(v128.and(small, high))) {
          const indices = i32x4.dot_i16x8_s(i16x8.shr_u(i16x8.mul(small, byEight), 8), toQuads);
          const indices0 = <u64>i64x2.extract_lane(indices, 0);
          const indices1 = <u64>i64x2.extract_lane(indices, 1);
          const quad0 = load<u32>(quads + <usize>(<u32>indices0));
          const quad1 = load<u32>(quads + <usize>(indices0 >> 32));
          const quad2 = load<u32>(quads + <usize>(<u32>indices1));
          const quad3 = load<u32>(quads + <usize>(indices1 >> 32));
          // A shift takes the lower 6 bits of what it is told, and so the number of bits of a four.
          const half = quad0 + quad1;
          const all = (half + quad2 + quad3) & 255;
          if (all <= 56) {
            const eight0 = <u64>(quad0 >>> 8) | ((<u64>(quad1 >>> 8)) << (<u64>quad0));
            const eight1 = <u64>(quad2 >>> 8) | ((<u64>(quad3 >>> 8)) << (<u64>quad2));
            put(out, (eight0 | (eight1 << (<u64>half))), count);
            count += all;
            out += <usize>(count >> 3);
            count &= 7;
            continue;
          }
        }
      }
      const mask = left < 16 ? v128.load(MASKS + 16 - left) : all;
      const places = i8x16.add(v128.and(v128.load(at), mask), bias);
      // A place beyond the tables gives 0: a length of 128, which is seen in the sum.
      const lengths = v128.and(i8x16.sub(most, i8x16.swizzle(shortLengths, places)), mask);
      const codes = v128.and(i8x16.swizzle(shortCodes, places), mask);
      // Joined by twos, fours and eights: the first, and the next moved above its bits by a multiplication.
      const moves = i8x16.swizzle(powers, lengths);
      const firstMoves = v128.and(moves, firsts);
      const twos = v128.or(v128.and(codes, firsts), i16x8.mul(i16x8.shr_u(codes, 8), firstMoves));
      const movesOfTwo = i16x8.mul(firstMoves, i16x8.shr_u(moves, 8));
      const fours = i32x4.dot_i16x8_s(twos, v128.or(i32x4.shl(movesOfTwo, 16), ones));
      const lengthsOfFour = i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_u(lengths));
      // In the upper half of each 64 bits the sum of both.
      const lengthsOfEight = i32x4.add(lengthsOfFour, i64x2.shl(lengthsOfFour, 32));
      const fours0 = <u64>i64x2.extract_lane(fours, 0);
      const fours1 = <u64>i64x2.extract_lane(fours, 1);
      const lengths0 = <u64>i64x2.extract_lane(lengthsOfEight, 0);
      const lengths1 = <u64>i64x2.extract_lane(lengthsOfEight, 1);
      const eight0 = (fours0 & 0xffffffff) | ((fours0 >> 32) << lengths0);
      const eight1 = (fours1 & 0xffffffff) | ((fours1 >> 32) << lengths1);
      const count0 = lengths0 >> 32;
      const count1 = lengths1 >> 32;
      if (count0 + count1 <= 56) {
        put(out, (eight0 | (eight1 << count0)), count);
        count += count0 + count1;
        out += <usize>(count >> 3);
        count &= 7;
      } else if (count0 + count1 <= 112) {
        put(out, eight0, count);
        count += count0;
        out += <usize>(count >> 3);
        count &= 7;
        put(out, eight1, count);
        count += count1;
        out += <usize>(count >> 3);
        count &= 7;
      } else {
        const last = min(at + 16, stop);
        for (let i = at; i < last; i++) {
          const entry = load<u32>(state + ((<usize>load<u8>(i)) << 2), LITERALS);
          put(out, (<u64>(entry >>> 6)), count);
          count += entry & 63;
          out += <usize>(count >> 3);
          count &= 7;
        }
      }
    }
    if (run === runCount) break;
    at = stop + load<u32>(runs, 4);
    for (let left = <usize>load<u32>(runs, 4); left > 0;) {
      const match = nextMatch(left);
      const entry = load<u32>(state + (match << 2), MATCHES);
      put(out, (<u64>(entry >>> 6)), count);
      count += entry & 63;
      out += <usize>(count >> 3);
      count &= 7;
      left -= match;
    }
  }
  const last = load<u32>(state + (END_OF_BLOCK << 2), LITERALS);
  put(out, <u64>(last >>> 6), count);
  count += last & 63;
  return <u32>((out - begin) << 3) + <u32>count;
}
