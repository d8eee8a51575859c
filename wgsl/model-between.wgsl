// The network's planes become 8-bit RGB samples again, which the next network begins with. An invocation writes four pixels, three words; rows are
// filled up to that.

#import lib/held-colours

const WORKGROUP: u32 = 64;

@group(0) @binding(3) var<storage, read_write> strip: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let groups = (params.width + 3) / 4;
  if (id.x >= groups) {
    return;
  }
  let last = params.width - 1;
  let a = vec3<u32>(held_colours(min(4 * id.x, last), id.y));
  let b = vec3<u32>(held_colours(min(4 * id.x + 1, last), id.y));
  let c = vec3<u32>(held_colours(min(4 * id.x + 2, last), id.y));
  let d = vec3<u32>(held_colours(min(4 * id.x + 3, last), id.y));
  let at = 3 * (id.y * groups + id.x);
  strip[at] = a.x | (a.y << 8) | (a.z << 16) | (b.x << 24);
  strip[at + 1] = b.y | (b.z << 8) | (c.x << 16) | (c.y << 24);
  strip[at + 2] = c.z | (d.x << 8) | (d.y << 16) | (d.z << 24);
}
