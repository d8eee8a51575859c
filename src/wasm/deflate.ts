import { MIN_RUN, deflateBound, storedBits, writeStored } from '../core/reference/deflate.ts';
import {
  BitWriter,
  END_OF_BLOCK,
  LENGTH_EXTRA,
  LENGTH_EXTRA_BITS,
  LENGTH_SYMBOL,
  LITERAL_SYMBOLS,
  MAX_MATCH,
  MIN_MATCH,
  blockCode,
  type BlockCode,
} from '../core/reference/deflate-huffman.ts';
import type { Kernels } from './kernels.ts';

/** Offsets of tables in the kernels' state: assembly/deflate.ts. */
const LITERALS = 1152;
const MATCHES = 2304;
const SHORT_CODES = 3344;
const SHORT_LENGTHS = 3360;

/** The literals with codes of at most 7 bits are taken from -8 on, up to 7. */
const SHORT_PLACES = 16;
const MAX_SHORT_BITS = 7;

/** Bytes that the kernels may read around a block, without effect. */
export const BLOCK_MARGIN = 128;

/** Bytes behind the list of runs that finding them may write. */
const RUNS_MARGIN = 16;

/** Bytes that the last store of a block may write beyond its end. */
const WRITE_MARGIN = 16;

/** Puts the tables of a block's code where `deflateEmit` finds them. */
export function placeCodes({ exports }: Kernels, state: number, { lengths, codes }: BlockCode): void {
  const { buffer } = exports.memory;
  const literals = new Uint32Array(buffer, state + LITERALS, END_OF_BLOCK + 1);
  for (let i = 0; i <= END_OF_BLOCK; i++) literals[i] = (codes[i] << 6) | lengths[i];
  const shortCodes = new Uint8Array(buffer, state + SHORT_CODES, SHORT_PLACES);
  const shortLengths = new Uint8Array(buffer, state + SHORT_LENGTHS, SHORT_PLACES);
  for (let i = 0; i < SHORT_PLACES; i++) {
    const literal = (i - SHORT_PLACES / 2) & 255;
    const short = lengths[literal] > 0 && lengths[literal] <= MAX_SHORT_BITS;
    shortCodes[i] = short ? codes[literal] : 0;
    shortLengths[i] = short ? 128 - lengths[literal] : 0;
  }
  const matches = new Uint32Array(buffer, state + MATCHES, MAX_MATCH + 1);
  for (let length = MIN_MATCH; length <= MAX_MATCH; length++) {
    const symbol = LENGTH_SYMBOL[length];
    const bits = codes[symbol] | (LENGTH_EXTRA[length] << lengths[symbol]);
    // The distance's one bit is 0.
    matches[length] = (bits << 6) | (lengths[symbol] + LENGTH_EXTRA_BITS[length] + 1);
  }
}

/**
 * Codes the blocks of one band with the kernels. Everything is allocated in the constructor from the kernels' arena, and belongs to the caller's
 * mark. Gives the same bytes as core/reference/deflate.ts.
 */
export class BandDeflater {
  readonly #kernels: Kernels;
  readonly #state: number;
  readonly #runs: number;
  /** Address of `blockBytes` bytes, where the caller puts a block before `deflate`. */
  readonly block: number;
  /** Address of the output; what the caller wants in front of the stream comes first. */
  readonly output: number;
  readonly #outputBytes: number;
  #writer: BitWriter;

  /** `rawBytes` of the band, in blocks of at most `blockBytes`; `around` bytes for what is put before and after the stream. */
  constructor(kernels: Kernels, rawBytes: number, blockBytes: number, around: number) {
    const { arena } = kernels;
    this.#kernels = kernels;
    this.#state = arena.alloc(kernels.exports.deflateStateBytes());
    this.#runs = arena.alloc((Math.ceil(blockBytes / (MIN_RUN + 1)) + 1) * 8 + RUNS_MARGIN);
    this.block = arena.alloc(blockBytes + 2 * BLOCK_MARGIN) + BLOCK_MARGIN;
    this.#outputBytes = deflateBound(rawBytes, Math.ceil(rawBytes / blockBytes)) + around + WRITE_MARGIN;
    this.output = arena.alloc(this.#outputBytes);
    this.#writer = new BitWriter(new Uint8Array());
  }

  /** Writes to the output; valid until memory grows. To be called after the last allocation. */
  writer(): BitWriter {
    if (this.#writer.bytes.length === 0) this.#writer.bytes = this.#kernels.bytes(this.output, this.#outputBytes);
    return this.#writer;
  }

  /** Codes the first `length` bytes of `block`, whichever way is smaller. */
  deflate(length: number, final: boolean): void {
    const out = this.writer();
    const { exports } = this.#kernels;
    const runs = exports.deflateScan(this.block, length, this.#state, this.#runs);
    const code = blockCode(new Uint32Array(exports.memory.buffer, this.#state, LITERAL_SYMBOLS));
    if (code.bits >= storedBits(length)) {
      writeStored(this.#kernels.bytes(this.block, length), out, final);
      return;
    }
    const start = out.position;
    code.writeHeader(out, final);
    placeCodes(this.#kernels, this.#state, code);
    const held = out.position % 8;
    const at = (out.position - held) / 8;
    const bits = exports.deflateEmit(this.block, length, this.#runs, runs, this.#state, this.output + at, held);
    out.position += bits - held;
    if (out.position - start <= storedBits(length)) return;
    // The sample of literals was not like the rest.
    out.position = start;
    writeStored(this.#kernels.bytes(this.block, length), out, final);
  }
}
