/** What is measured: each case is a job, and the contestants that try it. */
import type { JobOptions } from '../src/core/options.ts';

export type Contestant =
  | { readonly by: 'ours'; readonly output: 'opfs' | 'stream'; readonly options: Partial<JobOptions> }
  | { readonly by: 'page'; readonly name: string; readonly call: string; readonly args: readonly unknown[] }
  | { readonly by: 'sharp'; readonly format: 'png' | 'jpeg' | 'jpeg-standard' | 'memory' }
  | { readonly by: 'vips'; readonly suffix: string };

export interface Case {
  readonly id: string;
  readonly title: string;
  /** Which input: a JPEG for files, a PNG where decoding must not matter. */
  readonly input: 'photo.jpg' | 'real.jpg';
  readonly scale: number;
  readonly contestants: readonly Contestant[];
  /** The output's pixels are compared with the float reference in five patches. */
  readonly quality: boolean;
  /** How often each contestant runs; the median of all but the first counts. */
  readonly runs: number;
}

const peer = (name: string, ...args: unknown[]): Contestant => ({
  by: 'page',
  name,
  call: 'peer',
  args: [name, ...args],
});
const named = (label: string, contestant: Contestant): Contestant =>
  contestant.by === 'page' ? { ...contestant, name: label } : contestant;

/** Resampling alone, RGBA in memory. */
export function memoryCase(width: number, height: number, scale: number, runs: number): Case {
  const [w, h] = [width * scale, height * scale];
  return {
    id: `memory-${scale}x`,
    title: `resample only, RGBA ${width} x ${height} to ${w} x ${h}, Lanczos-3`,
    input: 'photo.jpg',
    scale,
    quality: false,
    runs,
    contestants: [
      { by: 'page', name: 'ours', call: 'resampleOurs', args: [w, h, 'lanczos3'] },
      { by: 'sharp', format: 'memory' },
      named('canvas drawImage', peer('resampleCanvas', w, h)),
      named('canvas progressive', peer('resampleCanvasProgressive', w, h)),
      { by: 'page', name: 'pica', call: 'resamplePica', args: [w, h] },
      named('wasm-vips', peer('resampleVips', w)),
      named('@jsquash/resize', peer('resampleSquash', w, h)),
    ],
  };
}

/** Source file to output file. Above `canvasLimit` pixels a canvas cannot be made; those peers are left to fail and say so. */
export function fileCase(
  format: 'png' | 'jpeg',
  size: { width: number; height: number },
  scale: number,
  options: { input?: Case['input']; runs: number; browserPeers: boolean; stream?: boolean; quality?: boolean },
): Case {
  const [w, h] = [size.width * scale, size.height * scale];
  const mime = `image/${format}`;
  const target = { kind: 'exact', width: w, height: h } as const;
  const ours: Partial<JobOptions> = { target, format, quality: 90, chroma: '420' };
  const contestants: Contestant[] = [{ by: 'ours', output: 'opfs', options: ours }];
  if (options.stream === true) contestants.push({ by: 'ours', output: 'stream', options: ours });
  contestants.push({ by: 'sharp', format });
  if (format === 'jpeg') contestants.push({ by: 'sharp', format: 'jpeg-standard' });
  contestants.push({ by: 'vips', suffix: format === 'png' ? '.png[compression=1]' : '.jpg[Q=90]' });
  if (options.browserPeers) {
    contestants.push(
      named('canvas', peer('canvas', w, h, mime, 0.9, false)),
      named('canvas progressive', peer('canvas', w, h, mime, 0.9, true)),
      { by: 'page', name: 'pica', call: 'pica', args: [w, h, mime, 0.9] },
      named('wasm-vips', peer('vips', w, format === 'png' ? '.png[compression=1]' : '.jpg[Q=90]')),
      named('@jsquash', peer('squash', w, h, format, 90)),
    );
  }
  const what = options.input === 'real.jpg' ? 'real photo' : 'photo-like picture';
  return {
    id: `${format}-${scale}x${options.input === 'real.jpg' ? '-real' : ''}`,
    title: `${scale}x of a ${what} of ${size.width} x ${size.height}, file to file, ${format === 'png' ? 'PNG' : 'JPEG q90 4:2:0'}`,
    input: options.input ?? 'photo.jpg',
    scale,
    contestants,
    quality: options.quality ?? true,
    runs: options.runs,
  };
}

/** Coding alone, one thread, the enlarged picture in memory. */
export function coderCase(format: 'png' | 'jpeg', width: number, height: number, scale: number, runs: number): Case {
  const [w, h] = [width * scale, height * scale];
  const png = ['ours-png', 'fflate-1', 'pako-1', 'CompressionStream', 'squash-png'];
  const jpeg = ['ours-jpeg', 'squash-jpeg', 'canvas-jpeg'];
  return {
    id: `code-${format}`,
    title: `${format.toUpperCase()} coding alone, ${w} x ${h} RGB, one worker`,
    input: 'photo.jpg',
    scale,
    quality: false,
    runs,
    contestants: (format === 'png' ? png : jpeg).map((coder) =>
      named(coder.startsWith('ours') ? 'ours' : coder, peer('code', w, h, coder)),
    ),
  };
}
