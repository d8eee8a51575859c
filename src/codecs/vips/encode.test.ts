import { expect, test } from 'vitest';
import { limitsFor } from '../../core/formats.ts';
import { jxlMeta } from '../jxl/meta.ts';
import { encodeError } from './encode.ts';

const SIZE = { width: 9000, height: 5625 };
const REMEDY = 'Choose PNG, JPEG or TIFF, or a smaller size.';

test.each([
  'jxlsave_buffer: JxlEncoderAddImageFrame error',
  'vips_tracked: out of memory -- size == 14MB',
  'unreachable',
])('of a JPEG XL that fails with “%s” it is told that it does not fit, and what helps', (reason) => {
  const error = encodeError(new Error(reason), SIZE, 'jxl');
  expect(error.code).toBe('no-memory');
  expect(error.message).toBe("A JPEG XL of 9000 x 5625 pixels does not fit the encoder's memory (2 GiB).");
  expect(error.remedy).toBe(REMEDY);
});

test('what else an encoder says is kept for the record; the message names the format and the size', () => {
  const error = encodeError(new Error('heifsave_buffer: x265 went away'), SIZE, 'avif');
  expect(error.code).toBe('internal');
  expect(error.message).toBe('The picture of 9000 x 5625 pixels could not be written as AVIF.');
  expect(error.values).toMatchObject({ reason: 'heifsave_buffer: x265 went away' });
});

test('a picture of 8K may become a JPEG XL, one that the encoder fails on with noise may not', () => {
  const plainLimit = limitsFor(jxlMeta, { alpha: false, depth: 8 }).maxPixels;
  expect(plainLimit).toBeGreaterThanOrEqual(7680 * 4320);
  expect(plainLimit).toBeLessThan(40e6);
  for (const samples of [
    { alpha: true, depth: 8 },
    { alpha: false, depth: 16 },
  ] as const) {
    expect(limitsFor(jxlMeta, samples).maxPixels).toBeLessThan(20e6);
  }
});
