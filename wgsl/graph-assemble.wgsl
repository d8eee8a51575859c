// Depth to space: the last result of a network of core/graph-network.ts becomes planes of the enlarged picture, with the picture added that nearest
// enlargement makes. Twin of `assembled` in src/core/reference/graph-network.ts.

const WORKGROUP_X: u32 = 64;

struct Params {
  // The result, in pixels, and the enlarged pixels of each, one way.
  width: u32,
  height: u32,
  spread: u32,
  // 1: the picture is added.
  base: u32,
  in_width: u32,
  in_height: u32,
  radius: u32,
  // The planes that the result is a part of, and where in them it lies; what lies outside is dropped.
  planes_width: u32,
  planes_height: u32,
  planes_x: i32,
  planes_y: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> enlarged: array<f32>;

@compute @workgroup_size(WORKGROUP_X)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let spread = params.spread;
  let x = params.planes_x + i32(id.x);
  let y = params.planes_y + i32(id.y);
  let is_inside = x >= 0 && y >= 0 && x < i32(params.planes_width) && y < i32(params.planes_height);
  if (id.x >= spread * params.width || !is_inside) {
    return;
  }
  let pixel = id.xy / spread;
  let phase = id.xy % spread;
  let channel = (id.z * spread + phase.y) * spread + phase.x;
  var value = input[((channel / 4) * params.height + pixel.y) * params.width + pixel.x][channel % 4];
  if (params.base == 1) {
    let row = id.z * params.in_height + params.radius + pixel.y;
    value += planes[row * params.in_width + params.radius + pixel.x];
  }
  enlarged[(id.z * params.planes_height + u32(y)) * params.planes_width + u32(x)] = clamp(value, 0.0, 1.0);
}
