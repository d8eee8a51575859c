// Rows of small convolutional networks in 16-bit fixed point; the numbers of src/core/reference/network.ts within the tolerance that
// src/wasm/network.ts states. Pixels lie channel by channel (height, width, channels), so that the three columns under a row of a
// 3 x 3 kernel are one run of numbers, of which i32x4.dot_i16x8_s takes two at a time for four output channels.

/** A run of input numbers under one row of the kernel; `src/wasm/network.ts` lays out the same fields. */
@unmanaged
class Segment {
  /** Row `y` of the tensor lies at `ring + (y % rows) * rowBytes`. */
  ring: usize;
  rowBytes: i32;
  rows: i32;
  /** Bytes from one pixel to the next. */
  pixelBytes: i32;
  /** Rows and bytes from the output pixel's place to the first number. */
  rowOffset: i32;
  byteOffset: i32;
  /** Pairs of numbers, an even count. */
  pairs: i32;
  /** Scratch: the first number for column 0 of the present row. */
  address: usize;
}

/** One convolution; `src/wasm/network.ts` lays out the same fields. */
@unmanaged
class Layer {
  segments: usize;
  segmentCount: i32;
  /** Pairs of 16-bit weights, by blocks of two vectors (or a last one) of output channels, then by pair, then by vector. */
  weights: usize;
  /** 32-bit, one per output channel, in the scale of the sums. */
  bias: usize;
  /** Vectors of four output channels. */
  vectors: i32;
  /** 0: float planes, 1: crelu, 2: slopes for negative sums. */
  activation: i32;
  /** 16-bit with 15 fraction bits, one per output channel. */
  slopes: usize;
  /** Bits that sums are shifted right to become results. */
  shift: i32;
  /** Results are cut off at this magnitude. */
  limit: i32;
  /** Columns to compute, rounded up to fours by what lies behind a row. */
  firstColumn: i32;
  endColumn: i32;
  /** The result's ring, and for float planes the bytes between planes. */
  ring: usize;
  rowBytes: i32;
  rows: i32;
  pixelBytes: i32;
  planeBytes: i32;
  /** What makes floats of the sums. */
  unit: f32;
}

// @ts-ignore: decorator
@inline const SEGMENT_BYTES: usize = 32;

// @ts-ignore: decorator
@inline function dot(sum: v128, numbers: v128, weights: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(numbers, weights));
}

/** Four channels of one pixel become 16-bit results. */
// @ts-ignore: decorator
@inline function storeResult(layer: Layer, sum: v128, channel: i32, at: usize): void {
  const shift = layer.shift;
  const rounded = i32x4.shr_s(i32x4.add(sum, i32x4.splat((1 << shift) >> 1)), shift);
  const limit = i16x8.splat(<i16>layer.limit);
  const value = i16x8.min_s(i16x8.narrow_i32x4_s(rounded, rounded), limit);
  const zero = i16x8.splat(0);
  if (layer.activation == 1) {
    v128.store64_lane(at + (<usize>channel << 1), i16x8.max_s(value, zero), 0);
    const negative = i16x8.min_s(i16x8.max_s(i16x8.neg(value), zero), limit);
    v128.store64_lane(at + (<usize>(channel + (layer.vectors << 2)) << 1), negative, 0);
  } else {
    const slopes = v128.load64_splat(layer.slopes + (<usize>channel << 1));
    const sloped = i16x8.q15mulr_sat_s(value, slopes);
    const either = v128.bitselect(sloped, value, i16x8.lt_s(value, zero));
    v128.store64_lane(at + (<usize>channel << 1), i16x8.max_s(either, i16x8.neg(limit)), 0);
  }
}

// @ts-ignore: decorator
@inline function storeFloats(at: usize, sums: v128, unit: v128): void {
  v128.store(at, f32x4.mul(f32x4.convert_i32x4_s(sums), unit));
}

