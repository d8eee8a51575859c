import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BandEncoding, Segment } from '../core/encoding.ts';
import type { Engine } from '../core/engine.ts';
import { isAbort } from '../core/errors.ts';
import { wholeOf } from '../core/geometry.ts';
import { cutBands } from '../core/plan/bands.ts';
import { createReferenceCoder } from '../core/reference/coder.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { EngineChain, type EngineFactory } from '../pipeline/engine-chain.ts';
import { ScalarEngine } from '../pipeline/scalar-engine.ts';
import type { GpuContext } from './context.ts';
import { isSoftwareAdapter } from './device.ts';
import { GpuEngine } from './engine.ts';
import { findFault, openTrustedGpu } from './probe.ts';
import {
  compare,
  directSpec,
  jobOf,
  jpegEncoding,
  never,
  openContext,
  ScalarEncoders,
  testSource,
  withEngine,
} from './support.testing.ts';
import { plain } from '../core/text.ts';

const FROM = { width: 37, height: 29 };
const TO = { width: 160, height: 112 };
const spec = directSpec(FROM, TO, 'lanczos3', 3, 8);
const source = testSource(FROM, spec.input);
const jpegJob = jobOf(spec, source, jpegEncoding(90, '420', 2));
const places = cutBands(TO.height, 32);

let context: GpuContext;
beforeAll(async () => {
  context = await openContext();
});
afterAll(() => context.destroy());

