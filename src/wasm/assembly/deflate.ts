// Blocks of deflate with runs and dynamic Huffman codes. The twin of core/reference/deflate.ts, which explains the choices;
// codes are made by the host (core/reference/deflate-huffman.ts) from the histogram found here.

// The state that the host allocates, by offset. Entries of codes are bits << 6 | their number.
/** u32[288]: how often each literal and length symbol is sent. */
const HISTOGRAM: usize = 0;
/** u32[288]: entries of the literals and of the end of block. */
const LITERALS: usize = 1152;
/** u32[259]: entries of whole matches by their length. */
const MATCHES: usize = 2304;
/** u32[4][256]: counts of literals at four neighbouring places, so that equal neighbours do not wait for one another. */
const COUNTS: usize = 3392;
/** u32[64][64]: entries of two literals, the second and the first of them each from -32 to 31. */
const PAIRS: usize = 7488;
const STATE_BYTES: usize = 23872;

const END_OF_BLOCK: usize = 256;
const MIN_RUN: usize = 10;
const MAX_MATCH: usize = 258;
const MIN_MATCH: usize = 3;
const SAMPLED_BLOCK: u32 = 32768;

/** Symbol of each match length, as in RFC 1951 section 3.2.5. */
// @ts-ignore: decorator
@inline function lengthSymbol(length: usize): usize {
  if (length === MAX_MATCH) return 285;
  const rest = <u32>length - 3;
  if (rest < 8) return 257 + rest;
  const extra = 29 - clz(rest);
  return 257 + (extra << 2) + (rest >>> extra);
}

/** Bytes of state that `deflateScan` and the others need. */
export function deflateStateBytes(): usize {
  return STATE_BYTES;
}

// @ts-ignore: decorator
@inline function count(table: usize, byte: u32): void {
  const at = table + ((<usize>byte) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

function countLiterals(state: usize, from: usize, end: usize): void {
  const table0 = state + COUNTS;
  const table1 = table0 + 1024;
  const table2 = table0 + 2048;
  const table3 = table0 + 3072;
  for (; from + 8 <= end; from += 8) {
    const low = load<u32>(from);
    const high = load<u32>(from, 4);
    count(table0, low & 255);
    count(table1, (low >>> 8) & 255);
    count(table2, (low >>> 16) & 255);
    count(table3, low >>> 24);
    count(table0, high & 255);
    count(table1, (high >>> 8) & 255);
    count(table2, (high >>> 16) & 255);
    count(table3, high >>> 24);
  }
  for (; from < end; from++) count(table0, load<u8>(from));
}

/** One bit for each of 16 bytes that equals the one before it. */
// @ts-ignore: decorator
@inline function repeats(at: usize): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(at - 1))));
}

/** The same for 64 bytes. */
// @ts-ignore: decorator
@inline function repeats64(at: usize): u64 {
  return repeats(at) | (repeats(at + 16) << 16) | (repeats(at + 32) << 32) | (repeats(at + 48) << 48);
}

/** Where the run of bytes equal to the one before ends, at most at `end`. */
function runEnd(at: usize, end: usize): usize {
  while (at < end) {
    const equal = <u32>repeats(at);
    if (equal !== 0xffff) {
      at += ctz(~equal);
      break;
    }
    at += 16;
  }
  return min(at, end);
}

// @ts-ignore: decorator
@inline function nextMatch(length: usize): usize {
  return length <= MAX_MATCH ? length : min(MAX_MATCH, length - MIN_MATCH);
}

/** The least or largest of 16 signed bytes. */
function extreme(v: v128, state: usize, largest: bool): i32 {
  v128.store(state + PAIRS, v);
  let found: i32 = load<i8>(state + PAIRS);
  for (let i: usize = 1; i < 16; i++) {
    const byte: i32 = load<i8>(state + PAIRS + i);
    found = largest ? max(found, byte) : min(found, byte);
  }
  return found;
}

/**
 * Finds the runs of a block, and writes start and length of each to `runs`, two u32; counts the symbols. Returns the number of runs.
 * Up to 128 bytes behind the block and one before it are read, and have no effect.
 */
