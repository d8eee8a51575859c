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

/**
 * How the size of a lossy file changes with its quality, from libjpeg's scaling of the quantisers (below 50: 50 / q, above: 2 - q / 50): the
 * size goes about with its inverse, to the power that photographs show (bench/RESULTS.md, q 50 to 98: within 15 %). 1 at 90.
 */
export function relativeSize(quality: number): number {
  const scale = (q: number): number => (q < 50 ? 50 / q : 2 - q / 50);
  const steepness = 0.72;
  return ((scale(90) + 0.03) / (scale(quality) + 0.03)) ** steepness;
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
    bits *= relativeSize(quality) * (chroma === '444' ? 1.2 : 1);
    if (grain > 0) bits += Math.min(3, grain) * 0.6 * relativeSize(quality);
  }
  const bytes = 1000 + (pixels * bits * correction) / 8;
  return Math.round(isLossless(format) ? Math.min(bytes, raw * 1.01 + 1000) : bytes);
}

/** Bits of a pixel at the lowest quality and 1x: the sample photograph, and with the power of 0.8 of the scale at 2x and 4x, within a third. */
const LEAST_BITS = { webp: 0.08, avif: 0.05, jxl: 0.1 } as const;

/**
 * What no lower quality takes a lossy file below, about: at the lowest quality, where sizes fall less than `relativeSize` says, and in a JPEG two
 * bits for each block, one to say how bright it is and one to end it.
 */
export function leastBytes(question: BytesQuestion, correction = 1): number {
  const { format, chroma, source, output } = question;
  if (format === 'png' || format === 'tiff') return estimateBytes(question, correction);
  const least = estimateBytes({ ...question, quality: 1 }, correction);
  const pixels = pixelCount(output);
  const planes = output.channels === 1 ? 1 : chroma === '444' ? 3 : 1.5;
  const scale = Math.max(1, Math.sqrt(pixels / pixelCount(source)));
  const bits = format === 'jpeg' ? (planes * 2) / 64 : LEAST_BITS[format] / scale ** 0.8;
  return Math.max(least, Math.round((pixels * bits) / 8));
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
