// How a band of a JPEG lies in memory. Blocks are numbered as they are coded: unit by unit, in each the luminance blocks from left
// to right and top to bottom, then Cb, Cr (ITU T.81, A.2.3).

struct Params {
  // Pixels of the band.
  width: u32,
  rows: u32,
  // 1 or 3.
  components: u32,
  // Pixels across a unit: 8, or 16 with 4:2:0.
  mcu_size: u32,
  mcus_per_row: u32,
  // Luminance blocks in a unit, and all blocks in a unit.
  luma_blocks: u32,
  mcu_blocks: u32,
  // Blocks of the band, and of a restart interval.
  blocks: u32,
  interval_blocks: u32,
  intervals: u32,
  // Number in the picture of the band's first interval, and 1 where the picture ends with the band's last one.
  first_interval: u32,
  ends_picture: u32,
  // Workgroups' worth of blocks before this dispatch, where a pass is cut into several.
  first_group: u32,
  // Words of `bits` and of `segment`, and the chunks that the former is stuffed in.
  bits_words: u32,
  segment_words: u32,
  chunks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;

// Coefficients of a block: 64 in zigzag order, two to a word, the first one low.
const BLOCK_WORDS: u32 = 32;

// Words before the bytes of a finished segment: its length, then 1 if it did not fit, both 0 in the beginning.
const HEADER_WORDS: u32 = 4;

fn is_luma(block: u32) -> bool {
  return block % params.mcu_blocks < params.luma_blocks;
}

// The block's place in its component, counted in blocks.
fn block_place(block: u32) -> vec2<u32> {
  let mcu = block / params.mcu_blocks;
  let k = block % params.mcu_blocks;
  let place = vec2<u32>(mcu % params.mcus_per_row, mcu / params.mcus_per_row);
  if (params.luma_blocks == 4 && k < 4) {
    return place * 2 + vec2<u32>(k & 1, k >> 1);
  }
  return place;
}

// A luminance block beyond the picture's edge is never seen: it is coded as no change.
fn is_outside(block: u32) -> bool {
  if (params.luma_blocks == 1 || !is_luma(block)) {
    return false;
  }
  let corner = block_place(block) * 8;
  return corner.x >= params.width || corner.y >= params.rows;
}
