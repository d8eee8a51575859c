// Filters columns, a block of eight output rows at a time: a sample is loaded once for all rows of the block, whose weights stand
// side by side and are 0 where a row does not use the sample. Twin of filterColumns and limitColumns in
// src/core/reference/resample-rows.ts.
//
// The importing pass declares in its Params, all u32: width; first_row and rows, the output; in_first and in_rows, the
// input; first_block; window, the samples under a block; taps.

// Eight, since the weights of a sample are two vectors.
const BLOCK_ROWS: u32 = 8;

// Keeps each result within the range of the samples under its taps.
override LIMIT: bool = false;

@group(0) @binding(1) var<storage, read> filtered: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> block_starts: array<u32>;
@group(0) @binding(3) var<storage, read> block_weights: array<vec4<f32>>;
// First input row of each output row; read for LIMIT only.
@group(0) @binding(4) var<storage, read> starts: array<u32>;

struct Block {
  r0: vec4<f32>,
  r1: vec4<f32>,
  r2: vec4<f32>,
  r3: vec4<f32>,
  r4: vec4<f32>,
  r5: vec4<f32>,
  r6: vec4<f32>,
  r7: vec4<f32>,
}

// Rows of a block that were not asked for may reach beyond the input; what they get there is not used.
fn input_at(x: u32, row: u32) -> vec4<f32> {
  let y = clamp(row, params.in_first, params.in_first + params.in_rows - 1) - params.in_first;
  return filtered[y * params.width + x];
}

fn filter_block(x: u32, block: u32) -> Block {
  var sum = Block();
  let first = block_starts[block];
  var w = block * params.window * 2;
  for (var k = 0u; k < params.window; k++) {
    let v = input_at(x, first + k);
    let upper = block_weights[w];
    let lower = block_weights[w + 1];
    w += 2;
    sum.r0 += upper.x * v;
    sum.r1 += upper.y * v;
    sum.r2 += upper.z * v;
    sum.r3 += upper.w * v;
    sum.r4 += lower.x * v;
    sum.r5 += lower.y * v;
    sum.r6 += lower.z * v;
    sum.r7 += lower.w * v;
  }
  return sum;
}

fn limited(value: vec4<f32>, x: u32, row: u32) -> vec4<f32> {
  if (!LIMIT) {
    return value;
  }
  let first = starts[row];
  var low = input_at(x, first);
  var high = low;
  for (var k = 1u; k < params.taps; k++) {
    let v = input_at(x, first + k);
    low = min(low, v);
    high = max(high, v);
  }
  return clamp(value, low, high);
}

// Whether a row of the picture is one that was asked for.
fn is_asked(row: u32) -> bool {
  return row >= params.first_row && row < params.first_row + params.rows;
}
