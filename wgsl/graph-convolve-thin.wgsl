// A convolution of 3 x 3 to few channels: an invocation computes four of them, of a column of eight pixels; a workgroup four such columns one below
// the other. Twin of `convolved` in src/core/reference/graph-network.ts.

#import lib/graph

const WORKGROUP_X: u32 = 32;
const WORKGROUP_Y: u32 = 4;
// Rows of pixels of a workgroup, and vectors of channels.
const ROWS: u32 = 32;
const BLOCK: u32 = 1;
// Weights of a vector of inputs: by kernel column, kernel row, input.
const STAGE_WEIGHTS: u32 = 36;
const TAP_WEIGHTS: u32 = 4;

var<private> sums: array<vec4<f32>, 8>;

fn tap(at: u32, r0: vec4<f32>, r1: vec4<f32>, r2: vec4<f32>, r3: vec4<f32>, r4: vec4<f32>, r5: vec4<f32>, r6: vec4<f32>, r7: vec4<f32>) {
  let a = mat4x4<f32>(weights[at], weights[at + 1], weights[at + 2], weights[at + 3]);
  sums[0] = accumulated(sums[0], r0, a);
  sums[1] = accumulated(sums[1], r1, a);
  sums[2] = accumulated(sums[2], r2, a);
  sums[3] = accumulated(sums[3], r3, a);
  sums[4] = accumulated(sums[4], r4, a);
  sums[5] = accumulated(sums[5], r5, a);
  sums[6] = accumulated(sums[6], r6, a);
  sums[7] = accumulated(sums[7], r7, a);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let x = group.x * WORKGROUP_X + local.x;
  let y = (params.first_group + group.y) * ROWS + local.y * 8;
  if (x >= params.width || y >= params.height) {
    return;
  }
  var at = params.weights + group.z * params.in_vectors * STAGE_WEIGHTS;
  let last = params.in_height - 1;
  for (var c = 0u; c < params.in_vectors; c++) {
    let factor = gate_at(params.in_gate, c);
    let plane = c * params.in_height;
    for (var kx = 0u; kx < 3; kx++) {
      let column = x + kx;
      let r0 = factor * input[(plane + min(y, last)) * params.in_width + column];
      let r1 = factor * input[(plane + min(y + 1, last)) * params.in_width + column];
      let r2 = factor * input[(plane + min(y + 2, last)) * params.in_width + column];
      let r3 = factor * input[(plane + min(y + 3, last)) * params.in_width + column];
      let r4 = factor * input[(plane + min(y + 4, last)) * params.in_width + column];
      let r5 = factor * input[(plane + min(y + 5, last)) * params.in_width + column];
      let r6 = factor * input[(plane + min(y + 6, last)) * params.in_width + column];
      let r7 = factor * input[(plane + min(y + 7, last)) * params.in_width + column];
      let r8 = factor * input[(plane + min(y + 8, last)) * params.in_width + column];
      let r9 = factor * input[(plane + min(y + 9, last)) * params.in_width + column];
      tap(at, r0, r1, r2, r3, r4, r5, r6, r7);
      tap(at + TAP_WEIGHTS, r1, r2, r3, r4, r5, r6, r7, r8);
      tap(at + 2 * TAP_WEIGHTS, r2, r3, r4, r5, r6, r7, r8, r9);
      at += 3 * TAP_WEIGHTS;
    }
  }
  store(x, y, group.z, sums[0]);
  store(x, y + 1, group.z, sums[1]);
  store(x, y + 2, group.z, sums[2]);
  store(x, y + 3, group.z, sums[3]);
  store(x, y + 4, group.z, sums[4]);
  store(x, y + 5, group.z, sums[5]);
  store(x, y + 6, group.z, sums[6]);
  store(x, y + 7, group.z, sums[7]);
}
