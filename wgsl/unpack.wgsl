// Source samples to the working space: light, 0..1, premultiplied by alpha or laid on the background.
// Twin of SourceRows in src/core/reference/resample-rows.ts.

const WORKGROUP: u32 = 256;

struct Params {
  width: u32,
  rows: u32,
  channels: u32,
  // 8 or 16.
  depth: u32,
  // 1: samples are looked up in `decode`, `decode_stride` values a channel.
  linear: u32,
  decode_stride: u32,
  // 1: alpha is used up by laying the colours on `background`.
  flatten: u32,
  scale: f32,
  background: vec4<f32>,
}

@group(0) @binding(0) var<uniform> params: Params;
// Unpadded rows, little-endian.
@group(0) @binding(1) var<storage, read> strip: array<u32>;
@group(0) @binding(2) var<storage, read> decode: array<f32>;
@group(0) @binding(3) var<storage, read_write> working: array<vec4<f32>>;

fn sample_at(index: u32) -> u32 {
  if (params.depth == 8) {
    return extractBits(strip[index >> 2], (index & 3) * 8, 8);
  }
  return extractBits(strip[index >> 1], (index & 1) * 16, 16);
}

fn light_at(index: u32, channel: u32) -> f32 {
  let k = sample_at(index);
  if (params.linear != 0) {
    return decode[channel * params.decode_stride + k];
  }
  return f32(k) * params.scale;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.rows) {
    return;
  }
  let pixel = id.y * params.width + id.x;
  let at = pixel * params.channels;
  var v = vec4<f32>(light_at(at, 0), 0.0, 0.0, 1.0);
  if (params.channels >= 3) {
    v.y = light_at(at + 1, 1);
    v.z = light_at(at + 2, 2);
  }
  if (params.channels == 4) {
    let alpha = f32(sample_at(at + 3)) * params.scale;
    var colour = v.xyz * alpha;
    if (params.flatten != 0) {
      colour += params.background.xyz * (1.0 - alpha);
    }
    v = vec4<f32>(colour, alpha);
  }
  working[pixel] = v;
}