export function deflateScan(from: usize, length: u32, state: usize, runs: usize): u32 {
  memory.fill(state + HISTOGRAM, 0, 1152);
  memory.fill(state + COUNTS, 0, 4096);
  const end = from + length;
  const exact = length < SAMPLED_BLOCK;
  let found = runs;
  let done = from;
  let word = from;
  // The first byte repeats nothing: what lies before the block does not count.
  let equal = repeats64(from) & ~1;
  let least = v128.load8_splat(from);
  let most = least;
  while (word < end) {
    const next = repeats64(word + 64);
    if (word + 64 <= end) {
      const v0 = v128.load(word);
      const v1 = v128.load(word + 16);
      const v2 = v128.load(word + 32);
      const v3 = v128.load(word + 48);
      least = i8x16.min_s(i8x16.min_s(least, i8x16.min_s(v0, v1)), i8x16.min_s(v2, v3));
      most = i8x16.max_s(i8x16.max_s(most, i8x16.max_s(v0, v1)), i8x16.max_s(v2, v3));
    } else {
      for (let at = word; at < end; at++) {
        const v = v128.load8_splat(at);
        least = i8x16.min_s(least, v);
        most = i8x16.max_s(most, v);
      }
    }
    const sampled = exact || (<u32>((word - from) >> 6) * 0x9e3779b1) >>> 30 === 0;
    // Places from which on ten bytes in turn repeat, by doubling; the low bits of the next word supply the last ones.
    let ahead = next;
    let starts = equal & ((equal >> 1) | (ahead << 63));
    ahead &= ahead >> 1;
    starts &= (starts >> 2) | (ahead << 62);
    ahead &= ahead >> 2;
    starts &= (starts >> 4) | (ahead << 60);
    ahead &= ahead >> 4;
    starts &= (starts >> 2) | (ahead << 62);
    if (done > word) starts &= <u64>-1 << (<u64>(done - word));
    while (starts !== 0) {
      const start = word + <usize>ctz(starts);
      if (start + MIN_RUN > end) break;
      if (sampled) countLiterals(state, max(done, word), start);
      const stop = runEnd(start + MIN_RUN, end);
      store<u32>(found, <u32>(start - from));
      store<u32>(found, <u32>(stop - start), 4);
      found += 8;
      for (let left = stop - start; left > 0;) {
        const match = nextMatch(left);
        const at = state + (lengthSymbol(match) << 2);
        store<u32>(at, load<u32>(at, HISTOGRAM) + 1, HISTOGRAM);
        left -= match;
      }
      done = stop;
      if (stop >= word + 64) break;
      starts &= <u64>-1 << (<u64>(stop - word));
    }
    if (sampled && done < word + 64) countLiterals(state, max(done, word), min(word + 64, end));
    const jumped = done >= word + 128;
    if (jumped) word += (((done - word) >> 6) << 6) - 64;
    word += 64;
    equal = jumped ? repeats64(word) : next;
  }
  for (let i: usize = 0; i < 1024; i += 4) {
    const at = state + COUNTS + i;
    const sum = load<u32>(at) + load<u32>(at, 1024) + load<u32>(at, 2048) + load<u32>(at, 3072);
    store<u32>(state + i, exact ? sum : sum << 2, HISTOGRAM);
  }
  if (!exact) {
    const low = extreme(least, state, false);
    const high = extreme(most, state, true);
    for (let value = low; value <= high; value++) {
      const at = state + ((<usize>(value & 255)) << 2);
      store<u32>(at, max<u32>(load<u32>(at, HISTOGRAM), 1), HISTOGRAM);
    }
  }
  return <u32>((found - runs) >> 3);
}

/** Makes the entries of two literals out of those of one. */
export function deflatePairs(state: usize): void {
  for (let second: i32 = 0; second < 64; second++) {
    const high = load<u32>(state + ((<usize>((second - 32) & 255)) << 2), LITERALS);
    const highBits = high >>> 6;
    const highCount = high & 63;
    const row = state + PAIRS + ((<usize>second) << 8);
    for (let first: i32 = 0; first < 64; first++) {
      const low = load<u32>(state + ((<usize>((first - 32) & 255)) << 2), LITERALS);
      const lowCount = low & 63;
      const bits = (low >>> 6) | (highBits << lowCount);
      store<u32>(row + ((<usize>first) << 2), (bits << 6) | (lowCount + highCount));
    }
  }
}

/**
 * Writes the literals and matches of a block and the end of block to `out`, behind the `held` bits (0 to 7) that the first byte there already has.
 * Returns the bits now valid from `out` on. Up to 8 bytes more are overwritten.
 */
