// What a network made of a picture, made small again, against the picture: for each source pixel `scale` squared times its sample less the
// sum of the samples that it became. Whole numbers. Twin of `differenceOf` in src/pipeline/ai/colour-lock.ts.

const WORKGROUP: u32 = 64;

struct Params {
  // The part of the picture that was enlarged, in source pixels.
  x: u32,
  y: u32,
  width: u32,
  height: u32,
  scale: u32,
  strip_x: u32,
  strip_y: u32,
  strip_width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> strip: array<u32>;
@group(0) @binding(2) var<storage, read> enlarged: array<f32>;
@group(0) @binding(3) var<storage, read_write> difference: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width) {
    return;
  }
  let scale = params.scale;
  let row = params.width * scale;
  var sum = 0.0;
  for (var dy = 0u; dy < scale; dy++) {
    let start = (id.z * params.height * scale + id.y * scale + dy) * row + id.x * scale;
    for (var dx = 0u; dx < scale; dx++) {
      sum += floor(enlarged[start + dx] * 255.0 + 0.5);
    }
  }
  let pixel = (params.y + id.y - params.strip_y) * params.strip_width + params.x + id.x - params.strip_x;
  let at = 3 * pixel + id.z;
  let level = f32(extractBits(strip[at >> 2], (at & 3) * 8, 8));
  difference[(id.z * params.height + id.y) * params.width + id.x] = level * f32(scale * scale) - sum;
}
