/** What a TIFF's samples mean; the numbers are those of tag 262 (TIFF 6.0). */
export interface SampleLayout {
  readonly photometric: number;
  /** Samples of a pixel as stored, extra ones included. */
  readonly samples: number;
  /** The largest stored sample. */
  readonly max: number;
  /** Sample that holds alpha, or null. */
  readonly alpha: number | null;
  readonly premultiplied: boolean;
  /** Reds, then greens, then blues, 0..65535, of a palette. */
  readonly colourMap: ArrayLike<number> | null;
}

const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const PALETTE = 3;
const CMYK = 5;
const YCBCR = 6;
const CIELAB = 8;

/** Colour of the pixel whose samples begin at `at`, 0..1 each; grey gives the same three times. */
export type ToRgb = (source: ArrayLike<number>, at: number, into: Float64Array) => void;

/** The conversion for a layout, or null for one that is not known here. */
export function rgbConverter(layout: SampleLayout): ToRgb | null {
  const { max, colourMap } = layout;
  switch (layout.photometric) {
    case WHITE_IS_ZERO:
      return (source, at, into) => into.fill(1 - source[at]! / max);
    case BLACK_IS_ZERO:
      return (source, at, into) => into.fill(source[at]! / max);
    case RGB:
      return (source, at, into) => {
        for (let c = 0; c < 3; c++) into[c] = source[at + c]! / max;
      };
    case PALETTE: {
      if (colourMap === null) return null;
      const colours = colourMap.length / 3;
      return (source, at, into) => {
        for (let c = 0; c < 3; c++) into[c] = (colourMap[source[at]! + c * colours] ?? 0) / 65535;
      };
    }
    case CMYK:
      return (source, at, into) => {
        const light = 1 - source[at + 3]! / max;
        for (let c = 0; c < 3; c++) into[c] = (1 - source[at + c]! / max) * light;
      };
    case YCBCR:
      return yCbCr(max);
    case CIELAB:
      return cieLab(max);
    default:
      return null;
  }
}

/** ITU-R BT.601 at full range, as JPEG has it (JFIF 1.02). */
function yCbCr(max: number): ToRgb {
  const half = (max + 1) / 2 / max;
  return (source, at, into) => {
    const y = source[at]! / max;
    const cb = source[at + 1]! / max - half;
    const cr = source[at + 2]! / max - half;
    into[0] = clamp(y + 1.402 * cr);
    into[1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    into[2] = clamp(y + 1.772 * cb);
  };
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** XYZ relative to white, to linear sRGB (IEC 61966-2-1, D65): white maps to white, whatever the white point was. */
const XYZ_TO_RGB = [
  [3.2406 * 0.9505, -1.5372, -0.4986 * 1.089],
  [-0.9689 * 0.9505, 1.8758, 0.0415 * 1.089],
  [0.0557 * 0.9505, -0.204, 1.057 * 1.089],
] as const;

/** CIE L*a*b* with signed a and b (TIFF 6.0 section 23) to sRGB. */
function cieLab(max: number): ToRgb {
  const half = (max + 1) / 2;
  const unit = half / 128;
  const inverse = (t: number): number => (t > 6 / 29 ? t * t * t : (3 * 36 * (t - 4 / 29)) / 841);
  const encode = (v: number): number => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  const signed = (v: number): number => (v >= half ? v - 2 * half : v) / unit;
  return (source, at, into) => {
    const fy = ((source[at]! / max) * 100 + 16) / 116;
    const x = inverse(fy + signed(source[at + 1]!) / 500);
    const y = inverse(fy);
    const z = inverse(fy - signed(source[at + 2]!) / 200);
    XYZ_TO_RGB.forEach(([a, b, c], i) => {
      into[i] = clamp(encode(clamp(a * x + b * y + c * z)));
    });
  };
}
