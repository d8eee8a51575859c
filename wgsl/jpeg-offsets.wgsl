// Sums up the workgroups' bits, and lays the restart intervals out one after another, each from a byte on. One workgroup.

#import lib/jpeg-layout
#import lib/scan

const WORKGROUP: u32 = 256;
// Blocks that a workgroup of jpeg-measure has summed.
const SUMMED_BLOCKS: u32 = 256;

@group(0) @binding(1) var<storage, read> offsets: array<u32>;
// Bits of each workgroup of blocks; here they become the bits before it.
@group(0) @binding(2) var<storage, read_write> group_sums: array<u32>;
// For each interval its first byte, and the bits before it; then, for the end, all bytes.
@group(0) @binding(3) var<storage, read_write> intervals: array<vec2<u32>>;

fn bits_before(block: u32, total: u32) -> u32 {
  if (block >= params.blocks) {
    return total;
  }
  return group_sums[block / SUMMED_BLOCKS] + offsets[block];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32) {
  let groups = (params.blocks + SUMMED_BLOCKS - 1) / SUMMED_BLOCKS;
  let share = (groups + WORKGROUP - 1) / WORKGROUP;
  let first = min(thread * share, groups);
  let end = min(first + share, groups);
  var sum = 0u;
  for (var i = first; i < end; i++) {
    sum += group_sums[i];
  }
  let sums = exclusive_scan(thread, sum);
  var before = sums.x;
  for (var i = first; i < end; i++) {
    let own = group_sums[i];
    group_sums[i] = before;
    before += own;
  }
  storageBarrier();
  workgroupBarrier();

  let interval_share = (params.intervals + WORKGROUP - 1) / WORKGROUP;
  let first_interval = min(thread * interval_share, params.intervals);
  let end_interval = min(first_interval + interval_share, params.intervals);
  var bytes = 0u;
  for (var i = first_interval; i < end_interval; i++) {
    let from_bit = bits_before(i * params.interval_blocks, sums.y);
    let to_bit = bits_before((i + 1) * params.interval_blocks, sums.y);
    intervals[i] = vec2<u32>((to_bit - from_bit + 7) / 8, from_bit);
    bytes += (to_bit - from_bit + 7) / 8;
  }
  let byte_sums = exclusive_scan(thread, bytes);
  var byte = byte_sums.x;
  for (var i = first_interval; i < end_interval; i++) {
    let own = intervals[i].x;
    intervals[i].x = byte;
    byte += own;
  }
  if (thread == 0) {
    intervals[params.intervals] = vec2<u32>(byte_sums.y, sums.y);
  }
}