describe('formats that the GPU does not code', () => {
  const encodings: readonly BandEncoding[] = [
    { kind: 'png', level: 'fast' },
    { kind: 'tiff', level: 'store' },
  ];
  it.each(encodings)('$kind: bands are coded from the pixels read back', async (encoding) => {
    const deep = directSpec(FROM, TO, 'mitchell', 4, 16);
    for (const s of [spec, deep]) {
      const job = jobOf(s, testSource(FROM, s.input), encoding);
      const coder = createReferenceCoder(job.picture, encoding);
      await withEngine(context, job, async (engine, encoders) => {
        const segments = await Promise.all(places.map((place) => engine.segment(place, never)));
        for (const place of places) {
          const rows = await engine.pixels({ x: 0, y: place.y, width: TO.width, height: place.rows }, never);
          expect(segments[place.index]).toEqual(coder.encode(rows, place));
        }
        expect(encoders).toMatchObject({ opened: 1, encoded: places.length });
      });
    }
  });

  it('takes one job after another', async () => {
    const encoders = new ScalarEncoders();
    const engine = new GpuEngine(context, { encoders });
    const grey = directSpec(FROM, { width: 50, height: 300 }, 'bilinear', 1, 8);
    for (const job of [jpegJob, jobOf(grey, testSource(FROM, grey.input)), jpegJob]) {
      await engine.open(job);
      const rect = wholeOf(job.picture);
      const pixels = await engine.pixels(rect, never);
      const { largest } = compare(pixels, resampleRect(job.spec, job.source, rect), rect.width, job.picture);
      expect(largest).toBeLessThanOrEqual(1);
    }
    await engine.close();
    expect(engine.stats).toMatchObject({ liveBuffers: 0, bytes: 0 });
  });

  it('leaves its buffers to the next one, and one that failed leaves none', async () => {
    const fresh = await openContext();
    const made: GPUBuffer[] = [];
    const destroyed = new Set<GPUBuffer>();
    const create = fresh.device.createBuffer.bind(fresh.device);
    fresh.device.createBuffer = (descriptor) => {
      const buffer = create(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        destroyed.add(buffer);
        return destroy();
      };
      made.push(buffer);
      return buffer;
    };
    const code = (job = jpegJob): Promise<Segment[]> =>
      withEngine(fresh, job, async (engine) => {
        const segments: Segment[] = [];
        for (const place of places) segments.push(await engine.segment(place, never));
        return segments;
      });
    const first = await code();
    const count = made.length;
    const kept = count - destroyed.size;
    expect(kept).toBeGreaterThan(0);
    // What another picture has left in them does not show.
    const other = jobOf(spec, testSource(FROM, spec.input, 2), jpegJob.encoding);
    expect(await code(other)).not.toEqual(first);
    expect(await code()).toEqual(first);
    expect(made).toHaveLength(count);
    expect(count - destroyed.size).toBe(kept);
    const failing = new GpuEngine(fresh, { encoders: new ScalarEncoders() });
    await failing.open(jpegJob);
    const gone = new AbortController();
    const running = failing.segment(places[0], gone.signal);
    gone.abort();
    await expect(running).rejects.toSatisfy(isAbort);
    await failing.close();
    expect(made.length - destroyed.size).toBe(0);
    await code();
    fresh.spareBuffers.clear();
    expect(made.length - destroyed.size).toBe(0);
    fresh.destroy();
  });

  it('holds memory that does not grow with the number of bands', async () => {
    await withEngine(context, jpegJob, async (engine) => {
      const round = () => Promise.all(places.map((place) => engine.segment(place, never)));
      // The second round reads back as much as the first has shown to be needed.
      for (let i = 0; i < 2; i++) await round();
      const { liveBuffers, bytes } = engine.stats;
      for (let i = 0; i < 5; i++) await round();
      expect(engine.stats).toMatchObject({ liveBuffers, bytes });
    });
  });

  it('reads no more bands back than the encoders keep up with', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    class Slow extends ScalarEncoders {
      override async encode(...task: Parameters<ScalarEncoders['encode']>): Promise<Segment> {
        most = Math.max(most, waiting.length + 1);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return super.encode(...task);
      }
    }
    const encoders = new Slow();
    const engine = new GpuEngine(context, { encoders });
    const job = jobOf(spec, source, { kind: 'png', level: 'fast' });
    await engine.open(job);
    let coded = 0;
    const bands = cutBands(TO.height, 16).map((place) => engine.segment(place, never).then(() => coded++));
    while (coded < bands.length) {
      // Whatever was asked for before these pixels has come by then.
      await engine.pixels(wholeOf(TO), never);
      waiting.shift()?.();
    }
    await Promise.all(bands);
    expect(most).toBe(encoders.parallelism + 2);
    await engine.close();
  });

  it('codes a band again where it takes more than those before let expect', async () => {
    const data = source.data.slice();
    data.fill(128, 0, data.length / 2);
    const job = jobOf(spec, { ...source, data }, jpegEncoding(100, '444', 4));
    const coder = createReferenceCoder(job.picture, job.encoding!);
    await withEngine(context, job, async (engine) => {
      const lengths: number[] = [];
      for (const place of places) {
        const { bytes } = await engine.segment(place, never);
        const rows = await engine.pixels({ x: 0, y: place.y, width: TO.width, height: place.rows }, never);
        expect(bytes).toEqual(coder.encode(rows, place).bytes);
        lengths.push(bytes.length);
      }
      expect(lengths.at(-1)).toBeGreaterThan(1024 + 4 * lengths[0]);
    });
  });

  it('times its passes when asked to', async () => {
    const timings = await withEngine(
      context,
      jpegJob,
      async (engine) => {
        await Promise.all(places.map((place) => engine.segment(place, never)));
        return engine.takeTimings();
      },
      { profile: true },
    );
    expect(Object.keys(timings)).toEqual(expect.arrayContaining(['horizontal', 'vertical-finish', 'jpeg-emit']));
    for (const ms of Object.values(timings)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(context.failure).toBeNull();
  });

  it('refuses jobs with hooks, so that another engine takes them', async () => {
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders() });
    const job = { ...jpegJob, hooks: { before: '/hook.js', after: null } };
    await expect(engine.open(job)).rejects.toMatchObject({ code: 'engine-failed' });
    await engine.close();
  });

  it('stops at once when it is told to, and works on afterwards', async () => {
    await withEngine(context, jpegJob, async (engine) => {
      const controller = new AbortController();
      const running = places.map((place) => engine.segment(place, controller.signal));
      controller.abort();
      for (const segment of running) await expect(segment).rejects.toSatisfy(isAbort);
      await expect(engine.segment(places[0], controller.signal)).rejects.toSatisfy(isAbort);
      const [first, again] = [await engine.segment(places[0], never), await engine.segment(places[0], never)];
      expect(first).toEqual(again);
    });
  });
});

