import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BandPlace } from '../core/encoding.ts';
import type { Size } from '../core/geometry.ts';
import { emptyStatistics, addStatistics, optimisedTables } from '../core/jpeg/huffman.ts';
import { restartRowsFor } from '../core/jpeg/layout.ts';
import { cutBands } from '../core/plan/bands.ts';
import { createReferenceJpegCoder } from '../core/reference/jpeg.ts';
import type { ResampleSpec } from '../core/resampling.ts';
import type { SourceWindow } from '../core/source.ts';
import type { GpuContext } from './context.ts';
import type { GpuEngine, GpuEngineOptions } from './engine.ts';
import { directSpec, jobOf, jpegEncoding, never, openContext, testSource, withEngine } from './support.testing.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openContext();
});
afterAll(() => context.destroy());

interface JpegCase {
  readonly to: Size;
  readonly channels: 1 | 3;
  readonly quality: number;
  readonly chroma: '420' | '444';
  readonly bandRows: number;
  readonly restartRows?: number;
}

const rectOf = (place: BandPlace, width: number) => ({ x: 0, y: place.y, width, height: place.rows });

async function expectSameBytes(
  { to, channels, quality, chroma, bandRows, restartRows }: JpegCase,
  options: Omit<GpuEngineOptions, 'encoders'> = {},
  more: { source?: SourceWindow; spec?: ResampleSpec } = {},
) {
  const spec = more.spec ?? directSpec({ width: 31, height: 23 }, to, 'catmull-rom', channels, 8);
  const source = more.source ?? testSource(spec.stages[0].from, spec.input);
  const { picture } = jobOf(spec, source);
  const encoding = jpegEncoding(quality, chroma, restartRows ?? restartRowsFor(picture, chroma));
  const reference = createReferenceJpegCoder(picture, encoding);
  const places = cutBands(to.height, bandRows);
  await withEngine(
    context,
    jobOf(spec, source, encoding),
    async (engine: GpuEngine, encoders) => {
      const segments = await Promise.all(places.map((place) => engine.segment(place, never)));
      for (const place of places) {
        const rows = await engine.pixels(rectOf(place, to.width), never);
        const expected = reference.encode(rows, place).bytes;
        const { bytes } = segments[place.index];
        expect(bytes.length, `band ${place.index}`).toBe(expected.length);
        expect(bytes.findIndex((byte, i) => byte !== expected[i])).toBe(-1);
      }
      expect(engine.stats.overflows).toBe(0);
      expect(encoders).toMatchObject({ opened: 0, encoded: 0 });
    },
    options,
  );
}

