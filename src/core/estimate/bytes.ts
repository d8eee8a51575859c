import type { Chroma, DeflateLevel } from '../encoding.ts';
import type { OutputFormat } from '../formats.ts';
import { pixelCount, type Size } from '../geometry.ts';
import { bytesPerPixel, type PixelFormat } from '../pixels.ts';

/** What the size of a file depends on, as far as it is known before the picture is seen. */
export interface BytesQuestion {
  readonly format: OutputFormat;
  readonly quality: number;
  readonly chroma: Chroma;
  readonly level: DeflateLevel;
  /** The edited source, and the output. */
  readonly source: Size;
  readonly output: Size & PixelFormat;
  /** Standard deviation of added grain, per cent; it does not compress. */
  readonly grain: number;
}

/** Sizes at these qualities of the library's encoders, over that at 90: medians of photographs at 1x to 8x. */
const MEASURED = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 100];
const CURVES: Readonly<Partial<Record<OutputFormat, readonly number[]>>> = {
  webp: [0.174, 0.203, 0.233, 0.276, 0.305, 0.348, 0.384, 0.423, 0.464, 0.593, 1, 1.661, 2.125, 2.277],
  avif: [0.076, 0.081, 0.092, 0.113, 0.14, 0.197, 0.28, 0.367, 0.483, 0.684, 1, 1.54, 1.957, 3.788],
  jxl: [0.137, 0.152, 0.178, 0.238, 0.296, 0.317, 0.356, 0.413, 0.489, 0.598, 1, 1.521, 2.192, 5.963],
};

/** Between what was measured, logarithms go in straight lines. */
function onCurve(curve: readonly number[], quality: number): number {
  const right = Math.max(
    1,
    MEASURED.findIndex((measured) => measured >= Math.min(100, quality)),
  );
  const [from, to] = [MEASURED[right - 1]!, MEASURED[right]!];
  const [low, high] = [curve[right - 1]!, curve[right]!];
  return low * (high / low) ** ((Math.min(100, Math.max(1, quality)) - from) / (to - from));
}

/** From libjpeg's scaling of the quantisers (below 50: 50 / q, above: 2 - q / 50), to the power that photographs show (bench/RESULTS.md, q 50 to 98: within 15 %). */
function jpegSize(quality: number): number {
  const scale = (q: number): number => (q < 50 ? 50 / q : 2 - q / 50);
  const steepness = 0.72;
  return ((scale(90) + 0.03) / (scale(quality) + 0.03)) ** steepness;
}

/** How the size of a lossy file of a format changes with its quality. 1 at 90. */
export function relativeSize(quality: number, format: OutputFormat): number {
  const curve = CURVES[format];
  return curve === undefined ? jpegSize(quality) : onCurve(curve, quality);
}

/** Bits of a pixel of an RGB photograph enlarged `scale` times. What enlarging adds is smooth, so the bits become fewer. */
const BITS: Readonly<Record<OutputFormat, (scale: number) => number>> = {
  // Our own coders on the photograph of the benchmarks: JPEG 0.36 bits at 10x, 0.31 at 15x; PNG 5.4 at 4x and 3.0 at 15x.
  jpeg: (scale) => 0.2 + 2.6 / scale ** 1.15,
  png: (scale) => 2.4 + 12 / scale,
  tiff: (scale) => 2.8 + 13 / scale,
  webp: (scale) => 0.12 + 1.8 / scale ** 1.15,
  avif: (scale) => 0.1 + 1.4 / scale ** 1.15,
  jxl: (scale) => 0.15 + 1.9 / scale ** 1.15,
};

const LEVELS: Readonly<Record<DeflateLevel, number>> = { fast: 1, small: 0.88, store: 1 };

const isLossless = (format: OutputFormat): boolean => format === 'png' || format === 'tiff';

/**
 * About how many bytes a file will have: within a factor of two either way for most photographs, before anything is known of the picture
 * (`correction` is what earlier files of the format have had, over what was said of them).
 */
