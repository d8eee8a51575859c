/**
 * The Paeth predictor (PNG section 9.4) without branches, for values 0..255. With t = 3c - a - b, the neighbour nearest to a + b - c is the
 * smaller of a and b where t is not below the larger, the larger where t is not above the smaller, and else c.
 */
function predict(a: number, b: number, c: number): number {
  const difference = a - b;
  const negative = difference & (difference >> 31);
  const low = b + negative;
  const high = a - negative;
  const t = c + c + c - a - b;
  const belowHigh = (t - high) >> 31;
  const aboveLow = (low - t) >> 31;
  return (low & ~belowHigh) | (belowHigh & ((c & aboveLow) | (high & ~aboveLow)));
}

function unfilterSub(src: Uint8Array, s: number, dst: Uint8Array, d: number, length: number, bpp: number): void {
  const end = d + length;
  let i = d;
  for (const head = d + Math.min(bpp, length); i < head; i++) dst[i] = src[s++];
  for (; i < end; i++) dst[i] = src[s++] + dst[i - bpp];
}

function unfilterUp(
  src: Uint8Array,
  s: number,
  above: Uint8Array,
  u: number,
  dst: Uint8Array,
  d: number,
  length: number,
): void {
  for (const end = d + length; d < end; d++) dst[d] = src[s++] + above[u++];
}

function unfilterAverage(
  src: Uint8Array,
  s: number,
  above: Uint8Array,
  u: number,
  dst: Uint8Array,
  d: number,
  length: number,
  bpp: number,
): void {
  const end = d + length;
  let i = d;
  for (const head = d + Math.min(bpp, length); i < head; i++) dst[i] = src[s++] + (above[u++] >> 1);
  for (; i < end; i++) dst[i] = src[s++] + ((dst[i - bpp] + above[u++]) >> 1);
}

function unfilterPaeth(
  src: Uint8Array,
  s: number,
  above: Uint8Array,
  u: number,
  dst: Uint8Array,
  d: number,
  length: number,
  bpp: number,
): void {
  const end = d + length;
  let i = d;
  for (const head = d + Math.min(bpp, length); i < head; i++) dst[i] = src[s++] + above[u++];
  for (; i < end; i++, u++) dst[i] = src[s++] + predict(dst[i - bpp], above[u], above[u - bpp]);
}

/** As `unfilterPaeth` for pixels of three bytes, with the neighbours in registers. */
function unfilterPaeth3(
  src: Uint8Array,
  s: number,
  above: Uint8Array,
  u: number,
  dst: Uint8Array,
  d: number,
  length: number,
): void {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  for (const end = d + length; d < end; d += 3, s += 3, u += 3) {
    const b0 = above[u];
    const b1 = above[u + 1];
    const b2 = above[u + 2];
    a0 = (src[s] + predict(a0, b0, c0)) & 255;
    a1 = (src[s + 1] + predict(a1, b1, c1)) & 255;
    a2 = (src[s + 2] + predict(a2, b2, c2)) & 255;
    dst[d] = a0;
    dst[d + 1] = a1;
    dst[d + 2] = a2;
    c0 = b0;
    c1 = b1;
    c2 = b2;
  }
}

/** As `unfilterPaeth` for pixels of four bytes. */
function unfilterPaeth4(
  src: Uint8Array,
  s: number,
  above: Uint8Array,
  u: number,
  dst: Uint8Array,
  d: number,
  length: number,
): void {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  for (const end = d + length; d < end; d += 4, s += 4, u += 4) {
    const b0 = above[u];
    const b1 = above[u + 1];
    const b2 = above[u + 2];
    const b3 = above[u + 3];
    a0 = (src[s] + predict(a0, b0, c0)) & 255;
    a1 = (src[s + 1] + predict(a1, b1, c1)) & 255;
    a2 = (src[s + 2] + predict(a2, b2, c2)) & 255;
    a3 = (src[s + 3] + predict(a3, b3, c3)) & 255;
    dst[d] = a0;
    dst[d + 1] = a1;
    dst[d + 2] = a2;
    dst[d + 3] = a3;
    c0 = b0;
    c1 = b1;
    c2 = b2;
    c3 = b3;
  }
}

/** A run of bytes in an array. */
export interface At {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/**
 * Undoes a row's filter (PNG section 9.2): `length` filtered bytes of `from` go to `to`; `above` is the finished row above, zeros for the first
 * row. `bpp` is bytes per pixel, at least 1; the length is a multiple of it. Returns false for a filter type that PNG does not have.
 */
export function unfilterRow(filter: number, from: At, above: At, to: At, length: number, bpp: number): boolean {
  const src = from.bytes;
  const s = from.at;
  const up = above.bytes;
  const u = above.at;
  const dst = to.bytes;
  const d = to.at;
  switch (filter) {
    case 0:
      dst.set(src.subarray(s, s + length), d);
      return true;
    case 1:
      unfilterSub(src, s, dst, d, length, bpp);
      return true;
    case 2:
      unfilterUp(src, s, up, u, dst, d, length);
      return true;
    case 3:
      unfilterAverage(src, s, up, u, dst, d, length, bpp);
      return true;
    case 4:
      if (bpp === 3) unfilterPaeth3(src, s, up, u, dst, d, length);
      else if (bpp === 4) unfilterPaeth4(src, s, up, u, dst, d, length);
      else unfilterPaeth(src, s, up, u, dst, d, length, bpp);
      return true;
    default:
      return false;
  }
}
