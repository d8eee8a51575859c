/** Starts the command line as a program of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test as base } from '@playwright/test';

/** The built app under test. */
export const builtApp = resolve(process.env['APP_DIST'] ?? 'dist');
export const fakeApp = resolve('e2e/fake-app');
export const fixtures = resolve('test/fixtures');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
}

/** Calls that have not ended yet. */
const running = new Set<ChildProcess>();

/** Starts a call; the program is a direct child, so that signals reach it. */
export function startCli(app: string, words: readonly string[]): CliRun {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/upscale.ts', '--app', app, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const done = new Promise<CliResult>((settle) => child.on('close', (code) => settle({ code, stdout, stderr })));
  return { child, done };
}

/** Runs a call to its end. */
export const runCli = (app: string, ...words: string[]): Promise<CliResult> => startCli(app, words).done;

/** Waits for a file to be there. */
export async function appearance(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((later) => setTimeout(later, 20));
}

/** A file of /proc, or nothing: any process may end between being listed and being read. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The processes below one, by Linux's /proc, with their command lines. */
export function descendants(root: number): { pid: number; command: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const all = pids.map((name) => {
    const stat = readProc(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { pid: Number(name), parent, command: readProc(`/proc/${name}/cmdline`).replaceAll('\0', ' ') };
  });
  const found = all.filter(({ parent }) => parent === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

/** Is a process still at work? One that has ended but was not waited for has an empty command line. */
export const isAlive = (pid: number): boolean => readProc(`/proc/${pid}/cmdline`) !== '';

/** Tests with a folder of their own; calls that a failed test has left are ended with it. */
export const test = base.extend<{ folder: string }>({
  // Playwright reads the names of fixtures out of this pattern, so it must be there even when it is empty.
  // eslint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'upscale-e2e-'));
    await use(folder);
    // A test that failed may have left a call waiting for its signal.
    for (const child of running) child.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  },
});
