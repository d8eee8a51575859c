// Pixels to quantised coefficients: colour, subsampling, DCT, quantisation and zigzag order, in 32-bit integers.
// Twin of src/core/reference/jpeg-transform.ts, which says where the numbers come from; equal to the last bit.

#import lib/jpeg-layout

// Eight invocations to a block: each takes a column, then a row.
const WORKGROUP: u32 = 128;
const WORKGROUP_BLOCKS: u32 = 16;

// Finished pixels, a word each.
@group(0) @binding(1) var<storage, read> finished: array<u32>;
// For each coefficient in natural order, luminance then chrominance: reciprocal of its divisor, what is added to the product, zigzag position.
@group(0) @binding(2) var<storage, read> quantisers: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> coefficients: array<u32>;
// Two words a block: which coefficients in zigzag order are not zero.
@group(0) @binding(4) var<storage, read_write> masks: array<u32>;

// A row takes nine places and a block 72, so that columns and rows fall on different banks.
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

// One pass over eight values.
fn transform8(d: Eight, columns: bool) -> Eight {
  let bits = select(0u, 2u, columns);
  let odd_bits = select(0u, 5u, columns);
  let drop = odd_bits - bits;
  let half = select(0, 4, columns);
  let even_half = select(0, 2048, columns);
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
  let p = (t4 * -27246 - t7 * 18205) >> (15 - odd_bits);
  let q = ((t7 * 27246 - t4 * 18205) >> (15 - odd_bits)) + half;
  let r = (t5 * 32138 + t6 * 6393) >> (15 - odd_bits);
  let s = (t5 * 6393 - t6 * 32138) >> (15 - odd_bits);
  return Eight(
    (s0 + s3 + s1 + s2) << bits,
    (q + r - (p + s)) >> drop,
    (outer * 21407 + inner * 8867 + even_half) >> (14 - bits),
    (q - r) >> drop,
    (s0 + s3 - s1 - s2) << bits,
    (s - p + half) >> drop,
    (outer * 8867 - inner * 21407 + even_half) >> (14 - bits),
    ((q + r + (p + s)) >> drop) + select(2, 0, columns),
  );
}

// Divides by the step and puts the result at its zigzag position.
fn quantise(coefficient: i32, entry: u32, base: u32) {
  let quantiser = quantisers[entry];
  let size = i32((u32(abs(coefficient)) * quantiser.x + quantiser.y) >> 21);
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
    let x = place.x + lane;
    let y = place.y;
    let column = transform8(Eight(
      sample_of(block, x, y),
      sample_of(block, x, y + 1),
      sample_of(block, x, y + 2),
      sample_of(block, x, y + 3),
      sample_of(block, x, y + 4),
      sample_of(block, x, y + 5),
      sample_of(block, x, y + 6),
      sample_of(block, x, y + 7),
    ), true);
    let at = base + lane;
    values[at] = column.v0;
    values[at + ROW_STRIDE] = column.v1;
    values[at + 2 * ROW_STRIDE] = column.v2;
    values[at + 3 * ROW_STRIDE] = column.v3;
    values[at + 4 * ROW_STRIDE] = column.v4;
    values[at + 5 * ROW_STRIDE] = column.v5;
    values[at + 6 * ROW_STRIDE] = column.v6;
    values[at + 7 * ROW_STRIDE] = column.v7;
  }
  workgroupBarrier();
  if (is_coded) {
    let at = base + lane * ROW_STRIDE;
    let row = transform8(Eight(
      values[at],
      values[at + 1],
      values[at + 2],
      values[at + 3],
      values[at + 4],
      values[at + 5],
      values[at + 6],
      values[at + 7],
    ), false);
    let table = select(64u, 0u, is_luma(block)) + lane * 8;
    quantise(row.v0, table, base);
    quantise(row.v1, table + 1, base);
    quantise(row.v2, table + 2, base);
    quantise(row.v3, table + 3, base);
    quantise(row.v4, table + 4, base);
    quantise(row.v5, table + 5, base);
    quantise(row.v6, table + 6, base);
    quantise(row.v7, table + 7, base);
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
