/** Functions that bench/run.ts calls in the browser: our engine and the browser peers, each timed around its own work alone. */
import { wrap, type Remote } from 'comlink';
import { DEFAULT_OPTIONS, Upscaler, type JobOptions, type JobRequest } from '../../src/index.ts';
import { resampleWithPica, picaToBlob } from './pica.ts';
import type { PeerWorkerApi } from './peers.worker.ts';
import { resampleOurs } from './resample-ours.ts';

/** What one run gives: milliseconds of its own work, and the bytes of the file where there is one. */
export interface RunResult {
  readonly ms: number;
  readonly bytes: number | null;
  readonly detail?: unknown;
}

const input = document.querySelector<HTMLInputElement>('#input')!;
const file = (): File => input.files![0]!;

/** A worker for one call: its memory goes back with it. */
async function inPeerWorker<T>(task: (api: Remote<PeerWorkerApi>) => Promise<T>): Promise<T> {
  const worker = new Worker(new URL('./peers.worker.ts', import.meta.url), { type: 'module' });
  const died = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || 'the worker died'));
  });
  try {
    return await Promise.race([task(wrap<PeerWorkerApi>(worker)), died]);
  } finally {
    worker.terminate();
  }
}

async function runOurs(options: Partial<JobOptions>, output: 'opfs' | 'stream'): Promise<RunResult> {
  const root = await navigator.storage.getDirectory();
  const name = 'bench-output';
  const upscaler = new Upscaler();
  // As in the app: the workers start when the picture is opened, and a person takes a moment before pressing Start.
  await upscaler.inspect(file(), file().name);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const target: JobRequest['output'] =
    output === 'opfs'
      ? { kind: 'opfs', name }
      : { kind: 'file', handle: await root.getFileHandle(name, { create: true }), created: true };
  const request: JobRequest = {
    source: file(),
    sourceName: file().name,
    options: { ...DEFAULT_OPTIONS, ...options },
    output: target,
  };
  const started = performance.now();
  const { receipt } = await upscaler.run(request);
  const ms = performance.now() - started;
  upscaler.close();
  return { ms, bytes: receipt.output.bytes, detail: receipt.timings };
}

/** One job after another by the same engine, as in a queue: the milliseconds that each took, to a file in OPFS. */
async function runSeries(options: Partial<JobOptions>, jobs: number): Promise<number[]> {
  const upscaler = new Upscaler();
  await upscaler.inspect(file(), file().name);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const times: number[] = [];
  for (let job = 0; job < jobs; job++) {
    const started = performance.now();
    await upscaler.run({
      source: file(),
      sourceName: file().name,
      options: { ...DEFAULT_OPTIONS, ...options },
      output: { kind: 'opfs', name: 'bench-output' },
    });
    times.push(performance.now() - started);
  }
  upscaler.close();
  await dropOutput();
  return times;
}

/** The file that the last run of ours left in OPFS, in pieces that fit a message; then removes it. */
async function takeOutput(save: (piece: string) => Promise<void>): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('outputs', { create: true });
  const handle = await folder.getFileHandle('bench-output').catch(() => root.getFileHandle('bench-output'));
  const blob = await handle.getFile();
  const PIECE = 24 << 20;
  for (let at = 0; at < blob.size; at += PIECE) {
    const url = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(blob.slice(at, at + PIECE));
    });
    await save(url.slice(url.indexOf(',') + 1));
  }
  await dropOutput();
}

async function dropOutput(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('outputs', { create: true });
  await folder.removeEntry('bench-output').catch(() => undefined);
  await root.removeEntry('bench-output').catch(() => undefined);
}

export const api = {
  ours: runOurs,
  series: runSeries,
  takeOutput,
  dropOutput,
  resampleOurs: (width: number, height: number, kernel: 'lanczos3') =>
    resampleOurs(file(), { width, height }, kernel, navigator.hardwareConcurrency),
  resamplePica: (width: number, height: number) => resampleWithPica(file(), width, height),
  pica: (width: number, height: number, type: string, quality: number) =>
    picaToBlob(file(), width, height, type, quality),
  peer: <K extends keyof PeerWorkerApi>(name: K, ...args: unknown[]): Promise<RunResult> =>
    inPeerWorker((remote) => (remote[name] as (...all: unknown[]) => Promise<RunResult>)(file(), ...args)),
};

Object.assign(window, { bench: api });
