// A convolution of single pixels, or of 2 x 2 with steps of 2, whose four pixels are four times the inputs: 32 channels of 32 x 8 pixels by each workgroup,
// of which an invocation computes eight channels of a column. Two vectors of inputs and their weights go to the workgroup's memory together.
// Twin of `convolved` in src/core/reference/graph-network.ts.

#import lib/graph
#import lib/graph-columns

const WORKGROUP_X: u32 = 32;
const WORKGROUP_Y: u32 = 4;
const INVOCATIONS: u32 = 128;
// Rows of pixels of an invocation, and vectors of channels of a workgroup.
const ROWS: u32 = 8;
const BLOCK: u32 = 8;
// Vectors of inputs at a time; one of the four pixels of a kernel is one.
const STEPS: u32 = 2;
const PATCH_PIXELS: u32 = 512;
// Weights of a vector of inputs: by vector of outputs, input; the last are a matrix.
const STEP_WEIGHTS: u32 = 32;
const STAGE_WEIGHTS: u32 = 64;
const STAGE_MATRICES: u32 = 16;

var<workgroup> patch_rows: array<array<array<vec4<f32>, WORKGROUP_X>, ROWS>, STEPS>;

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let left = group.x * WORKGROUP_X;
  let top = (params.first_group + group.y) * ROWS;
  // 1, or 2 where the tensor is halved.
  let side = params.in_width / params.width;
  let steps = params.in_vectors * side * side;
  let first = params.weights + group.z * steps * STEP_WEIGHTS;
  for (var step = 0u; step < steps; step += STEPS) {
    workgroupBarrier();
    for (var i = index; i < PATCH_PIXELS; i += INVOCATIONS) {
      let part = i / (ROWS * WORKGROUP_X);
      let row = (i / WORKGROUP_X) % ROWS;
      let column = i % WORKGROUP_X;
      let own = min(step + part, steps - 1);
      let c = own / (side * side);
      let k = own % (side * side);
      let x = min(left + column, params.width - 1) * side + k % side;
      let y = min(top + row, params.height - 1) * side + k / side;
      let factor = gate_at(params.in_gate, c) * select(0.0, 1.0, step + part < steps);
      patch_rows[part][row][column] = factor * input[(c * params.in_height + y) * params.in_width + x];
    }
    if (index < STAGE_WEIGHTS) {
      stage_weights[index / 4][index % 4] = weights[first + min(step * STEP_WEIGHTS + index, steps * STEP_WEIGHTS - 1)];
    }
    workgroupBarrier();
    let w = local.y * 2;
    tap(w, patch_rows[0][0][local.x], patch_rows[0][1][local.x], patch_rows[0][2][local.x], patch_rows[0][3][local.x], patch_rows[0][4][local.x], patch_rows[0][5][local.x], patch_rows[0][6][local.x], patch_rows[0][7][local.x]);
    tap(w + BLOCK, patch_rows[1][0][local.x], patch_rows[1][1][local.x], patch_rows[1][2][local.x], patch_rows[1][3][local.x], patch_rows[1][4][local.x], patch_rows[1][5][local.x], patch_rows[1][6][local.x], patch_rows[1][7][local.x]);
  }
  let x = left + local.x;
  let vector = group.z * BLOCK + local.y * 2;
  store_columns(x, top, vector);
}
