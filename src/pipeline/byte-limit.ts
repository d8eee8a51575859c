import { estimateBytes, relativeSize } from '../core/estimate/bytes.ts';
import { refusalError, refusalOf, type AppError, type Refusal } from '../core/errors.ts';
import type { PictureShape } from '../core/encoding.ts';
import { pixelCount, type Size } from '../core/geometry.ts';
import { addStatistics, codesOf, emptyStatistics, optimisedTables, type JpegStatistics } from '../core/jpeg/huffman.ts';
import type { JpegEncoding } from '../core/jpeg/layout.ts';
import type { OutputFormat } from '../core/formats.ts';
import type { JobOptions } from '../core/options.ts';
import type { JpegCoder } from '../core/reference/jpeg.ts';
import { say, str } from '../core/text.ts';

/** Bytes for a quality. Rises with it. */
export type PredictBytes = (quality: number) => number | Promise<number>;

/** A quality, and the bytes of its file. */
interface Try {
  readonly quality: number;
  readonly bytes: number;
}

/** The search for the best quality whose file keeps to a limit; each try teaches the next. */
export class QualitySearch {
  readonly limit: number;
  readonly most: number;
  /** The two latest. */
  #known: Try[] = [];
  /** A quality whose file was too large, and its bytes: no quality from here on is tried. */
  #over: Try | null = null;
  /** The best that fitted. */
  #under: Try | null = null;
  /** Tries since there have been both. */
  #between = 0;

  /** Bytes of the smallest file that was too large. */
  get leastBytes(): number {
    return this.#over?.bytes ?? this.limit;
  }

  /** `limit` in bytes; qualities from 1 to `most`. */
  constructor(limit: number, most: number) {
    this.limit = limit;
    this.most = most;
  }

