import type { ModelBackend, ModelRef, ModelShape } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { receptiveRadius, type Network as SmallNetwork } from '../core/network.ts';
import { graphRadius, isGraph, type GraphNetwork } from '../core/graph-network.ts';
import type { Planes } from '../core/reference/network.ts';
import { GpuContext } from '../gpu/context.ts';
import { GpuNetwork } from '../gpu/network.ts';
import { gpuNetworkOf, simdGraphOf } from '../models/gpu-network-of.ts';
import { networkOf } from '../models/network-of.ts';
import { Network } from '../models/network.ts';
import { readOnnx } from '../models/onnx.ts';
import { runsOnKernels, type OwnModel } from '../models/own-models.ts';
import type { KernelTrial } from '../models/probe-model.ts';
import { GRAPH_BYTES, RESULT_RANGES } from '../models/ranges.ts';
import { graphBytes, SimdGraph } from '../wasm/graph-network.ts';
import { Kernels } from '../wasm/kernels.ts';
import { SimdNetwork } from '../wasm/network.ts';
import { graphModule, kernelsModule } from './kernels-module.ts';
import { say } from '../core/text.ts';

/** A network that is open in this worker, for tiles of one size. */
export interface OpenNetwork {
  /** Planes of red, green and blue, 0..1, in and out; the memory of the input may be used. */
  run(planes: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** What is known of a model before it is opened. */
export interface ModelFacts {
  readonly model: ModelRef;
  readonly shape: ModelShape;
  /** What is kept of the user's; null for a bundled one. */
  readonly own: OwnModel | null;
}

/** Opens a model with the product's own kernels where they can run it, else in ONNX Runtime. Rejects with `no-memory` or `engine-failed`. */
export async function openNetwork(
  bytes: Uint8Array<ArrayBuffer>,
  { model, shape, own }: ModelFacts,
  input: Size,
  backend: ModelBackend,
): Promise<OpenNetwork> {
  const facts = { model, shape, own };
  const opened = await (backend === 'webgpu' ? openOnGpu : openOnKernels)(bytes, facts, input);
  return opened || Network.open(bytes, input, backend, own?.layout);
}

let context: Promise<GpuContext> | null = null;

/** The device is the worker's: a lost one ends with it. */
function gpuContext(): Promise<GpuContext> {
  context ??= GpuContext.open({ isLazy: true }).catch((error: unknown) => {
    context = null;
    throw error;
  });
  return context;
}

async function openOnGpu(
  bytes: Uint8Array<ArrayBuffer>,
  { shape, own }: ModelFacts,
  input: Size,
): Promise<OpenNetwork | null> {
  if (own !== null && !runsOnKernels(own)) return null;
  const network = gpuNetworkOf(readOnnx(bytes));
  if (network === null || (isGraph(network) && shape.multiple % network.multiple !== 0)) return null;
  const opened = await GpuNetwork.open(await gpuContext(), network);
  return {
    run: async (data) => framed(await opened.run({ ...input, data }), opened.radius, shape, input),
    close: () => Promise.resolve(opened.close()),
  };
}

async function openOnKernels(
  bytes: Uint8Array<ArrayBuffer>,
  { model, shape, own }: ModelFacts,
  input: Size,
): Promise<OpenNetwork | null> {
  const ranges = model.kind === 'bundled' ? RESULT_RANGES[model.id] : undefined;
  if (ranges !== undefined) {
    const network = networkOf(readOnnx(bytes), ranges);
    return network === null ? null : openSmall(network, shape, input);
  }
  const isKnown = model.kind === 'bundled' ? Object.hasOwn(GRAPH_BYTES, model.id) : own !== null && runsOnKernels(own);
  const graph = isKnown ? simdGraphOf(readOnnx(bytes)) : null;
  return graph === null ? null : openGraph(graph, shape, input);
}

async function openSmall(network: SmallNetwork, shape: ModelShape, input: Size): Promise<OpenNetwork> {
  return openSimd(await kernelsModule(), shape, input, (kernels) => {
    const simd = new SimdNetwork(kernels, network, input.width, input.height);
    return { radius: receptiveRadius(network), run: (planes) => simd.run(planes) };
  });
}

async function openGraph(network: GraphNetwork, shape: ModelShape, input: Size): Promise<OpenNetwork> {
  return openSimd(
    await graphModule(),
    shape,
    input,
    (kernels) => new SimdGraph(kernels, network, input.width, input.height),
  );
}

/** A network of the user's on kernels that run it in floats, for its trial; null for one that they cannot run. */
export const tryKernels: KernelTrial = async (onnx, shape, input) => {
  const network = simdGraphOf(onnx);
  if (network === null || shape.multiple % network.multiple !== 0) return null;
  const { run } = await openGraph(network, shape, input);
  return { run, radius: graphRadius(network), bytes: ({ width, height }) => graphBytes(network, width, height) };
};

interface Simd {
  readonly radius: number;
  run(planes: Float32Array): Planes;
}

async function openSimd(
  module: WebAssembly.Module,
  shape: ModelShape,
  input: Size,
  open: (kernels: Kernels) => Simd,
): Promise<OpenNetwork> {
  const kernels = await Kernels.instantiate(module);
  let opened: Simd;
  try {
    opened = open(kernels);
  } catch (cause) {
    throw new AppError('no-memory', say('There is no memory for the network.'), {
      remedy: say('Use smaller tiles.'),
      cause,
    });
  }
  return {
    run: (planes) => {
      const size = { width: input.width, height: planes.length / 3 / input.width };
      return Promise.resolve(framed(opened.run(planes), opened.radius, shape, size));
    },
    close: () => Promise.resolve(),
  };
}

/**
 * The result in the frame that the model's file has it in, which cuts off only `trim` pixels of the input: what the kernels leave out beyond
 * that lies in the halo, which nobody looks at, and repeats the border.
 */
function framed(result: Planes, radius: number, shape: ModelShape, input: Size): Float32Array<ArrayBuffer> {
  const missing = (radius - shape.trim) * shape.scale;
  if (missing === 0) return result.data as Float32Array<ArrayBuffer>;
  const width = (input.width - 2 * shape.trim) * shape.scale;
  const height = (input.height - 2 * shape.trim) * shape.scale;
  const out = new Float32Array(3 * width * height);
  for (let row = 0; row < 3 * height; row++) {
    const plane = Math.floor(row / height);
    const y = Math.min(result.height - 1, Math.max(0, (row % height) - missing));
    const from = (plane * result.height + y) * result.width;
    const line = result.data.subarray(from, from + result.width);
    const at = row * width + missing;
    out.set(line, at);
    out.fill(line[0]!, row * width, at);
    out.fill(line.at(-1)!, at + line.length, (row + 1) * width);
  }
  return out;
}
