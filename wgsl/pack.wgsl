// Finished pixels of one or three samples to unpadded rows; an invocation makes a word of them.

const WORKGROUP: u32 = 256;

struct Params {
  channels: u32,
  // 8 or 16.
  depth: u32,
  // Samples in all, and the words they make; the last word is filled up with zeros.
  samples: u32,
  words: u32,
  // Words that one row of workgroups makes.
  row_words: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> finished: array<u32>;
@group(0) @binding(2) var<storage, read_write> packed: array<u32>;

fn sample_at(index: u32) -> u32 {
  if (index >= params.samples) {
    return 0;
  }
  let pixel = index / params.channels;
  let channel = index - pixel * params.channels;
  if (params.depth == 8) {
    return extractBits(finished[pixel], channel * 8, 8);
  }
  return extractBits(finished[2 * pixel + (channel >> 1)], (channel & 1) * 16, 16);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let word = id.y * params.row_words + id.x;
  if (id.x >= params.row_words || word >= params.words) {
    return;
  }
  if (params.depth == 8) {
    let s = word * 4;
    packed[word] = sample_at(s) | (sample_at(s + 1) << 8) | (sample_at(s + 2) << 16) | (sample_at(s + 3) << 24);
  } else {
    packed[word] = sample_at(word * 2) | (sample_at(word * 2 + 1) << 16);
  }
}
