// The Huffman symbols of a block (ITU T.81, F.1.2). Twin of scanBlock in src/core/reference/jpeg.ts.
//
// The importing pass defines `fn put(value: u32, count: u32)`, which takes the `count` low bits of `value`, 1 to 27.

@group(0) @binding(1) var<storage, read> coefficients: array<u32>;
@group(0) @binding(2) var<storage, read> masks: array<u32>;
// Code << 8 | length; 256 symbols each of luminance DC, chrominance DC, luminance AC, chrominance AC.
@group(0) @binding(3) var<storage, read> codes: array<u32>;

fn coefficient(block: u32, k: u32) -> i32 {
  return extractBits(i32(coefficients[block * BLOCK_WORDS + (k >> 1)]), (k & 1) * 16, 16);
}

// DC of the block before in the same component; 0 where an interval begins. Blocks outside the picture have the DC of the one before
// them, so they are passed over.
fn prediction(block: u32) -> i32 {
  let k = block % params.mcu_blocks;
  let begins = (block - k) % params.interval_blocks == 0;
  if (k >= params.luma_blocks) {
    if (begins) {
      return 0;
    }
    return coefficient(block - params.mcu_blocks, 0);
  }
  for (var left = k; left > 0; left--) {
    let before = block - k + left - 1;
    if (!is_outside(before)) {
      return coefficient(before, 0);
    }
  }
  if (begins) {
    return 0;
  }
  var before = block - k - params.mcu_blocks + params.luma_blocks - 1;
  while (is_outside(before)) {
    before--;
  }
  return coefficient(before, 0);
}

fn put_symbol(table: u32, symbol: u32, value: i32, size: u32) {
  let entry = codes[table * 256 + symbol];
  // Negative values are sent less one, in their low bits.
  let bits = u32(select(value, value - 1, value < 0)) & ((1u << size) - 1);
  put(((entry >> 8) << size) | bits, (entry & 255) + size);
}

// Bits of the magnitude.
fn size_of(value: i32) -> u32 {
  return 32 - countLeadingZeros(u32(abs(value)));
}

fn scan_block(block: u32) {
  let table = select(1u, 0u, is_luma(block));
  if (is_outside(block)) {
    put_symbol(table, 0, 0, 0);
    put_symbol(2 + table, 0, 0, 0);
    return;
  }
  let difference = coefficient(block, 0) - prediction(block);
  let dc_size = size_of(difference);
  put_symbol(table, dc_size, difference, dc_size);
  var last = 0u;
  for (var word = 0u; word < 2; word++) {
    var mask = masks[block * 2 + word];
    if (word == 0) {
      mask &= 0xfffffffe;
    }
    while (mask != 0) {
      let k = word * 32 + firstTrailingBit(mask);
      mask &= mask - 1;
      var run = k - last - 1;
      for (; run > 15; run -= 16) {
        put_symbol(2 + table, 0xf0, 0, 0);
      }
      let value = coefficient(block, k);
      let size = size_of(value);
      put_symbol(2 + table, (run << 4) | size, value, size);
      last = k;
    }
  }
  if (last < 63) {
    put_symbol(2 + table, 0, 0, 0);
  }
}
