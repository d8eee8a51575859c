import type { Orientation } from '../core/metadata.ts';
import { orientRaster, uprightSize } from '../core/orientation.ts';
import { bytesPerRow, createRaster, type Raster } from '../core/pixels.ts';
import type { RowReader } from '../core/source.ts';

/**
 * Delivers rows upright. Every orientation but 1 needs rows (or columns) from the far end first, so the whole picture is
 * decoded and turned at the first read; the planner lets only pictures through that fit the memory twice.
 */
export function uprightReader(reader: RowReader, orientation: Orientation): RowReader {
  if (orientation === 1) return reader;
  const { channels, depth, toSrgb = false, icc = null, warnings = [] } = reader;
  const { width, height } = uprightSize(reader, orientation);
  let turned: Raster | null = null;
  let next = 0;
  return {
    ...{ width, height, channels, depth, toSrgb, icc, warnings },
    async read(rows, into) {
      if (turned === null) {
        const stored = createRaster(reader.width, reader.height, reader);
        await reader.read(reader.height, stored.data);
        turned = orientRaster(stored, orientation);
      }
      const stride = bytesPerRow(width, reader);
      into.set(turned.data.subarray(next * stride, (next + rows) * stride));
      next += rows;
    },
    async close() {
      turned = null;
      await reader.close();
    },
  };
}
