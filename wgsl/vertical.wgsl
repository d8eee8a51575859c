// Filters columns between two stages: clamped to 0..1, and no colour brighter than its alpha.
// Twin of StageRows with clampRow in src/core/reference/resample-rows.ts.

#import lib/column-filter

const WORKGROUP: u32 = 64;

struct Params {
  width: u32,
  first_row: u32,
  rows: u32,
  in_first: u32,
  in_rows: u32,
  first_block: u32,
  window: u32,
  taps: u32,
  has_alpha: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(5) var<storage, read_write> working: array<vec4<f32>>;

fn store(x: u32, row: u32, value: vec4<f32>) {
  if (!is_asked(row)) {
    return;
  }
  var v = saturate(limited(value, x, row));
  if (params.has_alpha != 0) {
    v = vec4<f32>(min(v.xyz, vec3<f32>(v.w)), v.w);
  }
  working[(row - params.first_row) * params.width + x] = v;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width) {
    return;
  }
  let block = params.first_block + id.y;
  let sum = filter_block(id.x, block);
  let row = block * BLOCK_ROWS;
  store(id.x, row, sum.r0);
  store(id.x, row + 1, sum.r1);
  store(id.x, row + 2, sum.r2);
  store(id.x, row + 3, sum.r3);
  store(id.x, row + 4, sum.r4);
  store(id.x, row + 5, sum.r5);
  store(id.x, row + 6, sum.r6);
  store(id.x, row + 7, sum.r7);
}
