// Huffman coding of transformed blocks (ITU T.81, F.1.2), and counting of the symbols it would write.
import { AC_CODES, BLOCKS, COUNTS, DC_CODES, HALVED, MASKS, QUANTISERS, STATE } from './jpeg-layout';

// @ts-ignore: decorator
@inline const FREE: usize = STATE + 8;
// @ts-ignore: decorator
@inline const PREDICTIONS: usize = STATE + 12;
// @ts-ignore: decorator
@inline const AC_COUNTS: usize = COUNTS + 128;

// Byte offsets of the coefficients in zigzag order in a block that lies column by column.
const PLACES = memory.data<u8>([
  0, 16, 2, 4, 18, 32, 48, 34, 20, 6, 8, 22, 36, 50, 64, 80,
  66, 52, 38, 24, 10, 12, 26, 40, 54, 68, 82, 96, 112, 98, 84, 70,
  56, 42, 28, 14, 30, 44, 58, 72, 86, 100, 114, 116, 102, 88, 74, 60,
  46, 62, 76, 90, 104, 118, 120, 106, 92, 78, 94, 108, 122, 124, 110, 126,
]);

/** The magnitude of a quantised coefficient, for an entry of QUANTISERS. */
// @ts-ignore: decorator
@inline function magnitude(size: i32, quantiser: usize): u32 {
  return (<u32>size * load<u32>(quantiser) + load<u32>(quantiser, 4)) >>> 21;
}

/** Writes eight bytes, the most significant first, with a zero after each 0xFF. */
function putEight(to: usize, bits: u64): usize {
  if ((bits & 0x8080808080808080 & ~(bits + 0x0101010101010101)) === 0) {
    store<u64>(to, bswap<u64>(bits));
    return to + 8;
  }
  for (let shift = 56; shift >= 0; shift -= 8) {
    const byte = <u8>(bits >> shift);
    store<u8>(to++, byte);
    if (byte === 0xff) store<u8>(to++, 0);
  }
  return to;
}

/** Codes the blocks of `units` units; returns the address after the last byte written. */
export function jpegCodeUnits(state: usize, units: i32, mode: i32, out: usize): usize {
  const lumaBlocks = mode === HALVED ? 4 : 1;
  const perUnit = mode === HALVED ? 6 : mode === 0 ? 1 : 3;
  let pending = load<u64>(state, STATE);
  let free = load<i32>(state, FREE);
  let block = state + BLOCKS;
  let masks = state + MASKS;
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < perUnit; i++) {
      const component = i < lumaBlocks ? 0 : i - lumaBlocks + 1;
      const table: usize = component > 0 ? 1 : 0;
      const quantisers = state + QUANTISERS + (table << 9);
      const codes = state + AC_CODES + (table << 10);
      const prediction = state + ((<usize>component) << 2);

      const first = <i32>load<i16>(block);
      const firstSign = first >> 31;
      const dc = (<i32>magnitude((first ^ firstSign) - firstSign, quantisers) ^ firstSign) - firstSign;
      const difference = dc - load<i32>(prediction, PREDICTIONS);
      store<i32>(prediction, dc, PREDICTIONS);
      const sign = difference >> 31;
      const size = 32 - clz((difference ^ sign) - sign);
      const entry = load<u32>(state + (table << 6) + ((<usize>size) << 2), DC_CODES);
      let length = <i32>(entry & 31);
      let bits = <u64>((entry >>> 5) | ((difference + sign) & ((1 << size) - 1)));

      let mask = load<u64>(masks);
      let last = 0;
      while (mask !== 0) {
        free -= length;
        if (free < 0) {
          out = putEight(out, (pending << (length + free)) | (bits >> -free));
          free += 64;
          pending = bits;
        } else {
          pending = (pending << length) | bits;
        }
        const k = <i32>ctz(mask);
        mask &= mask - 1;
        let run = k - last - 1;
        last = k;
        if (run > 15) {
          const zeros = load<u32>(codes, 0xf0 * 4);
          length = <i32>(zeros & 31);
          bits = <u64>(zeros >>> 5);
          for (; run > 15; run -= 16) {
            free -= length;
            if (free < 0) {
              out = putEight(out, (pending << (length + free)) | (bits >> -free));
              free += 64;
              pending = bits;
            } else {
              pending = (pending << length) | bits;
            }
          }
        }
        const quantiser = quantisers + ((<usize>k) << 3);
        const coefficient = <i32>load<i16>(block + <usize>load<u8>(PLACES + <usize>k));
        const negative = coefficient >> 31;
        const value = magnitude((coefficient ^ negative) - negative, quantiser);
        // The value is not zero, so its size is 32 - absent, and the shift is less than 32.
        const absent = <i32>clz(value);
        const code = load<u32>(codes + ((<usize>((run << 4) - absent)) << 2), 32 * 4);
        length = <i32>(code & 31);
        bits = <u64>((code >>> 5) | ((value ^ negative) & (<u32>-1 >>> absent)));
      }
      if (last !== 63) {
        // The end of block joins the bits that are still to be put: 27 and 16 at most.
        const end = load<u32>(codes);
        const endLength = <i32>(end & 31);
        bits = (bits << endLength) | (end >>> 5);
        length += endLength;
      }
      free -= length;
      if (free < 0) {
        out = putEight(out, (pending << (length + free)) | (bits >> -free));
        free += 64;
        pending = bits;
      } else {
        pending = (pending << length) | bits;
      }
      block += 128;
      masks += 8;
    }
  }
  store<u64>(state, pending, STATE);
  store<i32>(state, free, FREE);
  return out;
}

