import type { Network } from '../core/network.ts';
import { loadModel } from '../models/files.ts';
import { networkOf } from '../models/network-of.ts';
import { readOnnx } from '../models/onnx.ts';
import type { ModelSource } from '../models/runner.ts';

/** The network of a bundled model, where it is one that our shaders can run; null for others. Rejects when its file cannot be had. */
export async function bandNetwork({ model, noise }: ModelSource): Promise<Network | null> {
  if (model.kind !== 'bundled') return null;
  // Ranges are for fixed point alone.
  return networkOf(readOnnx(await loadModel(model, noise)), []);
}
