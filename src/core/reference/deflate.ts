import {
  type BitWriter,
  END_OF_BLOCK,
  LENGTH_EXTRA,
  LENGTH_EXTRA_BITS,
  LENGTH_SYMBOL,
  LITERAL_SYMBOLS,
  MAX_MATCH,
  MIN_MATCH,
  blockCode,
} from './deflate-huffman.ts';

/**
 * Bytes of a band that share a Huffman code. Smaller blocks pay for more headers and for making their codes, larger ones leave the cache; between
 * 64 KiB and 1 MiB the size of enlarged photographs changes by less than 1 %.
 */
export const BLOCK_BYTES = 1 << 18;

/**
 * Shortest run of equal bytes that becomes a match; shorter ones are cheaper as literals. Over photographs enlarged by 4, 10 and 15, ten gives the
 * smallest files; three gives files 6 % larger, sixteen 2 % and thirty-two 10 %.
 */
export const MIN_RUN = 10;

/** Most bytes in a stored block (RFC 1951 section 3.2.4). */
const MAX_STORED = 65535;

/**
 * The most bytes that a band's deflate stream takes while it is made: stored blocks throughout, a boundary for each block, the flush; and a last
 * block of literals with the longest codes before it is found to be too long.
 */
export const deflateBound = (rawBytes: number, blocks: number): number =>
  rawBytes + 6 * (blocks + Math.ceil(rawBytes / MAX_STORED)) + Math.ceil(((rawBytes / blocks) * 13) / 8) + 1024;

/** Lengths of the matches that a run of `length` bytes is cut into, none shorter than MIN_MATCH. */
export function nextMatch(length: number): number {
  return length <= MAX_MATCH ? length : Math.min(MAX_MATCH, length - MIN_MATCH);
}

/**
 * From this size on, one in eight of a block's pieces of 256 bytes is counted, which makes the SIMD coder faster by a tenth and files larger
 * by less than 0.1 %. Which ones is scattered, so that they do not fall on the same columns of every row.
 */
const SAMPLED_BLOCK = 32768;
const SAMPLED_PART = 8;

const isSampled = (place: number): boolean => Math.imul(place >>> 8, 0x9e3779b1) >>> 29 === 0;

/** What one pass over a block finds: where runs are (start and length, in turn), and how often symbols will be sent: lengths exactly, literals by a sample. */
export interface BlockScan {
  readonly runs: Uint32Array;
  readonly histogram: Uint32Array;
}

/**
 * Scales the counts of sampled literals to the whole block. A literal that the sample has missed needs a code as well: every one between
 * the least and the largest of the block, as signed bytes, gets one. Those outside would cost up to 3 % for nothing.
 */