/** Four channels of four pixels, at a column: as 16-bit results pixel by pixel, or as floats plane by plane. */
function storeBlock(layer: Layer, row: usize, x: i32, channel: i32, a: v128, b: v128, c: v128, d: v128): void {
  if (layer.activation != 0) {
    const step = <usize>layer.pixelBytes;
    const at = row + <usize>x * step;
    storeResult(layer, a, channel, at);
    storeResult(layer, b, channel, at + step);
    storeResult(layer, c, channel, at + 2 * step);
    storeResult(layer, d, channel, at + 3 * step);
    return;
  }
  const low01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const unit = f32x4.splat(layer.unit);
  const plane = <usize>layer.planeBytes;
  const at = row + <usize>channel * plane + (<usize>x << 2);
  storeFloats(at, v128.shuffle<i64>(low01, low23, 0, 2), unit);
  storeFloats(at + plane, v128.shuffle<i64>(low01, low23, 1, 3), unit);
  storeFloats(at + 2 * plane, v128.shuffle<i64>(high01, high23, 0, 2), unit);
  storeFloats(at + 3 * plane, v128.shuffle<i64>(high01, high23, 1, 3), unit);
}

function oneVector(layer: Layer, row: usize, weights: usize, channel: i32): void {
  const bias = v128.load(layer.bias + (<usize>channel << 2));
  const lastSegment = layer.segments + <usize>layer.segmentCount * SEGMENT_BYTES;
  for (let x = layer.firstColumn; x < layer.endColumn; x += 4) {
    let a = bias, b = bias, c = bias, d = bias;
    let w = weights;
    for (let s = layer.segments; s < lastSegment; s += SEGMENT_BYTES) {
      const segment = changetype<Segment>(s);
      const step = <usize>segment.pixelBytes;
      let p0 = segment.address + <usize>x * step;
      const end = p0 + (<usize>segment.pairs << 2);
      let p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      for (; p0 < end; p0 += 8, p1 += 8, p2 += 8, p3 += 8, w += 32) {
        const w0 = v128.load(w);
        a = dot(a, v128.load32_splat(p0), w0);
        b = dot(b, v128.load32_splat(p1), w0);
        c = dot(c, v128.load32_splat(p2), w0);
        d = dot(d, v128.load32_splat(p3), w0);
        const w1 = v128.load(w, 16);
        a = dot(a, v128.load32_splat(p0, 4), w1);
        b = dot(b, v128.load32_splat(p1, 4), w1);
        c = dot(c, v128.load32_splat(p2, 4), w1);
        d = dot(d, v128.load32_splat(p3, 4), w1);
      }
    }
    storeBlock(layer, row, x, channel, a, b, c, d);
  }
}

function twoVectors(layer: Layer, row: usize, weights: usize, channel: i32): void {
  const bias0 = v128.load(layer.bias + (<usize>channel << 2));
  const bias1 = v128.load(layer.bias + (<usize>channel << 2), 16);
  const lastSegment = layer.segments + <usize>layer.segmentCount * SEGMENT_BYTES;
  for (let x = layer.firstColumn; x < layer.endColumn; x += 4) {
    let a0 = bias0, b0 = bias0, c0 = bias0, d0 = bias0;
    let a1 = bias1, b1 = bias1, c1 = bias1, d1 = bias1;
    let w = weights;
    for (let s = layer.segments; s < lastSegment; s += SEGMENT_BYTES) {
      const segment = changetype<Segment>(s);
      const step = <usize>segment.pixelBytes;
      let p0 = segment.address + <usize>x * step;
      const end = p0 + (<usize>segment.pairs << 2);
      let p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
      for (; p0 < end; p0 += 8, p1 += 8, p2 += 8, p3 += 8, w += 64) {
        let w0 = v128.load(w), w1 = v128.load(w, 16);
        let numbers = v128.load32_splat(p0);
        a0 = dot(a0, numbers, w0);
        a1 = dot(a1, numbers, w1);
        numbers = v128.load32_splat(p1);
        b0 = dot(b0, numbers, w0);
        b1 = dot(b1, numbers, w1);
        numbers = v128.load32_splat(p2);
        c0 = dot(c0, numbers, w0);
        c1 = dot(c1, numbers, w1);
        numbers = v128.load32_splat(p3);
        d0 = dot(d0, numbers, w0);
        d1 = dot(d1, numbers, w1);
        w0 = v128.load(w, 32);
        w1 = v128.load(w, 48);
        numbers = v128.load32_splat(p0, 4);
        a0 = dot(a0, numbers, w0);
        a1 = dot(a1, numbers, w1);
        numbers = v128.load32_splat(p1, 4);
        b0 = dot(b0, numbers, w0);
        b1 = dot(b1, numbers, w1);
        numbers = v128.load32_splat(p2, 4);
        c0 = dot(c0, numbers, w0);
        c1 = dot(c1, numbers, w1);
        numbers = v128.load32_splat(p3, 4);
        d0 = dot(d0, numbers, w0);
        d1 = dot(d1, numbers, w1);
      }
    }
    storeBlock(layer, row, x, channel, a0, b0, c0, d0);
    storeBlock(layer, row, x, channel + 4, a1, b1, c1, d1);
  }
}

