import type * as Runtime from 'onnxruntime-web';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import gpuGlueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { ModelBackend } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import { readOnnx, type OnnxValue } from './onnx.ts';
import { say, str } from '../core/text.ts';

type Ort = Pick<typeof Runtime, 'InferenceSession' | 'Tensor' | 'env'>;

/** More threads than this gain nothing on tiles. */
const MOST_THREADS = 8;

/**
 * The runtime for a backend, out of files of the app's own origin. One build has the WebGPU provider (26 MB), the other only the
 * processor's (14 MB), which is also faster there.
 */
async function loadRuntime(backend: ModelBackend): Promise<Ort> {
  const loading: Promise<Ort> =
    backend === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm');
  const ort = await loading.catch((cause: unknown) => {
    throw notLoaded(cause);
  });
  ort.env.wasm.wasmPaths =
    backend === 'webgpu'
      ? { mjs: absolute(gpuGlueUrl), wasm: absolute(gpuWasmUrl) }
      : { mjs: absolute(glueUrl), wasm: absolute(wasmUrl) };
  ort.env.wasm.numThreads =
    backend === 'wasm-threads' ? Math.max(1, Math.min(MOST_THREADS, navigator.hardwareConcurrency)) : 1;
  ort.env.logLevel = 'error';
  return ort;
}

const notLoaded = (cause: unknown): AppError =>
  new AppError('engine-failed', say('ONNX Runtime, which runs this model, could not be loaded.'), {
    remedy: say('Connect once, so that the app can keep it, or use a bundled model, which needs no runtime.'),
    cause,
  });

const absolute = (url: string): string => new URL(url, import.meta.url).href;

let runtime: { readonly backend: ModelBackend; readonly loading: Promise<Ort> } | null = null;

/** A worker has one runtime: what it once was set up for stays. A failure to load is forgotten. */
function runtimeFor(backend: ModelBackend): Promise<Ort> {
  if (runtime !== null && runtime.backend !== backend)
    throw new AppError('internal', 'a worker runs models on one backend');
  runtime ??= { backend, loading: loadRuntime(backend) };
  runtime.loading.catch(() => (runtime = null));
  return runtime.loading;
}

const OUT_OF_MEMORY =
  /out of memory|bad_alloc|bad alloc|failed to allocate|allocation failed|OOM|memory access out of bounds|not enough memory|Aborted\(\)/i;

/** Its WebAssembly is fetched, and its glue imported, when the first session is made. */
const NOT_LOADED = /failed to fetch|dynamically imported module|networkerror|load failed/i;

/** What the runtime puts before its own words. */
const RUNTIME_CODE = /^.*ERROR_CODE: \d+, ERROR_MESSAGE: /s;

/** What the runtime throws, as an error that says what kind of failure it is. */
export function runtimeError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const message = (cause instanceof Error ? cause.message : String(cause)).replace(RUNTIME_CODE, '');
  if (NOT_LOADED.test(message)) return notLoaded(cause);
  if (cause instanceof RangeError || OUT_OF_MEMORY.test(message)) {
    return new AppError('no-memory', say(str`The model ran out of memory: ${message}`), {
      remedy: say('Use smaller tiles.'),
      cause,
    });
  }
  return new AppError('engine-failed', say(str`The model could not be run: ${message}`), {
    remedy: say('Another backend may do it.'),
    cause,
  });
}

/** Numbers with the sizes of their tensor. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A model in ONNX Runtime: one tensor of floats in, one out. */
export class OrtSession {
  readonly #input: OnnxValue;
  readonly #output: OnnxValue;
  readonly #ort: Ort;
  readonly #session: Runtime.InferenceSession;

  private constructor(ort: Ort, session: Runtime.InferenceSession, input: OnnxValue, output: OnnxValue) {
    this.#ort = ort;
    this.#session = session;
    this.#input = input;
    this.#output = output;
  }

  /**
   * Rejects with `no-memory` or `engine-failed`. `dims` fixes the sizes of the input: runtimes plan badly for changing ones; null leaves
   * them free.
   */
  static async open(
    bytes: Uint8Array<ArrayBuffer>,
    backend: ModelBackend,
    dims: readonly number[] | null,
  ): Promise<OrtSession> {
    const { inputs, outputs } = readOnnx(bytes);
    try {
      const ort = await runtimeFor(backend);
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: [backend === 'webgpu' ? 'webgpu' : 'wasm'],
        graphOptimizationLevel: 'all',
        ...(dims === null ? {} : { freeDimensionOverrides: freeSizes(inputs[0], dims) }),
      });
      return new OrtSession(ort, session, inputs[0], outputs[0]);
    } catch (cause) {
      throw runtimeError(cause);
    }
  }

  /** Rejects with `no-memory` or `engine-failed`. */
  async run({ dims, data }: Numbers): Promise<Numbers> {
    try {
      const tensor = new this.#ort.Tensor('float32', data, dims);
      const result = (await this.#session.run({ [this.#input.name]: tensor }))[this.#output.name];
      const numbers = { dims: result.dims, data: new Float32Array(result.data as Float32Array) };
      result.dispose();
      return numbers;
    } catch (cause) {
      throw runtimeError(cause);
    }
  }

  async close(): Promise<void> {
    await this.#session.release().catch(() => undefined);
  }
}

/** Sizes for the named free dimensions of a model's input. */
function freeSizes({ dims }: OnnxValue, sizes: readonly number[]): Record<string, number> {
  const named = dims.flatMap((dim, i) => (typeof dim === 'string' && dim !== '' ? [[dim, sizes[i]] as const] : []));
  // One name for two sizes that differ cannot be fixed.
  const clash = named.some(([name, size]) => named.some(([other, its]) => other === name && its !== size));
  return clash ? {} : Object.fromEntries(named);
}