function addUnsampled(block: Uint8Array, histogram: Uint32Array): void {
  let least = 127;
  let most = -128;
  for (let i = 0; i < block.length; i++) {
    const value = (block[i] << 24) >> 24;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  for (let literal = 0; literal < 256; literal++) histogram[literal] *= SAMPLED_PART;
  for (let value = least; value <= most; value++) histogram[value & 255] = Math.max(1, histogram[value & 255]);
}

/**
 * Finds the maximal runs of at least MIN_RUN bytes that equal the byte before them. A run neither begins with the first byte of the
 * block nor goes on in the next, so that blocks depend on nothing but their own bytes.
 */
export function scanBlock(block: Uint8Array): BlockScan {
  const histogram = new Uint32Array(LITERAL_SYMBOLS);
  const runs: number[] = [];
  const n = block.length;
  const exact = n < SAMPLED_BLOCK;
  for (let i = 0; i < n;) {
    let end = i;
    if (i > 0) while (end < n && block[end] === block[end - 1]) end++;
    if (end - i >= MIN_RUN) {
      runs.push(i, end - i);
      for (let left = end - i; left > 0;) {
        const match = nextMatch(left);
        histogram[LENGTH_SYMBOL[match]]++;
        left -= match;
      }
      i = end;
    } else {
      const stop = Math.max(end, i + 1);
      for (; i < stop; i++) if (exact || isSampled(i)) histogram[block[i]]++;
    }
  }
  if (!exact) addUnsampled(block, histogram);
  return { runs: Uint32Array.from(runs), histogram };
}

/** Sends a block's literals and matches with its code, and the end of block. */
function emitBlock(
  block: Uint8Array,
  runs: Uint32Array,
  lengths: Uint8Array,
  codes: Uint16Array,
  out: BitWriter,
): void {
  const bytes = out.bytes;
  let position = Math.floor(out.position / 8);
  let count = out.position % 8;
  let buffer = count === 0 ? 0 : bytes[position] & ((1 << count) - 1);
  // At most 15 bits are held between two calls, and at most 13 are added.
  const put = (value: number, bits: number): void => {
    buffer |= value << count;
    count += bits;
    if (count >= 16) {
      bytes[position] = buffer & 255;
      bytes[position + 1] = (buffer >>> 8) & 255;
      position += 2;
      buffer >>>= 16;
      count -= 16;
    }
  };
  let i = 0;
  for (let r = 0; r <= runs.length; r += 2) {
    const stop = r < runs.length ? runs[r] : block.length;
    for (; i < stop; i++) put(codes[block[i]], lengths[block[i]]);
    if (r === runs.length) break;
    for (let left = runs[r + 1]; left > 0;) {
      const match = nextMatch(left);
      const symbol = LENGTH_SYMBOL[match];
      put(codes[symbol], lengths[symbol]);
      put(LENGTH_EXTRA[match], LENGTH_EXTRA_BITS[match]);
      put(0, 1);
      left -= match;
    }
    i = stop + runs[r + 1];
  }
  put(codes[END_OF_BLOCK], lengths[END_OF_BLOCK]);
  out.position = position * 8 + count;
  for (; count > 0; count -= 8, buffer >>>= 8) bytes[position++] = buffer & 255;
}

/** Appends bytes as stored blocks; only the very last carries the mark of the last block. */
export function writeStored(bytes: Uint8Array, out: BitWriter, final: boolean): void {
  for (let start = 0; start < bytes.length; start += MAX_STORED) {
    const part = bytes.subarray(start, start + MAX_STORED);
    out.put(final && start + part.length === bytes.length ? 1 : 0, 1);
    out.put(0, 2);
    out.align();
    out.put(part.length, 16);
    out.put(part.length ^ 0xffff, 16);
    out.putBytes(part);
  }
}

/** Bits of the bytes as stored blocks, at most. */
export const storedBits = (bytes: number): number => bytes * 8 + Math.ceil(bytes / MAX_STORED) * 42;

/** Codes one block: whichever is smaller of a dynamic Huffman block and stored ones. */
export function deflateBlock(block: Uint8Array, out: BitWriter, final: boolean): void {
  const { runs, histogram } = scanBlock(block);
  const code = blockCode(histogram);
  if (code.bits >= storedBits(block.length)) {
    writeStored(block, out, final);
    return;
  }
  const start = out.position;
  code.writeHeader(out, final);
  emitBlock(block, runs, code.lengths, code.codes, out);
  if (out.position - start <= storedBits(block.length)) return;
  // The sample was not like the rest.
  out.position = start;
  writeStored(block, out, final);
}

/** Ends a band on a byte boundary with an empty stored block, as zlib's Z_SYNC_FLUSH does, so that another stream can follow. */
export function syncFlush(out: BitWriter): void {
  out.put(0, 3);
  out.align();
  out.put(0, 16);
  out.put(0xffff, 16);
}

/** Compresses bytes as raw deflate (RFC 1951): ends with a sync flush, or, when `final`, with a last block. */
export type RawDeflate = (bytes: Uint8Array, final: boolean) => Uint8Array;
