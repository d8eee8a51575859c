import { describe, expect, it } from 'vitest';
import type { PictureShape } from '../encoding.ts';
import { AppError } from '../errors.ts';
import { jpegEncoding } from '../../../test/support/jpeg.ts';
import { checkBand, jpegLayout, mcuRowHeight, restartInterval, restartRowsFor } from './layout.ts';

const shape = (width: number, height: number, channels: 1 | 3 | 4 = 3): PictureShape => ({
  width,
  height,
  channels,
  depth: 8,
});

describe('layout', () => {
  it.each([
    [shape(17, 33), '420', 16, 2, 3],
    [shape(17, 33), '444', 8, 3, 5],
    [shape(17, 33, 1), '420', 8, 3, 5],
    [shape(65500, 65500), '444', 8, 8188, 8188],
  ] as const)('%j %s', (picture, chroma, size, across, down) => {
    expect(mcuRowHeight(picture, chroma)).toBe(size);
    expect(jpegLayout(picture, chroma)).toMatchObject({ mcuSize: size, mcusPerRow: across, mcuRows: down });
  });

  it('refuses alpha and 16 bits', () => {
    expect(() => jpegLayout(shape(8, 8, 4), '420')).toThrow(AppError);
    expect(() => jpegLayout({ ...shape(8, 8), depth: 16 }, '420')).toThrow(AppError);
  });
});

describe('restart interval', () => {
  it.each([
    [shape(8000, 12000), '420', 1],
    [shape(65500, 100), '444', 1],
    [shape(100, 1000), '420', 3],
    [shape(1, 1000), '444', 16],
  ] as const)('of %j %s is %i rows', (picture, chroma, rows) => {
    expect(restartRowsFor(picture, chroma)).toBe(rows);
  });

  it('is left out for a picture of one interval, and refused beyond 65535 units', () => {
    const wide = jpegLayout(shape(65500, 1000), '444');
    expect(restartInterval(wide, 125)).toBe(0);
    expect(restartInterval(wide, 8)).toBe(65504);
    expect(() => restartInterval(wide, 9)).toThrow('JPEG ends at 65535');
  });

  it('must divide every band but the last', () => {
    const layout = jpegLayout(shape(20, 100), '420');
    const check = (y: number, rows: number, last: boolean, bytes = rows * 60): void =>
      checkBand(layout, jpegEncoding(90, '420', { restartRows: 2 }), new Uint8Array(bytes), {
        index: 0,
        y,
        rows,
        first: false,
        last,
      });
    expect(() => check(0, 64, false)).not.toThrow();
    expect(() => check(96, 4, true)).not.toThrow();
    expect(() => check(0, 48, false)).toThrow(AppError);
    expect(() => check(16, 64, false)).toThrow(AppError);
    expect(() => check(96, 4, false)).toThrow(AppError);
    expect(() => check(0, 64, false, 64 * 60 - 1)).toThrow(AppError);
  });
});
