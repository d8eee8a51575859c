import type { DeflateLevel } from '../encoding.ts';
import type { EngineName } from '../engine.ts';
import type { InputFormat, OutputFormat } from '../formats.ts';
import { pixelCount, type Size } from '../geometry.ts';
import type { PixelFormat } from '../pixels.ts';
import type { MethodName } from '../resampling.ts';

/** What the time of a job depends on. */
export interface SpeedFacts {
  readonly engine: EngineName | 'auto';
  readonly format: OutputFormat;
  readonly level: DeflateLevel;
  readonly method: MethodName;
  /** Curves, alpha, clamping or 16 bits: computed in floats. */
  readonly deep: boolean;
  readonly sharpened: boolean;
  readonly grained: boolean;
  /** The AI model, or null. */
  readonly model: string | null;
  readonly input: InputFormat;
  /** The picture that is straightened before it is enlarged, or null. */
  readonly straightened: Size | null;
  /** The quality is lowered until the file keeps to a limit. */
  readonly searched: boolean;
  /** The stored source, and the output. */
  readonly source: Size;
  readonly output: Size & PixelFormat;
}

/** What this device has shown of one kind of work. */
export interface Speed {
  /** Milliseconds for a megapixel: of the output (`workOf`), or for decoding of the source. */
  readonly msPerMegapixel: number;
  /** The usual distance between estimate and truth, as a share of the truth; 0.5 for the first. */
  readonly error: number;
  readonly jobs: number;
}

/** All that is known of this device. Plain data, to be stored. */
export type SpeedHistory = Readonly<Record<string, Speed>>;

/** An estimate of time. */
export interface TimeEstimate {
  readonly ms: number;
  /** As a share, 0.25 for "a quarter more or less". */
  readonly error: number;
  /** Jobs of this very kind that it rests on; 0 when it comes from others or from nothing. */
  readonly jobs: number;
}

/** What starting costs before the first pixel, in milliseconds. */
const START_MS = 150;

/** Kinds of computing that go at a speed of their own. */
export function speedKey(facts: SpeedFacts): string {
  const { engine, format, level, method, deep, sharpened, grained, model, straightened, searched } = facts;
  const coding = format === 'png' || format === 'tiff' ? `${format}-${level}` : format;
  const parts = { sharpen: sharpened, grain: grained, straighten: straightened !== null, search: searched };
  const more = Object.entries(parts).flatMap(([name, done]) => (done ? [name] : []));
  const work = [deep ? 'deep' : 'plain', ...more].join('+');
  return [model ?? 'none', engine, coding, method === 'direct' ? 'direct' : 'stages', work].join('/');
}

/** The kind of the same job without what comes on top: until that is known, it is the nearest. */
const plainKey = (facts: SpeedFacts): string => speedKey({ ...facts, straightened: null, searched: false });

export const decodeKey = ({ input }: SpeedFacts): string => `decode/${input}`;

/** Coding of an output megapixel, in milliseconds. */
const CODING: Readonly<Record<OutputFormat, number>> = { png: 5, jpeg: 4.5, tiff: 6, webp: 60, avif: 350, jxl: 150 };

/** Milliseconds for an output megapixel on the two cores that the benchmarks ran on: what the kinds of work are to one another. */
export function seedSpeed(facts: SpeedFacts): number {
  let ms = CODING[facts.format];
  if (facts.format === 'png' || facts.format === 'tiff') {
    if (facts.level === 'small') ms += 120;
    if (facts.level === 'store') ms = 3;
  }
  if (facts.deep || facts.sharpened || facts.grained) ms += 4;
  if (facts.sharpened) ms += 6;
  if (facts.grained) ms += 4;
  if (facts.method !== 'direct') ms += 6;
  if (facts.model !== null) ms += 2000;
  return facts.engine === 'scalar' ? ms * 15 : ms;
}

/** Straightening, on one thread whatever the engine: milliseconds for a megapixel before enlarging. */
const STRAIGHTENING = 150;

/** Codings beyond the first until a file comes near to its limit; the qualities of a JPEG are tried on samples. */
const MORE_TRIES: Readonly<Partial<Record<OutputFormat, number>>> = { webp: 1.5, avif: 1.5, jxl: 1.5 };

/** Trying qualities on samples takes as long for any size. */
const SAMPLING_MS = 400;

const startMs = ({ searched, format }: SpeedFacts): number =>
  START_MS + (searched && MORE_TRIES[format] === undefined ? SAMPLING_MS : 0);

/** Megapixels of output that a job amounts to, with what comes on top of enlarging and coding once. */
function workOf(facts: SpeedFacts): number {
  const { output, straightened, searched, format } = facts;
  const megapixels = pixelCount(output) / 1e6;
  const straightening = straightened === null ? 0 : (STRAIGHTENING * pixelCount(straightened)) / 1e6;
  const tries = searched ? (MORE_TRIES[format] ?? 0) * CODING[format] * megapixels : 0;
  return megapixels + (straightening + tries) / seedSpeed(facts);
}

/** Decoding, milliseconds for a source megapixel. */
const DECODE_SEEDS: Readonly<Record<InputFormat, number>> = {
  png: 25,
  jpeg: 15,
  webp: 20,
  avif: 40,
  gif: 15,
  bmp: 8,
  tiff: 25,
  jxl: 90,
};

/** How much slower (or faster) this device is than the seeds say, by all that is known of it. */
function deviceFactor(history: SpeedHistory, seedOf: (key: string) => number | null): number {
  let sum = 0;
  let weight = 0;
  for (const [key, speed] of Object.entries(history)) {
    const seed = seedOf(key);
    if (seed === null || speed.msPerMegapixel <= 0) continue;
    const jobs = Math.min(speed.jobs, 5);
    sum += jobs * Math.log(speed.msPerMegapixel / seed);
    weight += jobs;
  }
  return weight === 0 ? 1 : Math.exp(sum / weight);
}

