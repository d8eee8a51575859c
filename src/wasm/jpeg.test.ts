import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeBands,
  CONTENTS,
  decoded,
  jpegEncoding,
  jpegFile,
  libjpeg,
  meanSquare,
  picture,
} from '../../test/support/jpeg.ts';
import { openKernels } from '../../test/support/kernels.ts';
import { optimisedTables } from '../core/jpeg/huffman.ts';
import { createReferenceJpegCoder } from '../core/reference/jpeg.ts';
import { createJpegCoder } from './jpeg.ts';

const kernels = await openKernels();

const make: typeof createReferenceJpegCoder = (shape, encoding) => createJpegCoder(kernels, shape, encoding);

describe('SIMD JPEG coder', () => {
  it('gives the bytes and counts of the scalar one', () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 70 }),
      channels: fc.constantFrom(1 as const, 3 as const),
      content: fc.constantFrom(...CONTENTS),
      chroma: fc.constantFrom('420' as const, '444' as const),
      quality: fc.integer({ min: 1, max: 100 }),
      restartRows: fc.integer({ min: 1, max: 3 }),
      optimise: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ width, height, channels, content, chroma, quality, restartRows, optimise, seed }) => {
        const source = picture(width, height, channels, content, seed);
        let encoding = jpegEncoding(quality, chroma, { restartRows });
        const place = { index: 0, y: 0, rows: height, first: true, last: true };
        const counts = createReferenceJpegCoder(source.shape, encoding).statistics(source.pixels, place);
        expect(make(source.shape, encoding).statistics(source.pixels, place)).toEqual(counts);
        if (optimise) encoding = { ...encoding, tables: optimisedTables(counts, 'sample') };
        const expected = codeBands(createReferenceJpegCoder, source, encoding);
        expect(codeBands(make, source, encoding).equals(expected)).toBe(true);
        expect(codeBands(make, source, encoding, 48 * restartRows).equals(expected)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the bytes of the scalar one for a larger picture, also beyond its output buffer', () => {
    const source = picture(700, 600, 3, 'noise');
    for (const chroma of ['420', '444'] as const) {
      const encoding = jpegEncoding(98, chroma);
      const scan = codeBands(make, source, encoding);
      expect(scan.length).toBeGreaterThan(1 << 19);
      expect(scan.equals(codeBands(createReferenceJpegCoder, source, encoding))).toBe(true);
    }
  });

  it('gives the bytes of the scalar one where coefficients and sums on the way to them are largest', () => {
    // Every way to make the rows or columns of a block of black and white only, against two others.
    const pixels = Uint8Array.from({ length: 2048 * 64 }, (_, at) => {
      const [x, y] = [at % 2048, Math.floor(at / 2048)];
      const rows = [0x00, 0xff, 0xcc, 0x96, 0xa5, 0x0f, 0x3c, 0x99][y >> 3];
      return (((x >> 3) >> (x & 7)) & 1) ^ ((rows >> (y & 7)) & 1) ? 255 : 0;
    });
    const source = { shape: { width: 2048, height: 64, channels: 1, depth: 8 }, pixels } as const;
    for (const quality of [1, 50, 100]) {
      const encoding = jpegEncoding(quality, '444');
      expect(codeBands(make, source, encoding).equals(codeBands(createReferenceJpegCoder, source, encoding))).toBe(
        true,
      );
    }
  });

  it('at the same quality costs at most 2 % more than libjpeg with restart intervals and tables from a sample', async () => {
    const source = picture(1000, 640, 3, 'photo');
    for (const chroma of ['420', '444'] as const) {
      const standard = jpegEncoding(90, chroma, { restartRows: 1 });
      const strip = source.pixels.subarray(0, 64 * 3000);
      const place = { index: 0, y: 0, rows: 64, first: true, last: false };
      const tables = optimisedTables(make(source.shape, standard).statistics(strip, place), 'sample');
      const encoding = { ...standard, tables };
      const ours = jpegFile(source.shape, encoding, codeBands(make, source, encoding, 64));
      const theirs = await libjpeg(source, 90, chroma, true);
      expect(ours.length).toBeLessThan(theirs.length * 1.02);
      const errors = [ours, theirs].map(async (file) => meanSquare(await decoded(file, 3), source.pixels));
      const [ourError, theirError] = await Promise.all(errors);
      // Decibels.
      expect(10 * Math.log10(ourError / theirError)).toBeLessThan(0.02);
    }
  });

  it('takes rows that already lie in its memory, and gives its memory back', () => {
    const source = picture(200, 32, 3, 'photo');
    const encoding = jpegEncoding(85, '420');
    const expected = codeBands(createReferenceJpegCoder, source, encoding);
    const mark = kernels.arena.mark();
    const address = kernels.arena.alloc(source.pixels.length);
    const rows = kernels.bytes(address, source.pixels.length);
    rows.set(source.pixels);
    const inside = kernels.arena.mark();
    const place = { index: 0, y: 0, rows: 32, first: true, last: true };
    const { bytes } = make(source.shape, encoding).encode(rows, place);
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
    expect(kernels.arena.mark()).toBe(inside);
    kernels.arena.release(mark);
  });
});
