import { graphChannels, graphLengths, gridLength, type GraphNetwork } from '../core/graph-network.ts';

/** Rows of workgroups of one layer. */
export interface LayerSlice {
  readonly layer: number;
  readonly firstGroup: number;
  readonly groups: number;
  /** Of the whole layer. */
  readonly allGroups: number;
  /** Multiplications. */
  readonly work: number;
}

/** Cuts the layers before `end` into submissions of about `mostWork` at most. `rowsOf` says how many rows a workgroup of a layer takes. Pure. */
export function sliceLayers(
  network: GraphNetwork,
  { width, height, end }: { readonly width: number; readonly height: number; readonly end: number },
  rowsOf: (layer: number) => number,
  mostWork: number,
): LayerSlice[][] {
  const [across, down] = [graphLengths(network, width), graphLengths(network, height)];
  const submissions: LayerSlice[][] = [[]];
  let room = mostWork;
  network.layers.slice(0, end).forEach(({ from, kernel, weights }, layer) => {
    const groups = Math.ceil(gridLength(down[from]!, kernel) / rowsOf(layer));
    const rowWork = weights.length * gridLength(across[from]!, kernel) * rowsOf(layer);
    for (let firstGroup = 0; firstGroup < groups;) {
      if (room < rowWork && submissions.at(-1)!.length > 0) {
        submissions.push([]);
        room = mostWork;
      }
      const count = Math.min(groups - firstGroup, Math.max(1, Math.floor(room / rowWork)));
      submissions.at(-1)!.push({ layer, firstGroup, groups: count, allGroups: groups, work: count * rowWork });
      room -= count * rowWork;
      firstGroup += count;
    }
  });
  return submissions;
}

/** The buffer of each tensor, such that one takes the place of those that nothing reads any more. Pure. */
export function tensorSlots({ layers }: GraphNetwork): number[] {
  const lastReader = Array.from({ length: layers.length + 1 }, (_, tensor) =>
    tensor === layers.length
      ? layers.length
      : layers.findLastIndex(({ from, add }) => from === tensor || add?.tensor === tensor),
  );
  const slots = [0];
  for (let tensor = 1; tensor <= layers.length; tensor++) {
    const taken = new Set(slots.filter((_, other) => lastReader[other]! >= tensor - 1));
    let slot = 0;
    while (taken.has(slot)) slot++;
    slots.push(slot);
  }
  return slots;
}

/** Bytes of each buffer for a tile of this size: vectors of four floats a pixel. Pure. */
export function slotBytes(network: GraphNetwork, slots: readonly number[], width: number, height: number): number[] {
  const channels = graphChannels(network);
  const [across, down] = [graphLengths(network, width), graphLengths(network, height)];
  const bytes: number[] = [];
  slots.forEach((slot, tensor) => {
    const needed = 16 * Math.ceil(channels[tensor]! / 4) * across[tensor]! * down[tensor]!;
    bytes[slot] = Math.max(bytes[slot] ?? 0, needed);
  });
  return bytes;
}
