// Filters rows: each output pixel is the weighted sum of `taps` neighbours in its row.
// Twin of filterRow and limitRow in src/core/reference/resample-rows.ts.

const WORKGROUP: u32 = 64;
// Rows that an invocation computes, so that a weight is loaded once for all of them.
const ROWS: u32 = 4;

// Keeps each result within the range of the samples under its taps.
override LIMIT: bool = false;

struct Params {
  // The input rectangle: first column in the picture, and size.
  in_x: u32,
  in_width: u32,
  rows: u32,
  // The output rectangle, of the same rows.
  out_x: u32,
  out_width: u32,
  taps: u32,
  // Output pixels in the whole table.
  table_size: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> working: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
// Tap by tap: weight `k` of output pixel `x` is at `k * table_size + x`, next to its neighbour's.
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> filtered: array<vec4<f32>>;

fn limited(value: vec4<f32>, first: u32) -> vec4<f32> {
  var low = working[first];
  var high = low;
  for (var k = 1u; k < params.taps; k++) {
    let v = working[first + k];
    low = min(low, v);
    high = max(high, v);
  }
  return clamp(value, low, high);
}

fn store(x: u32, y: u32, value: vec4<f32>, first: u32) {
  if (y >= params.rows) {
    return;
  }
  var v = value;
  if (LIMIT) {
    v = limited(v, first);
  }
  filtered[y * params.out_width + x] = v;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let x = id.x;
  if (x >= params.out_width) {
    return;
  }
  let column = params.out_x + x;
  let y = id.y * ROWS;
  let last = params.rows - 1;
  let start = starts[column] - params.in_x;
  let a = min(y, last) * params.in_width + start;
  let b = min(y + 1, last) * params.in_width + start;
  let c = min(y + 2, last) * params.in_width + start;
  let d = min(y + 3, last) * params.in_width + start;
  var va = vec4<f32>();
  var vb = vec4<f32>();
  var vc = vec4<f32>();
  var vd = vec4<f32>();
  for (var k = 0u; k < params.taps; k++) {
    let weight = weights[k * params.table_size + column];
    va += weight * working[a + k];
    vb += weight * working[b + k];
    vc += weight * working[c + k];
    vd += weight * working[d + k];
  }
  store(x, y, va, a);
  store(x, y + 1, vb, b);
  store(x, y + 2, vc, c);
  store(x, y + 3, vd, d);
}
