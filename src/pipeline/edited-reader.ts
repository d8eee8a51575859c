import type { EditPlan, Straightening } from '../core/edit/plan-edit.ts';
import type { Rect, Size } from '../core/geometry.ts';
import { bytesPerPixel, bytesPerRow, createRaster, maxSample, type Raster } from '../core/pixels.ts';
import { straightenRows } from '../core/reference/straighten.ts';
import type { RowReader } from '../core/source.ts';
import { uprightReader } from './oriented-reader.ts';

/** Bytes of rows read at a time where only a part of them is kept. */
const CHUNK_BYTES = 2 << 20;

/**
 * The rows of an edited picture, of a reader that delivers the stored one. `background` (0..255 each) fills the corners of a picture
 * without alpha. The reader must have the size that the edit was planned for.
 */
export function editedReader(
  reader: RowReader,
  plan: EditPlan,
  background: readonly [number, number, number],
): RowReader {
  const turned = uprightReader(croppedReader(reader, plan.stored), plan.orientation);
  return plan.straightening === null ? turned : straightReader(turned, plan.straightening, plan.size, background);
}

/** What a reader tells beside its size. */
const told = ({
  channels,
  depth,
  toSrgb = false,
  icc = null,
  warnings = [],
}: RowReader): Omit<RowReader, 'width' | 'height' | 'read' | 'close'> => ({ channels, depth, toSrgb, icc, warnings });

/** A part of a picture. Rows above it are decoded and dropped; those below it are never asked for. */
export function croppedReader(reader: RowReader, { x, y, width, height }: Rect): RowReader {
  const wide = width === reader.width;
  if (wide && height === reader.height) return reader;
  const sourceStride = bytesPerRow(reader.width, reader);
  const stride = bytesPerRow(width, reader);
  const offset = x * bytesPerPixel(reader);
  const chunkRows = Math.max(1, Math.floor(CHUNK_BYTES / sourceStride));
  let chunk: Uint8Array | null = null;
  let above = y;
  const take = async (rows: number): Promise<Uint8Array> => {
    chunk ??= new Uint8Array(Math.min(chunkRows, reader.height) * sourceStride);
    const taken = chunk.subarray(0, rows * sourceStride);
    await reader.read(rows, taken);
    return taken;
  };
  return {
    ...told(reader),
    ...{ width, height },
    async read(rows, into) {
      while (above > 0) {
        const count = Math.min(above, chunkRows);
        await take(count);
        above -= count;
      }
      if (wide) {
        await reader.read(rows, into);
        return;
      }
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, chunkRows);
        const taken = await take(count);
        for (let r = 0; r < count; r++) {
          const start = r * sourceStride + offset;
          into.set(taken.subarray(start, start + stride), (done + r) * stride);
        }
        done += count;
      }
    },
    async close() {
      chunk = null;
      await reader.close();
    },
  };
}

/** A picture turned by a small angle. All rows under it are held from the first read on; what comes out is computed when asked for. */
function straightReader(
  reader: RowReader,
  straightening: Straightening,
  { width, height }: Size,
  background: readonly [number, number, number],
): RowReader {
  const scale = maxSample(reader.depth) / 255;
  const [r, g, b] = background;
  const grey = Math.round((0.2126 * r + 0.7152 * g + 0.0722 * b) * scale);
  const fill = reader.channels === 1 ? ([grey, grey, grey] as const) : ([r * scale, g * scale, b * scale] as const);
  let held: Raster | null = null;
  let next = 0;
  return {
    ...told(reader),
    ...{ width, height },
    async read(rows, into) {
      if (held === null) {
        held = createRaster(reader.width, reader.height, reader);
        await reader.read(reader.height, held.data);
      }
      straightenRows(held, straightening, fill, width, next, rows, into);
      next += rows;
      if (next === height) held = null;
    },
    async close() {
      held = null;
      await reader.close();
    },
  };
}
