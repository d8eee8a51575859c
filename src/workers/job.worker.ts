/** Owns one job at a time, from end to end: its plan, its workers, its memory and its output. What is costly to start stays for the next job. */
import { expose, releaseProxy, type ProxyMethods } from 'comlink';
import { probeSource } from '../codecs/probe.ts';
import { AppError, isAbort, type ErrorCode } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { JobEvent } from '../core/job.ts';
import { detectEnvironment, hasSimd, type Environment } from '../pipeline/environment.ts';
import type { JobRequest, JobResult } from '../pipeline/job-request.ts';
import { runJob } from '../pipeline/run-job.ts';
import { openStageFile } from '../pipeline/stage/opfs-stage.ts';
import { PauseGate } from '../pipeline/pause-gate.ts';
import type { JobServices } from '../pipeline/services.ts';
import { WindowMemory } from '../pipeline/window-memory.ts';
import { bandNetwork } from './band-network.ts';
import { chooseEngines, courtesy, warmEngines } from './engines.ts';
import { kernelsModule } from './kernels-module.ts';
import { KEPT_TILES } from './kept-tiles.ts';
import { WorkerModelRunners } from './model-runners.ts';
import type { JobWorkerApi } from './protocol.ts';
import { openReader, warmDecoder } from './remote-reader.ts';
import { Rehearsal } from './rehearsal.ts';
import { installErrorTransfer } from './transfer.ts';
import { viewerProgram } from './viewer-program.ts';
import { encodeInWorker } from './whole-encoder.ts';

/** After these nobody knows in what state the worker is. */
const UNFORESEEN: readonly ErrorCode[] = ['internal', 'no-memory', 'engine-failed', 'worker-died'];

class JobWorker implements JobWorkerApi {
  readonly #windows = new WindowMemory();
  #running: AbortController | null = null;
  readonly #gate = new PauseGate();
  #reusable = true;
  readonly #services: JobServices = {
    environment: (info) => detectEnvironment(info.alpha),
    openReader: (decoder, file, info, { isolated }) => openReader(decoder, file, info, isolated),
    windows: this.#windows,
    engines: chooseEngines,
    kernels: () => (hasSimd() ? kernelsModule() : null),
    encodeWhole: encodeInWorker,
    gate: this.#gate,
    // The built script's name has a sum of its content and, through their names, of all that it starts.
    stages: { build: import.meta.url, open: openStageFile },
    viewerProgram,
    models: () => new WorkerModelRunners(),
    ...KEPT_TILES,
    network: bandNetwork,
  };
  /** None where jobs run on the scalar engine, or take their memory from elsewhere. */
  readonly #rehearsal =
    globalThis.crossOriginIsolated && hasSimd() ? new Rehearsal((job) => this.#rehearse(job)) : null;

  #rehearse(request: JobRequest): Promise<JobResult> {
    const services = { ...this.#services, gate: new PauseGate() };
    return runJob(request, services, () => undefined, new AbortController().signal);
  }

  inspect(source: Blob, name: string): Promise<SourceInfo> {
    return probeSource(source, name);
  }

  environment(): Promise<Environment> {
    return detectEnvironment(true);
  }

  async run(request: JobRequest, onEvent: (event: JobEvent) => void): Promise<JobResult> {
    if (this.#running !== null) throw new AppError('internal', 'this worker is busy with another job');
    const controller = new AbortController();
    this.#running = controller;
    const { before, after } = request.options.hooks;
    if (before !== null || after !== null) this.#reusable = false;
    try {
      await this.#rehearsal?.over();
      return await runJob(request, this.#services, onEvent, controller.signal);
    } catch (error) {
      const foreseen = isAbort(error) || (error instanceof AppError && !UNFORESEEN.includes(error.code));
      if (!foreseen) this.#reusable = false;
      throw error;
    } finally {
      this.#running = null;
      // A function of the page is a port here, which would stay open until it is collected.
      (onEvent as Partial<ProxyMethods>)[releaseProxy]?.();
      if (globalThis.crossOriginIsolated) warmDecoder();
    }
  }

  reusable(): Promise<boolean> {
    return Promise.resolve(this.#reusable && !this.#windows.hadGiant);
  }

  cancel(): Promise<void> {
    courtesy.end();
    this.#running?.abort(new DOMException('the job was cancelled', 'AbortError'));
    return Promise.resolve();
  }

  setActing(acting: boolean): Promise<void> {
    if (acting) courtesy.begin();
    else courtesy.end();
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
