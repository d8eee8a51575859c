/**
 * What one call of `resampleStrips` has to know, laid out by the host (src/wasm/resample-layout.ts has the same fields
 * in the same order, four bytes each). Addresses of tables are those of the table's first entry, which belongs to
 * output column or row 0 of the whole stage.
 */
@unmanaged
export class ResampleJob {
  /** The copied part of the stage's input: `sourceWidth` x `sourceHeight` from column `sourceX`, row `sourceY` on. */
  source: usize;
  sourceStride: i32;
  sourceX: i32;
  sourceY: i32;
  sourceWidth: i32;
  sourceHeight: i32;
  /** 0: bytes, 1: 16-bit samples, 2: floats in the working space. */
  sourceKind: i32;
  sourceChannels: i32;
  /** Address of the rectangle's first sample; `outKind` as `sourceKind`. */
  out: usize;
  outStride: i32;
  outKind: i32;
  x: i32;
  y: i32;
  width: i32;
  height: i32;
  /** In the working space: 3 for a source of 4 that is laid on a background. */
  channels: i32;
  columnTaps: i32;
  columnStarts: usize;
  /** Floats, `columnStep` to an output column. */
  columnWeights: usize;
  columnStep: i32;
  /** 16-bit weights of 14 fraction bits, `columnFixedTaps` (even; for grey a multiple of 8) to an output column. */
  columnFixed: usize;
  columnFixedTaps: i32;
  /**
   * Weights of the groups of 4 output columns that begin at `groupsFrom` and every 4 on, up to `groupsEnd`; 0 where there are none. For each
   * two taps three vectors, whose lanes are the samples of the 4 RGB pixels.
   */
  groupWeights: usize;
  groupsFrom: i32;
  groupsEnd: i32;
  rowTaps: i32;
  rowStarts: usize;
  rowWeights: usize;
  rowFixed: usize;
  rowFixedTaps: i32;
  /** Output columns in a strip; strips begin at multiples of it. */
  strip: i32;
  /** 0: floats, 1: fixed point, 2: fixed point where every source pixel under a strip's row is opaque. */
  fixed: i32;
  /** Keep to the range of the samples under the taps. */
  limit: i32;
  /** Lay alpha on the background. */
  flatten: i32;
  backgroundRed: f32;
  backgroundGreen: f32;
  backgroundBlue: f32;
  /** Light of each sample value, per channel; 0 for none. */
  decodeRed: usize;
  decodeGreen: usize;
  decodeBlue: usize;
  thresholdsRed: usize;
  thresholdsGreen: usize;
  thresholdsBlue: usize;
  guessesRed: usize;
  guessesGreen: usize;
  guessesBlue: usize;
  firstBucket: i32;
  bucketShift: i32;
  /** Curves are steady, and the same for all channels where there is no alpha. */
  vectorCurves: i32;
  /** Scratch: source samples of a strip made ready for the horizontal pass. */
  prepared: usize;
  /** Scratch: two horizontally filtered rows of 16-bit values, one float row. */
  plainA: usize;
  plainB: usize;
  floatRow: usize;
  /** Rings of horizontally filtered rows. */
  pairRing: usize;
  pairStride: i32;
  floatRing: usize;
  floatStride: i32;
  /** Scratch: an address per tap, and a byte per source row. */
  pointers: usize;
  opaque: usize;
}

/** Input pixels from this column on are wanted by the output columns from `x` on. */
@inline
export function columnStart(job: ResampleJob, x: i32): i32 {
  return load<i32>(job.columnStarts + ((<usize>x) << 2));
}

@inline
export function rowStart(job: ResampleJob, y: i32): i32 {
  return load<i32>(job.rowStarts + ((<usize>y) << 2));
}

/** Address of an input pixel; `bytes` to a pixel. */
@inline
export function sourceAddress(job: ResampleJob, x: i32, y: i32, bytes: i32): usize {
  return job.source + <usize>(y - job.sourceY) * job.sourceStride + <usize>((x - job.sourceX) * bytes);
}
