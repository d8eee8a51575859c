import type { PlaneStrip } from '../jpeg/planes.ts';

/**
 * Planes of a 4:2:0 JPEG to pixels in 32-bit integers, exactly as libjpeg computes them: its "fancy" upsampling (a triangle filter;
 * jdsample.c, h2v2_fancy_upsample) and its conversion (jdcolor.c, ycc_rgb_convert). Pictures must be at least 5 pixels wide.
 */

/** Factors of JFIF's conversion (JFIF 1.02) times 2^16. */
const COLOUR_BITS = 16;
const R_CR = 91881;
const G_CB = -22554;
const G_CR = -46802;
const B_CB = 116130;
const HALF = 1 << (COLOUR_BITS - 1);

/**
 * Chroma at a pixel, of the plane that begins at `plane`: three parts of the nearest sample and one of the next, first down, then across. Ties of
 * sixteenths are rounded up in even columns and down in odd ones. Beyond the border lies its last sample once more.
 */
function chromaAt(data: Uint8Array, strip: PlaneStrip, plane: number, x: number, y: number): number {
  const { width, height, top, chromaStride } = strip;
  const [column, row] = [x >> 1, y >> 1];
  const beside = Math.min((width - 1) >> 1, Math.max(0, x & 1 ? column + 1 : column - 1));
  const beyond = Math.min((height - 1) >> 1, Math.max(0, y & 1 ? row + 1 : row - 1));
  const near = plane + (row - (top >> 1)) * chromaStride;
  const far = plane + (beyond - (top >> 1)) * chromaStride;
  const blended = (at: number): number => 3 * data[near + at] + data[far + at];
  return (3 * blended(column) + blended(beside) + (x & 1 ? 7 : 8)) >> 4;
}

const clamped = (value: number): number => Math.min(255, Math.max(0, value));

/** Puts the RGB pixels of the picture's rows `y` to `y + rows` into `into`, from its byte `at` on. */
export function convertPlanes(
  data: Uint8Array,
  strip: PlaneStrip,
  y: number,
  rows: number,
  into: Uint8Array,
  at: number,
): void {
  for (let row = y; row < y + rows; row++) {
    for (let x = 0; x < strip.width; x++, at += 3) {
      const light = data[strip.luma + (row - strip.top) * strip.lumaStride + x];
      const cb = chromaAt(data, strip, strip.cb, x, row) - 128;
      const cr = chromaAt(data, strip, strip.cr, x, row) - 128;
      into[at] = clamped(light + ((R_CR * cr + HALF) >> COLOUR_BITS));
      into[at + 1] = clamped(light + ((G_CB * cb + G_CR * cr + HALF) >> COLOUR_BITS));
      into[at + 2] = clamped(light + ((B_CB * cb + HALF) >> COLOUR_BITS));
    }
  }
}
