// Averages of the channels of a tensor, added to those of other tiles: a workgroup for each vector of four. Twin of `gateOf` in
// src/core/reference/graph-network.ts, as is graph-gate.

const WORKGROUP: u32 = 256;

struct Params {
  // Pixels of the tensor, and what a sum over them is multiplied by.
  pixels: u32,
  share: f32,
  // In vectors.
  sums: u32,
  // 1: nothing was added yet.
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> gates: array<vec4<f32>>;

var<workgroup> partial: array<vec4<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  var sum = vec4<f32>();
  for (var i = index; i < params.pixels; i += WORKGROUP) {
    sum += input[group.x * params.pixels + i];
  }
  partial[index] = sum;
  for (var half = WORKGROUP / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (index < half) {
      partial[index] += partial[index + half];
    }
  }
  if (index == 0) {
    let place = params.sums + group.x;
    let before = select(gates[place], vec4<f32>(), params.first != 0);
    gates[place] = before + params.share * partial[0];
  }
}
