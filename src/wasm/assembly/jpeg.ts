// The JPEG encoder: a row of units at a time, in spans that stay in the cache between its steps.
import { jpegFullRow, jpegGreyRow, jpegHalvedRows } from './jpeg-colour';
import { jpegTransformBlock } from './jpeg-dct';
import { jpegCodeUnits, jpegCountUnits } from './jpeg-entropy';
import { BLOCKS, GREY, HALVED, MARGIN, MASKS, PLANES, SPAN, STATE_BYTES, THRESHOLDS } from './jpeg-layout';

export { jpegEndInterval } from './jpeg-entropy';

// @ts-ignore: decorator
@inline const ROW: usize = SPAN * 2;
// @ts-ignore: decorator
@inline const MARGIN_ROW: usize = SPAN * 3;

/** Bytes of the block of memory that the other functions work in. */
export function jpegStateBytes(): usize {
  return STATE_BYTES;
}

/** Copies the last pixels of `rows` rows into MARGIN and repeats the last one up to SPAN pixels. */
function padMargin(state: usize, from: usize, stride: usize, rows: i32, pixels: i32, channels: i32): void {
  let to = state + MARGIN;
  for (let y = 0; y < rows; y++) {
    const used = <usize>(pixels * channels);
    memory.copy(to, from, used);
    for (let i = used; i < <usize>(SPAN * channels); i++) {
      store<u8>(to + i, load<u8>(to + i - <usize>channels));
    }
    from += stride;
    to += MARGIN_ROW;
  }
}

/** Repeats a plane's row `last` in those below it. */
function repeatRow(plane: usize, last: i32, rows: i32): void {
  for (let y = last + 1; y < rows; y++) memory.copy(plane + <usize>y * ROW, plane + <usize>last * ROW, ROW);
}

/** Colour conversion of one span; `valid` rows lie in the picture. */
function convertSpan(state: usize, from: usize, stride: usize, valid: i32, pixels: i32, mode: i32): void {
  const planes = state + PLANES;
  if (mode === HALVED) {
    for (let y = 0; y < valid; y += 2) {
      const upper = from + <usize>y * stride;
      jpegHalvedRows(state, upper, y + 1 < valid ? upper + stride : upper, y, pixels);
    }
    const pairs = (valid + 1) >> 1;
    repeatRow(planes, valid - 1, 16);
    repeatRow(planes + 16 * ROW, pairs - 1, 8);
    repeatRow(planes + 24 * ROW, pairs - 1, 8);
    return;
  }
  for (let y = 0; y < valid; y++) {
    if (mode === GREY) jpegGreyRow(state, from + <usize>y * stride, y, pixels);
    else jpegFullRow(state, from + <usize>y * stride, y, pixels);
  }
  repeatRow(planes, valid - 1, 8);
  if (mode === GREY) return;
  repeatRow(planes + 16 * ROW, valid - 1, 8);
  repeatRow(planes + 24 * ROW, valid - 1, 8);
}

// @ts-ignore: decorator
@inline function transformTo(state: usize, block: i32, samples: usize, table: usize): void {
  const mask = jpegTransformBlock(
    state,
    state + PLANES + samples,
    ROW,
    state + BLOCKS + ((<usize>block) << 7),
    state + THRESHOLDS + (table << 7),
  );
  store<u64>(state + ((<usize>block) << 3), mask, MASKS);
}

/** A block outside the picture: the DC of the block before it, and nothing else. */
function repeatDc(state: usize, block: i32): void {
  const to = state + BLOCKS + ((<usize>block) << 7);
  store<i16>(to, load<i16>(to - 128));
  store<u64>(state + ((<usize>block) << 3), 0, MASKS);
}

/** Blocks of a span in the order of the scan; `columns` and `rows` are those of Y's blocks that lie in the picture. */
function transformSpan(state: usize, units: i32, columns: i32, rows: i32, mode: i32): void {
  let block = 0;
  for (let unit = 0; unit < units; unit++) {
    const across: usize = (<usize>unit) << 4;
    if (mode === GREY) {
      transformTo(state, block++, across, 0);
    } else if (mode === HALVED) {
      const right = 2 * unit + 1 < columns;
      transformTo(state, block, 2 * across, 0);
      if (right) transformTo(state, block + 1, 2 * across + 16, 0);
      else repeatDc(state, block + 1);
      if (rows > 1) transformTo(state, block + 2, 2 * across + 8 * ROW, 0);
      else repeatDc(state, block + 2);
      if (right && rows > 1) transformTo(state, block + 3, 2 * across + 8 * ROW + 16, 0);
      else repeatDc(state, block + 3);
      transformTo(state, block + 4, across + 16 * ROW, 1);
      transformTo(state, block + 5, across + 24 * ROW, 1);
      block += 6;
    } else {
      transformTo(state, block, across, 0);
      transformTo(state, block + 1, across + 16 * ROW, 1);
      transformTo(state, block + 2, across + 24 * ROW, 1);
      block += 3;
    }
  }
}

/**
 * Codes a row of units: `valid` rows of `width` pixels at `from`, `stride` bytes apart. `mode` is GREY, FULL or HALVED.
 * Returns the address after the last byte written to `out`; with `out` 0 only counts symbols.
 * A block of coefficients takes at most 416 bytes.
 */
export function jpegCodeRow(
  state: usize,
  from: usize,
  stride: usize,
  width: i32,
  valid: i32,
  mode: i32,
  out: usize,
): usize {
  const channels = mode === GREY ? 1 : 3;
  const unitShift = mode === HALVED ? 4 : 3;
  const unitSize = 1 << unitShift;
  for (let x = 0; x < width; x += SPAN) {
    const pixels = min(SPAN, width - x);
    let source = from + <usize>(x * channels);
    let sourceStride = stride;
    if (pixels < SPAN) {
      padMargin(state, source, stride, valid, pixels, channels);
      source = state + MARGIN;
      sourceStride = MARGIN_ROW;
    }
    const units = (pixels + unitSize - 1) >> unitShift;
    convertSpan(state, source, sourceStride, valid, units << unitShift, mode);
    transformSpan(state, units, (pixels + 7) >> 3, (valid + 7) >> 3, mode);
    if (out) out = jpegCodeUnits(state, units, mode, out);
    else jpegCountUnits(state, units, mode);
  }
  return out;
}
