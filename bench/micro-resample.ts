/**
 * Times the resampler alone, in bands as the engine asks for them, on one core: `npx tsx bench/micro-resample.ts [case ...]`.
 * All bands take the same work; that of the fastest twentieth counts, since other work on the machine only ever adds.
 */
import { readFileSync } from 'node:fs';
import type { Channels, Depth } from '../src/core/pixels.ts';
import type { KernelName, MethodName } from '../src/core/resampling.ts';
import { planStages } from '../src/core/stages.ts';
import { srgbCurves } from '../src/core/transfer.ts';
import { Kernels } from '../src/wasm/kernels.ts';
import { WasmResampler } from '../src/wasm/resample.ts';

interface Case {
  readonly width?: number;
  readonly height?: number;
  readonly factor: number;
  readonly channels: Channels;
  readonly depth?: Depth;
  readonly kernel?: KernelName;
  readonly method?: MethodName;
  readonly linear?: boolean;
  readonly translucent?: boolean;
  readonly clamp?: boolean;
  /** Only so many rows of the output; rates do not depend on it. */
  readonly rows?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'rgba-4x': { factor: 4, channels: 4 },
  'rgb-2x': { factor: 2, channels: 3 },
  'rgb-4x': { factor: 4, channels: 3 },
  'grey-4x': { factor: 4, channels: 1 },
  'rgba-4x-translucent': { factor: 4, channels: 4, translucent: true, rows: 3200 },
  'rgb-4x-linear': { factor: 4, channels: 3, linear: true, rows: 3200 },
  'rgb-4x-clamp': { factor: 4, channels: 3, clamp: true, rows: 3200 },
  'rgb16-4x': { factor: 4, channels: 3, depth: 16, rows: 3200 },
  'rgb-4x-mitchell': { factor: 4, channels: 3, kernel: 'mitchell' },
  'rgb-4x-lanczos4': { factor: 4, channels: 3, kernel: 'lanczos4' },
  'rgb-4x-progressive': { factor: 4, channels: 3, method: 'progressive', rows: 3200 },
  'rgb-15x': { factor: 15, channels: 3, rows: 6400 },
  'rgb-3.7x': { factor: 3.7, channels: 3 },
  'rgb-1.1x': { width: 8000, height: 3000, factor: 1.1, channels: 3 },
  'rgb-0.25x': { width: 8000, height: 12000, factor: 0.25, channels: 3 },
};

const BAND_ROWS = Number(process.env.BAND_ROWS ?? 64);
const RUNS = Number(process.env.RUNS ?? 5);
const PERCENTILE = 0.05;
const RATE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

const module = await WebAssembly.compile(readFileSync(new URL('../src/wasm/generated/kernels.wasm', import.meta.url)));

async function time(name: string, c: Case): Promise<void> {
  const { channels, depth = 8, kernel = 'lanczos3', method = 'direct' } = c;
  const from = { width: c.width ?? 2000, height: c.height ?? 3000 };
  const to = { width: Math.round(from.width * c.factor), height: Math.round(from.height * c.factor) };
  const data = new Uint8Array(new SharedArrayBuffer((from.width * from.height * channels * depth) / 8));
  for (let i = 0; i < data.length; i++) data[i] = (i * 2654435761) >>> 24;
  if (channels === 4 && !c.translucent) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  const format = { channels, depth };
  const kernels = await Kernels.instantiate(module);
  const resampler = new WasmResampler(
    kernels,
    {
      stages: planStages(method, kernel, from, to),
      input: format,
      output: format,
      curves: c.linear ? srgbCurves(channels) : null,
      clampOvershoot: c.clamp ?? false,
      background: null,
    },
    from,
  );
  const window = { ...from, ...format, capacity: from.height, data };
  const rows = Math.min(c.rows ?? to.height, to.height);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    for (let y = 0; y + BAND_ROWS <= rows; y += BAND_ROWS) {
      const mark = kernels.arena.mark();
      const start = performance.now();
      resampler.run(window, { x: 0, y, width: to.width, height: BAND_ROWS });
      times.push(performance.now() - start);
      kernels.arena.release(mark);
    }
  }
  const band = times.sort((a, b) => a - b)[Math.floor(times.length * PERCENTILE)];
  const rate = (to.width * BAND_ROWS) / 1000 / band;
  const memory = kernels.exports.memory.buffer.byteLength / 2 ** 20;
  console.log(
    `${name.padEnd(22)} ${to.width} x ${to.height}, ${band.toFixed(2).padStart(6)} ms a band, ` +
      `${RATE.format(rate).padStart(6)} MP/s of output, memory ${memory.toFixed(0)} MiB`,
  );
}

const wanted = process.argv.slice(2);
for (const [name, c] of Object.entries(CASES)) if (wanted.length === 0 || wanted.includes(name)) await time(name, c);