export function deflateEmit(from: usize, length: u32, runs: usize, runCount: u32, state: usize, out: usize, held: u32): u32 {
  const begin = out;
  const end = from + length;
  const bias = i8x16.splat(32);
  const most = i8x16.splat(63);
  const lowPlaces = i16x8.splat(0xfc);
  const highPlaces = i16x8.splat(0x3f00);
  const literals = state + LITERALS;
  const pairs = state + PAIRS;
  let bits: u64 = <u64>(load<u8>(out) & ((1 << held) - 1));
  let count: u64 = held;
  let at = from;
  for (let run: u32 = 0; run <= runCount; run++, runs += 8) {
    const stop = run < runCount ? from + load<u32>(runs) : end;
    for (; at + 16 <= stop; at += 16) {
      const v = v128.load(at);
      const biased = i8x16.add(v, bias);
      if (!v128.any_true(i8x16.gt_u(biased, most))) {
        // Addresses of pairs: the first literal in the bits 2 to 7, the second in the bits 8 to 13.
        const places = v128.or(v128.and(i16x8.shl(biased, 2), lowPlaces), v128.and(biased, highPlaces));
        let four = <u64>i64x2.extract_lane(places, 0);
        for (let half = 0; half < 2; half++) {
          const p0 = load<u32>(pairs + <usize>(four & 0xffff));
          const p1 = load<u32>(pairs + <usize>((four >> 16) & 0xffff));
          bits |= (<u64>(p0 >>> 6)) << count;
          count += p0 & 63;
          bits |= (<u64>(p1 >>> 6)) << count;
          count += p1 & 63;
          store<u64>(out, bits);
          out += <usize>(count >> 3);
          bits >>= count & 56;
          count &= 7;
          const p2 = load<u32>(pairs + <usize>((four >> 32) & 0xffff));
          const p3 = load<u32>(pairs + <usize>(four >> 48));
          bits |= (<u64>(p2 >>> 6)) << count;
          count += p2 & 63;
          bits |= (<u64>(p3 >>> 6)) << count;
          count += p3 & 63;
          store<u64>(out, bits);
          out += <usize>(count >> 3);
          bits >>= count & 56;
          count &= 7;
          four = <u64>i64x2.extract_lane(places, 1);
        }
      } else {
        for (let i: usize = 0; i < 16; i += 4) {
          const four = load<u32>(at + i);
          const l0 = load<u32>(literals + ((<usize>(four & 255)) << 2));
          const l1 = load<u32>(literals + ((<usize>((four >>> 8) & 255)) << 2));
          const l2 = load<u32>(literals + ((<usize>((four >>> 16) & 255)) << 2));
          const l3 = load<u32>(literals + ((<usize>(four >>> 24)) << 2));
          bits |= (<u64>(l0 >>> 6)) << count;
          count += l0 & 63;
          bits |= (<u64>(l1 >>> 6)) << count;
          count += l1 & 63;
          bits |= (<u64>(l2 >>> 6)) << count;
          count += l2 & 63;
          bits |= (<u64>(l3 >>> 6)) << count;
          count += l3 & 63;
          store<u64>(out, bits);
          out += <usize>(count >> 3);
          bits >>= count & 56;
          count &= 7;
        }
      }
    }
    for (; at < stop; at++) {
      const entry = load<u32>(literals + ((<usize>load<u8>(at)) << 2));
      bits |= (<u64>(entry >>> 6)) << count;
      count += entry & 63;
      store<u64>(out, bits);
      out += <usize>(count >> 3);
      bits >>= count & 56;
      count &= 7;
    }
    if (run === runCount) break;
    for (let left = <usize>load<u32>(runs, 4); left > 0;) {
      const match = nextMatch(left);
      const entry = load<u32>(state + (match << 2), MATCHES);
      bits |= (<u64>(entry >>> 6)) << count;
      count += entry & 63;
      store<u64>(out, bits);
      out += <usize>(count >> 3);
      bits >>= count & 56;
      count &= 7;
      left -= match;
    }
    at = stop + load<u32>(runs, 4);
  }
  const last = load<u32>(literals + (END_OF_BLOCK << 2));
  bits |= (<u64>(last >>> 6)) << count;
  count += last & 63;
  store<u64>(out, bits);
  return <u32>((out - begin) << 3) + <u32>count;
}
