import type { ModelBackend, ModelRef, ModelShape } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { receptiveRadius, type Network as SmallNetwork } from '../core/network.ts';
import type { GraphNetwork } from '../core/graph-network.ts';
import type { Planes } from '../core/reference/network.ts';
import { GpuContext } from '../gpu/context.ts';
import { GpuNetwork } from '../gpu/network.ts';
import { gpuNetworkOf } from '../models/gpu-network-of.ts';
import { networkOf } from '../models/network-of.ts';
import { Network } from '../models/network.ts';
import { readOnnx } from '../models/onnx.ts';
import type { ModelLayout } from '../models/own-models.ts';
import { RESULT_RANGES, runsOnKernels } from '../models/ranges.ts';
import { Kernels } from '../wasm/kernels.ts';
import { SimdNetwork } from '../wasm/network.ts';
import { kernelsModule } from './kernels-module.ts';
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
  /** Undefined for planes 0..1. */
  readonly layout: ModelLayout | undefined;
}

/** Opens a model with the product's own kernels where they can run it, else in ONNX Runtime. Rejects with `no-memory` or `engine-failed`. */
export async function openNetwork(
  bytes: Uint8Array<ArrayBuffer>,
  { model, shape, layout }: ModelFacts,
  input: Size,
  backend: ModelBackend,
): Promise<OpenNetwork> {
  if (layout === undefined && backend === 'webgpu') {
    const network = gpuNetworkOf(readOnnx(bytes));
    if (network !== null) return openOnGpu(network, shape, input);
  } else if (runsOnKernels(model) && model.kind === 'bundled') {
    const network = networkOf(readOnnx(bytes), RESULT_RANGES[model.id]);
    if (network !== null) return openOnKernels(network, shape, input);
  }
  return Network.open(bytes, input, backend, layout);
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

async function openOnGpu(network: SmallNetwork | GraphNetwork, shape: ModelShape, input: Size): Promise<OpenNetwork> {
  const opened = await GpuNetwork.open(await gpuContext(), network);
  return {
    run: async (data) => framed(await opened.run({ ...input, data }), opened.radius, shape, input),
    close: () => Promise.resolve(opened.close()),
  };
}

async function openOnKernels(network: SmallNetwork, shape: ModelShape, input: Size): Promise<OpenNetwork> {
  const kernels = await Kernels.instantiate(await kernelsModule());
  let opened: SimdNetwork;
  try {
    opened = new SimdNetwork(kernels, network, input.width, input.height);
  } catch (cause) {
    throw new AppError('no-memory', say('There is no memory for the network.'), {
      remedy: say('Use smaller tiles.'),
      cause,
    });
  }
  return {
    run: (planes) => Promise.resolve(framed(opened.run(planes), receptiveRadius(network), shape, input)),
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
