// Depth to space: the last result of a network becomes planes of the enlarged picture, with the picture added that bilinear or
// nearest enlargement makes. Twin of `assembled` in src/core/reference/network.ts.

const WORKGROUP_X: u32 = 64;

struct Params {
  // Size of the tile, and the pixels at each side that the result lacks.
  width: u32,
  height: u32,
  radius: u32,
  scale: u32,
  // 0: nothing, 1: nearest, 2: bilinear.
  base: u32,
  // The last result, in vectors, and the vectors of a pixel.
  tensor: u32,
  vectors: u32,
  // The planes that the result is a part of, and where in them it lies.
  planes_width: u32,
  planes_height: u32,
  planes_x: u32,
  planes_y: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read> tensors: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> enlarged: array<f32>;

fn picture_at(colour: u32, x: u32, y: u32) -> f32 {
  return planes[(colour * params.height + y) * params.width + x];
}

@compute @workgroup_size(WORKGROUP_X)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let scale = params.scale;
  let out_width = scale * (params.width - 2 * params.radius);
  if (id.x >= out_width) {
    return;
  }
  let colour = id.z;
  let phase = vec2<u32>(id.x % scale, id.y % scale);
  let x = params.radius + id.x / scale;
  let y = params.radius + id.y / scale;
  let channel = (colour * scale + phase.y) * scale + phase.x;
  var value = tensors[params.tensor + (y * params.width + x) * params.vectors + channel / 4][channel % 4];
  if (params.base == 1) {
    value += picture_at(colour, x, y);
  } else if (params.base == 2) {
    let at = (vec2<f32>(phase) + 0.5) / f32(scale) - 0.5;
    let first = floor(at);
    let weight = at - first;
    let left = u32(i32(x) + i32(first.x));
    let above = u32(i32(y) + i32(first.y));
    let upper = mix(picture_at(colour, left, above), picture_at(colour, left + 1, above), weight.x);
    let lower = mix(picture_at(colour, left, above + 1), picture_at(colour, left + 1, above + 1), weight.x);
    value += mix(upper, lower, weight.y);
  }
  let row = colour * params.planes_height + params.planes_y + id.y;
  enlarged[row * params.planes_width + params.planes_x + id.x] = clamp(value, 0, 1);
}
