import { spawnSync } from 'node:child_process';
import { inflateRawSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../test/support/kernels.ts';
import { createPngFile } from '../codecs/png/file.ts';
import { adler32, crc32 } from '../core/checksum.ts';
import type { BandCoder, DeflateLevel, PictureShape, Segment } from '../core/encoding.ts';
import { NO_METADATA } from '../core/metadata.ts';
import { type Channels, type Depth, bytesPerRow } from '../core/pixels.ts';
import { cutBands } from '../core/plan/bands.ts';
import { deflateBlock, deflateBound } from '../core/reference/deflate.ts';
import { BitWriter } from '../core/reference/deflate-huffman.ts';
import { createReferencePngCoder } from '../core/reference/png.ts';
import { createReferenceTiffCoder, differenceRows } from '../core/reference/tiff.ts';
import { BandDeflater } from './deflate.ts';
import { deflateSmall } from './deflate-small.ts';
import { createPngCoder } from './png.ts';
import { createTiffCoder } from './tiff.ts';

const kernels = await openKernels();

/** As toEqual, which takes seconds for a megabyte of bytes. */
function expectSame(actual: Segment, expected: Segment): void {
  expect({ ...actual, bytes: actual.bytes.length }).toEqual({ ...expected, bytes: expected.bytes.length });
  expect(Buffer.compare(actual.bytes, expected.bytes)).toBe(0);
}

type Content = 'smooth' | 'flat' | 'noise' | 'stripes';

/** Repeatable pictures that make different filters and block kinds win. */
function picture(shape: PictureShape, content: Content): Uint8Array {
  const data = new Uint8Array(shape.height * bytesPerRow(shape.width, shape));
  const view = new DataView(data.buffer);
  const most = shape.depth === 8 ? 255 : 65535;
  let state = 7;
  for (let y = 0, i = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) {
      for (let c = 0; c < shape.channels; c++, i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const wave = 0.5 + 0.4 * Math.sin(x / (9 + c) + Math.cos(y / 7)) + (state % 100 < 3 ? 0.1 : 0);
        const flat = x < shape.width / 2 ? 0.2 : y % 40 < 20 ? 1 : 0;
        const value = { smooth: wave, flat, noise: state / 2 ** 32, stripes: (y >> 2) % 2 }[content];
        const sample = Math.round(Math.min(1, value) * most);
        if (shape.depth === 8) data[i] = sample;
        else view.setUint16(i * 2, sample, true);
      }
    }
  }
  return data;
}

const rowsOf = (data: Uint8Array, shape: PictureShape, y: number, rows: number): Uint8Array => {
  const stride = bytesPerRow(shape.width, shape);
  return data.subarray(y * stride, (y + rows) * stride);
};

function writeFile(shape: PictureShape, data: Uint8Array, coder: BandCoder, bandRows: number): Buffer {
  const file = createPngFile(shape, NO_METADATA);
  const parts = [...file.begin()];
  for (const place of cutBands(shape.height, bandRows)) {
    parts.push(...file.segment(coder.encode(rowsOf(data, shape, place.y, place.rows), place), place));
  }
  return Buffer.concat([...parts, ...file.end().bytes]);
}

const SHAPES = ([1, 3, 4] as const).flatMap((channels) => ([8, 16] as const).map((depth) => ({ channels, depth })));
const SIZES = [
  [1, 1],
  [5, 3],
  [17, 40],
  [300, 50],
  [1500, 33],
] as const;
const CONTENTS = ['smooth', 'flat', 'noise', 'stripes'] as const;

