import { columnStart, ResampleJob, rowStart, sourceAddress } from './resample-job';

/*
 * The general path: 32-bit floats, 0..1 where nothing overshoots, premultiplied, linear where the job has curves. A
 * prepared pixel takes four floats (one if grey), filtered rows are packed.
 */

@inline
function lightOf(table: usize, sample: u32): f32 {
  return load<f32>(table + ((<usize>sample) << 2));
}

/** One source pixel in the working space. Reads up to 8 bytes from `at` on, whatever the pixel takes. */
@inline
function pixelAt(job: ResampleJob, at: usize, scale: v128): v128 {
  let ints: v128;
  if (job.sourceKind == 0) {
    ints = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
  } else {
    ints = i32x4.extend_low_i16x8_u(v128.load64_zero(at));
  }
  let pixel = f32x4.mul(f32x4.convert_i32x4_u(ints), scale);
  if (job.decodeRed != 0) {
    pixel = f32x4.replace_lane(pixel, 0, lightOf(job.decodeRed, i32x4.extract_lane(ints, 0)));
    pixel = f32x4.replace_lane(pixel, 1, lightOf(job.decodeGreen, i32x4.extract_lane(ints, 1)));
    pixel = f32x4.replace_lane(pixel, 2, lightOf(job.decodeBlue, i32x4.extract_lane(ints, 2)));
  }
  return pixel;
}

function prepareSamples(job: ResampleJob, from: usize, count: i32): void {
  const scale = f32x4.splat(<f32>(1.0 / (job.sourceKind == 0 ? 255.0 : 65535.0)));
  const bytes = job.sourceChannels << job.sourceKind;
  const one = f32x4.splat(1);
  const colourLanes = i32x4(-1, -1, -1, 0);
  const background = f32x4(job.backgroundRed, job.backgroundGreen, job.backgroundBlue, 0);
  let to = job.prepared;
  const end = to + ((<usize>count) << 4);
  if (job.sourceChannels == 3) {
    for (; to < end; to += 16, from += bytes) v128.store(to, pixelAt(job, from, scale));
  } else if (job.flatten) {
    for (; to < end; to += 16, from += bytes) {
      const pixel = pixelAt(job, from, scale);
      const alpha = v128.shuffle<f32>(pixel, pixel, 3, 3, 3, 3);
      const rest = f32x4.mul(f32x4.sub(one, alpha), background);
      v128.store(to, f32x4.add(f32x4.mul(pixel, alpha), rest));
    }
  } else {
    for (; to < end; to += 16, from += bytes) {
      const pixel = pixelAt(job, from, scale);
      const alpha = v128.shuffle<f32>(pixel, pixel, 3, 3, 3, 3);
      v128.store(to, f32x4.mul(pixel, v128.bitselect(alpha, one, colourLanes)));
    }
  }
}

function prepareGrey(job: ResampleJob, from: usize, count: i32): void {
  const to = job.prepared;
  if (job.sourceKind == 2) {
    memory.copy(to, from, (<usize>count) << 2);
  } else if (job.decodeRed != 0) {
    for (let i = 0; i < count; i++) {
      const sample = job.sourceKind == 0 ? <u32>load<u8>(from + i) : <u32>load<u16>(from + ((<usize>i) << 1));
      store<f32>(to + ((<usize>i) << 2), lightOf(job.decodeRed, sample));
    }
  } else {
    const scale = f32x4.splat(<f32>(1.0 / (job.sourceKind == 0 ? 255.0 : 65535.0)));
    for (let i = 0; i < count; i += 4) {
      const words =
        job.sourceKind == 0
          ? i16x8.extend_low_i8x16_u(v128.load32_zero(from + i))
          : v128.load64_zero(from + ((<usize>i) << 1));
      const light = f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), scale);
      v128.store(to + ((<usize>i) << 2), light);
    }
  }
  // Weights of 0 pad the taps to whole vectors, and 0 times what is left here from before might be NaN.
  memory.fill(to + ((<usize>count) << 2), 0, 16);
}

