// Writes each block's bits at its place. Words that two blocks share are put together with atomic operations, so `bits` is 0 before.

#import lib/jpeg-layout
#import lib/jpeg-symbols

const WORKGROUP: u32 = 256;
// Blocks that a workgroup of jpeg-measure has summed.
const SUMMED_BLOCKS: u32 = 256;

@group(0) @binding(4) var<storage, read> offsets: array<u32>;
@group(0) @binding(5) var<storage, read> group_sums: array<u32>;
@group(0) @binding(6) var<storage, read> intervals: array<vec2<u32>>;
// The first bit of the stream is the highest of the first word.
@group(0) @binding(7) var<storage, read_write> bits: array<atomic<u32>>;

var<private> word: u32;
var<private> pending: u32;
var<private> used: u32;

fn put(value: u32, count: u32) {
  let room = 32 - used;
  if (count < room) {
    pending |= value << (room - count);
    used += count;
    return;
  }
  let rest = count - room;
  atomicOr(&bits[word], pending | (value >> rest));
  word++;
  pending = select(value << ((32 - rest) & 31), 0u, rest == 0);
  used = rest;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let block = params.first_group * WORKGROUP + id.x;
  if (block >= params.blocks || (intervals[params.intervals].x + 3) / 4 > params.bits_words) {
    return;
  }
  let interval = intervals[block / params.interval_blocks];
  let bit = interval.x * 8 + group_sums[block / SUMMED_BLOCKS] + offsets[block] - interval.y;
  word = bit >> 5;
  used = bit & 31;
  scan_block(block);
  let ends = block + 1 == params.blocks || (block + 1) % params.interval_blocks == 0;
  let odd = used & 7;
  if (ends && odd != 0) {
    put((1u << (8 - odd)) - 1, 8 - odd);
  }
  if (used != 0) {
    atomicOr(&bits[word], pending);
  }
}