describe.each(SHAPES)('$channels channels of $depth bits', ({ channels, depth }) => {
  const cases = SIZES.flatMap(([width, height]) =>
    CONTENTS.map((content) => ({ shape: { width, height, channels, depth }, content })),
  );

  it.each(['fast', 'store'] as const)('scalar and SIMD write the same bytes: %s', (level) => {
    for (const { shape, content } of cases) {
      const data = picture(shape, content);
      for (const place of cutBands(shape.height, 16)) {
        const rows = rowsOf(data, shape, place.y, place.rows);
        const png = createPngCoder(kernels, shape, level).encode(rows, place);
        expectSame(png, createReferencePngCoder(shape, level).encode(rows, place));
        expect(crc32(png.bytes.subarray(4, -4))).toBe(new DataView(png.bytes.buffer).getUint32(png.bytes.length - 4));
        const strip = createTiffCoder(kernels, shape, level).encode(rows, place);
        expectSame(strip, createReferenceTiffCoder(shape, level).encode(rows, place));
      }
    }
  });

  it.each(['fast', 'store', 'small'] as const)('libvips reads the pixels back: %s', async (level) => {
    for (const { shape, content } of cases.filter((_, i) => level !== 'small' || i % 3 === 0)) {
      const data = picture(shape, content);
      const whole = writeFile(shape, data, createPngCoder(kernels, shape, level), 48);
      const wide = channels === 1 ? 'grey16' : 'rgb16';
      const space = depth === 16 ? wide : channels === 1 ? 'b-w' : 'srgb';
      const image = sharp(whole, { failOn: 'warning' }).toColourspace(space);
      const back = await image.raw({ depth: depth === 16 ? 'ushort' : 'uchar' }).toBuffer();
      expect(Buffer.compare(back, data)).toBe(0);
    }
  });

  it('bands of any height hold the same pixels', async () => {
    const shape = { width: 61, height: 70, channels, depth };
    const data = picture(shape, 'smooth');
    const coder = createPngCoder(kernels, shape, 'fast');
    const pixels = async (bandRows: number): Promise<Buffer> =>
      sharp(writeFile(shape, data, coder, bandRows))
        .raw()
        .toBuffer();
    const whole = await pixels(70);
    for (const bandRows of [1, 7, 16, 64]) expect(Buffer.compare(await pixels(bandRows), whole)).toBe(0);
  });

  it('strips inflate to the horizontal differences', () => {
    const shape = { width: 301, height: 20, channels, depth };
    const data = picture(shape, 'smooth');
    const place = cutBands(20, 20)[0];
    for (const level of ['fast', 'small'] as const) {
      const strip = createTiffCoder(kernels, shape, level).encode(data, place);
      const raw = inflateSync(strip.bytes);
      const step = channels;
      const view = depth === 8 ? raw : new Uint16Array(new Uint8Array(raw).buffer);
      const pixels = depth === 8 ? data : new Uint16Array(data.buffer);
      const perRow = shape.width * channels;
      for (let i = 0; i < pixels.length; i++) {
        const left = i % perRow < step ? 0 : pixels[i - step];
        if (((view[i] + left) & (2 ** depth - 1)) !== pixels[i]) expect.unreachable(`sample ${i}`);
      }
      expect(Buffer.compare(raw, differenceRows(data, shape))).toBe(0);
    }
  });
});

