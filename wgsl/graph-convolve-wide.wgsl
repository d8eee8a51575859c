// A convolution of 5 x 5: as graph-convolve.wgsl, but the weights of one column of the kernel at a time are in the workgroup's memory, where those of
// all would not fit. Twin of `convolved` in src/core/reference/graph-network.ts.

#import lib/graph
#import lib/graph-columns

const WORKGROUP_X: u32 = 32;
const WORKGROUP_Y: u32 = 4;
const INVOCATIONS: u32 = 128;
// Rows of pixels of an invocation, and vectors of channels of a workgroup.
const ROWS: u32 = 8;
const BLOCK: u32 = 8;
const PATCH_WIDTH: u32 = 36;
const PATCH_HEIGHT: u32 = 12;
const PATCH_PIXELS: u32 = 432;
// Weights of a vector of inputs and of a kernel column: by kernel row, vector of outputs, input; the last are a matrix.
const STAGE_WEIGHTS: u32 = 160;
const STAGE_MATRICES: u32 = 40;
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
  let w = local.y * 2;
  var at = params.weights + group.z * params.in_vectors * 5 * STAGE_WEIGHTS;
  for (var c = 0u; c < params.in_vectors; c++) {
    let factor = gate_at(params.in_gate, c);
    // The first barrier of the columns below is behind all reads of the patch before.
    for (var kx = 0u; kx < 5; kx++) {
      workgroupBarrier();
      if (kx == 0) {
        for (var i = index; i < PATCH_PIXELS; i += INVOCATIONS) {
          let x = min(left + i % PATCH_WIDTH, params.in_width - 1);
          let y = min(top + i / PATCH_WIDTH, params.in_height - 1);
          patch_rows[i / PATCH_WIDTH][i % PATCH_WIDTH] = factor * input[(c * params.in_height + y) * params.in_width + x];
        }
      }
      for (var i = index; i < STAGE_WEIGHTS; i += INVOCATIONS) {
        stage_weights[i / 4][i % 4] = weights[at + i];
      }
      at += STAGE_WEIGHTS;
      workgroupBarrier();
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
      let r10 = patch_rows[10][p];
      let r11 = patch_rows[11][p];
      tap(w, r0, r1, r2, r3, r4, r5, r6, r7);
      tap(w + TAP_MATRICES, r1, r2, r3, r4, r5, r6, r7, r8);
      tap(w + 2 * TAP_MATRICES, r2, r3, r4, r5, r6, r7, r8, r9);
      tap(w + 3 * TAP_MATRICES, r3, r4, r5, r6, r7, r8, r9, r10);
      tap(w + 4 * TAP_MATRICES, r4, r5, r6, r7, r8, r9, r10, r11);
    }
  }
  store_columns(left + local.x, top, group.z * BLOCK + local.y * 2);
}
