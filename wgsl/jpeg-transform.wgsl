// Pixels to quantised coefficients: colour, subsampling, DCT, quantisation and zigzag order, in 32-bit integers.
// Twin of src/core/reference/jpeg-transform.ts, which says where the numbers come from; equal to the last bit.

#import lib/jpeg-layout

// Eight invocations to a block: each takes a row, then a column.
const WORKGROUP: u32 = 128;
const WORKGROUP_BLOCKS: u32 = 16;

// Finished pixels, a word each.
@group(0) @binding(1) var<storage, read> finished: array<u32>;
// For each coefficient in natural order, luminance then chrominance: 2^20 / step rounded up, 4 steps, zigzag position.
@group(0) @binding(2) var<storage, read> quantisers: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> coefficients: array<u32>;
// Two words a block: which coefficients in zigzag order are not zero.
@group(0) @binding(4) var<storage, read_write> masks: array<u32>;

// A row takes nine places and a block 72, so that rows and columns fall on different banks.
const ROW_STRIDE: u32 = 9;
const BLOCK_STRIDE: u32 = 72;
var<workgroup> values: array<i32, WORKGROUP_BLOCKS * BLOCK_STRIDE>;
var<workgroup> zigzag: array<i32, WORKGROUP_BLOCKS * BLOCK_STRIDE>;
var<workgroup> mask_words: array<atomic<u32>, WORKGROUP_BLOCKS * 2>;

fn pixel(x: u32, y: u32) -> vec3<i32> {
  let word = finished[min(y, params.rows - 1) * params.width + min(x, params.width - 1)];
  return vec3<i32>(vec3<u32>(word & 255, (word >> 8) & 255, (word >> 16) & 255));
}

fn luma(x: u32, y: u32) -> i32 {
  let p = pixel(x, y);
  if (params.components == 1) {
    return p.x - 128;
  }
  return ((19595 * p.x + 38470 * p.y + 7471 * p.z + 32768) >> 16) - 128;
}

const CHROMA_BIAS: i32 = (128 << 16) + 32767;

fn chroma(x: u32, y: u32, is_red: bool) -> i32 {
  let p = pixel(x, y);
  if (is_red) {
    return (32768 * p.x - 27439 * p.y - 5329 * p.z + CHROMA_BIAS) >> 16;
  }
  return (-11059 * p.x - 21709 * p.y + 32768 * p.z + CHROMA_BIAS) >> 16;
}

// A sample of the component that the block belongs to; `x` and `y` count in its own samples.
fn sample_of(block: u32, x: u32, y: u32) -> i32 {
  let k = block % params.mcu_blocks;
  if (k < params.luma_blocks) {
    return luma(x, y);
  }
  let is_red = k == params.luma_blocks + 1;
  if (params.mcu_size == 8) {
    return chroma(x, y, is_red) - 128;
  }
  // Below the picture the last averaged row is repeated; in it, the last row of pixels counts twice if it has no pair.
  let upper = 2 * min(y, ((params.rows + 1) >> 1) - 1);
  let lower = min(upper + 1, params.rows - 1);
  let sum = chroma(2 * x, upper, is_red) + chroma(2 * x + 1, upper, is_red) +
    chroma(2 * x, lower, is_red) + chroma(2 * x + 1, lower, is_red);
  return ((sum + 1 + i32(x & 1)) >> 2) - 128;
}

struct Eight {
  v0: i32,
  v1: i32,
  v2: i32,
  v3: i32,
  v4: i32,
  v5: i32,
  v6: i32,
  v7: i32,
}

