import type { BandCoder, BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import type { Size } from '../core/geometry.ts';
import { STANDARD_TABLES } from '../core/jpeg/tables.ts';
import { createRaster, maxSample, samplesOf, type Channels, type Depth, type PixelFormat } from '../core/pixels.ts';
import { createReferenceCoder } from '../core/reference/coder.ts';
import { outputSize, type KernelName, type ResampleSpec } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import { GpuContext } from './context.ts';
import type { DeviceOptions } from './device.ts';
import { GpuEngine, type GpuEngineOptions, type PixelEncoders } from './engine.ts';

/** A picture with edges, ramps and noise; alpha has runs of 0 and of full opacity. */
export function testSource(size: Size, format: PixelFormat, seed = 1): SourceWindow {
  const raster = createRaster(size.width, size.height, format);
  const samples = samplesOf(raster.data, format.depth);
  const max = maxSample(format.depth);
  let state = seed;
  for (let i = 0; i < samples.length; i++) {
    const pixel = Math.floor(i / format.channels);
    const [x, y, c] = [pixel % size.width, Math.floor(pixel / size.width), i % format.channels];
    state = (state * 1664525 + 1013904223) >>> 0;
    const noise = state / 2 ** 32;
    const isLit = (x >> 2) % 3 === 0;
    const edge = isLit === ((y >> 3) % 2 === 0) ? 0.9 : 0.1;
    const ramp = (x + y * (c + 1)) / (size.width + size.height * (c + 1));
    const alpha = y % 7 < 2 ? 0 : y % 7 < 4 ? 1 : noise;
    const colour = pixel % 5 === 0 ? noise : c % 2 ? ramp : (edge + ramp) / 2;
    samples[i] = Math.round(max * (c === 3 ? alpha : colour));
  }
  return { ...size, ...format, capacity: size.height, data: raster.data };
}

/** A one-stage specification. */
export function directSpec(
  from: Size,
  to: Size,
  kernel: KernelName,
  channels: Channels,
  depth: Depth,
  more: Partial<ResampleSpec> = {},
): ResampleSpec {
  const format = { channels, depth };
  return {
    ...{ stages: [{ from, to, kernel }], input: format, output: format },
    ...{ curves: null, clampOvershoot: false, background: null, ...more },
  };
}

export function jobOf(spec: ResampleSpec, source: SourceWindow, encoding: BandEncoding | null = null): EngineJob {
  const picture: PictureShape = { ...outputSize(spec), ...spec.output };
  return { source, spec, picture, encoding, hooks: { before: null, after: null } };
}

export const jpegEncoding = (
  quality: number,
  chroma: '420' | '444',
  restartRows: number,
): Extract<BandEncoding, { kind: 'jpeg' }> => ({ kind: 'jpeg', quality, chroma, tables: STANDARD_TABLES, restartRows });

/** The scalar coders in the place of the SIMD workers; counts what it was given. */
export class ScalarEncoders implements PixelEncoders {
  readonly parallelism = 2;
  encoded = 0;
  opened = 0;
  #coder: BandCoder | null = null;

  openCoder(picture: PictureShape, encoding: BandEncoding): Promise<void> {
    this.opened++;
    this.#coder = createReferenceCoder(picture, encoding);
    return Promise.resolve();
  }

  encode(rows: Uint8Array, place: BandPlace): Promise<Segment> {
    this.encoded++;
    return Promise.resolve(this.#coder!.encode(rows.slice(), place));
  }

  close(): Promise<void> {
    this.#coder = null;
    return Promise.resolve();
  }
}

/** A context that compiles only what the test needs: SwiftShader takes seconds for all passes. */
export const openContext = (options: DeviceOptions = {}): Promise<GpuContext> =>
  GpuContext.open({ ...options, isLazy: true });

/** Opens an engine for a job, runs the task, closes the engine. */
export async function withEngine<T>(
  context: GpuContext,
  job: EngineJob,
  task: (engine: GpuEngine, encoders: ScalarEncoders) => Promise<T>,
  options: Omit<GpuEngineOptions, 'encoders'> = {},
): Promise<T> {
  const encoders = new ScalarEncoders();
  const engine = new GpuEngine(context, { encoders, ...options });
  try {
    await engine.open(job);
    return await task(engine, encoders);
  } finally {
    await engine.close();
  }
}

export const never = new AbortController().signal;

export interface Difference {
  /** Largest difference of two samples; colours count in proportion to their alpha. */
  readonly largest: number;
  /** Where that is: pixel and channel. */
  readonly at: string;
}

/** Compares pictures of the same size. Colours under an alpha of nothing cannot be seen, and are compared as far as they can. */
export function compare(actual: Uint8Array, expected: Uint8Array, width: number, format: PixelFormat): Difference {
  const { channels, depth } = format;
  if (actual.length !== expected.length) throw new Error(`${actual.length} bytes, not ${expected.length}`);
  const a = samplesOf(actual.slice(), depth);
  const b = samplesOf(expected.slice(), depth);
  let largest = 0;
  let at = '';
  for (let i = 0; i < a.length; i++) {
    const pixel = Math.floor(i / channels);
    const isColour = channels === 4 && i % 4 < 3;
    const weight = isColour ? Math.min(1, (4 * b[4 * pixel + 3]) / maxSample(depth)) : 1;
    const difference = Math.abs(a[i] - b[i]) * weight;
    if (difference > largest) {
      largest = difference;
      at = `${pixel % width}, ${Math.floor(pixel / width)} channel ${i % channels}: ${a[i]} for ${b[i]}`;
    }
  }
  return { largest, at };
}