/** Between stages pixels are packed floats. */
function prepareFloats(job: ResampleJob, from: usize, count: i32): void {
  const step = (<usize>job.channels) << 2;
  let to = job.prepared;
  const end = to + ((<usize>count) << 4);
  for (; to < end; to += 16, from += step) v128.store(to, v128.load(from));
}

@inline
function pixelSum(source: usize, weights: usize, taps: i32): v128 {
  let sum = f32x4.mul(v128.load(source), v128.load32_splat(weights));
  for (let k = 1; k < taps; k++) {
    source += 16;
    weights += 4;
    sum = f32x4.add(sum, f32x4.mul(v128.load(source), v128.load32_splat(weights)));
  }
  return sum;
}

@inline
function pixelSum6(source: usize, weights: usize): v128 {
  const a = f32x4.mul(v128.load(source), v128.load32_splat(weights));
  const b = f32x4.mul(v128.load(source, 16), v128.load32_splat(weights, 4));
  const c = f32x4.add(a, f32x4.mul(v128.load(source, 32), v128.load32_splat(weights, 8)));
  const d = f32x4.add(b, f32x4.mul(v128.load(source, 48), v128.load32_splat(weights, 12)));
  const e = f32x4.add(c, f32x4.mul(v128.load(source, 64), v128.load32_splat(weights, 16)));
  return f32x4.add(e, f32x4.add(d, f32x4.mul(v128.load(source, 80), v128.load32_splat(weights, 20))));
}

function colourRow(job: ResampleJob, x: i32, count: i32, row: usize): void {
  const taps = job.columnTaps;
  const step = (<usize>job.columnStep) << 2;
  const outStep = (<usize>job.channels) << 2;
  const origin = job.prepared - ((<usize>columnStart(job, x)) << 4);
  let starts = job.columnStarts + ((<usize>x) << 2);
  let weights = job.columnWeights + <usize>x * step;
  const end = row + <usize>count * outStep;
  if (job.limit) {
    for (; row < end; row += outStep, starts += 4, weights += step) {
      const source = origin + (load<u32>(starts) << 4);
      let low = v128.load(source);
      let high = low;
      for (let k = 1; k < taps; k++) {
        const v = v128.load(source + ((<usize>k) << 4));
        low = f32x4.pmin(low, v);
        high = f32x4.pmax(high, v);
      }
      v128.store(row, f32x4.pmin(f32x4.pmax(pixelSum(source, weights, taps), low), high));
    }
  } else if (taps == 6) {
    for (; row < end; row += outStep, starts += 4, weights += step) {
      v128.store(row, pixelSum6(origin + (load<u32>(starts) << 4), weights));
    }
  } else {
    for (; row < end; row += outStep, starts += 4, weights += step) {
      v128.store(row, pixelSum(origin + (load<u32>(starts) << 4), weights, taps));
    }
  }
}

function greyRow(job: ResampleJob, x: i32, count: i32, row: usize): void {
  const taps = job.columnTaps;
  const step = (<usize>job.columnStep) << 2;
  const origin = job.prepared - ((<usize>columnStart(job, x)) << 2);
  let starts = job.columnStarts + ((<usize>x) << 2);
  let weights = job.columnWeights + <usize>x * step;
  const end = row + ((<usize>count) << 2);
  for (; row < end; row += 4, starts += 4, weights += step) {
    const source = origin + (load<u32>(starts) << 2);
    let sums = f32x4.mul(v128.load(source), v128.load(weights));
    for (let k: usize = 16; k < step; k += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(source + k), v128.load(weights + k)));
    }
    const halves = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 2, 3));
    let sum = f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
    if (job.limit) {
      let low = load<f32>(source);
      let high = low;
      for (let k = 1; k < taps; k++) {
        const v = load<f32>(source + ((<usize>k) << 2));
        low = min(low, v);
        high = max(high, v);
      }
      sum = min(max(sum, low), high);
    }
    store<f32>(row, sum);
  }
}

