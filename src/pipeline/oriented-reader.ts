import type { Orientation } from '../core/metadata.ts';
import { orientRows, uprightSize } from '../core/orientation.ts';
import { createRaster, type Raster } from '../core/pixels.ts';
import type { RowReader } from '../core/source.ts';

/**
 * Delivers rows upright. Every orientation but 1 needs rows (or columns) from the far end first, so the whole picture is
 * decoded at the first read, and held until the last row has been asked for.
 */
export function uprightReader(reader: RowReader, orientation: Orientation): RowReader {
  if (orientation === 1) return reader;
  const { channels, depth, toSrgb = false, icc = null, warnings = [] } = reader;
  const { width, height } = uprightSize(reader, orientation);
  let stored: Raster | null = null;
  let next = 0;
  return {
    ...{ width, height, channels, depth, toSrgb, icc, warnings },
    async read(rows, into) {
      if (stored === null) {
        stored = createRaster(reader.width, reader.height, reader);
        await reader.read(reader.height, stored.data);
      }
      orientRows(stored, orientation, next, rows, into);
      next += rows;
      if (next === height) stored = null;
    },
    async close() {
      stored = null;
      await reader.close();
    },
  };
}
