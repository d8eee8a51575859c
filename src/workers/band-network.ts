import type { GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { fileHash } from '../models/catalogue.ts';
import { loadModel } from '../models/files.ts';
import { gpuNetworkOf } from '../models/gpu-network-of.ts';
import { readOnnx } from '../models/onnx.ts';
import { findOwnModel, runsOnKernels } from '../models/own-models.ts';
import type { ModelSource } from '../models/runner.ts';

type Found = Promise<Network | GraphNetwork | null>;

/** The networks that were used last, by the hash of their files: reading one takes a tenth of a second. */
const known = new Map<string, Found>();
const MOST_KNOWN = 2;

/** The network of a model, where it is one that our shaders can run; null for others. Rejects when its file cannot be had. */
export function bandNetwork(source: ModelSource): Found {
  const hash = fileHash(source);
  const found = known.get(hash) ?? read(source);
  known.delete(hash);
  known.set(hash, found);
  for (const oldest of [...known.keys()].slice(0, -MOST_KNOWN)) known.delete(oldest);
  found.catch(() => known.delete(hash));
  return found;
}

async function read({ model, noise }: ModelSource): Found {
  const own = model.kind === 'own' ? await findOwnModel(model.sha256) : null;
  if (own !== null && !runsOnKernels(own)) return null;
  return gpuNetworkOf(readOnnx(await loadModel(model, noise)));
}
