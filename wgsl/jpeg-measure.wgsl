// Bits of each block's symbols, summed up within a workgroup.

#import lib/jpeg-layout
#import lib/jpeg-symbols
#import lib/scan

const WORKGROUP: u32 = 256;

// Bits before each block in its workgroup, and of each workgroup.
@group(0) @binding(4) var<storage, read_write> offsets: array<u32>;
@group(0) @binding(5) var<storage, read_write> group_sums: array<u32>;

var<private> bit_count: u32;

fn put(value: u32, count: u32) {
  bit_count += count;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let index = params.first_group + group.x;
  let block = index * WORKGROUP + thread;
  if (block < params.blocks) {
    scan_block(block);
  }
  let sums = exclusive_scan(thread, bit_count);
  if (block < params.blocks) {
    offsets[block] = sums.x;
  }
  if (thread == 0) {
    group_sums[index] = sums.y;
  }
}