  /** Learns how large the file of a quality is, or is likely to be. */
  learn(quality: number, bytes: number): void {
    const entry = { quality, bytes };
    if (this.#over !== null && this.#under !== null) this.#between++;
    this.#known = [...this.#known.slice(-1), entry];
    if (bytes > this.limit) this.#over = entry;
    else this.#under = entry;
  }

  /**
   * The quality to try: the highest that is predicted to fit into the share `aim` of the limit, by what was learnt of the picture. A quality below all
   * that were too large and above all that fitted; null when there is none left.
   */
  async next(predict: PredictBytes, aim = this.#known.length === 0 ? 0.97 : 0.985): Promise<number | null> {
    const highest = this.#over === null ? this.most : this.#over.quality - 1;
    const lowest = this.#under === null ? 1 : this.#under.quality + 1;
    if (lowest > highest) return null;
    const learned = await this.#learned(predict);
    const fits = async (quality: number): Promise<boolean> => learned(await predict(quality)) <= aim * this.limit;
    if (await fits(highest)) return this.#within(highest, lowest, highest);
    let [low, high] = [lowest, highest];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await fits(middle)) low = middle;
      else high = middle;
    }
    return this.#within(low, lowest, highest);
  }

  /** Where a prediction between two files was wrong, the next could creep along: it leaves a share of what lies between on either side. */
  #within(quality: number, lowest: number, highest: number): number {
    if (this.#between < 2) return quality;
    const edge = Math.floor((highest - lowest) * Math.min(0.5, 0.15 * this.#between));
    return Math.min(highest - edge, Math.max(lowest + edge, quality));
  }

  /** What a prediction means, by what was learnt: one file tells the factor, two tell how fast sizes really rise. */
  async #learned(predict: PredictBytes): Promise<(predicted: number) => number> {
    const [over, under] = [this.#over, this.#under];
    // Between a file that was too large and one that fitted, the curve goes through both.
    const around = over !== null && under !== null;
    const [before, latest] = around ? [over, under] : [this.#known.at(-2), this.#known.at(-1)];
    if (latest === undefined) return (predicted) => predicted;
    const base = Math.max(1e-9, await predict(latest.quality));
    let steepness = 1;
    if (before !== undefined) {
      const rise = Math.log(Math.max(1e-9, await predict(before.quality)) / base);
      if (Math.abs(rise) > 1e-3) steepness = Math.log(before.bytes / latest.bytes) / rise;
      if (!around) steepness = Math.min(4, Math.max(0.3, steepness));
    }
    return (predicted) => latest.bytes * (Math.max(1e-9, predicted) / base) ** steepness;
  }

  /** As `next`, or throws when not even the lowest quality keeps to the limit. */
  async required(predict: PredictBytes, format: OutputFormat): Promise<number> {
    const quality = await this.next(predict);
    if (quality !== null) return quality;
    throw limitError(format, this.leastBytes, this.limit);
  }
}

/** Sizes by quality where nothing of the picture is known yet; only their ratios mean something. */
export const usualSizes =
  (format: OutputFormat): PredictBytes =>
  (quality) =>
    relativeSize(quality, format);

/** Bytes that files of a picture are likely to have before it has been seen; `source` is the edited picture. */
export function likelySizes(options: JobOptions, source: Size, output: PictureShape): PredictBytes {
  const { format, chroma, level, finish } = options;
  const grain = finish.grain?.strength ?? 0;
  return (quality) => estimateBytes({ format, quality, chroma, level, source, output, grain });
}

/** Why no file of this format keeps to the limit, and what to do. */
export function limitRefusal(format: OutputFormat, bytes: number, limit: number): Refusal {
  const megabytes = (value: number): number => Number((value / 1e6).toPrecision(3));
  const lossless = format === 'png' || format === 'tiff';
  const [name, size, most] = [format.toUpperCase(), megabytes(bytes), megabytes(limit)];
  return refusalOf(
    'too-large-output',
    lossless
      ? say(str`The ${name} file would have about ${size} MB; ${most} MB were asked for at most.`)
      : say(
          str`The ${name} file would have about ${size} MB at the lowest quality; ${most} MB were asked for at most.`,
        ),
    lossless
      ? say('Choose JPEG or WebP, whose quality can be lowered, or a smaller size.')
      : say('Choose a smaller size.'),
    { bytes: Math.round(bytes), limit },
  );
}

/** The same as an exception. */
export const limitError = (format: OutputFormat, bytes: number, limit: number): AppError =>
  refusalError(limitRefusal(format, bytes, limit));

/** Bits that coding symbols takes, with the bits that follow them. The low four bits of a symbol are their number. */
function bitsOf(statistics: JpegStatistics): number {
  const tables = optimisedTables(statistics, 'sample');
  let bits = 0;
  for (const kind of ['dc', 'ac'] as const) {
    for (const table of [0, 1] as const) {
      const { length } = codesOf(tables[kind][table]);
      statistics[kind][table].forEach((count, symbol) => {
        if (count > 0) bits += count * (length[symbol]! + (kind === 'dc' ? symbol : symbol & 15));
      });
    }
  }
  return bits;
}

/** Stuffed bytes, markers and padding, over the bits of the codes. */
const OVERHEAD = 1.006;

/** Predicts the size of a JPEG of each quality from tiles of the finished picture. Qualities are worked out when asked for. */
export function jpegPredictor(
  picture: PictureShape,
  tiles: readonly Uint8Array[],
  tile: { readonly width: number; readonly height: number },
  encoding: JpegEncoding,
  makeCoder: (encoding: JpegEncoding) => Promise<JpegCoder>,
): PredictBytes {
  const known = new Map<number, number>();
  const scale = pixelCount(picture) / (tiles.length * tile.width * tile.height);
  const place = { index: 0, y: 0, rows: tile.height, first: true, last: true };
  return async (quality) => {
    let bytes = known.get(quality);
    if (bytes === undefined) {
      const coder = await makeCoder({ ...encoding, quality });
      const sum = emptyStatistics();
      for (const pixels of tiles) addStatistics(sum, coder.statistics(pixels, place));
      bytes = 700 + (bitsOf(sum) / 8) * scale * OVERHEAD;
      known.set(quality, bytes);
    }
    return bytes;
  };
}
