// The coded bytes before stuffing, cut into chunks of CHUNK_BYTES: an invocation takes four words of them.

const WORKGROUP: u32 = 256;
const THREAD_WORDS: u32 = 4;
const CHUNK_BYTES: u32 = 4096;

@group(0) @binding(1) var<storage, read> bits: array<u32>;
@group(0) @binding(2) var<storage, read> intervals: array<vec2<u32>>;

fn total_bytes() -> u32 {
  return intervals[params.intervals].x;
}

// Whether there are coded bytes in a chunk; most of the room for them is empty as a rule.
fn is_used(chunk: u32) -> bool {
  return chunk * CHUNK_BYTES < total_bytes();
}

// Bytes of value 0xFF in a word. What lies behind the last byte is 0.
fn full_bytes(word: u32) -> u32 {
  var count = 0u;
  for (var shift = 0u; shift < 32; shift += 8) {
    count += u32(extractBits(word, shift, 8) == 255);
  }
  return count;
}

fn full_bytes_at(first_word: u32) -> u32 {
  var count = 0u;
  if (first_word * 4 < total_bytes()) {
    for (var i = 0u; i < THREAD_WORDS; i++) {
      count += full_bytes(bits[first_word + i]);
    }
  }
  return count;
}