/** Filters input row `y` for the output columns from `x` on, into packed floats. Writes up to 4 bytes too many. */
export function floatFilterRow(job: ResampleJob, x: i32, count: i32, y: i32, row: usize): void {
  const first = columnStart(job, x);
  const span = columnStart(job, x + count - 1) + job.columnTaps - first;
  const source = sourceAddress(job, first, y, job.sourceChannels << job.sourceKind);
  if (job.channels == 1) {
    prepareGrey(job, source, span);
    greyRow(job, x, count, row);
  } else {
    if (job.sourceKind == 2) prepareFloats(job, source, span);
    else prepareSamples(job, source, span);
    colourRow(job, x, count, row);
  }
}

/** `bytes` of sums at a time of 64; row addresses lie from the job's `pointers` to `end`. */
function plainColumns(job: ResampleJob, weights: usize, bytes: usize, end: usize): void {
  const out = job.floatRow;
  const pointers = job.pointers;
  for (let at: usize = 0; at < bytes; at += 64) {
    let row = load<usize>(pointers) + at;
    let weight = weights;
    let w = v128.load32_splat(weight);
    let a = f32x4.mul(v128.load(row), w);
    let b = f32x4.mul(v128.load(row, 16), w);
    let c = f32x4.mul(v128.load(row, 32), w);
    let d = f32x4.mul(v128.load(row, 48), w);
    for (let pointer = pointers + 4; pointer < end; pointer += 4) {
      row = load<usize>(pointer) + at;
      weight += 4;
      w = v128.load32_splat(weight);
      a = f32x4.add(a, f32x4.mul(v128.load(row), w));
      b = f32x4.add(b, f32x4.mul(v128.load(row, 16), w));
      c = f32x4.add(c, f32x4.mul(v128.load(row, 32), w));
      d = f32x4.add(d, f32x4.mul(v128.load(row, 48), w));
    }
    v128.store(out + at, a);
    v128.store(out + at, b, 16);
    v128.store(out + at, c, 32);
    v128.store(out + at, d, 48);
  }
}

/** The same, kept within the range of what is weighed. */
function limitedColumns(job: ResampleJob, weights: usize, bytes: usize, end: usize): void {
  const out = job.floatRow;
  const pointers = job.pointers;
  for (let at: usize = 0; at < bytes; at += 32) {
    let row = load<usize>(pointers) + at;
    let weight = weights;
    let w = v128.load32_splat(weight);
    let v = v128.load(row);
    let u = v128.load(row, 16);
    let lowV = v;
    let highV = v;
    let lowU = u;
    let highU = u;
    let a = f32x4.mul(v, w);
    let b = f32x4.mul(u, w);
    for (let pointer = pointers + 4; pointer < end; pointer += 4) {
      row = load<usize>(pointer) + at;
      weight += 4;
      w = v128.load32_splat(weight);
      v = v128.load(row);
      u = v128.load(row, 16);
      lowV = f32x4.pmin(lowV, v);
      highV = f32x4.pmax(highV, v);
      lowU = f32x4.pmin(lowU, u);
      highU = f32x4.pmax(highU, u);
      a = f32x4.add(a, f32x4.mul(v, w));
      b = f32x4.add(b, f32x4.mul(u, w));
    }
    v128.store(out + at, f32x4.pmin(f32x4.pmax(a, lowV), highV));
    v128.store(out + at, f32x4.pmin(f32x4.pmax(b, lowU), highU), 16);
  }
}

/** Weighs filtered rows into `floatRow` for output row `y`: `count` samples, and up to 15 more. */
export function floatColumns(job: ResampleJob, y: i32, count: i32): void {
  const taps = job.rowTaps;
  const start = rowStart(job, y);
  const weights = job.rowWeights + <usize>(y * taps) * 4;
  const pointers = job.pointers;
  const end = pointers + ((<usize>taps) << 2);
  for (let k = 0; k < taps; k++) {
    store<usize>(pointers + ((<usize>k) << 2), job.floatRing + <usize>((start + k) % taps) * job.floatStride);
  }
  if (job.limit) limitedColumns(job, weights, (<usize>count) << 2, end);
  else plainColumns(job, weights, (<usize>count) << 2, end);
}
