import { encodeFloats } from './resample-encode';
import { fixedColumns, fixedRow } from './resample-fixed';
import { floatColumns, floatFilterRow } from './resample-float';
import { columnStart, ResampleJob, rowStart, sourceAddress } from './resample-job';

/** Whether a run of RGBA bytes has alpha 255 throughout. */
function isOpaque(from: usize, pixels: i32): bool {
  let all = i32x4.splat(-1);
  const end = from + ((<usize>pixels) << 2);
  for (; from + 16 <= end; from += 16) all = v128.and(all, v128.load(from));
  for (; from < end; from += 4) all = v128.and(all, v128.load32_splat(from));
  return i32x4.all_true(i32x4.ge_u(all, i32x4.splat(<i32>0xff000000)));
}

/**
 * Notes which source rows are opaque under the whole strip that column `x` is in, whether or not the
 * rectangle covers it, so that a pixel's path does not depend on the rectangle it is asked in.
 */
function markOpaqueRows(job: ResampleJob, x: i32, lastColumn: i32): void {
  const first = columnStart(job, x);
  const span = columnStart(job, lastColumn) + job.columnTaps - first;
  for (let r = 0; r < job.sourceHeight; r++) {
    store<u8>(job.opaque + r, u8(isOpaque(sourceAddress(job, first, job.sourceY + r, 4), span)));
  }
}

function allOpaque(job: ResampleJob, y: i32): bool {
  const first = job.opaque + <usize>(rowStart(job, y) - job.sourceY);
  for (let k = 0; k < job.rowTaps; k++) {
    if (load<u8>(first + k) == 0) return false;
  }
  return true;
}

/** The columns of one strip, from top to bottom. Rows are filtered horizontally when an output row first needs them. */
function resampleStrip(job: ResampleJob, x: i32, end: i32): void {
  const count = end - x;
  const samples = count * job.channels;
  const lastRow = job.sourceY + job.sourceHeight - 1;
  const fixedTaps = job.rowFixedTaps;
  let nextFixed = -1;
  let nextFloat = -1;
  let before = job.plainA;
  let row = job.plainB;
  let out = job.out + ((<usize>((x - job.x) * job.channels)) << job.outKind);
  for (let y = job.y; y < job.y + job.height; y++, out += job.outStride) {
    const start = rowStart(job, y);
    if (job.fixed == 1 || (job.fixed == 2 && allOpaque(job, y))) {
      nextFixed = max(nextFixed, start);
      for (; nextFixed < start + fixedTaps; nextFixed++) {
        // An odd number of taps is padded by a row of weight 0, which may lie beyond the picture.
        const slot = (nextFixed + fixedTaps - 1) % fixedTaps;
        const pairs = job.pairRing + <usize>slot * job.pairStride;
        fixedRow(job, x, count, min(nextFixed, lastRow), before, row, pairs);
        const swap = before;
        before = row;
        row = swap;
      }
      fixedColumns(job, y, out, samples);
    } else {
      nextFloat = max(nextFloat, start);
      for (; nextFloat < start + job.rowTaps; nextFloat++) {
        const slot = nextFloat % job.rowTaps;
        floatFilterRow(job, x, count, nextFloat, job.floatRing + <usize>slot * job.floatStride);
      }
      floatColumns(job, y, samples);
      encodeFloats(job, out, samples);
    }
  }
}

/** One stage for one rectangle, strip by strip so that filtered rows stay in the cache. */
export function resampleStrips(at: usize, stageWidth: i32): void {
  const job = changetype<ResampleJob>(at);
  const right = job.x + job.width;
  for (let x = job.x; x < right; ) {
    const stripStart = x - (x % job.strip);
    const stripEnd = stripStart + job.strip;
    if (job.fixed == 2) markOpaqueRows(job, stripStart, min(stripEnd, stageWidth) - 1);
    const end = min(stripEnd, right);
    resampleStrip(job, x, end);
    x = end;
  }
}
