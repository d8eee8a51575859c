import type { ModelShape } from '../ai.ts';
import type { Size } from '../geometry.ts';

/** Some rows of a tile's result, and the rows of its input that they depend on. */
export interface TilePart {
  readonly firstInput: number;
  readonly inputRows: number;
  /** Rows of the part's own result that come before those which are kept. */
  readonly skip: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** Parts lower than this are mostly margin. Pixels of the input. */
const LEAST_ROWS = 96;

/** Cuts a tile's input into parts of whole rows that can be computed by themselves: at most `most`, as equal as the model allows. Pure. */
export function cutTile(height: number, { scale, halo, trim, multiple }: ModelShape, most: number): TilePart[] {
  const whole = height - 2 * trim;
  const count = Math.max(1, Math.min(most, Math.floor(whole / LEAST_ROWS)));
  const cuts = Array.from({ length: count + 1 }, (_, i) => trim + Math.round((whole * i) / count));
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i]!;
    const firstInput = Math.max(0, Math.floor((start - halo) / multiple) * multiple);
    const endInput = Math.min(height, Math.ceil((end + halo) / multiple) * multiple);
    return {
      firstInput,
      inputRows: endInput - firstInput,
      skip: (start - firstInput - trim) * scale,
      firstRow: (start - trim) * scale,
      rows: (end - start) * scale,
    };
  });
}

/** Copies rows of three planes from one picture to another of the same width. */
export function copyRows(
  from: { readonly data: Float32Array; readonly row: number; readonly height: number },
  to: { readonly data: Float32Array; readonly row: number; readonly height: number },
  width: number,
  rows: number,
): void {
  for (let c = 0; c < 3; c++) {
    const start = (c * from.height + from.row) * width;
    to.data.set(from.data.subarray(start, start + rows * width), (c * to.height + to.row) * width);
  }
}

/** Computes a tile by its parts, side by side: `run` gets the planes of a part's input. */
export async function runParts(
  planes: Float32Array,
  { width, height }: Size,
  shape: ModelShape,
  parts: readonly TilePart[],
  run: (part: Float32Array<ArrayBuffer>) => Promise<Float32Array>,
): Promise<Float32Array<ArrayBuffer>> {
  const columns = (width - 2 * shape.trim) * shape.scale;
  const lines = (height - 2 * shape.trim) * shape.scale;
  const joined = new Float32Array(3 * columns * lines);
  await Promise.all(
    parts.map(async ({ firstInput, inputRows, skip, firstRow, rows }) => {
      const part = new Float32Array(3 * width * inputRows);
      copyRows({ data: planes, row: firstInput, height }, { data: part, row: 0, height: inputRows }, width, inputRows);
      const data = await run(part);
      const own = data.length / 3 / columns;
      copyRows({ data, row: skip, height: own }, { data: joined, row: firstRow, height: lines }, columns, rows);
    }),
  );
  return joined;
}