describe('WebGPU at its promised minimum', () => {
  it('computes a picture whose buffers would not fit whole', async () => {
    const context = await openContext({ limits: 'default' });
    expect(context.description.limits).toMatchObject({
      maxBufferSize: 256 << 20,
      maxStorageBufferBindingSize: 128 << 20,
    });
    // 24000 x 700 in grey: whole, its floats would take 268 MB.
    const wide = directSpec({ width: 24000, height: 700 }, { width: 6000, height: 175 }, 'bilinear', 1, 8);
    const job = jobOf(wide, testSource({ width: 24000, height: 700 }, wide.input));
    const part = { x: 0, y: 60, width: 6000, height: 16 };
    await withEngine(
      context,
      job,
      async (engine) => {
        const pixels = await engine.pixels(wholeOf(job.picture), never);
        const actual = pixels.subarray(part.y * 6000, (part.y + part.height) * 6000);
        const { largest } = compare(actual, resampleRect(wide, job.source, part), 6000, wide.output);
        expect(largest).toBeLessThanOrEqual(1);
        expect(engine.stats.peakBytes).toBeLessThan(420e6);
      },
      { scratchBytes: 1 << 30, mostWork: 1e12 },
    );
    context.destroy();
  });
});

describe('faults', () => {
  it('no WebGPU, no adapter, an adapter without a device', async () => {
    const failure = { code: 'engine-failed' };
    const fake = (adapter: unknown): GPU => ({ requestAdapter: () => Promise.resolve(adapter) }) as unknown as GPU;
    await expect(openTrustedGpu({ gpu: null })).rejects.toMatchObject(failure);
    await expect(openTrustedGpu({ gpu: fake(null) })).rejects.toMatchObject(failure);
    await expect(openTrustedGpu({ allowSoftware: false })).rejects.toMatchObject(failure);
    const adapter = await navigator.gpu.requestAdapter();
    const barren = {
      ...{ features: adapter!.features, limits: adapter!.limits, info: adapter!.info },
      requestDevice: () => Promise.reject(new DOMException('withdrawn', 'OperationError')),
    };
    await expect(openTrustedGpu({ gpu: fake(barren) })).rejects.toMatchObject(failure);
  });

  it('a device that is lost in the middle of a job rejects what runs and what comes, and leaves no buffer', async () => {
    const context = await openContext();
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders() });
    await engine.open(jpegJob);
    await engine.segment(places[0], never);
    const running = places.map((place) => engine.segment(place, never));
    const pixels = engine.pixels(wholeOf(TO), never);
    context.device.destroy();
    for (const task of [...running, pixels]) await expect(task).rejects.toMatchObject({ code: 'engine-failed' });
    await expect(engine.segment(places[1], never)).rejects.toMatchObject({ code: 'engine-failed' });
    await expect(engine.open(jpegJob)).rejects.toMatchObject({ code: 'engine-failed' });
    await engine.close();
    expect(engine.stats).toMatchObject({ liveBuffers: 0, bytes: 0 });
    expect(context.failure).toMatchObject({ code: 'engine-failed' });
  });

  it('a chain of engines goes on with the next one, and no band is missing', async () => {
    const lost = await openContext();
    const encoders = new ScalarEncoders();
    const told: string[] = [];
    const factories: EngineFactory[] = [
      { name: 'gpu', create: () => Promise.resolve(new GpuEngine(lost, { encoders })) },
      { name: 'scalar', create: () => Promise.resolve(new ScalarEngine()) },
    ];
    const chain = new EngineChain(factories, (message) => told.push(plain(message)));
    await chain.open(jpegJob);
    expect(chain.name).toBe('gpu');
    const segments = [await chain.segment(places[0], never)];
    const running = places.slice(1).map((place) => chain.segment(place, never));
    lost.device.destroy();
    segments.push(...(await Promise.all(running)));
    expect(chain.name).toBe('scalar');
    expect(told).toHaveLength(1);
    await chain.close();
    const reference = createReferenceCoder(jpegJob.picture, jpegJob.encoding!);
    for (const place of places.slice(1)) {
      const rows = resampleRect(spec, source, { x: 0, y: place.y, width: TO.width, height: place.rows });
      expect(segments[place.index]).toEqual(reference.encode(rows, place));
    }
  });

  it('closing rejects what runs', async () => {
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders(), depth: 1 });
    await engine.open(jpegJob);
    const running = places.map((place) => engine.segment(place, never));
    await engine.close();
    for (const task of running) await expect(task).rejects.toMatchObject({ code: 'engine-failed' });
    expect(engine.stats.liveBuffers).toBe(0);
    expect(context.failure).toBeNull();
  });

  it('an allocation that is refused rejects the job, by the error scopes', async () => {
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders() });
    await engine.open(jpegJob);
    const { device } = context;
    const pop = device.popErrorScope.bind(device);
    let pops = 0;
    // The second scope of each submission is the one for memory.
    device.popErrorScope = () =>
      pop().then((error) => (++pops % 2 === 0 ? new GPUOutOfMemoryError('no memory') : error));
    await expect(engine.segment(places[0], never)).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringContaining('no memory') as string,
    });
    device.popErrorScope = pop;
    await engine.close();
    expect(engine.stats.liveBuffers).toBe(0);
  });

  it('a command that the browser refuses rejects the job', async () => {
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders() });
    await engine.open(jpegJob);
    const create = context.device.createBuffer.bind(context.device);
    // Without the usage that a copy needs.
    context.device.createBuffer = (descriptor) =>
      create(descriptor.label === 'segment' ? { ...descriptor, usage: GPUBufferUsage.STORAGE } : descriptor);
    await expect(engine.segment(places[0], never)).rejects.toMatchObject({ code: 'engine-failed' });
    context.device.createBuffer = create;
    expect(context.failure).toBeNull();
    await engine.close();
  });

  it('a buffer beyond the limits is refused before it is asked for', async () => {
    const limits = { ...context.description.limits, maxStorageBufferBindingSize: 2048 };
    const small = Object.assign(Object.create(context) as GpuContext, {
      ...{ device: context.device, pipelines: context.pipelines, onFailure: () => () => undefined },
      description: { ...context.description, limits },
    });
    Object.defineProperty(small, 'failure', { value: null });
    const engine = new GpuEngine(small, { encoders: new ScalarEncoders() });
    await expect(engine.open(jpegJob)).rejects.toMatchObject({ code: 'engine-failed', values: { limit: 2048 } });
    await engine.close();
  });
});

