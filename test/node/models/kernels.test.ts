/** Our own kernels give what ONNX Runtime gives for the same file. */
import { describe, expect, it } from 'vitest';
import { multiplyAdds, receptiveRadius } from '../../../src/core/network.ts';
import { resultRanges, runNetwork } from '../../../src/core/reference/network.ts';
import { CATALOGUE, findBundled } from '../../../src/models/catalogue.ts';
import { networkOf } from '../../../src/models/network-of.ts';
import { readOnnx } from '../../../src/models/onnx.ts';
import { RESULT_RANGES } from '../../../src/models/ranges.ts';
import { NETWORK_TOLERANCE, SimdNetwork } from '../../../src/wasm/network.ts';
import { openKernels } from '../../support/kernels.ts';
import { differenceOf, modelBytes, readPlanes, runModel, withoutMargin } from '../../support/models.ts';

const SOURCE = new URL('../../fixtures/models/source.png', import.meta.url);

describe.each(Object.keys(RESULT_RANGES))('%s', (id) => {
  const model = findBundled(id)!;
  const network = networkOf(readOnnx(modelBytes(model.plain)), RESULT_RANGES[id]!)!;

  it('equals ONNX Runtime within the tolerance', async () => {
    const source = await readPlanes(SOURCE);
    const actual = new SimdNetwork(await openKernels(), network, source.width, source.height).run(source.data);
    const whole = await runModel(modelBytes(model.plain), source);
    const expected = withoutMargin(whole, receptiveRadius(network) * model.shape.scale);
    const { most, mean } = differenceOf({ ...actual, data: new Float32Array(actual.data) }, expected);
    expect(most).toBeLessThan(255 * NETWORK_TOLERANCE);
    expect(mean).toBeLessThan(0.05);
    expect(receptiveRadius(network)).toBeLessThanOrEqual(model.shape.halo);
  });

  it('keeps to its ranges on a picture', async () => {
    const ranges = resultRanges(network, withoutMargin(await readPlanes(SOURCE), 20));
    ranges.forEach((range, i) => expect(range).toBeLessThan(1.5 * RESULT_RANGES[id]![i]!));
  });
});

it('knows which of the bundled networks it can run, and reads them as they are', async () => {
  const ours = CATALOGUE.filter(({ plain }) => networkOf(readOnnx(modelBytes(plain)), []) !== null);
  expect(ours.map(({ id }) => id).sort()).toEqual(
    ['anime4k-restore', 'anime4k-s', 'anime4k-ul', 'animevideo', 'upconv7'].sort(),
  );
  const upconv7 = findBundled('upconv7')!;
  const network = networkOf(readOnnx(modelBytes(upconv7.plain)), [])!;
  expect(multiplyAdds(network)).toBeGreaterThan(500_000);
  const source = withoutMargin(await readPlanes(SOURCE), 8);
  const actual = runNetwork(network, source);
  const expected = await runModel(modelBytes(upconv7.plain), source);
  expect(differenceOf({ ...actual, data: new Float32Array(actual.data) }, expected).most).toBeLessThan(0.01);
});
