// Where things lie in the block of memory that the host (src/wasm/jpeg.ts) prepares for the JPEG kernels.

// @ts-ignore: decorator
@inline export const GREY: i32 = 0;
// @ts-ignore: decorator
@inline export const FULL: i32 = 1;
// @ts-ignore: decorator
@inline export const HALVED: i32 = 2;

/** Pixels that are taken through colour, transform and coding at a time, so that all between stays in the first cache. */
// @ts-ignore: decorator
@inline export const SPAN: i32 = 128;

/** Two times 64 i16 column by column: a coefficient larger than this is not quantised to zero. */
// @ts-ignore: decorator
@inline export const THRESHOLDS: usize = 0;
/** Two times 64 entries in zigzag order: u32 reciprocal of the divisor times 2^21, u32 what is added to the product. */
// @ts-ignore: decorator
@inline export const QUANTISERS: usize = 256;
/** Two times 16 u32 by size: code and room for the extra bits, shifted left by 5, plus the number of all these bits. */
// @ts-ignore: decorator
@inline export const DC_CODES: usize = 1280;
/** Two times 256 u32 by run and size, likewise. */
// @ts-ignore: decorator
@inline export const AC_CODES: usize = 1408;
/** u64 pending bits, i32 free bits among them, three i32 predictions. */
// @ts-ignore: decorator
@inline export const STATE: usize = 3456;
/** Two times 16 u32, then two times 256 u32: how often each DC and AC symbol occurred. */
// @ts-ignore: decorator
@inline export const COUNTS: usize = 3520;
/** Eight times 256 u64: for each column of coefficients, the bits of MASKS that a byte with a bit for each of its rows stands for. */
// @ts-ignore: decorator
@inline export const COLUMN_MASKS: usize = 5696;
/** Level-shifted i16 samples: 16 rows of Y, 8 of Cb, 8 of Cr, each row of SPAN samples. */
// @ts-ignore: decorator
@inline export const PLANES: usize = COLUMN_MASKS + 16384;
/** Up to 48 blocks of 64 i16 coefficients column by column. */
// @ts-ignore: decorator
@inline export const BLOCKS: usize = PLANES + 32 * 256;
/** A u64 per block: bit k is set when the k-th coefficient in zigzag order is not quantised to zero; never bit 0. */
// @ts-ignore: decorator
@inline export const MASKS: usize = BLOCKS + 48 * 128;
/** 16 rows of SPAN pixels: the right end of a row of units, padded. */
// @ts-ignore: decorator
@inline export const MARGIN: usize = MASKS + 48 * 8;
// @ts-ignore: decorator
@inline export const STATE_BYTES: usize = MARGIN + 16 * 384;