// One pass over eight values. Rows leave their results 4 times too large, columns take that back.
fn transform8(d: Eight, columns: bool) -> Eight {
  let shift = select(11u, 15u, columns);
  let round = 1i << (shift - 1);
  let s0 = d.v0 + d.v7;
  let s1 = d.v1 + d.v6;
  let s2 = d.v2 + d.v5;
  let s3 = d.v3 + d.v4;
  let t4 = d.v3 - d.v4;
  let t5 = d.v2 - d.v5;
  let t6 = d.v1 - d.v6;
  let t7 = d.v0 - d.v7;
  let outer = s0 - s3;
  let inner = s1 - s2;
  let sum = s0 + s3 + s1 + s2;
  let difference = s0 + s3 - s1 - s2;
  return Eight(
    select(sum << 2, (sum + 2) >> 2, columns),
    (t4 * 2260 + t5 * 6437 + t6 * 9633 + t7 * 11363 + round) >> shift,
    (outer * 10703 + inner * 4433 + round) >> shift,
    (t4 * -6436 + t5 * -11362 + t6 * -2259 + t7 * 9633 + round) >> shift,
    select(difference << 2, (difference + 2) >> 2, columns),
    (t4 * 9633 + t5 * 2261 + t6 * -11362 + t7 * 6437 + round) >> shift,
    (outer * 4433 - inner * 10704 + round) >> shift,
    (t4 * -11363 + t5 * 9633 + t6 * -6436 + t7 * 2260 + round) >> shift,
  );
}

// Divides by the step, to the nearest and away from zero at a tie, and puts the result at its zigzag position. The product with the
// reciprocal is exact: the magnitude over 8 is below 2^12 and steps are below 2^8.
fn quantise(coefficient: i32, entry: u32, base: u32) {
  let quantiser = quantisers[entry];
  let size = i32((((u32(abs(coefficient)) + quantiser.y) >> 3) * quantiser.x) >> 20);
  zigzag[base + quantiser.z] = select(size, -size, coefficient < 0);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let slot = thread >> 3;
  let lane = thread & 7;
  let block = (params.first_group + group.x) * WORKGROUP_BLOCKS + slot;
  let is_coded = block < params.blocks && !is_outside(block);
  let base = slot * BLOCK_STRIDE;
  if (lane < 2) {
    atomicStore(&mask_words[slot * 2 + lane], 0u);
  }
  if (is_coded) {
    let place = block_place(block) * 8;
    let x = place.x;
    let y = place.y + lane;
    let samples = Eight(
      sample_of(block, x, y),
      sample_of(block, x + 1, y),
      sample_of(block, x + 2, y),
      sample_of(block, x + 3, y),
      sample_of(block, x + 4, y),
      sample_of(block, x + 5, y),
      sample_of(block, x + 6, y),
      sample_of(block, x + 7, y),
    );
    let row = transform8(samples, false);
    let at = base + lane * ROW_STRIDE;
    values[at] = row.v0;
    values[at + 1] = row.v1;
    values[at + 2] = row.v2;
    values[at + 3] = row.v3;
    values[at + 4] = row.v4;
    values[at + 5] = row.v5;
    values[at + 6] = row.v6;
    values[at + 7] = row.v7;
  }
  workgroupBarrier();
  if (is_coded) {
    let at = base + lane;
    let samples = Eight(
      values[at],
      values[at + ROW_STRIDE],
      values[at + 2 * ROW_STRIDE],
      values[at + 3 * ROW_STRIDE],
      values[at + 4 * ROW_STRIDE],
      values[at + 5 * ROW_STRIDE],
      values[at + 6 * ROW_STRIDE],
      values[at + 7 * ROW_STRIDE],
    );
    let column = transform8(samples, true);
    let table = select(64u, 0u, is_luma(block)) + lane;
    quantise(column.v0, table, base);
    quantise(column.v1, table + 8, base);
    quantise(column.v2, table + 16, base);
    quantise(column.v3, table + 24, base);
    quantise(column.v4, table + 32, base);
    quantise(column.v5, table + 40, base);
    quantise(column.v6, table + 48, base);
    quantise(column.v7, table + 56, base);
  }
  workgroupBarrier();
  if (is_coded) {
    var bits = 0u;
    for (var i = 0u; i < 4; i++) {
      let k = lane * 8 + i * 2;
      let low = zigzag[base + k];
      let high = zigzag[base + k + 1];
      bits |= (u32(low != 0) | (u32(high != 0) << 1)) << (i * 2);
      coefficients[block * BLOCK_WORDS + lane * 4 + i] = (u32(low) & 0xffff) | (u32(high) << 16);
    }
    atomicOr(&mask_words[slot * 2 + (lane >> 2)], bits << ((lane & 3) * 8));
  }
  workgroupBarrier();
  if (lane < 2 && block < params.blocks) {
    masks[block * 2 + lane] = atomicLoad(&mask_words[slot * 2 + lane]);
  }
}
