// Smooths planes along one axis with a tent, its weights renewed to a sum of 1 at the borders. Along the second axis it also divides by `divisor`
// and sets `fault` where what is left is larger than `most`, or no number: then the network has computed nonsense.
// Twin of `smoothed` in src/pipeline/ai/colour-lock.ts.

const WORKGROUP: u32 = 64;
const RADIUS: i32 = 8;

struct Params {
  width: u32,
  height: u32,
  // 0: rows, 1: columns.
  axis: u32,
  divisor: f32,
  most: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rough: array<f32>;
@group(0) @binding(2) var<storage, read_write> smooth_planes: array<f32>;
@group(0) @binding(3) var<storage, read_write> fault: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width) {
    return;
  }
  let along = params.axis == 1;
  let count = i32(select(params.width, params.height, along));
  let stride = select(1, i32(params.width), along);
  let place = i32(select(id.x, id.y, along));
  let at = i32((id.z * params.height + id.y) * params.width + id.x);
  var sum = 0.0;
  var weights = 0.0;
  for (var k = max(1 - RADIUS, -place); k < min(RADIUS, count - place); k++) {
    let weight = f32(RADIUS - abs(k));
    sum += weight * rough[at + k * stride];
    weights += weight;
  }
  let value = sum / (weights * params.divisor);
  smooth_planes[at] = value;
  // All ones in the exponent: infinite, or no number, which comparisons need not notice.
  let exponent = (bitcast<u32>(value) >> 23) & 0xff;
  if (along && (exponent == 0xff || abs(value) > params.most)) {
    atomicOr(&fault[0], 1u);
  }
}
