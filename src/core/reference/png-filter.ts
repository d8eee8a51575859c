/** Filter types of a PNG row (PNG section 9.2). Average is not used: it never came out best on enlarged pictures. */
export const FILTER_NONE = 0;
export const FILTER_SUB = 1;
export const FILTER_UP = 2;
export const FILTER_PAETH = 4;

/** Bytes compared at a time when a filter is chosen: a SIMD vector. */
const GROUP = 16;

/** Groups by which a row is judged, at least, where it has as many: reading more costs more time than a better choice saves in size. */
const GROUPS = 32;

/** The part by which another filter must be better than Paeth: the sample errs, and on enlarged pictures Paeth is nearly always best. */
const PAETH_BONUS = 1 / 8;

/** The predictor of PNG section 9.4 for left, above and above left, 0..255 each. */
export function paeth(a: number, b: number, c: number): number {
  const pa = Math.abs(b - c);
  const pb = Math.abs(a - c);
  const pc = Math.abs(a + b - 2 * c);
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

const magnitude = (byte: number): number => (byte < 128 ? byte : 256 - byte);

/**
 * The filter with the least sum of magnitudes over the sampled groups, in the order Up, Sub, None among equals, or Paeth if it is nearly as good. Without
 * a row above, only Sub (which Paeth then is) and None are there to choose from. `above` is all zero in that case.
 */
export function chooseFilter(row: Uint8Array, above: Uint8Array, hasAbove: boolean, bpp: number): number {
  const step = GROUP * Math.max(1, Math.floor(row.length / (GROUP * GROUPS)));
  let none = 0;
  let sub = 0;
  let up = 0;
  let both = 0;
  for (let group = bpp; group + GROUP <= row.length; group += step) {
    for (let i = group; i < group + GROUP; i++) {
      const x = row[i];
      const a = row[i - bpp];
      const b = above[i];
      none += magnitude(x);
      sub += magnitude((x - a) & 255);
      up += magnitude((x - b) & 255);
      both += magnitude((x - paeth(a, b, above[i - bpp])) & 255);
    }
  }
  if (!hasAbove) return sub <= none ? FILTER_SUB : FILTER_NONE;
  const least = Math.min(up, sub, none);
  if (both - Math.floor(both * PAETH_BONUS) <= least) return FILTER_PAETH;
  if (up === least) return FILTER_UP;
  return sub === least ? FILTER_SUB : FILTER_NONE;
}

/** Writes the filter type and the filtered row to `out`, which is one byte longer. `bpp` is bytes per pixel. */
export function filterRow(filter: number, row: Uint8Array, above: Uint8Array, bpp: number, out: Uint8Array): void {
  out[0] = filter;
  for (let i = 0; i < row.length; i++) {
    const a = i >= bpp ? row[i - bpp] : 0;
    let prediction = 0;
    if (filter === FILTER_SUB) prediction = a;
    else if (filter === FILTER_UP) prediction = above[i];
    else if (filter === FILTER_PAETH) prediction = paeth(a, above[i], i >= bpp ? above[i - bpp] : 0);
    out[i + 1] = row[i] - prediction;
  }
}
