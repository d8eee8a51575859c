// Convolutional networks with branches in 32-bit floats; the numbers of src/core/reference/graph-network.ts within the tolerance that
// src/wasm/graph-network.ts states. Pixels lie channel by channel (height, width, channels), channels padded to fours. Kernels of 3 x 3 and
// 5 x 5 are computed by Winograd's short convolutions F(4, 3) and F(2, 5) (Lavin and Gray, "Fast algorithms for convolutional neural networks",
// 2016) over 6 x 6 pixels of input, which share the points 0, 1, -1, 2, -2 and infinity, and with them the transform of the input: 36 multiplications
// in place of 144 or 100. All multiplications are those of one product of matrices. A module of its own, too, for engines with relaxed SIMD.
export { heapBase } from './memory';

/** One convolution; `src/wasm/graph-network.ts` lays out the same fields. */
@unmanaged
class Layer {
  /** 1, 2 (with steps of 2), 3 or 5 to a side. */
  kernel: i32;
  /** Vectors of four input channels. */
  inVectors: i32;
  /** Pairs of vectors of outputs. */
  outPairs: i32;
  /** Vectors of outputs that are stored; those of one pixel of the enlarged ones. */
  outVectors: i32;
  pixelVectors: i32;
  /** Enlargement of the result. */
  spread: i32;
  /** For each of 36 products (1 without Winograd), by pairs of vectors of outputs: [input][8]. */
  weights: usize;
  /** Vectors of outputs. */
  bias: usize;
  slopes: usize;
  /** Factors of the input's channels, and of those of the tensor that is added; 0 for none. */
  gate: usize;
  addGate: usize;
  /** Bytes from the row that is added to its first pixel; -1 where nothing is added. */
  addOffset: i32;
  /** Places of the kernel along a row. */
  columns: i32;
  /** Places (pixels, or squares of 2 x 2 or 4 x 4) that are computed at once: a multiple of six. */
  chunk: i32;
  /** Scratch for what is multiplied and for the products, and the bytes between those of two of the 36. */
  numbers: usize;
  numbersStep: i32;
  products: usize;
  productsStep: i32;
}

/** Addresses of rows: of the input, of the result and of what is added. */
// @ts-ignore: decorator
@inline const RESULT_ROWS: usize = 6 << 2;
// @ts-ignore: decorator
@inline const ADDED_ROWS: usize = 14 << 2;
/** Behind them, room for 36 vectors. */
// @ts-ignore: decorator
@inline const SCRATCH: usize = 32 << 2;

