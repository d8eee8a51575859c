/**
 * Times the PNG encoder alone on one core, stage by stage, and beside encoders that browsers can run, on a photo-like picture enlarged by our own
 * Lanczos-3: `npx tsx bench/micro-png.ts [factor ...]`. PHOTO names another picture; ROWS the finished rows (768 by default; rates do not
 * depend on them). Every figure is the fastest of RUNS, since other work on the machine only ever adds.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { deflateSync as fflateDeflate } from 'fflate';
import { deflate as pakoDeflate } from 'pako';
import sharp from 'sharp';
import { createPngFile } from '../src/codecs/png/file.ts';
import type { DeflateLevel, PictureShape } from '../src/core/encoding.ts';
import { NO_METADATA } from '../src/core/metadata.ts';
import { bytesPerRow } from '../src/core/pixels.ts';
import { cutBands } from '../src/core/plan/bands.ts';
import { deflateBound } from '../src/core/reference/deflate.ts';
import { blockCode } from '../src/core/reference/deflate-huffman.ts';
import { chooseFilter, filterRow } from '../src/core/reference/png-filter.ts';
import { createReferencePngCoder, rowsPerBlock } from '../src/core/reference/png.ts';
import { planStages } from '../src/core/stages.ts';
import { Kernels } from '../src/wasm/kernels.ts';
import { placeCodes } from '../src/wasm/deflate.ts';
import { createPngCoder } from '../src/wasm/png.ts';
import { WasmResampler } from '../src/wasm/resample.ts';
import { makePhoto } from './input.ts';

const RUNS = Number(process.env.RUNS ?? 5);
const ROWS = Number(process.env.ROWS ?? 768);
const BAND_ROWS = 192;
const CHANNELS = 3;

const module = await WebAssembly.compile(readFileSync(new URL('../src/wasm/generated/kernels.wasm', import.meta.url)));
const folder = 'bench/out';
mkdirSync(folder, { recursive: true });
const photo = process.env.PHOTO ?? (await makePhoto(folder, 2000, 3000));
if (!existsSync(photo)) throw new Error(`There is no picture at ${photo}.`);

/** Rows from the middle of the enlarged photo. */
async function enlarged(factor: number): Promise<{ shape: PictureShape; data: Uint8Array }> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const from = { width: info.width, height: info.height };
  const to = { width: from.width * factor, height: from.height * factor };
  const format = { channels: CHANNELS, depth: 8 } as const;
  const kernels = await Kernels.instantiate(module);
  const stages = planStages('direct', 'lanczos3', from, to);
  const spec = { stages, input: format, output: format, curves: null, clampOvershoot: false, background: null };
  const resampler = new WasmResampler(kernels, spec, from);
  const shape = { width: to.width, height: ROWS, ...format };
  const pixels = new Uint8Array(ROWS * bytesPerRow(to.width, format));
  const window = { ...from, ...format, capacity: from.height, data };
  const first = Math.floor((to.height - ROWS) / 2);
  for (const { y, rows } of cutBands(ROWS, 64)) {
    const mark = kernels.arena.mark();
    const rect = { x: 0, y: first + y, width: to.width, height: rows };
    pixels.set(resampler.run(window, rect), y * bytesPerRow(to.width, format));
    kernels.arena.release(mark);
  }
  return { shape, data: pixels };
}

/** Filtered rows, for peers that only deflate. Filter None where `none`. */
function filteredRows(shape: PictureShape, data: Uint8Array, none: boolean): Uint8Array<ArrayBuffer> {
  const length = bytesPerRow(shape.width, shape);
  const out = new Uint8Array(shape.height * (length + 1));
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < shape.height; y++) {
    const row = data.subarray(y * length, (y + 1) * length);
    const filter = none ? 0 : chooseFilter(row, above, y > 0, CHANNELS);
    filterRow(filter, row, above, CHANNELS, out.subarray(y * (length + 1)));
    above = row;
  }
  return out;
}

async function compressionStream(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return (await new Response(stream as ReadableStream<Uint8Array>).arrayBuffer()).byteLength;
}

type Encode = () => number | Promise<number>;

async function report(name: string, shape: PictureShape, encode: Encode, runs = RUNS): Promise<void> {
  let fastest = Infinity;
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    bytes = await encode();
    fastest = Math.min(fastest, performance.now() - start);
  }
  const pixels = shape.width * shape.height;
  const rate = pixels / 1000 / fastest;
  const share = (100 * bytes) / (pixels * CHANNELS);
  console.log(
    `  ${name.padEnd(34)} ${rate.toFixed(1).padStart(7)} MP/s ${share.toFixed(2).padStart(7)} % of the pixels`,
  );
}

