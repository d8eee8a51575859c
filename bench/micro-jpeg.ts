/**
 * The JPEG encoder alone on one thread, against native libjpeg-turbo (through sharp) on the same pixels: an enlarged picture,
 * the usual load, and noise, the worst. `npx tsx bench/micro-jpeg.ts [photo]`; the best of several interleaved runs counts.
 */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { BandPlace, Chroma, JpegTables, PictureShape } from '../src/core/encoding.ts';
import { optimisedTables } from '../src/core/jpeg/huffman.ts';
import type { JpegEncoding } from '../src/core/jpeg/layout.ts';
import { STANDARD_TABLES } from '../src/core/jpeg/tables.ts';
import { createJpegCoder } from '../src/wasm/jpeg.ts';
import { Kernels } from '../src/wasm/kernels.ts';

const WIDTH = 8000;
const HEIGHT = 2048;
const BAND_ROWS = 64;
const RUNS = 5;
const QUALITY = 90;

sharp.concurrency(1);

/** Octaves of value noise with hard edges between them: about as many bits a pixel as a photograph. */
function photoLike(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  const hash = (x: number, y: number, octave: number): number => {
    let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(octave, 2246822519);
    h = Math.imul(h ^ (h >>> 13), 1274126177);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (let octave = 0; octave < 6; octave++) {
        const size = 64 >> octave;
        value += (hash(Math.floor(x / size), Math.floor(y / size), octave) - 0.5) * 120 * 0.5 ** octave;
      }
      for (let c = 0; c < 3; c++) {
        const tint = 20 * Math.sin((x + 40 * c) / 90) + 20 * Math.cos((y - 30 * c) / 70);
        pixels[(y * width + x) * 3 + c] = Math.max(0, Math.min(255, 128 + value + tint));
      }
    }
  }
  return pixels;
}

async function enlarged(photo: string | undefined): Promise<Buffer> {
  const raw = { raw: { width: WIDTH / 4, height: HEIGHT / 4, channels: 3 as const } };
  const source = photo === undefined ? sharp(photoLike(WIDTH / 4, HEIGHT / 4), raw) : sharp(photo);
  return source.resize(WIDTH, HEIGHT, { kernel: 'cubic', fit: 'cover' }).removeAlpha().raw().toBuffer();
}

const noise = (): Buffer => {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
};

const shape: PictureShape = { width: WIDTH, height: HEIGHT, channels: 3, depth: 8 };
const bands: BandPlace[] = Array.from({ length: HEIGHT / BAND_ROWS }, (_, index) => {
  const y = index * BAND_ROWS;
  return { index, y, rows: BAND_ROWS, first: index === 0, last: y + BAND_ROWS === HEIGHT };
});

interface Contender {
  readonly name: string;
  run(): Promise<number>;
}

function ours(kernels: Kernels, name: string, pixels: Buffer, chroma: Chroma, tables: JpegTables): Contender {
  const encoding: JpegEncoding = { kind: 'jpeg', quality: QUALITY, chroma, tables, restartRows: 1 };
  const coder = createJpegCoder(kernels, shape, encoding);
  const stride = WIDTH * 3;
  // As in a job, the rows of a band already lie in the module's memory and are reused.
  const address = kernels.arena.alloc(BAND_ROWS * stride);
  kernels.arena.alloc(1 << 23);
  return {
    name,
    run: () => {
      let bytes = 0;
      let spent = 0;
      for (const place of bands) {
        const rows = kernels.bytes(address, BAND_ROWS * stride);
        rows.set(pixels.subarray(place.y * stride, (place.y + BAND_ROWS) * stride));
        const start = performance.now();
        bytes += coder.encode(rows, place).bytes.length;
        spent += performance.now() - start;
      }
      sizes.set(name, bytes);
      return Promise.resolve(spent);
    },
  };
}

function native(name: string, pixels: Buffer, chroma: Chroma, optimise: boolean): Contender {
  return {
    name,
    run: async () => {
      const start = performance.now();
      const out = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .jpeg({ quality: QUALITY, chromaSubsampling: chroma === '420' ? '4:2:0' : '4:4:4', optimiseCoding: optimise })
        .toBuffer();
      const spent = performance.now() - start;
      sizes.set(name, out.length);
      return spent;
    },
  };
}

const sizes = new Map<string, number>();

async function compare(title: string, pixels: Buffer): Promise<void> {
  const module = await WebAssembly.compile(
    readFileSync(new URL('../src/wasm/generated/kernels.wasm', import.meta.url)),
  );
  const kernels = await Kernels.instantiate(module);
  const first = { index: 0, y: 0, rows: HEIGHT, first: true, last: true };
  const base = { kind: 'jpeg', quality: QUALITY, chroma: '420', tables: STANDARD_TABLES, restartRows: 1 } as const;
  const tables = optimisedTables(createJpegCoder(kernels, shape, base).statistics(pixels, first), 'sample');
  const contenders = [
    ours(kernels, 'ours 4:2:0, standard tables', pixels, '420', STANDARD_TABLES),
    ours(kernels, 'ours 4:2:0, made tables', pixels, '420', tables),
    native('libjpeg-turbo 4:2:0, standard tables', pixels, '420', false),
    ours(kernels, 'ours 4:4:4, standard tables', pixels, '444', STANDARD_TABLES),
    native('libjpeg-turbo 4:4:4, standard tables', pixels, '444', false),
  ];
  const best = new Map<string, number>();
  for (let run = 0; run < RUNS; run++) {
    for (const { name, run: once } of contenders) best.set(name, Math.min(best.get(name) ?? Infinity, await once()));
  }
  console.log(`${title}, ${WIDTH} x ${HEIGHT}, quality ${QUALITY}`);
  for (const [name, ms] of best) {
    const speed = (WIDTH * HEIGHT) / ms / 1000;
    const bits = (sizes.get(name)! * 8) / (WIDTH * HEIGHT);
    console.log(`  ${name.padEnd(38)} ${speed.toFixed(0).padStart(5)} MP/s  ${bits.toFixed(3)} bits/pixel`);
  }
}

async function main(): Promise<void> {
  await compare('enlarged 4x', await enlarged(process.argv[2]));
  await compare('noise', noise());
}

await main();
