/** Networks that are recognised as core/graph-network.ts has them give what ONNX Runtime makes of the same file. */
import { describe, expect, it } from 'vitest';
import { graphChannels, graphRadius, graphWork, isGraph } from '../../../src/core/graph-network.ts';
import { randomPlanes } from '../../../src/core/network.testing.ts';
import { runGraph } from '../../../src/core/reference/graph-network.ts';
import { fileFor, findBundled } from '../../../src/models/catalogue.ts';
import { gpuNetworkOf } from '../../../src/models/gpu-network-of.ts';
import { readOnnx } from '../../../src/models/onnx.ts';
import { differenceOf, modelBytes, runModel, withoutMargin } from '../../support/models.ts';

describe.each([
  { id: 'cunet', noise: null },
  { id: 'cunet', noise: 1 },
  { id: 'upconv7', noise: null },
  { id: 'animevideo', noise: null },
] as const)('$id, noise $noise', ({ id, noise }) => {
  const model = findBundled(id)!;
  const bytes = modelBytes(fileFor(model, noise)!);
  const network = gpuNetworkOf(readOnnx(bytes));
  if (network === null || !isGraph(network)) throw new Error('not recognised');

  it('has the shape that the catalogue states', () => {
    const { scale, halo, multiple } = model.shape;
    expect([network.scale, graphRadius(network), network.multiple]).toEqual([scale, halo, multiple]);
    expect(graphChannels(network).at(-1)).toBe(3 * network.spread ** 2);
    const side = 2000;
    const work = graphWork(network, side, side).reduce((sum, each) => sum + each, 0) / side ** 2;
    // Transposed convolutions are counted with the zeros that make convolutions of them.
    expect(work / model.operations).toBeGreaterThan(0.95);
    expect(work / model.operations).toBeLessThan(1.05);
  });

  it('agrees with ONNX Runtime', async () => {
    const picture = randomPlanes(52, 44);
    const expected = await runModel(bytes, { ...picture, data: picture.data.slice() });
    const actual = runGraph(network, picture);
    const { trim, scale } = model.shape;
    // Networks that fill up their borders with zeros give more; what lies within is the same.
    const margin = (graphRadius(network) - trim) * scale;
    const inner = withoutMargin(expected, margin);
    expect(differenceOf({ ...actual, data: new Float32Array(actual.data) }, inner).most).toBeLessThan(0.01);
  }, 60_000);
});

it('leaves other networks alone', () => {
  const network = gpuNetworkOf(readOnnx(modelBytes(findBundled('anime4k-ul')!.plain)));
  expect(network).not.toBeNull();
  expect(isGraph(network!)).toBe(false);
});
