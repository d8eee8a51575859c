// Rows of 8-bit RGB samples become planes of colours 0..1 for a network; beyond the picture they are mirrored at its border pixels.
// Twin of `readPlanes` in src/pipeline/ai/planes.ts.

const WORKGROUP: u32 = 64;

struct Params {
  // The planes, and where their first pixel lies in the picture.
  width: u32,
  height: u32,
  x: i32,
  y: i32,
  // The picture.
  picture_width: i32,
  picture_height: i32,
  // The part of it that is in `strip`.
  strip_x: u32,
  strip_y: u32,
  strip_width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Unpadded rows of three bytes a pixel.
@group(0) @binding(1) var<storage, read> strip: array<u32>;
@group(0) @binding(2) var<storage, read_write> planes: array<f32>;

fn mirrored(position: i32, length: i32) -> u32 {
  if (length == 1) {
    return 0;
  }
  let period = 2 * (length - 1);
  let within = ((position % period) + period) % period;
  return u32(min(within, period - within));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let x = mirrored(params.x + i32(id.x), params.picture_width) - params.strip_x;
  let y = mirrored(params.y + i32(id.y), params.picture_height) - params.strip_y;
  let start = 3 * (y * params.strip_width + x) + id.z;
  let level = extractBits(strip[start >> 2], (start & 3) * 8, 8);
  planes[(id.z * params.height + id.y) * params.width + id.x] = f32(level) / 255.0;
}
