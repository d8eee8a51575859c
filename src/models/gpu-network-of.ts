import { graphOfChain, type GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { graphOf } from './graph-of.ts';
import { networkOf } from './network-of.ts';
import type { OnnxGraph } from './onnx.ts';

/** The network of a model as our shaders run it; null for one that they cannot. */
export function gpuNetworkOf(onnx: OnnxGraph): Network | GraphNetwork | null {
  const graph = graphOf(onnx);
  if (graph !== null) return graph;
  // Ranges are for fixed point alone.
  const network = networkOf(onnx, []);
  return network === null ? null : (graphOfChain(network) ?? network);
}
