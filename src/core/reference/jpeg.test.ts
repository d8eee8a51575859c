import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  codeBands,
  CONTENTS,
  decoded,
  jpegEncoding,
  jpegFile,
  libjpeg,
  meanSquare,
  parseJpeg,
  picture,
} from '../../../test/support/jpeg.ts';
import { coefficientsOf } from '../../../test/support/jpeg-coefficients.ts';
import { optimisedTables } from '../jpeg/huffman.ts';
import { COEFFICIENT_SCALES } from '../jpeg/quantisers.ts';
import { quantisationTables, ZIGZAG } from '../jpeg/tables.ts';
import { forwardDct } from './jpeg-transform.ts';
import { createReferenceJpegCoder } from './jpeg.ts';

const cosine = (x: number, u: number): number =>
  (u === 0 ? Math.SQRT1_2 : 1) * Math.cos(((2 * x + 1) * u * Math.PI) / 16);

/** The forward DCT as ITU T.81, A.3.3 defines it. */
function exactDct(samples: ArrayLike<number>): number[] {
  return Array.from({ length: 64 }, (_, i) => {
    const [v, u] = [i >> 3, i & 7];
    let sum = 0;
    for (let at = 0; at < 64; at++) sum += samples[at] * cosine(at & 7, u) * cosine(at >> 3, v);
    return sum / 4;
  });
}

/** The transform's coefficients, in units of T.81. */
function transformed(samples: ArrayLike<number>): number[] {
  const block = Int32Array.from(samples);
  forwardDct(block);
  return Array.from(block, (value, i) => value / COEFFICIENT_SCALES[i]);
}

describe('transform', () => {
  it.each(CONTENTS)('is the DCT within rounding: %s', (content) => {
    let squares = 0;
    for (let seed = 0; seed < 100; seed++) {
      const samples = picture(8, 8, 1, content, seed).pixels.map((v) => v - 128);
      const signed = new Int8Array(samples.buffer);
      const exact = exactDct(signed);
      transformed(signed).forEach((value, i) => {
        const error = Math.abs(value - exact[i]);
        expect(error).toBeLessThan(0.25);
        squares += error * error;
      });
    }
    // libjpeg's accurate integer DCT has 0.042 in noise.
    expect(Math.sqrt(squares / 6400)).toBeLessThan(0.036);
  });

  it('leaves nothing but DC of a flat block', () => {
    for (let sample = -128; sample < 128; sample++) {
      const block = new Int32Array(64).fill(sample);
      forwardDct(block);
      expect(block[0]).toBe(256 * sample);
      block.forEach((value, i) => expect(Math.abs(value)).toBeLessThanOrEqual(i === 0 ? 32768 : 2));
    }
  });

  it('fits 16 bits whatever the samples are', () => {
    for (let i = 0; i < 64; i++) {
      for (const sign of [1, -1]) {
        const [v, u] = [i >> 3, i & 7];
        const block = Int32Array.from({ length: 64 }, (_, at) =>
          sign * cosine(at & 7, u) * cosine(at >> 3, v) > 0 ? 127 : -128,
        );
        forwardDct(block);
        // Only DC of the darkest block goes to -2^15.
        expect(Math.abs(block[i])).toBeLessThanOrEqual(i === 0 ? 32768 : 32767);
      }
    }
  });
});

describe('quantisation tables', () => {
  it('are those of libjpeg at every quality', async () => {
    const tiny = picture(8, 8, 3, 'flat');
    for (let quality = 1; quality <= 100; quality++) {
      const file = parseJpeg(await libjpeg(tiny, quality, '444', false));
      const theirs = file.segments
        .filter(({ marker }) => marker === 0xdb)
        .map(({ payload }) => [...payload.subarray(1)]);
      const ours = quantisationTables(quality).map((steps) => ZIGZAG.map((i) => steps[i]));
      expect(theirs).toEqual(ours);
    }
  });
});

/** Headers that a decoder of pixels looks at, but for codes. */
const headers = (file: Buffer): unknown =>
  parseJpeg(file).segments.filter(({ marker }) => marker < 0xe0 && marker !== 0xc4);

const SIZES = [1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 50];

