/** IEEE 754 binary16, which Node 20 has no typed array for. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The half nearest to a number, ties to even; beyond 65504 it is infinity. */
export function toHalf(value: number): number {
  float[0] = value;
  const single = bits[0]!;
  const sign = (single >>> 16) & 0x8000;
  const biased = (single >>> 23) & 0xff;
  const fraction = single & 0x7fffff;
  if (biased === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const exponent = biased - 127 + 15;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // Below the least normal half the hidden bit is written out, and more bits are cut off.
  const subnormal = exponent <= 0;
  const mantissa = subnormal ? fraction | 0x800000 : fraction;
  const cut = subnormal ? 14 - exponent : 13;
  const kept = mantissa >>> cut;
  const rest = mantissa & ((1 << cut) - 1);
  const middle = 1 << (cut - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the fraction raises the exponent, as it should.
  return sign | ((subnormal ? 0 : exponent << 10) + kept + up);
}

/** The number that a half stands for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
