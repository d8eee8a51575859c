// CRC-32 and Adler-32; core/checksum.ts has their sources.

// Tables for 16 bytes at a time: entry k * 256 + b is the CRC of byte b followed by k zero bytes.
const CRC_TABLES: usize = memory.data(16 * 256 * 4);
let crcReady: bool = false;

function fillCrcTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & (0 - (crc & 1)));
    store<u32>(CRC_TABLES + (byte << 2), crc);
  }
  for (let i: u32 = 256; i < 16 * 256; i++) {
    const before = load<u32>(CRC_TABLES + ((i - 256) << 2));
    store<u32>(CRC_TABLES + (i << 2), load<u32>(CRC_TABLES + ((before & 255) << 2)) ^ (before >>> 8));
  }
  crcReady = true;
}

/** The entry for a byte, `zeros` bytes before the end of a step. */
// @ts-ignore: decorator
@inline function crcEntry(byte: u32, zeros: usize): u32 {
  return load<u32>(CRC_TABLES + (zeros << 10) + ((<usize>byte) << 2));
}

/** The entries of four bytes, of which the last is `zeros` bytes before the end of a step. */
// @ts-ignore: decorator
@inline function crcWord(word: u32, zeros: usize): u32 {
  return (
    crcEntry(word & 255, zeros + 3) ^
    crcEntry((word >>> 8) & 255, zeros + 2) ^
    crcEntry((word >>> 16) & 255, zeros + 1) ^
    crcEntry(word >>> 24, zeros)
  );
}

/** CRC-32 of `length` bytes; `crc` is the sum of what came before, 0 for nothing. */
export function crc32Bytes(from: usize, length: u32, crc: u32): u32 {
  if (!crcReady) fillCrcTables();
  const end = from + length;
  let c = ~crc;
  for (; from + 16 <= end; from += 16) {
    const low = crcWord(load<u32>(from, 4), 8) ^ crcWord(load<u32>(from, 8), 4) ^ crcWord(load<u32>(from, 12), 0);
    c = crcWord(load<u32>(from) ^ c, 12) ^ low;
  }
  for (; from < end; from++) c = crcEntry((c ^ load<u8>(from)) & 255, 0) ^ (c >>> 8);
  return ~c;
}

/** Vectors after which sums of 16 bits could overflow: those of the sums before each vector reach 255 * 21 * 22 / 2. */
const ADLER_VECTORS: i32 = 22;

/** Adler-32 of `length` bytes; `adler` is the sum of what came before, 1 for nothing. */
export function adler32Bytes(from: usize, length: u32, adler: u32): u32 {
  const end = from + length;
  let a = adler & 0xffff;
  let b = adler >>> 16;
  const weightsLow = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const weightsHigh = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  while (from + 16 <= end) {
    const vectors = min<i32>(ADLER_VECTORS, <i32>((end - from) >> 4));
    // For each of the 16 places in a vector: the sum of its bytes so far, and of those sums before each vector.
    let sumLow = i16x8.splat(0);
    let sumHigh = sumLow;
    let beforeLow = sumLow;
    let beforeHigh = sumLow;
    for (let i = 0; i < vectors; i++, from += 16) {
      const v = v128.load(from);
      beforeLow = i16x8.add(beforeLow, sumLow);
      beforeHigh = i16x8.add(beforeHigh, sumHigh);
      sumLow = i16x8.add(sumLow, i16x8.extend_low_i8x16_u(v));
      sumHigh = i16x8.add(sumHigh, i16x8.extend_high_i8x16_u(v));
    }
    const sum = i32x4.extadd_pairwise_i16x8_u(i16x8.add(sumLow, sumHigh));
    const before = i32x4.add(i32x4.extadd_pairwise_i16x8_u(beforeLow), i32x4.extadd_pairwise_i16x8_u(beforeHigh));
    const weighted = i32x4.add(i32x4.dot_i16x8_s(sumLow, weightsLow), i32x4.dot_i16x8_s(sumHigh, weightsHigh));
    b = (b + a * 16 * vectors + lanes(before) * 16 + lanes(weighted)) % 65521;
    a = (a + lanes(sum)) % 65521;
  }
  for (; from < end; from++) {
    a += load<u8>(from);
    b += a;
  }
  return (b % 65521 << 16) | a % 65521;
}

// @ts-ignore: decorator
@inline function lanes(v: v128): u32 {
  return (
    <u32>i32x4.extract_lane(v, 0) +
    <u32>i32x4.extract_lane(v, 1) +
    <u32>i32x4.extract_lane(v, 2) +
    <u32>i32x4.extract_lane(v, 3)
  );
}
