import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ResourceWatch, treeCpuSeconds, treeMemory } from '../scripts/cli/memory.ts';
import type { BenchBrowser } from './browser.ts';
import type { Case, Contestant } from './cases.ts';
import { psnrAgainstReference } from './quality.ts';

/** What one run of one contestant cost. */
export interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  /** Peak memory of the process tree; for the browser above the idle page. */
  readonly peakBytes: number | null;
  readonly bytes: number | null;
  /** Against the float reference, in dB; null where it was not looked at. */
  readonly psnr: number | null;
  readonly detail: unknown;
  readonly error: string | null;
}

export function labelOf(contestant: Contestant): string {
  switch (contestant.by) {
    case 'ours':
      return contestant.output === 'opfs' ? 'ours' : 'ours, to a user’s file';
    case 'page':
      return contestant.name;
    case 'sharp':
      return contestant.format === 'jpeg-standard' ? 'sharp, standard tables' : 'sharp';
    case 'vips':
      return 'vips command';
    default:
      return contestant satisfies never;
  }
}

const failed = (error: unknown): Measurement => ({
  ...{ seconds: NaN, cpuSeconds: null, peakBytes: null, bytes: null, psnr: null, detail: null },
  error: (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 160),
});

interface Timed {
  readonly ms: number;
  readonly bytes: number | null;
  readonly detail?: unknown;
}

/**
 * Runs one contestant once. A failure is a result. The first run looks at memory and at the quality, which costs time (reading the
 * page tables of a process holds up its page faults); table.ts leaves its time out where there are others.
 */
export async function measure(
  contestant: Contestant,
  entry: Case,
  input: string,
  browser: BenchBrowser,
  scratch: string,
  first: boolean,
): Promise<Measurement> {
  const folder = join(scratch, 'bench-files');
  mkdirSync(folder, { recursive: true });
  try {
    switch (contestant.by) {
      case 'ours':
      case 'page':
        return await measureInBrowser(contestant, entry, input, browser, folder, first);
      case 'sharp':
        return await measureSharp(contestant.format, entry, input, folder, first && entry.quality);
      case 'vips':
        return await measureVips(contestant.suffix, entry, input, folder, first && entry.quality);
      default:
        return contestant satisfies never;
    }
  } catch (error) {
    return failed(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureInBrowser(
  contestant: Extract<Contestant, { by: 'ours' | 'page' }>,
  entry: Case,
  input: string,
  browser: BenchBrowser,
  folder: string,
  first: boolean,
): Promise<Measurement> {
  await browser.dispose();
  await browser.call('dropOutput', [], input);
  const watch = browser.pid === null || !first ? null : await ResourceWatch.start(browser.pid, 100);
  const cpuBefore = browser.pid === null ? 0 : await treeCpuSeconds(browser.pid);
  const run =
    contestant.by === 'ours'
      ? browser.call<Timed>('ours', [contestant.options, contestant.output], input)
      : browser.call<Timed>(contestant.call, contestant.args, input);
  const result = await run.finally(() => watch?.stop());
  const use = (await watch?.stop()) ?? null;
  const cpuSeconds = browser.pid === null ? null : (await treeCpuSeconds(browser.pid)) - cpuBefore;
  let psnr: number | null = null;
  if (contestant.by === 'ours' && entry.quality && first) {
    const path = join(folder, 'ours');
    await browser.saveOutput(path);
    psnr = await psnrAgainstReference(input, path, entry.scale);
  }
  await browser.call('dropOutput', [], input);
  return {
    ...{ seconds: result.ms / 1000, bytes: result.bytes, psnr, detail: result.detail ?? null, error: null },
    ...{ cpuSeconds, peakBytes: use?.peakBytes ?? null },
  };
}

async function outputSize(input: string, scale: number): Promise<{ width: number; height: number }> {
  const { default: sharp } = await import('sharp');
  const { width, height } = await sharp(input).metadata();
  return { width: width * scale, height: height * scale };
}

async function measureSharp(
  format: string,
  entry: Case,
  input: string,
  folder: string,
  checkQuality: boolean,
): Promise<Measurement> {
  const { width, height } = await outputSize(input, entry.scale);
  const output = join(folder, `sharp.${format.split('-')[0]}`);
  const script = fileURLToPath(new URL('./peers/sharp-job.ts', import.meta.url));
  const words = ['--import', 'tsx', script, input, output, String(width), String(height), format];
  const { stdout } = await runProcess(process.execPath, words);
  const result = JSON.parse(stdout) as Timed & { cpuSeconds: number; peakBytes: number };
  const psnr = checkQuality && format !== 'memory' ? await psnrAgainstReference(input, output, entry.scale) : null;
  const { ms, bytes, cpuSeconds, peakBytes } = result;
  return { seconds: ms / 1000, cpuSeconds, peakBytes, bytes, psnr, detail: null, error: null };
}

async function measureVips(
  suffix: string,
  entry: Case,
  input: string,
  folder: string,
  checkQuality: boolean,
): Promise<Measurement> {
  const [extension] = suffix.split('[');
  const output = join(folder, `vips${extension}`);
  const words = [
    'resize',
    input,
    `${output}${suffix.slice(extension!.length)}`,
    String(entry.scale),
    '--kernel',
    'lanczos3',
  ];
  const { seconds, cpuSeconds, peakBytes } = await runProcess('vips', words);
  const psnr = checkQuality ? await psnrAgainstReference(input, output, entry.scale) : null;
  return { seconds, cpuSeconds, peakBytes, bytes: statSync(output).size, psnr, detail: null, error: null };
}

/** Runs a program and looks at its memory and processor time while it lives (the last look may miss some milliseconds). */
async function runProcess(
  program: string,
  words: readonly string[],
): Promise<{ stdout: string; seconds: number; cpuSeconds: number; peakBytes: number }> {
  const started = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr, cpuSeconds, peakBytes, ended] = ['', '', 0, 0, false];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  }).finally(() => (ended = true));
  const look = async (): Promise<void> => {
    while (!ended && child.pid !== undefined) {
      cpuSeconds = Math.max(cpuSeconds, await treeCpuSeconds(child.pid));
      peakBytes = Math.max(peakBytes, await treeMemory(child.pid));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const [code] = await Promise.all([exit, look()]);
  if (code !== 0) throw new Error(stderr.trim() || `${program} ended with ${code}`);
  return { stdout, seconds: (performance.now() - started) / 1000, cpuSeconds, peakBytes };
}