/** Pads the pending bits to a byte with ones, writes RST `marker` unless it is negative, and starts afresh. */
export function jpegEndInterval(state: usize, marker: i32, out: usize): usize {
  const count = 64 - load<i32>(state, FREE);
  const padding = -count & 7;
  const bits = (load<u64>(state, STATE) << padding) | ((1 << padding) - 1);
  for (let shift = count + padding - 8; shift >= 0; shift -= 8) {
    const byte = <u8>(bits >> shift);
    store<u8>(out++, byte);
    if (byte === 0xff) store<u8>(out++, 0);
  }
  if (marker >= 0) {
    store<u8>(out++, 0xff);
    store<u8>(out++, 0xd0 + marker);
  }
  memory.fill(state + STATE, 0, 24);
  store<i32>(state, 64, FREE);
  return out;
}

// @ts-ignore: decorator
@inline function count(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

/** As jpegCodeUnits, but counts the symbols in COUNTS. */
export function jpegCountUnits(state: usize, units: i32, mode: i32): void {
  const lumaBlocks = mode === HALVED ? 4 : 1;
  const perUnit = mode === HALVED ? 6 : mode === 0 ? 1 : 3;
  let block = state + BLOCKS;
  let masks = state + MASKS;
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < perUnit; i++) {
      const component = i < lumaBlocks ? 0 : i - lumaBlocks + 1;
      const table: usize = component > 0 ? 1 : 0;
      const quantisers = state + QUANTISERS + (table << 9);
      const counts = state + AC_COUNTS + (table << 10);
      const prediction = state + ((<usize>component) << 2);
      const first = <i32>load<i16>(block);
      const size = <i32>magnitude(abs(first), quantisers);
      const dc = first < 0 ? -size : size;
      const difference = dc - load<i32>(prediction, PREDICTIONS);
      store<i32>(prediction, dc, PREDICTIONS);
      count(state + COUNTS + (table << 6) + ((<usize>(32 - clz(abs(difference)))) << 2));
      let mask = load<u64>(masks);
      let last = 0;
      while (mask !== 0) {
        const k = <i32>ctz(mask);
        mask &= mask - 1;
        let run = k - last - 1;
        last = k;
        for (; run > 15; run -= 16) count(counts + 0xf0 * 4);
        const quantiser = quantisers + ((<usize>k) << 3);
        const value = magnitude(abs(<i32>load<i16>(block + <usize>load<u8>(PLACES + <usize>k))), quantiser);
        count(counts + ((<usize>((run << 4) + 32 - <i32>clz(value))) << 2));
      }
      if (last !== 63) count(counts);
      block += 128;
      masks += 8;
    }
  }
}