describe('files', () => {
  const cases = ([1, 3] as const).flatMap((channels) =>
    (['420', '444'] as const).flatMap((chroma) => [false, true].map((optimise) => ({ channels, chroma, optimise }))),
  );

  it.each(cases)('hold the coefficients of libjpeg, but for rounding: %j', async ({ channels, chroma, optimise }) => {
    let seed = 0;
    let [all, others] = [0, 0];
    for (const width of SIZES) {
      for (const height of [width, SIZES[(seed * 5) % SIZES.length]]) {
        for (const quality of [1 + ((seed * 37) % 95), 90]) {
          const source = picture(width, height, channels, CONTENTS[seed % 4], ++seed);
          let encoding = jpegEncoding(quality, chroma);
          if (optimise) {
            const place = { index: 0, y: 0, rows: height, first: true, last: true };
            const statistics = createReferenceJpegCoder(source.shape, encoding).statistics(source.pixels, place);
            encoding = { ...encoding, tables: optimisedTables(statistics, 'whole') };
          }
          const ours = jpegFile(source.shape, encoding, codeBands(createReferenceJpegCoder, source, encoding));
          const theirs = await libjpeg(source, quality, chroma, optimise);
          expect(headers(ours)).toEqual(headers(theirs));
          const [a, b] = [coefficientsOf(ours), coefficientsOf(theirs)];
          expect(a.length).toBe(b.length);
          const differences = a.map((value, i) => Math.abs(value - b[i]));
          expect(Math.max(...differences)).toBeLessThanOrEqual(1);
          all += a.length;
          others += differences.filter((difference) => difference > 0).length;
        }
      }
    }
    expect(others / all).toBeLessThan(0.002);
  });

  it.each([50, 75, 90, 95, 98, 100])('are as near to the picture as those of libjpeg: quality %d', async (quality) => {
    for (const { channels, chroma } of cases.filter(({ optimise }) => !optimise)) {
      for (const content of ['photo', 'noise'] as const) {
        const source = picture(320, 240, channels, content);
        const encoding = jpegEncoding(quality, chroma);
        const ours = jpegFile(source.shape, encoding, codeBands(createReferenceJpegCoder, source, encoding));
        const theirs = await libjpeg(source, quality, chroma, false);
        const errors = [ours, theirs].map(async (file) => meanSquare(await decoded(file, channels), source.pixels));
        const [ourError, theirError] = await Promise.all(errors);
        // Decibels.
        expect(10 * Math.log10(ourError / theirError)).toBeLessThan(quality < 100 ? 0.02 : 0.1);
        expect(ours.length / theirs.length).toBeLessThan(1.005);
      }
    }
  });

  it('decode to the same pixels whatever the restart interval and the band height', async () => {
    for (const { channels, chroma } of cases) {
      const source = picture(75, 203, channels, 'photo');
      const plain = jpegEncoding(80, chroma);
      const single = jpegFile(source.shape, plain, codeBands(createReferenceJpegCoder, source, plain));
      const expected = await decoded(single, channels);
      for (const restartRows of [1, 2, 3]) {
        const encoding = { ...plain, restartRows };
        const whole = codeBands(createReferenceJpegCoder, source, encoding);
        expect(await decoded(jpegFile(source.shape, encoding, whole), channels)).toEqual(expected);
        for (const rows of [96, 192]) {
          expect(codeBands(createReferenceJpegCoder, source, encoding, rows).equals(whole)).toBe(true);
        }
      }
    }
  });

  it('have restart markers in order and none at the end', () => {
    const source = picture(20, 170, 1, 'noise');
    const scan = codeBands(createReferenceJpegCoder, source, jpegEncoding(70, '420', { restartRows: 2 }), 32);
    const markers = [...scan].flatMap((byte, i) => (byte === 0xff && scan[i + 1] !== 0 ? [scan[i + 1] - 0xd0] : []));
    expect(markers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1]);
  });

  it('pass djpeg without a word, where it is installed', () => {
    const source = picture(131, 77, 3, 'noise');
    const encoding = jpegEncoding(100, '420', { restartRows: 1 });
    const input = jpegFile(source.shape, encoding, codeBands(createReferenceJpegCoder, source, encoding, 16));
    const run = spawnSync('djpeg', ['-strict', '-pnm'], { input, maxBuffer: 1 << 24 });
    if ((run.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
    expect(run.stderr.toString()).toBe('');
    expect(run.stdout.length).toBe('P6\n131 77\n255\n'.length + 131 * 77 * 3);
  });
});
