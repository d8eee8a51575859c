import { describe, expect, it } from 'vitest';
import { randomGraph } from '../core/graph-network.testing.ts';
import { graphRadius, type GraphNetwork } from '../core/graph-network.ts';
import { randomPlanes } from '../core/network.testing.ts';
import { runGraph } from '../core/reference/graph-network.ts';
import { withWholeRadius } from './whole-radius.ts';

/** Ends as ESRGAN at 4x does: pixels repeated, then a convolution of the enlarged ones to four pixels each. */
function endingInHalves(): GraphNetwork {
  const network = randomGraph(
    [
      { from: 0, kernel: 3, channels: 12 },
      { from: 1, kernel: 1, channels: 12, spread: 2, sloped: false },
      { from: 2, kernel: 3, channels: 3, spread: 2, sloped: false },
    ],
    [],
    { scale: 4, multiple: 1, spread: 1, base: null },
  );
  const [first, repeat, last] = network.layers;
  const weights = Float32Array.from({ length: 48 * 12 }, (_, i) => Number(Math.floor(i / 12) % 12 === i % 12));
  return { ...network, layers: [first!, { ...repeat!, weights, bias: new Float32Array(48) }, last!] };
}

describe('a network that looks at half pixels', () => {
  it('gives the same, with whole ones', () => {
    const network = endingInHalves();
    const whole = withWholeRadius(network)!;
    expect([graphRadius(network), graphRadius(whole)]).toEqual([1.5, 2]);
    const picture = randomPlanes(17, 13);
    const [expected, layers] = [runGraph(network, picture), runGraph(whole, picture)];
    expect([layers.width, layers.height]).toEqual([expected.width - 4, expected.height - 4]);
    let most = 0;
    layers.data.forEach((value, i) => {
      const [plane, row, x] = [
        Math.floor(i / (layers.width * layers.height)),
        Math.floor(i / layers.width) % layers.height,
        i % layers.width,
      ];
      const other = expected.data[(plane * expected.height + row + 2) * expected.width + x + 2]!;
      most = Math.max(most, Math.abs(value - other));
    });
    expect(most).toBeLessThan(1e-5);
  });

  it('is left alone where it has whole ones, and refused where nothing is known of its end', () => {
    const network = endingInHalves();
    const [first, repeat, last] = network.layers;
    const plain = { ...network, scale: 1, layers: [first!, { ...first!, from: 1, weights: new Float32Array(1296) }] };
    expect(withWholeRadius(plain)).toBe(plain);
    const other = { ...repeat!, weights: repeat!.weights.map((weight) => 2 * weight) };
    expect(withWholeRadius({ ...network, layers: [first!, other, last!] })).toBeNull();
    const sloped = { ...last!, slopes: new Float32Array(12) };
    expect(withWholeRadius({ ...network, layers: [first!, repeat!, sloped] })).toBeNull();
  });
});
