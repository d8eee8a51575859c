/** The kernels of networks with branches, in the module that a browser chooses and in the one for all. */
import { describe, expect, it } from 'vitest';
import { GRAPH_CASES } from '../../src/core/graph-network.testing.ts';
import { largestDifference, randomPlanes } from '../../src/core/network.testing.ts';
import { runGraph } from '../../src/core/reference/graph-network.ts';
import { graphModule, kernelsModule } from '../../src/workers/kernels-module.ts';
import { GRAPH_TOLERANCE, SimdGraph } from '../../src/wasm/graph-network.ts';
import { Kernels } from '../../src/wasm/kernels.ts';

describe.each(GRAPH_CASES)('%s, with and without relaxed SIMD', (_, network) => {
  it('agrees with the reference', async () => {
    const picture = randomPlanes(58, 44);
    const expected = runGraph(network, picture);
    const modules = [await graphModule(), await kernelsModule()];
    // This browser has it.
    expect(modules[0]).not.toBe(modules[1]);
    for (const module of modules) {
      const kernels = await Kernels.instantiate(module);
      const actual = new SimdGraph(kernels, network, picture.width, picture.height).run(picture.data);
      expect(largestDifference(actual, expected)).toBeLessThanOrEqual(GRAPH_TOLERANCE);
    }
  });
});
