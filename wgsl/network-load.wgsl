// Three planes of colours 0..1 become pixels of four numbers, the first tensor of a network.

const WORKGROUP: u32 = 256;

struct Params {
  pixels: u32,
  // Pixels that one row of workgroups takes.
  row_pixels: u32,
  // In vectors.
  tensor: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read_write> tensors: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pixel = id.y * params.row_pixels + id.x;
  if (id.x >= params.row_pixels || pixel >= params.pixels) {
    return;
  }
  let red = planes[pixel];
  let green = planes[params.pixels + pixel];
  let blue = planes[2 * params.pixels + pixel];
  tensors[params.tensor + pixel] = vec4<f32>(red, green, blue, 0);
}
