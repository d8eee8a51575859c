/** Owns one job at a time, from end to end: its plan, its workers, its memory and its output. */
import { expose } from 'comlink';
import { probeSource } from '../codecs/probe.ts';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import { detectEnvironment, hasSimd } from '../pipeline/environment.ts';
import type { JobRequest, JobResult } from '../pipeline/job-request.ts';
import { runJob } from '../pipeline/run-job.ts';
import { PauseGate } from '../pipeline/pause-gate.ts';
import type { JobServices } from '../pipeline/services.ts';
import { chooseEngines, kernelsModule, warmEngines } from './engines.ts';
import type { JobWorkerApi } from './protocol.ts';
import { openReader, warmDecoder } from './remote-reader.ts';
import { installErrorTransfer } from './transfer.ts';
import { encodeInWorker } from './whole-encoder.ts';

class JobWorker implements JobWorkerApi {
  #running: AbortController | null = null;
  readonly #gate = new PauseGate();

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
      gate: this.#gate,
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

  setPaused(paused: boolean): Promise<void> {
    this.#gate.set(paused);
    return Promise.resolve();
  }
}

// Ready when the first job comes.
warmEngines();
if (globalThis.crossOriginIsolated) warmDecoder();
void detectEnvironment(false);

installErrorTransfer();
expose(new JobWorker());