/** The seed of a key of `speedKey`; null for a decoder's. */
function seedOfKey(key: string): number | null {
  const [model, engine, coding, stages, work] = key.split('/');
  if (work === undefined || model === undefined) return null;
  const [format, level = 'fast'] = coding!.split('-') as [OutputFormat, DeflateLevel?];
  const size = { width: 1000, height: 1000 };
  return seedSpeed({
    engine: engine as EngineName | 'auto',
    ...{ format, level, method: stages === 'direct' ? 'direct' : 'progressive' },
    deep: work.startsWith('deep'),
    sharpened: work.includes('sharpen'),
    grained: work.includes('grain'),
    model: model === 'none' ? null : model,
    // These are more work at the same speed.
    ...{ straightened: null, searched: false },
    ...{ input: 'png', source: size, output: { ...size, channels: 3, depth: 8 } },
  });
}

/** What another kind of job tells of this one is worth less. */
const GUESSED_ERROR = 0.6;

/** About how long a job takes on the device that the history is of. */
export function estimateTime(history: SpeedHistory, facts: SpeedFacts): TimeEstimate {
  const known = history[speedKey(facts)];
  const factor = deviceFactor(history, seedOfKey);
  const perPixel = (known ?? history[plainKey(facts)])?.msPerMegapixel ?? seedSpeed(facts) * factor;
  const decoding = history[decodeKey(facts)]?.msPerMegapixel ?? DECODE_SEEDS[facts.input] * factor;
  const ms = startMs(facts) + perPixel * workOf(facts) + (decoding * pixelCount(facts.source)) / 1e6;
  return { ms, error: known?.error ?? GUESSED_ERROR, jobs: known?.jobs ?? 0 };
}

/** What a finished job has shown, in milliseconds. */
export interface JobTimes {
  readonly decode: number;
  readonly total: number;
}

/** The weight of the newest job: the device's present state counts more than its past, one job does not decide. */
const NEWEST = 0.4;

/** Pictures below this say more of starting than of speed. */
const LEAST_PIXELS = 1e6;

function learned(before: Speed | undefined, msPerMegapixel: number, error: number): Speed {
  if (before === undefined) return { msPerMegapixel, error: 0.5, jobs: 1 };
  const mix = (old: number, now: number): number => old + NEWEST * (now - old);
  return {
    msPerMegapixel: mix(before.msPerMegapixel, msPerMegapixel),
    error: mix(before.error, Math.min(1, error)),
    jobs: before.jobs + 1,
  };
}

/** The history after a job. */
export function learnTimes(history: SpeedHistory, facts: SpeedFacts, times: JobTimes): SpeedHistory {
  if (pixelCount(facts.output) < LEAST_PIXELS || !(times.total > 0)) return history;
  const estimate = estimateTime(history, facts);
  const error = Math.abs(estimate.ms - times.total) / times.total;
  const decode = Math.min(times.decode, times.total * 0.9);
  const key = speedKey(facts);
  // Decoding overlaps computing; what is left beside it is never less than a tenth.
  const computing = Math.max(times.total * 0.1, times.total - decode - startMs(facts));
  const sourceMegapixels = pixelCount(facts.source) / 1e6;
  const decoder = decodeKey(facts);
  return {
    ...history,
    [key]: learned(history[key], computing / workOf(facts), error),
    ...(sourceMegapixels < 0.5 ? {} : { [decoder]: learned(history[decoder], decode / sourceMegapixels, 0) }),
  };
}

const isSpeed = (value: unknown): value is Speed => {
  const { msPerMegapixel, error, jobs } = (value ?? {}) as Partial<Speed>;
  return [msPerMegapixel, error, jobs].every((n) => typeof n === 'number' && Number.isFinite(n) && n >= 0);
};

/** A history from what was stored: entries that make no sense are left out. */
export function readHistory(value: unknown): SpeedHistory {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, speed]) => isSpeed(speed)));
}

/**
 * The time that is left: the estimate from before Start at first, what the job itself shows later on. `measured` is the remaining time by
 * the job's own pace, or null while there is none.
 */
export function blendRemaining(
  estimatedTotalMs: number | null,
  elapsedMs: number,
  fraction: number,
  measured: number | null,
): number | null {
  if (fraction >= 1) return 0;
  if (estimatedTotalMs === null) return measured;
  const expected = Math.max(0, estimatedTotalMs - elapsedMs);
  // A job that takes longer than was thought has at least as much left as its progress says.
  if (measured === null) return expected > 0 ? expected : null;
  const trust = Math.min(1, fraction * 4);
  return measured * trust + Math.max(expected, fraction > 0 ? 0 : expected) * (1 - trust);
}

/**
 * The time that is left `sinceMs` after a report of a job: it counts down, and is null once it has run out, since then only the next report
 * can tell. `estimatedTotalMs` is what was thought before Start.
 */
export function remainingAfter(
  report: { readonly elapsedMs: number; readonly fraction: number; readonly remainingMs: number | null },
  estimatedTotalMs: number | null,
  sinceMs: number,
): number | null {
  const { elapsedMs, fraction, remainingMs } = report;
  const measured = remainingMs === null ? null : Math.max(0, remainingMs - sinceMs);
  const remaining = blendRemaining(estimatedTotalMs, elapsedMs + sinceMs, fraction, measured);
  return remaining === 0 && fraction < 1 ? null : remaining;
}
