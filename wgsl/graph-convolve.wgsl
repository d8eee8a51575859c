// A convolution of 3 x 3: 32 channels of 32 x 8 pixels by each workgroup, of which an invocation computes eight channels of a column. A vector of the
// inputs and its weights go to the workgroup's memory together; there, a row of the column serves three rows of the kernel. The arrays are of
// matrices and of rows, since every index is checked.
// Twin of `convolved` in src/core/reference/graph-network.ts.

#import lib/graph
#import lib/graph-columns

const WORKGROUP_X: u32 = 32;
const WORKGROUP_Y: u32 = 4;
const INVOCATIONS: u32 = 128;
// Rows of pixels of an invocation, and vectors of channels of a workgroup.
const ROWS: u32 = 8;
const BLOCK: u32 = 8;
const PATCH_WIDTH: u32 = 34;
const PATCH_HEIGHT: u32 = 10;
const PATCH_PIXELS: u32 = 340;
// Weights of a vector of inputs: by kernel column, kernel row, vector of outputs, input; the last are a matrix.
const STAGE_WEIGHTS: u32 = 288;
const STAGE_MATRICES: u32 = 72;
const TAP_MATRICES: u32 = 8;

var<workgroup> patch_rows: array<array<vec4<f32>, PATCH_WIDTH>, PATCH_HEIGHT>;

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let left = group.x * WORKGROUP_X;
  let top = (params.first_group + group.y) * ROWS;
  var at = params.weights + group.z * params.in_vectors * STAGE_WEIGHTS;
  for (var c = 0u; c < params.in_vectors; c++) {
    let factor = gate_at(params.in_gate, c);
    workgroupBarrier();
    for (var i = index; i < PATCH_PIXELS; i += INVOCATIONS) {
      let x = min(left + i % PATCH_WIDTH, params.in_width - 1);
      let y = min(top + i / PATCH_WIDTH, params.in_height - 1);
      patch_rows[i / PATCH_WIDTH][i % PATCH_WIDTH] = factor * input[(c * params.in_height + y) * params.in_width + x];
    }
    for (var i = index; i < STAGE_WEIGHTS; i += INVOCATIONS) {
      stage_weights[i / 4][i % 4] = weights[at + i];
    }
    at += STAGE_WEIGHTS;
    workgroupBarrier();
    for (var kx = 0u; kx < 3; kx++) {
      let p = local.x + kx;
      let r0 = patch_rows[0][p];
      let r1 = patch_rows[1][p];
      let r2 = patch_rows[2][p];
      let r3 = patch_rows[3][p];
      let r4 = patch_rows[4][p];
      let r5 = patch_rows[5][p];
      let r6 = patch_rows[6][p];
      let r7 = patch_rows[7][p];
      let r8 = patch_rows[8][p];
      let r9 = patch_rows[9][p];
      let w = kx * 3 * TAP_MATRICES + local.y * 2;
      tap(w, r0, r1, r2, r3, r4, r5, r6, r7);
      tap(w + TAP_MATRICES, r1, r2, r3, r4, r5, r6, r7, r8);
      tap(w + 2 * TAP_MATRICES, r2, r3, r4, r5, r6, r7, r8, r9);
    }
  }
  let x = left + local.x;
  let vector = group.z * BLOCK + local.y * 2;
  store_columns(x, top, vector);
}
