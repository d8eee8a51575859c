// One convolution of a network: twelve channels of four pixels in a row by each invocation, so that a weight is loaded once for all
// four. Twin of `convolved` in src/core/reference/network.ts; both parts of a crelu are taken here, when its numbers are read.

const WORKGROUP_X: u32 = 16;
const WORKGROUP_Y: u32 = 8;
// Pixels and vectors of channels of an invocation.
const PIXELS: u32 = 4;
const VECTORS: u32 = 3;

struct Params {
  // Size of the tile; results are computed but for a margin at each side.
  width: u32,
  height: u32,
  margin: u32,
  // 1 or 3.
  kernel: u32,
  first_segment: u32,
  segments: u32,
  // In vectors: the weights of a block of VECTORS, and what lies between two blocks.
  weights: u32,
  block_weights: u32,
  // In vectors; slopes follow the biases.
  biases: u32,
  // In vectors.
  out: u32,
  out_vectors: u32,
  // Multiply negative results by their slopes.
  sloped: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// A tensor that is read: its place in `tensors` and the vectors of a pixel, and 1 where it is read in two parts.
@group(0) @binding(1) var<storage, read> segments: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<f32>>;
// Pixel by pixel, row by row; a tensor is read to the end of the last row and three pixels beyond.
@group(0) @binding(3) var<storage, read_write> tensors: array<vec4<f32>>;

var<private> sums: array<vec4<f32>, 12>;

fn matrix(at: u32) -> mat4x4<f32> {
  return mat4x4<f32>(weights[at], weights[at + 1], weights[at + 2], weights[at + 3]);
}

fn accumulate(at: u32, a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) {
  let first = matrix(at);
  sums[0] += first * a;
  sums[1] += first * b;
  sums[2] += first * c;
  sums[3] += first * d;
  let second = matrix(at + 4);
  sums[4] += second * a;
  sums[5] += second * b;
  sums[6] += second * c;
  sums[7] += second * d;
  let third = matrix(at + 8);
  sums[8] += third * a;
  sums[9] += third * b;
  sums[10] += third * c;
  sums[11] += third * d;
}

// The weights of one vector of inputs under a row of the kernel: of its columns, left to right.
const COLUMN_WEIGHTS: u32 = 12;

fn accumulate_row(at: u32, v: array<vec4<f32>, 6>) {
  accumulate(at, v[0], v[1], v[2], v[3]);
  accumulate(at + COLUMN_WEIGHTS, v[1], v[2], v[3], v[4]);
  accumulate(at + 2 * COLUMN_WEIGHTS, v[2], v[3], v[4], v[5]);
}

fn store(pixel: u32, x: u32, vector: u32, sum: vec4<f32>) {
  if (x >= params.width - params.margin || vector >= params.out_vectors) {
    return;
  }
  var value = sum;
  if (params.sloped != 0) {
    let slope = weights[params.biases + params.out_vectors + vector];
    value = select(value, value * slope, value < vec4<f32>());
  }
  tensors[params.out + pixel * params.out_vectors + vector] = value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let x = params.margin + id.x * PIXELS;
  let y = params.margin + id.y;
  if (x >= params.width - params.margin || y >= params.height - params.margin) {
    return;
  }
  let vector = id.z * VECTORS;
  for (var o = 0u; o < VECTORS; o++) {
    let bias = weights[params.biases + min(vector + o, params.out_vectors - 1)];
    for (var p = 0u; p < PIXELS; p++) {
      sums[o * PIXELS + p] = bias;
    }
  }
  var at = params.weights + id.z * params.block_weights;
  let zero = vec4<f32>();
  for (var s = params.first_segment; s < params.first_segment + params.segments; s++) {
    let segment = segments[s];
    let step = segment.y;
    for (var ky = 0u; ky < params.kernel; ky++) {
      let row = y + ky - (params.kernel >> 1);
      let left = segment.x + (row * params.width + x - (params.kernel >> 1)) * step;
      for (var c = 0u; c < step; c++) {
        let start = left + c;
        if (params.kernel == 3) {
          let v = array<vec4<f32>, 6>(
            tensors[start],
            tensors[start + step],
            tensors[start + 2 * step],
            tensors[start + 3 * step],
            tensors[start + 4 * step],
            tensors[start + 5 * step],
          );
          if (segment.z == 0) {
            accumulate_row(at, v);
            at += 3 * COLUMN_WEIGHTS;
          } else {
            accumulate_row(at, array<vec4<f32>, 6>(
              max(v[0], zero), max(v[1], zero), max(v[2], zero), max(v[3], zero), max(v[4], zero), max(v[5], zero),
            ));
            accumulate_row(at + 3 * COLUMN_WEIGHTS, array<vec4<f32>, 6>(
              max(-v[0], zero), max(-v[1], zero), max(-v[2], zero), max(-v[3], zero), max(-v[4], zero), max(-v[5], zero),
            ));
            at += 6 * COLUMN_WEIGHTS;
          }
        } else {
          let a = tensors[start];
          let b = tensors[start + step];
          let g = tensors[start + 2 * step];
          let d = tensors[start + 3 * step];
          if (segment.z == 0) {
            accumulate(at, a, b, g, d);
            at += COLUMN_WEIGHTS;
          } else {
            accumulate(at, max(a, zero), max(b, zero), max(g, zero), max(d, zero));
            accumulate(at + COLUMN_WEIGHTS, max(-a, zero), max(-b, zero), max(-g, zero), max(-d, zero));
            at += 2 * COLUMN_WEIGHTS;
          }
        }
      }
    }
  }
  let pixel = y * params.width + x;
  for (var o = 0u; o < VECTORS; o++) {
    for (var p = 0u; p < PIXELS; p++) {
      store(pixel + p, x + p, vector + o, sums[o * PIXELS + p]);
    }
  }
}