function ours(shape: PictureShape, data: Uint8Array, kernels: Kernels | null, level: DeflateLevel): number {
  const coder = kernels === null ? createReferencePngCoder(shape, level) : createPngCoder(kernels, shape, level);
  const file = createPngFile(shape, NO_METADATA);
  const length = bytesPerRow(shape.width, shape);
  let bytes = 0;
  const count = (parts: readonly Uint8Array[]): void => parts.forEach((part) => (bytes += part.length));
  count(file.begin());
  for (const place of cutBands(shape.height, BAND_ROWS)) {
    const rows = data.subarray(place.y * length, (place.y + place.rows) * length);
    count(file.segment(coder.encode(rows, place), place));
  }
  count(file.end().bytes);
  return bytes;
}

/** Nanoseconds a pixel of each kernel on the first band. */
async function stages(shape: PictureShape, data: Uint8Array): Promise<void> {
  const kernels = await Kernels.instantiate(module);
  const { exports, arena } = kernels;
  const length = bytesPerRow(shape.width, shape);
  const rows = rowsPerBlock(length);
  const filtered = rows * (length + 1);
  const count = Math.floor((Math.min(BAND_ROWS, shape.height) - 1) / rows);
  const source = arena.alloc((count * rows + 1) * length);
  const block = arena.alloc(filtered + 512) + 64;
  const state = arena.alloc(exports.deflateStateBytes());
  const runs = arena.alloc(filtered);
  const out = arena.alloc(2 * deflateBound(filtered, 1));
  kernels.bytes(source, (count * rows + 1) * length).set(data.subarray(0, (count * rows + 1) * length));
  const fastest = new Map<string, number>();
  for (let run = 0; run < RUNS * 4; run++) {
    const sums = new Map<string, number>();
    const timed = <T>(name: string, work: () => T): T => {
      const start = performance.now();
      const result = work();
      sums.set(name, (sums.get(name) ?? 0) + performance.now() - start);
      return result;
    };
    for (let b = 0; b < count; b++) {
      const row = source + (b * rows + 1) * length;
      timed('filter', () => {
        for (let i = 0; i < rows; i++) {
          const at = row + i * length;
          exports.pngFilterRow(at, at - length, true, length, CHANNELS, block + i * (length + 1));
        }
      });
      timed('adler', () => exports.adler32Bytes(block, filtered, 1));
      const found = timed('scan', () => exports.deflateScan(block, filtered, state, runs));
      timed('code', () => placeCodes(kernels, state, blockCode(new Uint32Array(exports.memory.buffer, state, 286))));
      const bits = timed('emit', () => exports.deflateEmit(block, filtered, runs, found, state, out, 0));
      timed('crc', () => exports.crc32Bytes(out, bits >>> 3, 0));
    }
    for (const [name, sum] of sums) fastest.set(name, Math.min(fastest.get(name) ?? Infinity, sum));
  }
  const pixels = count * rows * shape.width;
  const parts = [...fastest].map(([name, ms]) => `${name} ${((ms * 1e6) / pixels).toFixed(2)}`);
  console.log(`  kernels, ns a pixel: ${parts.join(', ')}`);
}

async function jsquash(): Promise<(data: Uint8Array, width: number, height: number) => number> {
  const path = createRequire(import.meta.url).resolve('@jsquash/png/package.json');
  const codec = join(path, '../codec/pkg');
  const { encode, initSync } = (await import(join(codec, 'squoosh_png.js'))) as {
    initSync(wasm: WebAssembly.Module): void;
    encode(data: Uint8Array, width: number, height: number, depth: number): Uint8Array;
  };
  initSync(await WebAssembly.compile(readFileSync(join(codec, 'squoosh_png_bg.wasm'))));
  return (data, width, height) => encode(data, width, height, 8).length;
}

const factors = process.argv.slice(2).map(Number);
for (const factor of factors.length > 0 ? factors : [4, 15]) {
  const { shape, data } = await enlarged(factor);
  console.log(`${factor}x: ${shape.width} x ${shape.height} RGB`);
  const kernels = await Kernels.instantiate(module);
  await stages(shape, data);
  await report('ours, fast', shape, () => ours(shape, data, kernels, 'fast'));
  await report('ours, store', shape, () => ours(shape, data, kernels, 'store'));
  await report('ours, fast, scalar', shape, () => ours(shape, data, null, 'fast'), 2);
  await report('ours, small', shape, () => ours(shape, data, kernels, 'small'), 1);
  for (const none of [true, false]) {
    const rows = filteredRows(shape, data, none);
    const kind = none ? 'unfiltered' : 'our filters, untimed';
    await report(`fflate 1, ${kind}`, shape, () => fflateDeflate(rows, { level: 1 }).length, 2);
    await report(`pako 1, ${kind}`, shape, () => pakoDeflate(rows, { level: 1 }).length, 2);
    await report(`CompressionStream, ${kind}`, shape, () => compressionStream(rows), 2);
  }
  const encode = await jsquash();
  const { width, height } = shape;
  const rgba = new Uint8Array(
    await sharp(data, { raw: { width, height, channels: CHANNELS } })
      .ensureAlpha()
      .raw()
      .toBuffer(),
  );
  await report('@jsquash/png (RGBA)', shape, () => encode(rgba, width, height), 2);
}
