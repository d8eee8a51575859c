/** Owns one job at a time, from end to end: its plan, its workers, its memory and its output. */
import { expose } from 'comlink';
import { probeSource } from '../codecs/probe.ts';
import type { EngineName } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import type { EngineFactory } from '../pipeline/engine-chain.ts';
import { coreCount, detectEnvironment, hasNestedWorkers, hasSimd, type Environment } from '../pipeline/environment.ts';
import type { JobRequest, JobResult } from '../pipeline/job-request.ts';
import { runJob } from '../pipeline/run-job.ts';
import { ScalarEngine } from '../pipeline/scalar-engine.ts';
import type { JobServices } from '../pipeline/services.ts';
import kernelsUrl from '../wasm/generated/kernels.wasm?url';
import { BandPool } from './band-pool.ts';
import type { JobWorkerApi } from './protocol.ts';
import { openReader, warmDecoder } from './remote-reader.ts';
import { installErrorTransfer } from './transfer.ts';
import { encodeInWorker } from './whole-encoder.ts';

let compiled: Promise<WebAssembly.Module> | null = null;

/** Compiled once for all jobs of this worker; a failure is forgotten, so that the next job tries again. */
function kernelsModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compileStreaming(fetch(kernelsUrl)).catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}

/** Workers that are started before they are needed: starting them takes longer than enlarging a small picture. */
let warmPool: BandPool | null = null;

function warmUp(): void {
  kernelsModule().catch(() => undefined);
  warmPool = new BandPool(kernelsModule(), coreCount());
  if (globalThis.crossOriginIsolated) warmDecoder();
}

function takePool(): BandPool {
  const pool = warmPool ?? new BandPool(kernelsModule(), coreCount());
  warmPool = null;
  return pool;
}

function chooseEngines(choice: EngineName | 'auto', environment: Environment): ReturnType<JobServices['engines']> {
  const simd: EngineFactory = {
    name: 'simd',
    create: () => Promise.resolve(takePool()),
  };
  const scalar: EngineFactory = { name: 'scalar', create: () => Promise.resolve(new ScalarEngine()) };
  const canSimd = environment.simd && environment.nestedWorkers;
  if (choice === 'scalar') return { factories: [scalar], reason: 'The scalar engine was asked for.' };
  if (choice === 'simd' && !canSimd) {
    return {
      factories: [scalar],
      reason: 'SIMD was asked for, but this browser has none: the scalar engine does the same.',
    };
  }
  if (!canSimd) return { factories: [scalar], reason: 'This browser has no WebAssembly SIMD or no nested workers.' };
  const asked = choice === 'simd' ? 'was asked for' : 'is the fastest here';
  return { factories: [simd, scalar], reason: `The SIMD engine ${asked}: ${environment.cores} workers.` };
}

class JobWorker implements JobWorkerApi {
  #running: AbortController | null = null;

  inspect(source: Blob, name: string): Promise<SourceInfo> {
    return probeSource(source, name);
  }

  async run(request: JobRequest, onEvent: (event: JobEvent) => void): Promise<JobResult> {
    if (this.#running !== null) throw new AppError('internal', 'this worker is busy with another job');
    const controller = new AbortController();
    this.#running = controller;
    const services: JobServices = {
      environment: (info) => detectEnvironment(info.alpha),
      openReader: (decoder, file, info, { isolated }) => openReader(decoder, file, info, isolated),
      engines: chooseEngines,
      kernels: () => (hasSimd() ? kernelsModule() : null),
      encodeWhole: encodeInWorker,
    };
    try {
      return await runJob(request, services, onEvent, controller.signal);
    } finally {
      this.#running = null;
    }
  }

  cancel(): Promise<void> {
    this.#running?.abort(new DOMException('the job was cancelled', 'AbortError'));
    return Promise.resolve();
  }
}

if (hasSimd() && hasNestedWorkers()) warmUp();
void detectEnvironment(false);

installErrorTransfer();
expose(new JobWorker());
