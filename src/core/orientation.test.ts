import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Orientation } from './metadata.ts';
import { orientRows, uprightSize } from './orientation.ts';
import { bytesPerRow, createRaster, type Channels, type Depth, type Raster } from './pixels.ts';

const ORIENTATIONS: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

function numbered(width: number, height: number, channels: Channels, depth: Depth): Raster {
  const raster = createRaster(width, height, { channels, depth });
  let state = 7;
  raster.data.forEach((_, i) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    raster.data[i] = state >>> 24;
  });
  return raster;
}

/** The whole upright picture, in runs of rows of several heights. */
function turned(stored: Raster, orientation: Orientation): Raster {
  const { width, height } = uprightSize(stored, orientation);
  const upright = createRaster(width, height, stored);
  const stride = bytesPerRow(width, stored);
  for (let y = 0, rows = 1; y < height; y += rows, rows += 16) {
    const count = Math.min(rows, height - y);
    orientRows(stored, orientation, y, count, upright.data.subarray(y * stride));
    if (count < rows) break;
  }
  return upright;
}

/** libvips' own turning, through a lossless TIFF that carries the tag. */
async function turnedBySharp(raster: Raster, orientation: Orientation): Promise<{ data: Buffer; width: number }> {
  const { width, height, channels } = raster;
  const file = await sharp(raster.data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .tiff({ compression: 'none' })
    .withMetadata({ orientation })
    .toBuffer();
  const oriented = sharp(file).autoOrient();
  const result = await (channels === 1 ? oriented.toColourspace('b-w') : oriented)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: result.data, width: result.info.width };
}

describe('orientRows', () => {
  for (const channels of [1, 3, 4] as const) {
    it.each(ORIENTATIONS)(`turns ${channels} channels of orientation %i as libvips does`, async (orientation) => {
      const raster = numbered(71, 37, channels, 8);
      const upright = turned(raster, orientation);
      const expected = await turnedBySharp(raster, orientation);
      expect(upright.width).toBe(expected.width);
      expect({ width: upright.width, height: upright.height }).toEqual(uprightSize(raster, orientation));
      expect(Buffer.compare(Buffer.from(upright.data), expected.data)).toBe(0);
    });
  }

  it.each([1, 3, 4] as const)('moves both bytes of each of %i 16-bit samples together', (channels) => {
    const wide = numbered(70, 33, channels, 16);
    const halves = [0, 1].map((byte) => ({
      ...wide,
      depth: 8 as const,
      data: wide.data.filter((_, i) => i % 2 === byte),
    }));
    for (const orientation of ORIENTATIONS) {
      const { data } = turned(wide, orientation);
      halves.forEach((half, byte) => {
        expect(data.filter((_, i) => i % 2 === byte)).toEqual(turned(half, orientation).data);
      });
    }
  });

  it('takes pixels at an odd address of their buffer', () => {
    const raster = numbered(5, 3, 4, 8);
    const shifted = new Uint8Array(raster.data.length + 1);
    shifted.set(raster.data, 1);
    const odd: Raster = { ...raster, data: shifted.subarray(1) };
    expect(turned(odd, 6).data).toEqual(turned(raster, 6).data);
  });
});