export function estimateBytes(question: BytesQuestion, correction = 1): number {
  const { format, quality, chroma, level, source, output, grain } = question;
  const pixels = pixelCount(output);
  const raw = pixels * bytesPerPixel(output);
  if (isLossless(format) && level === 'store') return raw + 1000;
  const scale = Math.max(0.5, Math.sqrt(pixels / pixelCount(source)));
  let bits = BITS[format](scale);
  if (output.channels === 1) bits *= isLossless(format) ? 0.4 : 0.8;
  if (output.channels === 4) bits *= 1.15;
  if (isLossless(format)) {
    bits *= LEVELS[level];
    // The lower eight bits of sixteen are mostly noise.
    if (output.depth === 16) bits = bits * 1.6 + output.channels * 4;
    if (grain > 0) bits += output.channels === 1 ? 4 : 7;
  } else {
    bits *= relativeSize(quality, format) * (chroma === '444' ? 1.2 : 1);
    if (grain > 0) bits += Math.min(3, grain) * 0.6 * relativeSize(quality, format);
  }
  const bytes = 1000 + (pixels * bits * correction) / 8;
  return Math.round(isLossless(format) ? Math.min(bytes, raw * 1.01 + 1000) : bytes);
}

/**
 * Bits of a pixel of the library's files of the lowest quality at 1x, and the power of the scale that they fall with: photographs at 1x to 8x, noise
 * or not, within a half.
 */
const LEAST_BITS = { webp: [0.076, 0.37], avif: [0.052, 0.45], jxl: [0.082, 0.55] } as const;

/**
 * What no lower quality takes a lossy file below, about. Photographs differ much less there than at the usual qualities, so that neither grain nor
 * what earlier files were over the estimate (`correction`, for lossless ones) tells of it. In a JPEG two bits for each block, one to say how bright it
 * is and one to end it, and a little more.
 */
export function leastBytes(question: BytesQuestion, correction = 1): number {
  const { format, chroma, source, output } = question;
  if (format === 'png' || format === 'tiff') return estimateBytes(question, correction);
  const pixels = pixelCount(output);
  const scale = Math.max(1, Math.sqrt(pixels / pixelCount(source)));
  if (format === 'jpeg') {
    const planes = output.channels === 1 ? 1 : chroma === '444' ? 3 : 1.5;
    return Math.round((pixels * planes * (2 + 0.7 / Math.sqrt(scale))) / 64 / 8);
  }
  const [bits, power] = LEAST_BITS[format];
  const channels = output.channels === 1 ? 0.8 : output.channels === 4 ? 1.15 : 1;
  return Math.round((pixels * bits * channels) / scale ** power / 8);
}

/** How many times larger than estimated files of a format have been on average, by format. Plain data, to be stored. */
export type SizeHistory = Readonly<Partial<Record<OutputFormat, number>>>;

/** The weight of the newest file: pictures differ, so one does not decide. */
const NEWEST = 0.4;

/** Files of fewer pixels say more of their headers than of their pictures. */
const LEAST_PIXELS = 2e5;

/** One file says no more than this: a plain area codes into nearly nothing. */
const MOST_RATIO = 4;

const within = (ratio: number): number => Math.min(MOST_RATIO, Math.max(1 / MOST_RATIO, ratio));

/** The history after a file of `bytes` bytes. */
export function learnBytes(history: SizeHistory, question: BytesQuestion, bytes: number): SizeHistory {
  const { format, level, output } = question;
  if (pixelCount(output) < LEAST_PIXELS || bytes <= 0 || (isLossless(format) && level === 'store')) return history;
  const ratio = within(bytes / estimateBytes(question));
  const before = history[format];
  const after = before === undefined ? ratio : Math.exp((1 - NEWEST) * Math.log(before) + NEWEST * Math.log(ratio));
  return { ...history, [format]: after };
}

/** A history from what was stored: entries that make no sense are left out. */
export function readSizes(value: unknown): SizeHistory {
  if (typeof value !== 'object' || value === null) return {};
  const good = ([format, ratio]: [string, unknown]): boolean =>
    format in BITS && typeof ratio === 'number' && ratio === within(ratio);
  return Object.fromEntries(Object.entries(value).filter(good)) as SizeHistory;
}
