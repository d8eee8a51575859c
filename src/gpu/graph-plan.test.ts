import { describe, expect, it } from 'vitest';
import { GRAPH_CASES } from '../core/graph-network.testing.ts';
import { graphWork } from '../core/graph-network.ts';
import { sliceLayers, slotBytes, tensorSlots } from './graph-plan.ts';

describe.each(GRAPH_CASES)('%s', (_, network) => {
  it('has no tensor written over before it was read', () => {
    const slots = tensorSlots(network);
    network.layers.forEach(({ from, add }, i) => {
      const read = add === null ? [from] : [from, add.tensor];
      const later = network.layers.slice(i + 1).flatMap((layer) => [layer.from, layer.add?.tensor ?? -1]);
      for (const tensor of [...read, ...later.filter((each) => each >= 0 && each <= i)]) {
        expect(slots[i + 1], `tensor ${i + 1} over ${tensor}`).not.toBe(slots[tensor]);
      }
    });
    expect(new Set(slots).size).toBeLessThanOrEqual(4);
    expect(slotBytes(network, slots, 60, 40).every((bytes) => bytes > 0)).toBe(true);
  });

  it.each([1e5, 1e6, Infinity])('is cut into submissions of %d, which cover each layer once and in order', (most) => {
    const size = { width: 90, height: 70, end: network.layers.length };
    const submissions = sliceLayers(network, size, () => 8, most);
    const seen = new Map<number, number>();
    for (const slice of submissions.flat()) {
      expect(slice.firstGroup).toBe(seen.get(slice.layer) ?? 0);
      expect(seen.has(slice.layer + 1)).toBe(false);
      seen.set(slice.layer, slice.firstGroup + slice.groups);
      if (slice.firstGroup + slice.groups === slice.allGroups) expect(slice.groups).toBeGreaterThan(0);
    }
    expect([...seen.keys()]).toEqual(network.layers.map((_layer, i) => i));
    const last = submissions.flat().filter((slice) => slice.firstGroup + slice.groups === slice.allGroups);
    expect(last).toHaveLength(network.layers.length);
    for (const slices of submissions) {
      const work = slices.reduce((sum, slice) => sum + slice.work, 0);
      expect(slices.length === 1 && slices[0]!.groups === 1 ? 0 : work).toBeLessThanOrEqual(most);
    }
    const total = submissions.flat().reduce((sum, slice) => sum + slice.work, 0);
    const exact = graphWork(network, size.width, size.height).reduce((sum, work) => sum + work, 0);
    // The last workgroups of a layer are filled up.
    expect(total / exact).toBeGreaterThanOrEqual(1);
    expect(total / exact).toBeLessThan(1.25);
  });
});