/** Rounded once or twice: relaxed SIMD leaves that to the processor. */
// @ts-ignore: decorator
@inline function fma(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline function times(a: v128, factor: f32): v128 {
  return f32x4.mul(a, f32x4.splat(factor));
}

/**
 * Products of rows and a matrix. Rows lie by sixes, in these by four numbers of each of the six; `weights` by blocks of eight columns. `outStep` is
 * the number of bytes between rows of the result. Twelve sums, two vectors of weights and a number are what 16 registers hold.
 */
function multiply(numbers: usize, vectors: i32, sixes: i32, weights: usize, blocks: i32, out: usize, outStep: usize): void {
  const length = <usize>vectors * 96;
  const zero = f32x4.splat(0);
  for (let block = 0; block < blocks; block++) {
    let p = numbers;
    let to = out;
    for (let six = 0; six < sixes; six++) {
      let a0 = zero, b0 = zero, c0 = zero, d0 = zero, e0 = zero, f0 = zero;
      let a1 = zero, b1 = zero, c1 = zero, d1 = zero, e1 = zero, f1 = zero;
      let w = weights;
      for (const end = p + length; p < end; p += 96, w += 128) {
        let w0 = v128.load(w), w1 = v128.load(w, 16);
        let x = v128.load32_splat(p);
        a0 = fma(x, w0, a0);
        a1 = fma(x, w1, a1);
        x = v128.load32_splat(p, 16);
        b0 = fma(x, w0, b0);
        b1 = fma(x, w1, b1);
        x = v128.load32_splat(p, 32);
        c0 = fma(x, w0, c0);
        c1 = fma(x, w1, c1);
        x = v128.load32_splat(p, 48);
        d0 = fma(x, w0, d0);
        d1 = fma(x, w1, d1);
        x = v128.load32_splat(p, 64);
        e0 = fma(x, w0, e0);
        e1 = fma(x, w1, e1);
        x = v128.load32_splat(p, 80);
        f0 = fma(x, w0, f0);
        f1 = fma(x, w1, f1);
        w0 = v128.load(w, 32);
        w1 = v128.load(w, 48);
        x = v128.load32_splat(p, 4);
        a0 = fma(x, w0, a0);
        a1 = fma(x, w1, a1);
        x = v128.load32_splat(p, 20);
        b0 = fma(x, w0, b0);
        b1 = fma(x, w1, b1);
        x = v128.load32_splat(p, 36);
        c0 = fma(x, w0, c0);
        c1 = fma(x, w1, c1);
        x = v128.load32_splat(p, 52);
        d0 = fma(x, w0, d0);
        d1 = fma(x, w1, d1);
        x = v128.load32_splat(p, 68);
        e0 = fma(x, w0, e0);
        e1 = fma(x, w1, e1);
        x = v128.load32_splat(p, 84);
        f0 = fma(x, w0, f0);
        f1 = fma(x, w1, f1);
        w0 = v128.load(w, 64);
        w1 = v128.load(w, 80);
        x = v128.load32_splat(p, 8);
        a0 = fma(x, w0, a0);
        a1 = fma(x, w1, a1);
        x = v128.load32_splat(p, 24);
        b0 = fma(x, w0, b0);
        b1 = fma(x, w1, b1);
        x = v128.load32_splat(p, 40);
        c0 = fma(x, w0, c0);
        c1 = fma(x, w1, c1);
        x = v128.load32_splat(p, 56);
        d0 = fma(x, w0, d0);
        d1 = fma(x, w1, d1);
        x = v128.load32_splat(p, 72);
        e0 = fma(x, w0, e0);
        e1 = fma(x, w1, e1);
        x = v128.load32_splat(p, 88);
        f0 = fma(x, w0, f0);
        f1 = fma(x, w1, f1);
        w0 = v128.load(w, 96);
        w1 = v128.load(w, 112);
        x = v128.load32_splat(p, 12);
        a0 = fma(x, w0, a0);
        a1 = fma(x, w1, a1);
        x = v128.load32_splat(p, 28);
        b0 = fma(x, w0, b0);
        b1 = fma(x, w1, b1);
        x = v128.load32_splat(p, 44);
        c0 = fma(x, w0, c0);
        c1 = fma(x, w1, c1);
        x = v128.load32_splat(p, 60);
        d0 = fma(x, w0, d0);
        d1 = fma(x, w1, d1);
        x = v128.load32_splat(p, 76);
        e0 = fma(x, w0, e0);
        e1 = fma(x, w1, e1);
        x = v128.load32_splat(p, 92);
        f0 = fma(x, w0, f0);
        f1 = fma(x, w1, f1);
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
      to += outStep;
      v128.store(to, b0);
      v128.store(to, b1, 16);
      to += outStep;
      v128.store(to, c0);
      v128.store(to, c1, 16);
      to += outStep;
      v128.store(to, d0);
      v128.store(to, d1, 16);
      to += outStep;
      v128.store(to, e0);
      v128.store(to, e1, 16);
      to += outStep;
      v128.store(to, f0);
      v128.store(to, f1, 16);
      to += outStep;
    }
    weights += <usize>vectors << 7;
    out += 32;
  }
}

/** Six vectors at steps of `from` bytes to six at steps of `to`: the values at the six points, up to factors that the weights have. */
// @ts-ignore: decorator
@inline function toPoints(at: usize, from: usize, out: usize, to: usize): void {
  storePoints(
    v128.load(at),
    v128.load(at + from),
    v128.load(at + 2 * from),
    v128.load(at + 3 * from),
    v128.load(at + 4 * from),
    v128.load(at + 5 * from),
    out,
    to,
  );
}

// @ts-ignore: decorator
@inline function storePoints(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, out: usize, to: usize): void {
  v128.store(out, f32x4.add(f32x4.sub(times(d0, 4), times(d2, 5)), d4));
  const even = f32x4.sub(d4, times(d2, 4));
  const odd = f32x4.sub(d3, times(d1, 4));
  v128.store(out + to, f32x4.add(even, odd));
  v128.store(out + 2 * to, f32x4.sub(even, odd));
  const near = f32x4.sub(d4, d2);
  const far = times(f32x4.sub(d3, d1), 2);
  v128.store(out + 3 * to, f32x4.add(near, far));
  v128.store(out + 4 * to, f32x4.sub(near, far));
  v128.store(out + 5 * to, f32x4.add(f32x4.sub(times(d1, 4), times(d3, 5)), d5));
}

/** Squares of 6 x 6 pixels, from a place along the row on, as points. */
function squaresToPoints(layer: Layer, tables: usize, first: i32, count: i32): void {
  const pixel = <usize>layer.inVectors << 4;
  const step = <usize>(layer.kernel == 3 ? 4 : 2) * pixel;
  const scratch = tables + SCRATCH;
  const row0 = load<u32>(tables), row1 = load<u32>(tables, 4), row2 = load<u32>(tables, 8);
  const row3 = load<u32>(tables, 12), row4 = load<u32>(tables, 16), row5 = load<u32>(tables, 20);
  const numbersStep = <usize>layer.numbersStep;
  let out = layer.numbers;
  for (let six = 0; six < count; six += 6) {
    const end = min(6, count - six);
    for (let channel: usize = 0; channel < pixel; channel += 16, out += 96) {
      let column = <usize>(first + six) * step + channel;
      for (let place = 0; place < end; place++, column += step) {
        let at = column;
        if (layer.gate != 0) {
          const gate = v128.load(layer.gate + channel);
          for (let x: usize = 0; x < 96; x += 16, at += pixel) {
            storePoints(
              f32x4.mul(v128.load(row0 + at), gate),
              f32x4.mul(v128.load(row1 + at), gate),
              f32x4.mul(v128.load(row2 + at), gate),
              f32x4.mul(v128.load(row3 + at), gate),
              f32x4.mul(v128.load(row4 + at), gate),
              f32x4.mul(v128.load(row5 + at), gate),
              scratch + x,
              96,
            );
          }
        } else {
          for (let x: usize = 0; x < 96; x += 16, at += pixel) {
            storePoints(
              v128.load(row0 + at),
              v128.load(row1 + at),
              v128.load(row2 + at),
              v128.load(row3 + at),
              v128.load(row4 + at),
              v128.load(row5 + at),
              scratch + x,
              96,
            );
          }
        }
        let to = out + (<usize>place << 4);
        for (let y: usize = 0; y < 576; y += 96, to += 6 * numbersStep) toPoints(scratch + y, 16, to, numbersStep);
      }
    }
  }
}

/** Pixels under the kernel, as they are or times a gate. */
function gather(layer: Layer, tables: usize, first: i32, count: i32): void {
  const pixel = <usize>layer.inVectors << 4;
  const kernel = layer.kernel;
  const length = <usize>(kernel * kernel) * pixel;
  const run = <usize>kernel * pixel;
  for (let place = 0; place < count; place++) {
    const six = place / 6;
    let out = layer.numbers + <usize>six * 6 * length + (<usize>(place - 6 * six) << 4);
    for (let y = 0; y < kernel; y++) {
      let at = <usize>load<u32>(tables + (<usize>y << 2)) + <usize>(first + place) * run;
      for (let x = 0; x < kernel; x++) {
        for (let channel: usize = 0; channel < pixel; channel += 16, at += 16, out += 96) {
          const value = v128.load(at);
          v128.store(out, layer.gate == 0 ? value : f32x4.mul(value, v128.load(layer.gate + channel)));
        }
      }
    }
  }
}

/** One vector of a result: `x` and `y` count places of the kernel. */
// @ts-ignore: decorator
@inline function finish(layer: Layer, tables: usize, vector: i32, x: i32, y: i32, sum: v128): void {
  const bias = <usize>vector << 4;
  const zero = f32x4.splat(0);
  let value = f32x4.add(sum, v128.load(layer.bias + bias));
  value = fma(f32x4.min(value, zero), v128.load(layer.slopes + bias), f32x4.max(value, zero));
  let column = x, row = y, channel = vector;
  if (layer.spread == 2) {
    const part = vector / layer.pixelVectors;
    channel = vector - part * layer.pixelVectors;
    column = 2 * x + (part & 1);
    row = 2 * y + (part >> 1);
  }
  const place = <usize>(column * layer.pixelVectors + channel) << 4;
  const rows = tables + (<usize>row << 2);
  if (layer.addOffset >= 0) {
    const added = v128.load(<usize>load<u32>(rows + ADDED_ROWS) + <usize>layer.addOffset + place);
    value = layer.addGate == 0 ? f32x4.add(value, added) : fma(added, v128.load(layer.addGate + (<usize>channel << 4)), value);
  }
  v128.store(<usize>load<u32>(rows + RESULT_ROWS) + place, value);
}

/** From points to 4 x 4 pixels of the result, or 2 x 2, of which the first `rows` rows are wanted. */
function pointsToSquares(layer: Layer, tables: usize, first: i32, count: i32, rows: i32): void {
  const pixel = <usize>layer.outPairs << 5;
  const step = <usize>layer.productsStep;
  const scratch = tables + SCRATCH;
  const isFour = layer.kernel == 3;
  const side = isFour ? 4 : 2;
  for (let place = 0; place < count; place++) {
    for (let vector = 0; vector < layer.outVectors; vector++) {
      let at = layer.products + <usize>place * pixel + (<usize>vector << 4);
      for (let x: usize = 0; x < 6; x++, at += step) {
        const m0 = v128.load(at), m1 = v128.load(at + 6 * step), m2 = v128.load(at + 12 * step);
        const m3 = v128.load(at + 18 * step), m4 = v128.load(at + 24 * step), m5 = v128.load(at + 30 * step);
        const to = scratch + (x << 4);
        const sum1 = f32x4.add(m1, m2), sum2 = f32x4.add(m3, m4);
        const difference1 = f32x4.sub(m1, m2), difference2 = f32x4.sub(m3, m4);
        v128.store(to, f32x4.add(f32x4.add(m0, sum1), sum2));
        const second = f32x4.add(difference1, times(difference2, 2));
        if (isFour) {
          v128.store(to, second, 96);
          v128.store(to, f32x4.add(sum1, times(sum2, 4)), 192);
          v128.store(to, f32x4.add(f32x4.add(difference1, times(difference2, 8)), m5), 288);
        } else {
          v128.store(to, f32x4.add(second, m5), 96);
        }
      }
      const column = (first + place) * side;
      for (let y = 0; y < rows; y++) {
        const from = scratch + <usize>y * 96;
        const m0 = v128.load(from), m1 = v128.load(from, 16), m2 = v128.load(from, 32);
        const m3 = v128.load(from, 48), m4 = v128.load(from, 64), m5 = v128.load(from, 80);
        const sum1 = f32x4.add(m1, m2), sum2 = f32x4.add(m3, m4);
        const difference1 = f32x4.sub(m1, m2), difference2 = f32x4.sub(m3, m4);
        finish(layer, tables, vector, column, y, f32x4.add(f32x4.add(m0, sum1), sum2));
        const second = f32x4.add(difference1, times(difference2, 2));
        if (isFour) {
          finish(layer, tables, vector, column + 1, y, second);
          finish(layer, tables, vector, column + 2, y, f32x4.add(sum1, times(sum2, 4)));
          finish(layer, tables, vector, column + 3, y, f32x4.add(f32x4.add(difference1, times(difference2, 8)), m5));
        } else {
          finish(layer, tables, vector, column + 1, y, f32x4.add(second, m5));
        }
      }
    }
  }
}

function scatter(layer: Layer, tables: usize, first: i32, count: i32): void {
  const pixel = <usize>layer.outPairs << 5;
  for (let place = 0; place < count; place++) {
    const at = layer.products + <usize>place * pixel;
    for (let vector = 0; vector < layer.outVectors; vector++) {
      finish(layer, tables, vector, first + place, 0, v128.load(at + (<usize>vector << 4)));
    }
  }
}

/** Computes `rows` rows of places of a layer's kernel, of which `tables` has the addresses of the rows that take part. */
export function graphStrip(at: usize, tables: usize, rows: i32): void {
  const layer = changetype<Layer>(at);
  const isShort = layer.kernel == 3 || layer.kernel == 5;
  const side = layer.kernel == 3 ? 4 : layer.kernel == 5 ? 2 : 1;
  const places = (layer.columns + side - 1) / side;
  const vectors = isShort ? layer.inVectors : layer.inVectors * layer.kernel * layer.kernel;
  const matrix = (<usize>vectors * <usize>layer.outPairs) << 7;
  const outStep = <usize>layer.outPairs << 5;
  for (let first = 0; first < places; first += layer.chunk) {
    const count = min(layer.chunk, places - first);
    const sixes = (count + 5) / 6;
    if (!isShort) {
      gather(layer, tables, first, count);
      multiply(layer.numbers, vectors, sixes, layer.weights, layer.outPairs, layer.products, outStep);
      scatter(layer, tables, first, count);
      continue;
    }
    squaresToPoints(layer, tables, first, count);
    let numbers = layer.numbers, products = layer.products, weights = layer.weights;
    for (let point = 0; point < 36; point++) {
      multiply(numbers, vectors, sixes, weights, layer.outPairs, products, outStep);
      numbers += <usize>layer.numbersStep;
      products += <usize>layer.productsStep;
      weights += matrix;
    }
    pointsToSquares(layer, tables, first, count, rows);
  }
}

/** A row of three planes becomes pixels of four numbers, the last of which is 0. */
export function graphLoadRow(planes: usize, planeBytes: i32, width: i32, out: usize): void {
  for (let x = 0; x < width; x++, planes += 4, out += 16) {
    store<f32>(out, load<f32>(planes));
    store<f32>(out, load<f32>(planes + <usize>planeBytes), 4);
    store<f32>(out, load<f32>(planes + 2 * <usize>planeBytes), 8);
    store<f32>(out, 0, 12);
  }
}

/** The sums of the pixels of a row, channel by channel. */
export function graphSumRow(row: usize, width: i32, vectors: i32, sums: usize): void {
  const pixel = <usize>vectors << 4;
  for (let channel: usize = 0; channel < pixel; channel += 16) {
    let sum = f32x4.splat(0);
    for (let at = row + channel, end = at + <usize>width * pixel; at < end; at += pixel) sum = f32x4.add(sum, v128.load(at));
    v128.store(sums + channel, sum);
  }
}

/**
 * One row of one colour of the result: of each of the `width` pixels of the last layer's row `spread` numbers, from the address of the first on; cut to
 * 0..1. With `scale` other than 0 a row of the picture is added, each of whose numbers is repeated so many times.
 */
export function graphAssembleRow(at: usize, pixelBytes: i32, width: i32, spread: i32, picture: usize, scale: i32, out: usize): void {
  let repeats = scale;
  for (let x = 0; x < width; x++, at += <usize>pixelBytes) {
    for (let phase = 0; phase < spread; phase++, out += 4) {
      let value = load<f32>(at + (<usize>phase << 2));
      if (scale != 0) {
        value += load<f32>(picture);
        if (--repeats == 0) {
          repeats = scale;
          picture += 4;
        }
      }
      store<f32>(out, min<f32>(1, max<f32>(0, value)));
    }
  }
}