describe('trust', () => {
  it('is given to a device that computes known answers rightly', async () => {
    const context = await openTrustedGpu();
    expect(context.description).toMatchObject({ vendor: 'google', isSoftware: true });
    expect(context.failure).toBeNull();
    context.destroy();
  });

  it('is denied to one that computes wrong pixels or wrong bytes', async () => {
    const engine = new GpuEngine(context, { encoders: new ScalarEncoders() });
    const faked = (fault: Partial<Engine>): Engine => ({
      ...{ name: 'gpu', parallelism: 1, open: (job) => engine.open(job), close: () => engine.close() },
      segment: (place, signal) => engine.segment(place, signal),
      pixels: (rect, signal) => engine.pixels(rect, signal),
      ...fault,
    });
    expect(await findFault(faked({}))).toBeNull();
    const wrongPixel = faked({
      pixels: async (rect, signal) => {
        const pixels = await engine.pixels(rect, signal);
        pixels[777] ^= 0x10;
        return pixels;
      },
    });
    expect(await findFault(wrongPixel)).toContain('sample');
    const wrongByte = faked({
      segment: async (place, signal) => {
        const { bytes } = await engine.segment(place, signal);
        bytes[20] ^= 1;
        return { bytes };
      },
    });
    expect(await findFault(wrongByte)).toContain('JPEG');
    const blank = faked({ pixels: (rect) => Promise.resolve(new Uint8Array(rect.width * rect.height * 3)) });
    expect(await findFault(blank)).not.toBeNull();
    await engine.close();
  });

  it.each([
    [{ vendor: 'google', architecture: 'swiftshader' }, true],
    [{ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.7, 256 bits)' }, true],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, true],
    [{ vendor: 'intel', isFallbackAdapter: true }, true],
    [{ vendor: 'nvidia', architecture: 'hopper' }, false],
    [{ vendor: 'apple', architecture: 'metal-3' }, false],
  ])('%o is computed by the processor: %s', (info, isSoftware) => {
    expect(isSoftwareAdapter({ architecture: '', device: '', description: '', ...info })).toBe(isSoftware);
  });
});
