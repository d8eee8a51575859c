// The network's planes become pixels of the working space, which resampling begins with.

#import lib/held-colours

const WORKGROUP: u32 = 64;

@group(0) @binding(3) var<storage, read_write> working: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < params.width) {
    working[id.y * params.width + id.x] = vec4<f32>(held_colours(id.x, id.y) / 255.0, 1.0);
  }
}
