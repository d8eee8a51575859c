import type { JpegTables } from '../core/encoding.ts';
import { codesOf } from '../core/jpeg/huffman.ts';
import { quantisersOf } from '../core/jpeg/quantisers.ts';
import { quantisationTables, ZIGZAG } from '../core/jpeg/tables.ts';
import type { ResamplePlan } from '../core/reference/resample-plan.ts';
import { fillRows, type TapTable } from '../core/taps.ts';
import type { EncodeTable } from '../core/transfer.ts';
import { BLOCK_ROWS } from './plan.ts';

/** All weights of a table, which is not asked for them itself: it would keep them, in double precision, beyond the job. */
function weightsOf(table: TapTable): Float32Array {
  const { size, taps } = table;
  const weights = new Float32Array(size * taps);
  return fillRows(table, weights, taps, (i) => weights.set(table.weightsOf(i), i * taps));
}

/** Weights for wgsl/horizontal.wgsl: tap by tap, each for all output pixels. */
export function horizontalWeights(table: TapTable): Float32Array<ArrayBuffer> {
  const { size, taps } = table;
  const weights = weightsOf(table);
  const out = new Float32Array(size * taps);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < taps; k++) out[k * size + i] = weights[i * taps + k];
  }
  return out;
}

/** Weights for wgsl/lib/column-filter.wgsl. */
export interface BlockWeights {
  /** Input rows under a block of output rows; the same for all blocks. */
  readonly window: number;
  /** First input row of each block. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** For each block and each row of its window, the weights in the block's eight output rows. */
  readonly weights: Float32Array<ArrayBuffer>;
}

/** Spreads a table over blocks of eight output rows that share the input rows they load. */
export function blockWeights(table: TapTable): BlockWeights {
  const { size, taps, starts } = table;
  const weights = weightsOf(table);
  const blocks = Math.ceil(size / BLOCK_ROWS);
  const firsts = Uint32Array.from({ length: blocks }, (_, b) => starts[b * BLOCK_ROWS]);
  let window = taps;
  for (let b = 0; b < blocks; b++) {
    const last = Math.min(size, (b + 1) * BLOCK_ROWS) - 1;
    window = Math.max(window, starts[last] + taps - firsts[b]);
  }
  const spread = new Float32Array(blocks * window * BLOCK_ROWS);
  for (let i = 0; i < size; i++) {
    const block = Math.floor(i / BLOCK_ROWS);
    const first = block * window + starts[i] - firsts[block];
    for (let k = 0; k < taps; k++) spread[(first + k) * BLOCK_ROWS + (i % BLOCK_ROWS)] = weights[i * taps + k];
  }
  return { window, starts: firsts, weights: spread };
}

/** Light of every sample value, one channel after the other. */
export function decodeValues(plan: ResamplePlan): Float32Array<ArrayBuffer> {
  return joined(plan.decode ?? []);
}

/** Stand in for the infinite ends of an encode table, which WGSL may not calculate with. */
const BEYOND = 1e30;

/** The tables of wgsl/lib/encode-samples.wgsl, one channel after the other. */
export interface EncodeValues {
  readonly thresholds: Float32Array<ArrayBuffer>;
  readonly guesses: Float32Array<ArrayBuffer>;
  /** Guesses of a channel. */
  readonly guessStride: number;
  readonly bucketShift: number;
  readonly firstBucket: number;
}

export function encodeValues(tables: readonly EncodeTable[] | null): EncodeValues {
  const [first] = tables ?? [];
  if (!tables || !first) {
    const none = new Float32Array(4);
    return { thresholds: none, guesses: none, guessStride: 0, bucketShift: 0, firstBucket: 0 };
  }
  const finite = (v: number): number => Math.min(Math.max(v, -BEYOND), BEYOND);
  return {
    thresholds: joined(tables.map(({ thresholds }) => thresholds)).map(finite),
    guesses: joined(tables.map(({ guesses }) => guesses)),
    guessStride: first.guesses.length / 2,
    bucketShift: first.bucketShift,
    firstBucket: first.firstBucket,
  };
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Float32Array(Math.max(4, length));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** For each coefficient in natural order, luminance then chrominance: reciprocal, what is added to the product, zigzag position, 0. */
export function quantiserValues(quality: number): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(2 * 64 * 4);
  quantisationTables(quality).forEach((steps, table) => {
    const { reciprocals, halves } = quantisersOf(steps);
    ZIGZAG.forEach((natural, position) => {
      out.set([reciprocals[natural], halves[natural], position, 0], (table * 64 + natural) * 4);
    });
  });
  return out;
}

/** Huffman codes for wgsl/lib/jpeg-symbols.wgsl: code << 8 | length. */
export function codeValues({ dc, ac }: JpegTables): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(4 * 256);
  [...dc, ...ac].forEach((table, t) => {
    const { code, length } = codesOf(table);
    for (let symbol = 0; symbol < 256; symbol++) out[t * 256 + symbol] = (code[symbol] << 8) | length[symbol];
  });
  return out;
}
