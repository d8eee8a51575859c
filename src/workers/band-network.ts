import type { GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { loadModel } from '../models/files.ts';
import { gpuNetworkOf } from '../models/gpu-network-of.ts';
import { readOnnx } from '../models/onnx.ts';
import type { ModelSource } from '../models/runner.ts';

/** The network of a bundled model, where it is one that our shaders can run; null for others. Rejects when its file cannot be had. */
export async function bandNetwork({ model, noise }: ModelSource): Promise<Network | GraphNetwork | null> {
  return model.kind === 'bundled' ? gpuNetworkOf(readOnnx(await loadModel(model, noise))) : null;
}