describe('segments are the bytes of the reference coder', () => {
  const cases: readonly JpegCase[] = [
    { to: { width: 128, height: 96 }, channels: 3, quality: 90, chroma: '420', bandRows: 32 },
    { to: { width: 128, height: 96 }, channels: 3, quality: 90, chroma: '444', bandRows: 32 },
    // Odd sizes: units that reach beyond the right and the bottom edge, with one and with two columns of blocks in them.
    { to: { width: 121, height: 87 }, channels: 3, quality: 75, chroma: '420', bandRows: 64 },
    { to: { width: 135, height: 89 }, channels: 3, quality: 95, chroma: '420', bandRows: 96 },
    { to: { width: 113, height: 93 }, channels: 3, quality: 60, chroma: '444', bandRows: 16 },
    { to: { width: 5, height: 3 }, channels: 3, quality: 90, chroma: '420', bandRows: 16 },
    { to: { width: 1, height: 1 }, channels: 1, quality: 90, chroma: '420', bandRows: 16 },
    { to: { width: 101, height: 77 }, channels: 1, quality: 85, chroma: '420', bandRows: 32 },
    // Rows narrower than an interval, and more than 8 intervals: markers begin again.
    { to: { width: 40, height: 400 }, channels: 3, quality: 90, chroma: '420', bandRows: 192 },
    { to: { width: 24, height: 330 }, channels: 3, quality: 20, chroma: '420', bandRows: 352, restartRows: 1 },
    // More bytes than a chunk of stuffing, more blocks than a workgroup, and steps of 1.
    { to: { width: 500, height: 260 }, channels: 3, quality: 100, chroma: '444', bandRows: 128 },
    // The whole picture is one interval: no marker.
    { to: { width: 90, height: 60 }, channels: 3, quality: 50, chroma: '420', bandRows: 64, restartRows: 10 },
  ];
  it.each(cases)('$to.width x $to.height x $channels, quality $quality, $chroma, bands of $bandRows', async (c) => {
    await expectSameBytes(c);
  });

  it('cut into many dispatches and submissions', async () => {
    const to = { width: 300, height: 200 };
    await expectSameBytes({ to, channels: 3, quality: 92, chroma: '420', bandRows: 96 }, { mostWork: 20_000 });
  });

  it('of noise, of nothing but one colour, and of black and white squares', async () => {
    const size = { width: 160, height: 128 };
    const spec = directSpec(size, size, 'nearest', 3, 8);
    const noise = testSource(size, spec.input);
    let state = 7;
    noise.data.forEach((_, i) => (noise.data[i] = (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16));
    const flat = testSource(size, spec.input);
    flat.data.fill(200);
    const squares = testSource(size, spec.input);
    squares.data.forEach((_, i) => (squares.data[i] = (Math.floor(i / 3) + Math.floor(i / 480)) % 2 ? 255 : 0));
    for (const source of [noise, flat, squares]) {
      for (const quality of [1, 50, 100]) {
        await expectSameBytes(
          { to: size, channels: 3, quality, chroma: '444', bandRows: 64 },
          { jpegRoom: 3 },
          { source, spec },
        );
      }
    }
  });

  it('with tables made for the picture', async () => {
    const to = { width: 200, height: 150 };
    const spec = directSpec({ width: 31, height: 23 }, to, 'lanczos3', 3, 8);
    const source = testSource(spec.stages[0].from, spec.input);
    const { picture } = jobOf(spec, source);
    const plain = jpegEncoding(90, '420', restartRowsFor(picture, '420'));
    const place = cutBands(to.height, 160)[0];
    const expected = await withEngine(context, jobOf(spec, source), async (engine) => {
      const rows = await engine.pixels(rectOf(place, to.width), never);
      const sum = emptyStatistics();
      addStatistics(sum, createReferenceJpegCoder(picture, plain).statistics(rows, place));
      const encoding = { ...plain, tables: optimisedTables(sum, 'whole') };
      return { encoding, bytes: createReferenceJpegCoder(picture, encoding).encode(rows, place).bytes };
    });
    const job = jobOf(spec, source, expected.encoding);
    const { bytes } = await withEngine(context, job, (engine) => engine.segment(place, never));
    expect(bytes).toEqual(expected.bytes);
  });
});

describe('coded bytes that do not fit', () => {
  const to = { width: 300, height: 200 };
  const spec = directSpec({ width: 31, height: 23 }, to, 'lanczos3', 3, 8);
  const source = testSource(spec.stages[0].from, spec.input);

  it('are coded from pixels by the encoders, to the same bytes', async () => {
    const { picture } = jobOf(spec, source);
    const encoding = jpegEncoding(100, '444', restartRowsFor(picture, '444'));
    const reference = createReferenceJpegCoder(picture, encoding);
    const job = jobOf(spec, source, encoding);
    await withEngine(
      context,
      job,
      async (engine, encoders) => {
        for (const place of cutBands(to.height, 112)) {
          const { bytes } = await engine.segment(place, never);
          const rows = await engine.pixels(rectOf(place, to.width), never);
          expect(bytes).toEqual(reference.encode(rows, place).bytes);
        }
        expect(engine.stats.overflows).toBe(2);
        expect(encoders).toMatchObject({ opened: 1, encoded: 2 });
      },
      { jpegRoom: 0.1 },
    );
  });

  it('are read again when only the readback was too small', async () => {
    await expectSameBytes({ to, channels: 3, quality: 100, chroma: '444', bandRows: 112 });
  });
});
