import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  codeBands,
  CONTENTS,
  decoded,
  jpegEncoding,
  jpegFile,
  libjpeg,
  parseJpeg,
  picture,
} from '../../../test/support/jpeg.ts';
import { optimisedTables } from '../jpeg/huffman.ts';
import { quantisationTables, ZIGZAG } from '../jpeg/tables.ts';
import { forwardDct, quantise } from './jpeg-transform.ts';
import { createReferenceJpegCoder } from './jpeg.ts';

/** The forward DCT as ITU T.81, A.3.3 defines it, times 8. */
function exactDct(samples: ArrayLike<number>): number[] {
  const scale = (u: number): number => (u === 0 ? Math.SQRT1_2 : 1);
  const cosine = (x: number, u: number): number => Math.cos(((2 * x + 1) * u * Math.PI) / 16);
  return Array.from({ length: 64 }, (_, i) => {
    const [v, u] = [i >> 3, i & 7];
    let sum = 0;
    for (let at = 0; at < 64; at++) sum += samples[at] * cosine(at & 7, u) * cosine(at >> 3, v);
    return 2 * scale(u) * scale(v) * sum;
  });
}

describe('transform', () => {
  it.each(CONTENTS)('is the DCT within rounding: %s', (content) => {
    for (let seed = 0; seed < 50; seed++) {
      const samples = Int32Array.from(picture(8, 8, 1, content, seed).pixels, (v) => v - 128);
      const exact = exactDct(samples);
      forwardDct(samples);
      // Two roundings of the 4 times too large first pass, and one at the end.
      samples.forEach((value, i) => expect(Math.abs(value - exact[i])).toBeLessThan(2));
    }
  });

  it('quantises to the nearest whole number, away from zero at a tie', () => {
    expect([0, 11, 12, 13, 35, 36, -11, -12, -36].map((c) => quantise(c, 3))).toEqual([0, 0, 1, 1, 1, 2, 0, -1, -2]);
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

/** Everything that a decoder of pixels looks at. */
const withoutApplication = (file: Buffer): unknown => {
  const { segments, scan } = parseJpeg(file);
  return { segments: segments.filter(({ marker }) => marker < 0xe0), scan: scan.toString('hex') };
};

const SIZES = [1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 50];

describe('files', () => {
  const cases = ([1, 3] as const).flatMap((channels) =>
    (['420', '444'] as const).flatMap((chroma) => [false, true].map((optimise) => ({ channels, chroma, optimise }))),
  );

  it.each(cases)('are byte for byte those of libjpeg: %j', async ({ channels, chroma, optimise }) => {
    let seed = 0;
    for (const width of SIZES) {
      for (const height of [width, SIZES[(seed * 5) % SIZES.length]]) {
        for (const quality of [1 + ((seed * 37) % 100), 90]) {
          const source = picture(width, height, channels, CONTENTS[seed % 4], ++seed);
          let encoding = jpegEncoding(quality, chroma);
          if (optimise) {
            const place = { index: 0, y: 0, rows: height, first: true, last: true };
            const statistics = createReferenceJpegCoder(source.shape, encoding).statistics(source.pixels, place);
            encoding = { ...encoding, tables: optimisedTables(statistics, 'whole') };
          }
          const ours = jpegFile(source.shape, encoding, codeBands(createReferenceJpegCoder, source, encoding));
          const theirs = await libjpeg(source, quality, chroma, optimise);
          expect(withoutApplication(ours)).toEqual(withoutApplication(theirs));
        }
      }
    }
  });

  it('decode to the same pixels whatever the restart interval and the band height', async () => {
    for (const { channels, chroma } of cases) {
      const source = picture(75, 203, channels, 'photo');
      const plain = jpegEncoding(80, chroma);
      const expected = await decoded(await libjpeg(source, 80, chroma, false), channels);
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
