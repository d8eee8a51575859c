// Bytes in each chunk that need a zero stuffed after them.

#import lib/jpeg-layout
#import lib/jpeg-chunks
#import lib/scan

@group(0) @binding(3) var<storage, read_write> chunk_counts: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let chunk = params.first_group + group.x;
  if (!is_used(chunk)) {
    return;
  }
  let first_word = (chunk * WORKGROUP + thread) * THREAD_WORDS;
  let sums = exclusive_scan(thread, full_bytes_at(first_word));
  if (thread == 0) {
    chunk_counts[chunk] = sums.y;
  }
}
