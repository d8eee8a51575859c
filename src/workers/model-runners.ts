import { transfer } from 'comlink';
import '../core/script-policy.ts';
import { MODEL_BACKENDS, type ModelBackend } from '../core/ai.ts';
import { AppError, isAbort } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { isSoftwareAdapter } from '../gpu/device.ts';
import type { ModelRunner, ModelRunners, ModelSource } from '../models/runner.ts';
import { coreCount } from '../pipeline/environment.ts';
import type { ModelWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

type Host = RemoteWorker<ModelWorkerApi>;

let usable: Promise<readonly ModelBackend[]> | null = null;

/** The backends of this device: WebGPU on a real GPU, threads where memory can be shared, and always one thread. */
export function modelBackends(): Promise<readonly ModelBackend[]> {
  usable ??= (async () => {
    const adapter = await (navigator.gpu as GPU | undefined)?.requestAdapter().catch(() => null);
    const gpu = adapter !== null && adapter !== undefined && !isSoftwareAdapter(adapter.info);
    const threads = globalThis.crossOriginIsolated && coreCount() > 1;
    return MODEL_BACKENDS.filter((name) => (name === 'webgpu' ? gpu : name === 'wasm-threads' ? threads : true));
  })();
  return usable;
}

/** Runs networks in workers of their own, one a backend; a worker whose runtime has failed is replaced. */
export class WorkerModelRunners implements ModelRunners {
  readonly #hosts = new Map<ModelBackend, Host>();
  readonly #chosen: readonly ModelBackend[] | null;

  /** `chosen` overrides what the device has: for tests and measurements. */
  constructor(chosen: readonly ModelBackend[] | null = null) {
    this.#chosen = chosen;
  }

  backends(): Promise<readonly ModelBackend[]> {
    return this.#chosen === null ? modelBackends() : Promise.resolve(this.#chosen);
  }

  async open(source: ModelSource, input: Size, backend: ModelBackend): Promise<ModelRunner> {
    const host = this.#host(backend);
    const guarded = <T>(call: Promise<T>): Promise<T> =>
      call.catch((error: unknown) => {
        // After running out of memory, or losing its device, a runtime is not to be trusted with anything.
        if (!isAbort(error)) this.#end(backend, host);
        throw error;
      });
    const id = await guarded(host.call((api) => api.open(source, input, backend)));
    return {
      backend,
      run: (planes) => guarded(host.call((api) => api.run(id, transfer(planes, [planes.buffer])))),
      close: () => (host.ended ? Promise.resolve() : host.call((api) => api.close(id)).catch(() => undefined)),
    };
  }

  close(): void {
    for (const host of this.#hosts.values()) host.terminate();
    this.#hosts.clear();
  }

  #host(backend: ModelBackend): Host {
    const known = this.#hosts.get(backend);
    if (known && !known.ended) return known;
    const worker = new Worker(new URL('./model.worker.ts', import.meta.url), { type: 'module' });
    const host = new RemoteWorker<ModelWorkerApi>(worker, 'The model worker');
    this.#hosts.set(backend, host);
    return host;
  }

  #end(backend: ModelBackend, host: Host): void {
    // Not an abort: tiles that were under way are to be computed by its successor.
    host.terminate(new AppError('worker-died', 'The model worker was ended after a failure.'));
    if (this.#hosts.get(backend) === host) this.#hosts.delete(backend);
  }
}
