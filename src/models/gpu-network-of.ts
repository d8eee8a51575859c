import { graphOfChain, type GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { graphOf } from './graph-of.ts';
import { networkOf } from './network-of.ts';
import type { OnnxGraph } from './onnx.ts';
import { withWholeRadius } from './whole-radius.ts';

/** The network of a model as our shaders run it; null for one that they cannot. */
export function gpuNetworkOf(onnx: OnnxGraph): Network | GraphNetwork | null {
  // Ranges are for fixed point alone.
  const network = networkOf(onnx, []);
  if (network !== null) return graphOfChain(network) ?? network;
  const graph = graphOf(onnx);
  return graph === null ? null : withWholeRadius(graph);
}

/** The network of a model as our SIMD kernels run it in floats; null for one that they cannot. */
export function simdGraphOf(onnx: OnnxGraph): GraphNetwork | null {
  const network = networkOf(onnx, []);
  return (network === null ? null : graphOfChain(network)) ?? graphOf(onnx);
}
