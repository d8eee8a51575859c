/** Big pictures, the command line as a child process, and patches of results compared with the scalar reference. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makePhoto } from '../../bench/input.ts';
import type { Size } from '../../src/core/geometry.ts';
import { copyWindowRows, type SourceWindow } from '../../src/core/source.ts';
import { resampleRect } from '../../src/core/reference/resample.ts';
import type { KernelName, ResampleSpec } from '../../src/core/resampling.ts';
import { sourceRowsFor } from '../../src/core/taps.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const spacious = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

sharp.cache(false);

/** A folder for large files, removed by the returned function. */
export function scratchFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(spacious, 'heavy-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The 2000 x 3000 photo-like picture of the benchmarks. */
export function photo(): Promise<string> {
  const folder = join(root, 'bench/out');
  mkdirSync(folder, { recursive: true });
  return makePhoto(folder, 2000, 3000);
}

/** 24000 x 25000 pixels: the photo repeated, written by the vips command. */
export async function giant(folder: string, extension: 'jpg' | 'png'): Promise<string> {
  const path = join(folder, `giant.${extension}`);
  const tiled = join(folder, 'tiled.v');
  const options = extension === 'png' ? '[compression=1]' : '[Q=90]';
  const steps = [
    ['replicate', await photo(), tiled, '12', '9'],
    ['crop', tiled, `${path}${options}`, '0', '0', '24000', '25000'],
  ];
  for (const words of steps) {
    const { status, stderr } = spawnSync('vips', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`vips ${words.join(' ')}: ${stderr}`);
  }
  rmSync(tiled, { force: true });
  return path;
}

export interface CliReport {
  readonly output: Size & { readonly path: string; readonly bytes: number };
  readonly peakMemory: number;
  readonly idleMemory: number;
  readonly wallMs: number;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** A running `npm run upscale`. */
export function startCli(words: readonly string[]): {
  readonly interrupt: () => void;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'scripts/upscale.ts'), ...words], { cwd: root });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { interrupt: () => child.kill('SIGINT'), ended };
}

/** Runs the command line to its end and returns what `--json` says; throws when it fails. */
export async function cli(words: readonly string[]): Promise<CliReport> {
  const { code, stdout, stderr } = await startCli([...words, '--json', '--quiet']).ended;
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}\n${stdout.slice(0, 2000)}`);
  return JSON.parse(stdout) as CliReport;
}

const RGB8 = { channels: 3, depth: 8 } as const;

/** Just the source rows under some rows of the output, read by libvips; placed as in a ring of that many rows. */
async function windowOf(
  source: string,
  size: Size,
  spec: ResampleSpec,
  y: number,
  rows: number,
): Promise<SourceWindow> {
  const { first, count } = sourceRowsFor(spec, y, rows);
  const region = { left: 0, top: first, width: size.width, height: count };
  const strip = await sharp(source, { limitInputPixels: false, sequentialRead: true })
    .extract(region)
    .removeAlpha()
    .raw()
    .toBuffer();
  const contiguous: SourceWindow = { ...size, ...RGB8, capacity: count, data: new Uint8Array(strip) };
  const data = new Uint8Array(strip.length);
  copyWindowRows(contiguous, (count - (first % count)) % count, count, data);
  return { ...contiguous, data };
}

const PATCH = 64;

/** The largest difference, and PSNR, of five patches of a result (corners and middle) against the reference. */
export async function comparePatches(
  source: string,
  result: string,
  kernel: KernelName,
): Promise<{ most: number; psnr: number }> {
  const of = async (path: string): Promise<Size> => {
    const { width, height } = await sharp(path, { limitInputPixels: false }).metadata();
    return { width, height };
  };
  const [from, to] = [await of(source), await of(result)];
  const spec: ResampleSpec = {
    stages: [{ from, to, kernel }],
    ...{ input: RGB8, output: RGB8, curves: null, clampOvershoot: false, background: null },
  };
  const [right, bottom] = [to.width - PATCH, to.height - PATCH];
  const places = [
    [0, 0],
    [right, 0],
    [right >> 1, bottom >> 1],
    [0, bottom],
    [right, bottom],
  ] as const;
  let [most, squares] = [0, 0];
  for (const [x, y] of places) {
    const window = await windowOf(source, from, spec, y, PATCH);
    const want = resampleRect(spec, window, { x, y, width: PATCH, height: PATCH });
    const got = await sharp(result, { limitInputPixels: false, unlimited: true })
      .extract({ left: x, top: y, width: PATCH, height: PATCH })
      .removeAlpha()
      .raw()
      .toBuffer();
    for (let i = 0; i < want.length; i++) {
      const difference = Math.abs(want[i] - got[i]);
      most = Math.max(most, difference);
      squares += difference ** 2;
    }
  }
  return { most, psnr: 10 * Math.log10(255 ** 2 / (squares / (places.length * PATCH * PATCH * 3))) };
}
