// What an invocation sums that computes eight channels of a column of eight pixels, from weights in the workgroup's memory: STAGE_MATRICES, of the
// shader that imports this.

var<workgroup> stage_weights: array<mat4x4<f32>, STAGE_MATRICES>;

var<private> sums: array<vec4<f32>, 16>;

fn tap(at: u32, r0: vec4<f32>, r1: vec4<f32>, r2: vec4<f32>, r3: vec4<f32>, r4: vec4<f32>, r5: vec4<f32>, r6: vec4<f32>, r7: vec4<f32>) {
  let a = stage_weights[at];
  sums[0] = accumulated(sums[0], r0, a);
  sums[1] = accumulated(sums[1], r1, a);
  sums[2] = accumulated(sums[2], r2, a);
  sums[3] = accumulated(sums[3], r3, a);
  sums[4] = accumulated(sums[4], r4, a);
  sums[5] = accumulated(sums[5], r5, a);
  sums[6] = accumulated(sums[6], r6, a);
  sums[7] = accumulated(sums[7], r7, a);
  let b = stage_weights[at + 1];
  sums[8] = accumulated(sums[8], r0, b);
  sums[9] = accumulated(sums[9], r1, b);
  sums[10] = accumulated(sums[10], r2, b);
  sums[11] = accumulated(sums[11], r3, b);
  sums[12] = accumulated(sums[12], r4, b);
  sums[13] = accumulated(sums[13], r5, b);
  sums[14] = accumulated(sums[14], r6, b);
  sums[15] = accumulated(sums[15], r7, b);
}

// Finishes the sums: of a column that begins at `top`, and of two vectors.
fn store_columns(x: u32, top: u32, vector: u32) {
  store(x, top, vector, sums[0]);
  store(x, top + 1, vector, sums[1]);
  store(x, top + 2, vector, sums[2]);
  store(x, top + 3, vector, sums[3]);
  store(x, top + 4, vector, sums[4]);
  store(x, top + 5, vector, sums[5]);
  store(x, top + 6, vector, sums[6]);
  store(x, top + 7, vector, sums[7]);
  store(x, top, vector + 1, sums[8]);
  store(x, top + 1, vector + 1, sums[9]);
  store(x, top + 2, vector + 1, sums[10]);
  store(x, top + 3, vector + 1, sums[11]);
  store(x, top + 4, vector + 1, sums[12]);
  store(x, top + 5, vector + 1, sums[13]);
  store(x, top + 6, vector + 1, sums[14]);
  store(x, top + 7, vector + 1, sums[15]);
}
