import type { BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import { codesOf, emptyStatistics, type JpegCodes, type JpegStatistics } from '../core/jpeg/huffman.ts';
import {
  checkBand,
  jpegLayout,
  restartInterval,
  type JpegCoder,
  type JpegEncoding,
  type JpegLayout,
} from '../core/jpeg/layout.ts';
import { largestZero, quantisersOf } from '../core/jpeg/quantisers.ts';
import { quantisationTables, ZIGZAG } from '../core/jpeg/tables.ts';
import { SegmentBuffer } from '../core/segment-buffer.ts';
import type { Kernels } from './kernels.ts';

/** Offsets in the kernels' state: assembly/jpeg-layout.ts, which explains the entries. */
const QUANTISERS = 256;
const DC_CODES = 1280;
const AC_CODES = 1408;
const FREE_BITS = 3464;
const COUNTS = 3520;
const COLUMN_MASKS = 5696;
const TABLE_BYTES = COLUMN_MASKS + 16384;

const DC_SYMBOLS = 16;
const AC_SYMBOLS = 256;
/** The most that a block of coefficients can take: 63 codes of 26 bits and one of 27, every byte stuffed. */
const BLOCK_BYTES = 416;
/** Finished bytes are collected here until they are worth a copy. */
const OUTPUT_BYTES = 1 << 18;

/** Thresholds and quantisers of one table. The kernels keep coefficients column by column. */
function writeQuantiser(view: DataView, index: number, steps: Uint8Array): void {
  const quantisers = quantisersOf(steps);
  ZIGZAG.forEach((natural, k) => {
    const place = ((natural & 7) << 3) | (natural >> 3);
    view.setInt16(index * 128 + place * 2, k === 0 ? 32767 : largestZero(quantisers, natural), true);
    const entry = QUANTISERS + index * 512 + k * 8;
    view.setUint32(entry, quantisers.reciprocals[natural], true);
    view.setUint32(entry + 4, quantisers.halves[natural], true);
  });
}

/** For each column of coefficients and each byte of its rows, their bits of a mask in zigzag order, as two words. */
function columnMasks(): Uint32Array {
  const words = new Uint32Array(8 * 256 * 2);
  ZIGZAG.forEach((natural, k) => {
    const row = 1 << (natural >> 3);
    const column = words.subarray((natural & 7) * 512);
    for (let rows = row; rows < 256; rows = (rows + 1) | row) column[rows * 2 + (k >> 5)] |= 1 << (k & 31);
  });
  return words;
}

const COLUMN_MASK_WORDS = columnMasks();

/** Codes with room for `size` extra bits below them. Symbols without a code get 0. */
function writeCodes(
  view: DataView,
  at: number,
  count: number,
  codes: JpegCodes,
  size: (symbol: number) => number,
): void {
  for (let symbol = 0; symbol < count; symbol++) {
    const extra = size(symbol);
    const entry = codes.code[symbol] * 2 ** (extra + 5) + codes.length[symbol] + extra;
    view.setUint32(at + symbol * 4, codes.length[symbol] === 0 ? 0 : entry, true);
  }
}

/** The part of the state that stays the same for a picture, with everything else zero. */
function stateTables(encoding: JpegEncoding): Uint8Array {
  const bytes = new Uint8Array(TABLE_BYTES);
  const view = new DataView(bytes.buffer);
  const steps = quantisationTables(encoding.quality);
  for (const i of [0, 1] as const) {
    writeQuantiser(view, i, steps[i]);
    writeCodes(view, DC_CODES + i * 4 * DC_SYMBOLS, 12, codesOf(encoding.tables.dc[i]), (symbol) => symbol);
    writeCodes(
      view,
      AC_CODES + i * 4 * AC_SYMBOLS,
      AC_SYMBOLS,
      codesOf(encoding.tables.ac[i]),
      (symbol) => symbol & 15,
    );
  }
  COLUMN_MASK_WORDS.forEach((word, i) => view.setUint32(COLUMN_MASKS + i * 4, word, true));
  view.setInt32(FREE_BITS, 64, true);
  return bytes;
}

/** As the kernels name them: grey, chroma of full size, chroma halved. */
const modeOf = (layout: JpegLayout): 0 | 1 | 2 => (layout.components === 1 ? 0 : layout.mcuSize === 8 ? 1 : 2);

const blocksPerRow = (layout: JpegLayout): number => layout.mcusPerRow * [1, 3, 6][modeOf(layout)];

/** Bytes in wasm memory that are moved out whenever there is little room left. */
class Output {
  readonly #kernels: Kernels;
  readonly #start: number;
  readonly #into: SegmentBuffer;
  end: number;

  constructor(kernels: Kernels, start: number, into: SegmentBuffer) {
    this.#kernels = kernels;
    this.#start = start;
    this.#into = into;
    this.end = start;
  }

  drain(): void {
    if (this.end === this.#start) return;
    this.#into.append(this.#kernels.bytes(this.#start, this.end - this.#start));
    this.end = this.#start;
  }

  drainWhenFull(): void {
    if (this.end - this.#start >= OUTPUT_BYTES) this.drain();
  }

  result(): Uint8Array<ArrayBuffer> {
    this.drain();
    return this.#into.take();
  }
}

/**
 * The JPEG band coder in SIMD WebAssembly. Memory comes from the arena during a call and goes back at its end; the call may grow
 * the memory, which detaches views of it, also `rows`.
 */
export function createJpegCoder(kernels: Kernels, shape: PictureShape, encoding: JpegEncoding): JpegCoder {
  const layout = jpegLayout(shape, encoding.chroma);
  restartInterval(layout, encoding.restartRows);
  const tables = stateTables(encoding);
  const { arena, exports } = kernels;
  const { mcuSize, width } = layout;
  const stride = width * layout.components;
  const mode = modeOf(layout);

  /** Takes each row of units through `code`, and calls `endInterval` after the last of an interval. */
  const eachRow = (
    source: number,
    place: BandPlace,
    code: (from: number, valid: number) => void,
    endInterval: (marker: number) => void,
  ): void => {
    for (let y = 0; y < place.rows; y += mcuSize) {
      code(source + y * stride, Math.min(mcuSize, place.rows - y));
      const next = (place.y + y) / mcuSize + 1;
      if (next === layout.mcuRows) endInterval(-1);
      else if (next % encoding.restartRows === 0) endInterval((next / encoding.restartRows - 1) & 7);
    }
  };

  /** Lays out state, rows and output, and frees them after. */
  const withMemory = <T>(
    rows: Uint8Array,
    place: BandPlace,
    outputBytes: number,
    work: (state: number, source: number, out: number) => T,
  ): T => {
    checkBand(layout, encoding, rows, place);
    const mark = arena.mark();
    try {
      const source = kernels.addressOf(rows);
      const state = arena.alloc(exports.jpegStateBytes());
      const out = arena.alloc(outputBytes);
      kernels.bytes(state, TABLE_BYTES).set(tables);
      return work(state, source, out);
    } finally {
      arena.release(mark);
    }
  };

  return {
    encode(rows: Uint8Array, place: BandPlace, into = new SegmentBuffer()): Segment {
      const room = OUTPUT_BYTES + blocksPerRow(layout) * BLOCK_BYTES + 16;
      return withMemory(rows, place, room, (state, source, start) => {
        const out = new Output(kernels, start, into);
        eachRow(
          source,
          place,
          (from, valid) => {
            out.drainWhenFull();
            out.end = exports.jpegCodeRow(state, from, stride, width, valid, mode, out.end);
          },
          (marker) => (out.end = exports.jpegEndInterval(state, marker, out.end)),
        );
        return { bytes: out.result() };
      });
    },

    statistics(rows: Uint8Array, place: BandPlace): JpegStatistics {
      return withMemory(rows, place, 64, (state, source, scratch) => {
        eachRow(
          source,
          place,
          (from, valid) => exports.jpegCodeRow(state, from, stride, width, valid, mode, 0),
          () => exports.jpegEndInterval(state, -1, scratch),
        );
        return readStatistics(kernels.bytes(state, TABLE_BYTES));
      });
    },
  };
}

function readStatistics(state: Uint8Array): JpegStatistics {
  const view = new DataView(state.buffer, state.byteOffset);
  const sum = emptyStatistics();
  for (const i of [0, 1] as const) {
    const dc = COUNTS + i * 4 * DC_SYMBOLS;
    const ac = COUNTS + 2 * 4 * DC_SYMBOLS + i * 4 * AC_SYMBOLS;
    for (let n = 0; n < DC_SYMBOLS; n++) sum.dc[i][n] = view.getUint32(dc + n * 4, true);
    for (let n = 0; n < AC_SYMBOLS; n++) sum.ac[i][n] = view.getUint32(ac + n * 4, true);
  }
  return sum;
}