describe('PNG bands', () => {
  const shape: PictureShape = { width: 640, height: 64, channels: 3, depth: 8 };

  it('are coded from rows that lie in the kernels’ memory, and take none of it for good', () => {
    const data = picture(shape, 'smooth');
    const place = cutBands(64, 64)[0];
    const coder = createPngCoder(kernels, shape, 'fast');
    const expected = coder.encode(data, place);
    const mark = kernels.arena.mark();
    const address = kernels.arena.alloc(data.length);
    kernels.bytes(address, data.length).set(data);
    const before = kernels.arena.mark();
    expectSame(coder.encode(kernels.bytes(address, data.length), place), expected);
    expect(kernels.arena.mark()).toBe(before);
    expect(Buffer.compare(kernels.bytes(address, data.length), data)).toBe(0);
    kernels.arena.release(mark);
  });

  it('depend on nothing but themselves', () => {
    const smooth = picture(shape, 'smooth');
    const coder = createPngCoder(kernels, shape, 'fast');
    const place = { index: 1, y: 64, rows: 64, first: false, last: false };
    const expected = coder.encode(smooth, place);
    coder.encode(picture(shape, 'noise'), place);
    expectSame(coder.encode(smooth, place), expected);
  });

  it.each<DeflateLevel>(['fast', 'small'])('of noise are hardly larger than the pixels: %s', (level) => {
    const data = picture(shape, 'noise');
    const { bytes } = createPngCoder(kernels, shape, level).encode(data, cutBands(64, 64)[0]);
    expect(bytes.length).toBeLessThan(data.length + 64 + 100);
  });

  it('are never larger with `small` than with `fast`', () => {
    for (const content of CONTENTS) {
      const data = picture(shape, content);
      const place = cutBands(64, 64)[0];
      const fast = createPngCoder(kernels, shape, 'fast').encode(data, place);
      const small = createPngCoder(kernels, shape, 'small').encode(data, place);
      expect(small.bytes.length).toBeLessThanOrEqual(fast.bytes.length);
      expectSame(small, createReferencePngCoder(shape, 'small', deflateSmall).encode(data, place));
    }
  });

  it('may have rows longer than a block of deflate', async () => {
    const wide: PictureShape = { width: 100_000, height: 5, channels: 3, depth: 8 };
    for (const content of ['smooth', 'flat'] as const) {
      const data = picture(wide, content);
      const coder = createPngCoder(kernels, wide, 'fast');
      for (const place of cutBands(5, 3)) {
        const rows = rowsOf(data, wide, place.y, place.rows);
        expectSame(coder.encode(rows, place), createReferencePngCoder(wide, 'fast').encode(rows, place));
      }
      const back = await sharp(writeFile(wide, data, coder, 3))
        .raw()
        .toBuffer();
      expect(Buffer.compare(back, data)).toBe(0);
    }
  });

  it('shrink what repeats the row above to next to nothing', () => {
    const { bytes } = createPngCoder(kernels, shape, 'fast').encode(picture(shape, 'stripes'), cutBands(64, 64)[0]);
    expect(bytes.length).toBeLessThan(600);
  });

  it('equal the scalar coder on any bytes', () => {
    const shapes = fc.record({
      width: fc.integer({ min: 1, max: 90 }),
      channels: fc.constantFrom<Channels>(1, 3, 4),
      depth: fc.constantFrom<Depth>(8, 16),
    });
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat(255)),
        fc.nat(20),
        (s, height, bytes, run) => {
          const anyShape = { ...s, height };
          const data = new Uint8Array(height * bytesPerRow(s.width, anyShape));
          for (let i = 0; i < data.length;) {
            const value = bytes.next().value as number;
            for (let n = value % (run + 1); n >= 0 && i < data.length; n--) data[i++] = value;
          }
          const place = cutBands(height, height)[0];
          expectSame(
            createPngCoder(kernels, anyShape, 'fast').encode(data, place),
            createReferencePngCoder(anyShape, 'fast').encode(data, place),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('pass pngcheck', () => {
    const found = spawnSync('pngcheck', ['-h']);
    expect(found.error, 'pngcheck is not installed').toBeUndefined();
    for (const { channels, depth } of SHAPES) {
      const any = { width: 77, height: 50, channels, depth };
      const whole = writeFile(any, picture(any, 'smooth'), createPngCoder(kernels, any, 'fast'), 16);
      const { status, stdout } = spawnSync('pngcheck', ['-v'], { input: whole });
      expect(`${status} ${stdout}`).toMatch(/^0 .*No errors detected/s);
    }
  });
});

describe('blocks of deflate', () => {
  /** Smooth where literals are sampled for their codes (core/reference/deflate.ts), something else in between. */
  const misleading = (length: number, between: (i: number) => number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => (Math.imul(i >>> 8, 0x9e3779b1) >>> 29 === 0 ? (i * 7) & 3 : between(i)));

  /** The block as the kernels code it, checked against the scalar twin and zlib. */
  const expectRight = (bytes: Uint8Array): void => {
    const { length } = bytes;
    const mark = kernels.arena.mark();
    const deflater = new BandDeflater(kernels, length, length, 8);
    kernels.bytes(deflater.block, length).set(bytes);
    deflater.deflate(length, true);
    const out = deflater.writer();
    out.align();
    const stream = out.bytes.slice(0, out.position / 8);
    kernels.arena.release(mark);
    const twin = new BitWriter(new Uint8Array(deflateBound(length, 1)));
    deflateBlock(bytes, twin, true);
    twin.align();
    expect(Buffer.compare(stream, twin.bytes.subarray(0, twin.position / 8))).toBe(0);
    expect(Buffer.compare(inflateRawSync(stream), bytes)).toBe(0);
    expect(stream.length).toBeLessThan(length + 100);
  };

  it.each([
    ['noise', (i: number) => Math.imul(i, 0x9e3779b1) >>> 24],
    ['zeros', () => 0],
    ['rare values', (i: number) => (i % 97 === 0 ? 128 + (i & 127) : 1 + (i & 1))],
  ])('are right when the sampled literals are unlike the rest: %s', (_, between) => {
    for (const length of [32_767, 32_768, 100_001, 262_144]) expectRight(misleading(length, between));
  });

  it.each([1, 2, 4, 8])('are right with small literals, each %d times as rare as the one before', (ratio) => {
    for (const length of [1, 15, 16, 17, 4000, 50_000]) {
      let state = 3;
      const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
      const weights = Array.from({ length: 9 }, (_, rank) => ratio ** -rank);
      const sum = weights.reduce((all, weight) => all + weight, 0);
      const bytes = Uint8Array.from({ length }, (_, i) => {
        let rank = 0;
        // Rare ones stand together: fours and sixteens of them have the most bits.
        if (i % 1000 > 970) rank = Math.floor(random() * 9);
        else for (let rest = random() * sum; rank < 8 && (rest -= weights[rank]) > 0;) rank++;
        return [0, -1, 1, -2, 2, -3, 3, -4, 4][rank];
      });
      expectRight(bytes);
    }
  });
});

describe('checksum kernels', () => {
  it('equal the scalar sums for any length and start', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9000 }), fc.nat(15), fc.boolean(), (bytes, shift, high) => {
        if (high) bytes.fill(255);
        const mark = kernels.arena.mark();
        const at = kernels.arena.alloc(bytes.length + 16) + shift;
        kernels.bytes(at, bytes.length).set(bytes);
        expect(kernels.exports.adler32Bytes(at, bytes.length, 1) >>> 0).toBe(adler32(bytes));
        expect(kernels.exports.adler32Bytes(at, bytes.length, 0xfff0fff0) >>> 0).toBe(adler32(bytes, 0xfff0fff0));
        expect(kernels.exports.crc32Bytes(at, bytes.length, 77) >>> 0).toBe(crc32(bytes, 77));
        kernels.arena.release(mark);
      }),
      { numRuns: 80 },
    );
  });
});
