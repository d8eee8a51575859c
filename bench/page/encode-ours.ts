/** Our band coders alone, on one thread, and the pixels that all coders are given. */
import type { BandCoder, PictureShape } from '../../src/core/encoding.ts';
import { addStatistics, emptyStatistics, optimisedTables } from '../../src/core/jpeg/huffman.ts';
import { restartRowsFor, type JpegEncoding } from '../../src/core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../../src/core/jpeg/tables.ts';
import { cutBands } from '../../src/core/plan/bands.ts';
import { createJpegCoder } from '../../src/wasm/jpeg.ts';
import { createPngCoder } from '../../src/wasm/png.ts';
import type { RunResult } from './main.ts';
import { loadKernels, openResampler } from './kernels.ts';
import type { CoderName } from './peers.worker.ts';

const BAND_ROWS = 192;

interface CoderInput {
  readonly rgb: Uint8Array | null;
  readonly rgba: ImageData | null;
  readonly filtered: Uint8Array<ArrayBuffer> | null;
}

/** The picture enlarged with Lanczos-3, in the form that a coder takes. */
export async function enlargedRgb(file: Blob, width: number, height: number, coder: CoderName): Promise<CoderInput> {
  const { kernels, window, resampler } = await openResampler(file, { width, height }, 'lanczos3');
  const mark = kernels.arena.mark();
  const rgb = new Uint8Array(width * height * 3);
  for (const { y, rows } of cutBands(height, BAND_ROWS)) {
    rgb.set(resampler.run(window, { x: 0, y, width, height: rows }), y * width * 3);
    kernels.arena.release(mark);
  }
  if (coder.startsWith('ours')) return { rgb, rgba: null, filtered: null };
  if (coder === 'fflate-1' || coder === 'pako-1' || coder === 'CompressionStream') {
    return { rgb: null, rgba: null, filtered: filterUp(rgb, width * 3, height) };
  }
  const rgba = new ImageData(width, height);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) {
    rgba.data[j] = rgb[i]!;
    rgba.data[j + 1] = rgb[i + 1]!;
    rgba.data[j + 2] = rgb[i + 2]!;
    rgba.data[j + 3] = 255;
  }
  return { rgb: null, rgba, filtered: null };
}

function filterUp(rgb: Uint8Array, stride: number, height: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const at = y * (stride + 1);
    out[at] = 2;
    for (let i = 0; i < stride; i++) {
      out[at + 1 + i] = rgb[y * stride + i]! - (y > 0 ? rgb[(y - 1) * stride + i]! : 0);
    }
  }
  return out;
}

async function makeCoder(shape: PictureShape, rgb: Uint8Array, format: 'png' | 'jpeg'): Promise<BandCoder> {
  const kernels = await loadKernels();
  if (format === 'png') return createPngCoder(kernels, shape, 'fast');
  const restartRows = restartRowsFor(shape, '420');
  const standard: JpegEncoding = { kind: 'jpeg', quality: 90, chroma: '420', tables: STANDARD_TABLES, restartRows };
  const sampler = createJpegCoder(await loadKernels(), shape, standard);
  const sum = emptyStatistics();
  const bands = cutBands(shape.height, 16);
  for (let i = 4; i < bands.length; i += 32) {
    const place = bands[i]!;
    const from = place.y * shape.width * 3;
    addStatistics(sum, sampler.statistics(rgb.subarray(from, from + place.rows * shape.width * 3), place));
  }
  return createJpegCoder(kernels, shape, { ...standard, tables: optimisedTables(sum, 'sample') });
}

/** All bands one after another in one thread; table statistics are part of the time. */
export async function encodeOurs(
  rgb: Uint8Array,
  width: number,
  height: number,
  format: 'png' | 'jpeg',
): Promise<RunResult> {
  const shape: PictureShape = { width, height, channels: 3, depth: 8 };
  const started = performance.now();
  const coder = await makeCoder(shape, rgb, format);
  let bytes = 0;
  for (const place of cutBands(height, BAND_ROWS)) {
    const from = place.y * width * 3;
    bytes += coder.encode(rgb.subarray(from, from + place.rows * width * 3), place).bytes.length;
  }
  return { ms: performance.now() - started, bytes };
}
