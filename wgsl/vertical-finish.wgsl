// Filters columns in the last stage and makes finished samples, in one go: the floats never go to memory.
// A pixel is one word (8 bits a sample) or two (16), red lowest; grey has its sample in red.

#import lib/column-filter
#import lib/encode-samples

const WORKGROUP: u32 = 64;

struct Params {
  width: u32,
  first_row: u32,
  rows: u32,
  in_first: u32,
  in_rows: u32,
  first_block: u32,
  window: u32,
  taps: u32,
  has_alpha: u32,
  is_grey: u32,
  linear: u32,
  max_sample: u32,
  guess_stride: u32,
  bucket_shift: u32,
  first_bucket: u32,
  // Where this tile begins in `finished`, and from row to row, in pixels.
  out_offset: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(7) var<storage, read_write> finished: array<u32>;

fn store(x: u32, row: u32, value: vec4<f32>) {
  if (!is_asked(row)) {
    return;
  }
  let s = encode_samples(limited(value, x, row));
  let at = params.out_offset + (row - params.first_row) * params.out_stride + x;
  if (params.max_sample == 255) {
    finished[at] = s.x | (s.y << 8) | (s.z << 16) | (s.w << 24);
  } else {
    finished[2 * at] = s.x | (s.y << 16);
    finished[2 * at + 1] = s.z | (s.w << 16);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width) {
    return;
  }
  let block = params.first_block + id.y;
  let sum = filter_block(id.x, block);
  let row = block * BLOCK_ROWS;
  store(id.x, row, sum.r0);
  store(id.x, row + 1, sum.r1);
  store(id.x, row + 2, sum.r2);
  store(id.x, row + 3, sum.r3);
  store(id.x, row + 4, sum.r4);
  store(id.x, row + 5, sum.r5);
  store(id.x, row + 6, sum.r6);
  store(id.x, row + 7, sum.r7);
}
