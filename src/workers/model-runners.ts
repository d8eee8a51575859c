import { transfer } from 'comlink';
import '../core/script-policy.ts';
import { MODEL_BACKENDS, type ModelBackend, type ModelShape } from '../core/ai.ts';
import { AppError, isAbort } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { cutTile, runParts } from '../core/plan/tile-parts.ts';
import { isSoftwareAdapter } from '../gpu/device.ts';
import { shapeOf } from '../models/catalogue.ts';
import { kernelFacts } from '../models/ranges.ts';
import type { ModelRunner, ModelRunners, ModelSource } from '../models/runner.ts';
import { coreCount, memoryBudget } from '../pipeline/environment.ts';
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

/** Tiles of a network on our own kernels are computed side by side, by at most so many workers. */
const MOST_HOSTS = 8;
/** Fewer tiles than this would leave cores idle. */
const FEW_TILES = 4;
const MOST_PARTS = 4;

/**
 * Runs networks in workers of their own, one a backend, or one a core for networks that take one thread each; a worker whose runtime has
 * failed is replaced.
 */
export class WorkerModelRunners implements ModelRunners {
  /** By backend and number. */
  readonly #hosts = new Map<string, Host>();
  readonly #chosen: readonly ModelBackend[] | null;
  #closed = false;

  /** `chosen` overrides what the device has: for tests and measurements. */
  constructor(chosen: readonly ModelBackend[] | null = null) {
    this.#chosen = chosen;
  }

  backends(): Promise<readonly ModelBackend[]> {
    return this.#chosen === null ? modelBackends() : Promise.resolve(this.#chosen);
  }

  async open(source: ModelSource, input: Size, backend: ModelBackend, tiles = Infinity): Promise<ModelRunner> {
    const facts = backend === 'wasm-threads' ? await kernelFacts(source.model, input) : null;
    const fitting = facts === null ? 1 : Math.max(1, Math.floor(memoryBudget() / facts.bytes));
    const count = Math.min(fitting, MOST_HOSTS, coreCount());
    const lanes = await Promise.all(
      Array.from({ length: count }, (_, i) => this.#openIn(`${backend} ${i}`, source, input, backend)),
    );
    const shape = facts?.isDivisible === true && tiles < FEW_TILES ? shapeOf(source.model) : null;
    const run = shape === null ? leastBusy(lanes) : byParts(leastBusy(lanes), shape, input);
    return { backend, run, close: async () => void (await Promise.all(lanes.map((lane) => lane.close()))) };
  }

  close(): void {
    this.#closed = true;
    for (const host of this.#hosts.values()) host.terminate();
    this.#hosts.clear();
  }

  async #openIn(name: string, source: ModelSource, input: Size, backend: ModelBackend): Promise<Lane> {
    const host = this.#host(name);
    const guarded = <T>(call: Promise<T>): Promise<T> =>
      call.catch((error: unknown) => {
        // After running out of memory, or losing its device, a runtime is not to be trusted with anything.
        if (!isAbort(error)) this.#end(name, host);
        throw error;
      });
    const id = await guarded(host.call((api) => api.open(source, input, backend)));
    const lane: Lane = {
      pending: 0,
      run: (planes) => {
        lane.pending++;
        const run = guarded(host.call((api) => api.run(id, transfer(planes, [planes.buffer]))));
        return run.finally(() => lane.pending--);
      },
      close: () => (host.ended ? Promise.resolve() : host.call((api) => api.close(id)).catch(() => undefined)),
    };
    return lane;
  }

  #host(name: string): Host {
    // What was under way when it was closed: nobody would end the worker.
    if (this.#closed) throw new DOMException('the models were closed', 'AbortError');
    const known = this.#hosts.get(name);
    if (known && !known.ended) return known;
    const worker = new Worker(new URL('./model.worker.ts', import.meta.url), { type: 'module' });
    const host = new RemoteWorker<ModelWorkerApi>(worker, 'The model worker');
    this.#hosts.set(name, host);
    return host;
  }

  #end(name: string, host: Host): void {
    // Not an abort: tiles that were under way are to be computed by its successor.
    host.terminate(new AppError('worker-died', 'The model worker was ended after a failure.'));
    if (this.#hosts.get(name) === host) this.#hosts.delete(name);
  }
}

/** A network in one worker. */
interface Lane {
  /** Calls that have not been answered. */
  pending: number;
  run(planes: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

type Run = ModelRunner['run'];

const leastBusy =
  (lanes: readonly Lane[]): Run =>
  (planes) =>
    lanes.reduce((best, lane) => (lane.pending < best.pending ? lane : best)).run(planes);

/** Each tile by parts, which depend on nothing but its size: the same job gives the same bytes with any number of lanes. */
const byParts =
  (run: Run, shape: ModelShape, input: Size): Run =>
  (planes) => {
    const parts = cutTile(input.height, shape, MOST_PARTS);
    return parts.length === 1 ? run(planes) : runParts(planes, input, shape, parts, run);
  };
