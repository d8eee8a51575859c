// A convolution of single pixels, or of 2 x 2 with steps of 2, whose four pixels are four times the inputs: an invocation computes eight channels of a
// column of eight pixels, a workgroup 32 channels of 32 columns. Twin of `convolved` in src/core/reference/graph-network.ts.

#import lib/graph

const WORKGROUP_X: u32 = 32;
const WORKGROUP_Y: u32 = 4;
// Rows of pixels of an invocation, and vectors of channels of a workgroup.
const ROWS: u32 = 8;
const BLOCK: u32 = 8;
// Weights of a vector of inputs at one pixel of the kernel: by input, vector of outputs.
const STAGE_WEIGHTS: u32 = 32;

var<private> sums: array<vec4<f32>, 16>;

fn tap(at: u32, r0: vec4<f32>, r1: vec4<f32>, r2: vec4<f32>, r3: vec4<f32>, r4: vec4<f32>, r5: vec4<f32>, r6: vec4<f32>, r7: vec4<f32>) {
  let a = weights[at];
  let b = weights[at + BLOCK];
  let c = weights[at + 2 * BLOCK];
  let d = weights[at + 3 * BLOCK];
  sums[0] = accumulated(sums[0], r0, a, b, c, d);
  sums[1] = accumulated(sums[1], r1, a, b, c, d);
  sums[2] = accumulated(sums[2], r2, a, b, c, d);
  sums[3] = accumulated(sums[3], r3, a, b, c, d);
  sums[4] = accumulated(sums[4], r4, a, b, c, d);
  sums[5] = accumulated(sums[5], r5, a, b, c, d);
  sums[6] = accumulated(sums[6], r6, a, b, c, d);
  sums[7] = accumulated(sums[7], r7, a, b, c, d);
  let e = weights[at + 1];
  let f = weights[at + BLOCK + 1];
  let g = weights[at + 2 * BLOCK + 1];
  let h = weights[at + 3 * BLOCK + 1];
  sums[8] = accumulated(sums[8], r0, e, f, g, h);
  sums[9] = accumulated(sums[9], r1, e, f, g, h);
  sums[10] = accumulated(sums[10], r2, e, f, g, h);
  sums[11] = accumulated(sums[11], r3, e, f, g, h);
  sums[12] = accumulated(sums[12], r4, e, f, g, h);
  sums[13] = accumulated(sums[13], r5, e, f, g, h);
  sums[14] = accumulated(sums[14], r6, e, f, g, h);
  sums[15] = accumulated(sums[15], r7, e, f, g, h);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let x = group.x * WORKGROUP_X + local.x;
  let y = (params.first_group + group.y) * ROWS;
  if (x >= params.width) {
    return;
  }
  // 1, or 2 where the tensor is halved.
  let side = params.in_width / params.width;
  var at = params.weights + group.z * params.in_vectors * side * side * STAGE_WEIGHTS + local.y * 2;
  let last = params.height - 1;
  for (var c = 0u; c < params.in_vectors; c++) {
    let factor = gate_at(params.in_gate, c);
    for (var k = 0u; k < side * side; k++) {
      let row = c * params.in_height + k / side;
      let column = x * side + k % side;
      let r0 = factor * input[(row + side * min(y, last)) * params.in_width + column];
      let r1 = factor * input[(row + side * min(y + 1, last)) * params.in_width + column];
      let r2 = factor * input[(row + side * min(y + 2, last)) * params.in_width + column];
      let r3 = factor * input[(row + side * min(y + 3, last)) * params.in_width + column];
      let r4 = factor * input[(row + side * min(y + 4, last)) * params.in_width + column];
      let r5 = factor * input[(row + side * min(y + 5, last)) * params.in_width + column];
      let r6 = factor * input[(row + side * min(y + 6, last)) * params.in_width + column];
      let r7 = factor * input[(row + side * min(y + 7, last)) * params.in_width + column];
      tap(at, r0, r1, r2, r3, r4, r5, r6, r7);
      at += STAGE_WEIGHTS;
    }
  }
  let vector = group.z * BLOCK + local.y * 2;
  store(x, y, vector, sums[0]);
  store(x, y + 1, vector, sums[1]);
  store(x, y + 2, vector, sums[2]);
  store(x, y + 3, vector, sums[3]);
  store(x, y + 4, vector, sums[4]);
  store(x, y + 5, vector, sums[5]);
  store(x, y + 6, vector, sums[6]);
  store(x, y + 7, vector, sums[7]);
  store(x, y, vector + 1, sums[8]);
  store(x, y + 1, vector + 1, sums[9]);
  store(x, y + 2, vector + 1, sums[10]);
  store(x, y + 3, vector + 1, sums[11]);
  store(x, y + 4, vector + 1, sums[12]);
  store(x, y + 5, vector + 1, sums[13]);
  store(x, y + 6, vector + 1, sums[14]);
  store(x, y + 7, vector + 1, sums[15]);
}