/** Computes row `y` of a layer from rows of the tensors before it, which their rings still hold. */
export function networkRow(at: usize, y: i32): void {
  const layer = changetype<Layer>(at);
  let pairs = 0;
  for (let i = 0; i < layer.segmentCount; i++) {
    const segment = changetype<Segment>(layer.segments + <usize>i * SEGMENT_BYTES);
    const slot = (y + segment.rowOffset) % segment.rows;
    segment.address = segment.ring + <usize>(slot * segment.rowBytes) + segment.byteOffset;
    pairs += segment.pairs;
  }
  const row = layer.ring + <usize>((y % layer.rows) * layer.rowBytes);
  let weights = layer.weights;
  for (let vector = 0; vector < layer.vectors; ) {
    // With three there would be more sums than registers.
    const block = min(2, layer.vectors - vector);
    if (block == 2) twoVectors(layer, row, weights, vector << 2);
    else oneVector(layer, row, weights, vector << 2);
    weights += <usize>(pairs * block) << 4;
    vector += block;
  }
}

/** A row of three float planes 0..1 becomes 16-bit pixels of four numbers, the last of which is 0. */
export function networkLoadRow(planes: usize, planeBytes: i32, width: i32, one: f32, out: usize): void {
  const unit = f32x4.splat(one);
  for (let x = 0; x < width; x += 4, planes += 16, out += 32) {
    const red = f32x4.mul(v128.load(planes), unit);
    const green = f32x4.mul(v128.load(planes + <usize>planeBytes), unit);
    const blue = f32x4.mul(v128.load(planes + 2 * <usize>planeBytes), unit);
    const rg = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(red)), i32x4.trunc_sat_f32x4_s(f32x4.nearest(green)));
    const b = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(blue)), i32x4.splat(0));
    v128.store(out, v128.shuffle<i16>(rg, b, 0, 4, 8, 12, 1, 5, 9, 13));
    v128.store(out, v128.shuffle<i16>(rg, b, 2, 6, 10, 14, 3, 7, 11, 15), 16);
  }
}

// @ts-ignore: decorator
@inline function mix(a: v128, b: v128, weight: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), weight));
}

/**
 * One row of one colour of the enlarged picture: `scale` planes of residuals interleaved, with the enlarged picture added and cut to
 * 0..1. `above` and `below` are rows of the picture at column -1 from the first, mixed by `weight`; `phases` holds `scale` pairs of a
 * neighbour (0: left one first, 1: own first) and the weight of the second. `base` 0 adds nothing.
 */
export function networkAssembleRow(
  residual: usize,
  planeBytes: i32,
  above: usize,
  below: usize,
  weight: f32,
  phases: usize,
  scale: i32,
  base: i32,
  width: i32,
  out: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const vertical = f32x4.splat(weight);
  for (let x = 0; x < width; x += 4, residual += 16, above += 16, below += 16) {
    const left = mix(v128.load(above), v128.load(below), vertical);
    const own = mix(v128.load(above, 4), v128.load(below, 4), vertical);
    const right = mix(v128.load(above, 8), v128.load(below, 8), vertical);
    for (let phase = 0; phase < scale; phase++) {
      let value = v128.load(residual + <usize>(phase * planeBytes));
      if (base != 0) {
        const at = phases + (<usize>phase << 3);
        const second = f32x4.splat(load<f32>(at, 4));
        value = f32x4.add(value, load<i32>(at) == 0 ? mix(left, own, second) : mix(own, right, second));
      }
      value = f32x4.min(one, f32x4.max(zero, value));
      const to = out + (<usize>(x * scale + phase) << 2);
      const step = <usize>scale << 2;
      store<f32>(to, f32x4.extract_lane(value, 0));
      store<f32>(to + step, f32x4.extract_lane(value, 1));
      store<f32>(to + 2 * step, f32x4.extract_lane(value, 2));
      store<f32>(to + 3 * step, f32x4.extract_lane(value, 3));
    }
  }
}
