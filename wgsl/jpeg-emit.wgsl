// The finished segment: coded bytes with zeros stuffed after 0xFF, and restart markers (ITU T.81, B.1.1.5 and F.1.2.3).

#import lib/jpeg-layout
#import lib/jpeg-chunks
#import lib/scan

@group(0) @binding(3) var<storage, read> chunk_counts: array<u32>;
// Header, then bytes in the order of memory; 0 before.
@group(0) @binding(4) var<storage, read_write> segment: array<atomic<u32>>;

var<private> position: u32;
var<private> pending: u32;

fn put_byte(byte: u32) {
  pending |= byte << ((position & 3) * 8);
  position++;
  if ((position & 3) == 0) {
    atomicOr(&segment[HEADER_WORDS + position / 4 - 1], pending);
    pending = 0;
  }
}

// The interval that a byte lies in, by bisection.
fn interval_at(byte: u32) -> u32 {
  var low = 0u;
  var high = params.intervals - 1;
  while (low < high) {
    let middle = (low + high + 1) >> 1;
    if (byte >= intervals[middle].x) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let chunk = params.first_group + group.x;
  if (!is_used(chunk)) {
    return;
  }
  let first_word = (chunk * WORKGROUP + thread) * THREAD_WORDS;
  let first = first_word * 4;
  let stuffed = exclusive_scan(thread, full_bytes_at(first_word)).x + chunk_counts[chunk];
  if (first >= total_bytes() || atomicLoad(&segment[1]) != 0) {
    return;
  }
  var interval = interval_at(first);
  var interval_end = intervals[interval + 1].x;
  position = first + stuffed + 2 * interval;
  let end = min(first + THREAD_WORDS * 4, total_bytes());
  for (var i = first; i < end; i++) {
    let byte = extractBits(bits[i >> 2], 24 - (i & 3) * 8, 8);
    put_byte(byte);
    if (byte == 255) {
      put_byte(0);
    }
    if (i + 1 == interval_end) {
      if (interval + 1 < params.intervals || params.ends_picture == 0) {
        put_byte(255);
        put_byte(0xd0 + ((params.first_interval + interval) & 7));
      }
      interval++;
      interval_end = intervals[min(interval + 1, params.intervals)].x;
    }
  }
  if ((position & 3) != 0) {
    atomicOr(&segment[HEADER_WORDS + position / 4], pending);
  }
}
