import type { BandEncoding, BandPlace, PictureShape } from '../core/encoding.ts';
import type { Engine, EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import { wholeOf } from '../core/geometry.ts';
import { STANDARD_TABLES } from '../core/jpeg/tables.ts';
import { createRaster, samplesOf, type PixelFormat } from '../core/pixels.ts';
import { createReferenceJpegCoder } from '../core/reference/jpeg.ts';
import { resampleRect } from '../core/reference/resample.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import { say, str } from '../core/text.ts';
import { srgbCurves } from '../core/transfer.ts';
import { GpuContext } from './context.ts';
import type { DeviceOptions } from './device.ts';
import { GpuEngine, type PixelEncoders } from './engine.ts';

const FROM = { width: 23, height: 17 };
const TO = { width: 75, height: 51 };

/** Samples without any pattern that a fault could share: the high bits of a linear congruence. */
function probeSource(format: PixelFormat): SourceWindow {
  const raster = createRaster(FROM.width, FROM.height, format);
  let state = 1;
  const samples = samplesOf(raster.data, format.depth);
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    samples[i] = state >>> (32 - format.depth);
  }
  return { ...FROM, ...format, capacity: FROM.height, data: raster.data };
}

function probeJob(spec: ResampleSpec, encoding: BandEncoding | null): EngineJob {
  const picture: PictureShape = { ...TO, ...spec.output };
  return { source: probeSource(spec.input), spec, picture, encoding, hooks: { before: null, after: null } };
}

const COMMON = { stages: [{ from: FROM, to: TO, kernel: 'lanczos3' }], background: null } as const;
const OPAQUE = { channels: 3, depth: 8 } as const;
const DEEP = { channels: 4, depth: 16 } as const;

/** Largest differences from the reference, of 255 and of 65535. */
const TOLERANCE = { 8: 1, 16: 2 } as const;

/**
 * Has an engine compute pictures whose answer is known, by all of its common passes, and compares. Returns what was wrong, in a sentence, or
 * null. Rejects when the engine does. Drivers with faults compute nonsense without an error, so nothing else would show it.
 */
export async function findFault(engine: Engine): Promise<string | null> {
  return (await opaqueFault(engine)) ?? (await deepFault(engine));
}

async function opaqueFault(engine: Engine): Promise<string | null> {
  const encoding = { kind: 'jpeg', quality: 90, chroma: '420', tables: STANDARD_TABLES, restartRows: 2 } as const;
  const spec: ResampleSpec = { ...COMMON, input: OPAQUE, output: OPAQUE, curves: null, clampOvershoot: false };
  const job = probeJob(spec, encoding);
  await engine.open(job);
  const signal = new AbortController().signal;
  const place: BandPlace = { index: 0, y: 0, rows: TO.height, first: true, last: true };
  const [rows, segment] = await Promise.all([engine.pixels(wholeOf(TO), signal), engine.segment(place, signal)]);
  const expected = resampleRect(spec, job.source, wholeOf(TO));
  const off = rows.findIndex((v, i) => Math.abs(v - expected[i]) > TOLERANCE[8]);
  if (off >= 0) return `It enlarged a sample to ${rows[off]} instead of ${expected[off]}.`;
  const { bytes } = createReferenceJpegCoder(job.picture, encoding).encode(rows, place);
  const isSame = segment.bytes.length === bytes.length && bytes.every((byte, i) => byte === segment.bytes[i]);
  return isSame ? null : `It coded a JPEG of ${segment.bytes.length} wrong bytes; ${bytes.length} are right.`;
}

async function deepFault(engine: Engine): Promise<string | null> {
  const spec: ResampleSpec = { ...COMMON, input: DEEP, output: DEEP, curves: srgbCurves(4), clampOvershoot: false };
  const job = probeJob(spec, null);
  await engine.open(job);
  const rows = await engine.pixels(wholeOf(TO), new AbortController().signal);
  const [actual, expected] = [rows, resampleRect(spec, job.source, wholeOf(TO))].map((data) => samplesOf(data, 16));
  for (let i = 0; i < expected.length; i++) {
    const alpha = expected[i - (i % 4) + 3] / 65535;
    // Where there is next to no alpha, colour is a ratio of two rounding errors.
    const weight = i % 4 === 3 ? 1 : Math.min(1, alpha * 4);
    if (Math.abs(actual[i] - expected[i]) * weight > TOLERANCE[16]) {
      return `It enlarged a 16-bit sample in linear light to ${actual[i]} instead of ${expected[i]}.`;
    }
  }
  return null;
}

/** The probe's JPEG fits its room, so nothing is coded elsewhere. */
const NO_ENCODERS: PixelEncoders = {
  parallelism: 1,
  openCoder: () => Promise.resolve(),
  encode: () => Promise.reject(new AppError('engine-failed', 'The GPU could not code a small JPEG.')),
  close: () => Promise.resolve(),
};

/**
 * A context on a GPU that has just computed known answers rightly. Rejects with `engine-failed` when there is no GPU, or it cannot be
 * trusted. Takes a few milliseconds once the passes are compiled. Whether the GPU is a real one stands in `description.isSoftware`.
 */
export async function openTrustedGpu(options: DeviceOptions = {}): Promise<GpuContext> {
  const context = await GpuContext.open(options);
  const engine = new GpuEngine(context, { encoders: NO_ENCODERS });
  try {
    const fault = await findFault(engine);
    if (fault !== null) {
      throw new AppError('engine-failed', say(str`This GPU, or its driver, computes wrong pictures. ${fault}`), {
        remedy: say('The SIMD engine does the same on the processor; a newer driver may help.'),
      });
    }
    return context;
  } catch (error) {
    context.destroy();
    throw error;
  } finally {
    await engine.close();
  }
}
