// Sums up the stuffed zeros of the chunks, and with them the length of the segment. One workgroup.

#import lib/jpeg-layout
#import lib/scan

const WORKGROUP: u32 = 256;
// As in wgsl/lib/jpeg-chunks.wgsl.
const CHUNK_BYTES: u32 = 4096;

@group(0) @binding(1) var<storage, read> intervals: array<vec2<u32>>;
// Zeros to be stuffed in each chunk; here they become those before it.
@group(0) @binding(2) var<storage, read_write> chunk_counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> segment: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32) {
  let coded = intervals[params.intervals].x;
  let chunks = min(params.chunks, (coded + CHUNK_BYTES - 1) / CHUNK_BYTES);
  let share = (chunks + WORKGROUP - 1) / WORKGROUP;
  let first = min(thread * share, chunks);
  let end = min(first + share, chunks);
  var sum = 0u;
  for (var i = first; i < end; i++) {
    sum += chunk_counts[i];
  }
  let sums = exclusive_scan(thread, sum);
  var before = sums.x;
  for (var i = first; i < end; i++) {
    let own = chunk_counts[i];
    chunk_counts[i] = before;
    before += own;
  }
  if (thread == 0) {
    let length = coded + sums.y + 2 * (params.intervals - params.ends_picture);
    let fits = (coded + 3) / 4 <= params.bits_words && (length + 3) / 4 + HEADER_WORDS <= params.segment_words;
    segment[0] = length;
    segment[1] = u32(!fits);
  }
}
