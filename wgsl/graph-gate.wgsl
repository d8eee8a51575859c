// From the averages of a tensor's channels to the factors that they are multiplied by: squeeze and excitation.

const WORKGROUP: u32 = 64;

struct Params {
  // Vectors of the tensor, and numbers between the two layers, at most WORKGROUP.
  vectors: u32,
  hidden: u32,
  // In `gates`, in vectors.
  sums: u32,
  gate: u32,
  // In `weights`, in vectors: `hidden` rows of weights with a bias each in the first number of a vector; then, for each vector of channels, `hidden`
  // vectors of weights; then biases.
  weights: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> gates: array<vec4<f32>>;

var<workgroup> between: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) index: u32) {
  let row = params.vectors + 1;
  if (index < params.hidden) {
    let start = params.weights + index * row;
    var sum = weights[start + params.vectors].x;
    for (var v = 0u; v < params.vectors; v++) {
      sum += dot(weights[start + v], gates[params.sums + v]);
    }
    between[index] = max(sum, 0.0);
  }
  workgroupBarrier();
  let excite = params.weights + params.hidden * row;
  for (var v = index; v < params.vectors; v += WORKGROUP) {
    var sum = weights[excite + params.vectors * params.hidden + v];
    for (var h = 0u; h < params.hidden; h++) {
      sum += between[h] * weights[excite + v * params.hidden + h];
    }
    gates[params.gate + v] = 1.0 / (1.0 + exp(-sum));
  }
}
