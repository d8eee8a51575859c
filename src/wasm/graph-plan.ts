import { graphChannels, graphLengths, gridLength, type GraphLayer, type GraphNetwork } from '../core/graph-network.ts';

/** Which rows are computed when, so that few of each tensor are held at a time. */
export interface GraphPlan {
  /** Pairs of a tensor and the strip of it that is computed next; behind the last tensor, the rows of the result that come of a row of it. */
  readonly steps: readonly (readonly [tensor: number, strip: number])[];
  /** The most rows of each tensor that are held at a time: row y lies where row y - `rows` did. */
  readonly rows: readonly number[];
}

/** Rows of places of a kernel that are computed at once. */
export const stripRows = (kernel: GraphLayer['kernel']): number => (kernel === 3 ? 4 : kernel === 5 ? 2 : 1);

interface Reader {
  readonly tensor: number;
  /** The first row that a strip needs, and the one behind its last. */
  readonly first: (strip: number) => number;
  readonly end: (strip: number) => number;
}

/**
 * The order for an input of this height: each strip when the next one of its readers needs it. Tensors whose averages a gate takes are computed to
 * the end first. Pure.
 */
export function planGraph(network: GraphNetwork, height: number): GraphPlan {
  const { layers, gates } = network;
  const last = layers.length;
  const heights = graphLengths(network, height);
  const grids = layers.map(({ from, kernel }) => gridLength(heights[from]!, kernel));
  const produced = (tensor: number): number =>
    tensor === 0 ? 1 : stripRows(layers[tensor - 1]!.kernel) * layers[tensor - 1]!.spread;
  const readers: Reader[][] = layers.map(({ from, kernel, spread, add }, i) => {
    const rows = stripRows(kernel);
    const step = kernel === 2 ? 2 : 1;
    const reads: Reader[] = [
      {
        tensor: from,
        first: (strip) => strip * rows * step,
        end: (strip) => Math.min(heights[from]!, (Math.min(grids[i]!, (strip + 1) * rows) - 1) * step + kernel),
      },
    ];
    if (add !== null) {
      const end = (strip: number): number => add.crop + spread * Math.min(grids[i]!, (strip + 1) * rows);
      reads.push({ tensor: add.tensor, first: (strip) => add.crop + strip * rows * spread, end });
    }
    return reads;
  });
  readers.push([{ tensor: last, first: (strip) => strip, end: (strip) => strip + 1 }]);
  /** Of tensors 0 and on, and at the end of the result. */
  const next = new Array<number>(last + 2).fill(0);
  const done = new Array<number>(last + 1).fill(0);
  const held = new Array<number>(last + 1).fill(1);
  const steps: (readonly [number, number])[] = [];
  const ends = [...layers.map((_, i) => Math.ceil(grids[i]! / stripRows(layers[i]!.kernel))), heights[last]!];
  const oldest = (tensor: number): number =>
    readers.reduce((least, reads, i) => {
      const strip = next[i + 1]!;
      const own = reads.filter((reader) => reader.tensor === tensor && strip < ends[i]!);
      return own.reduce((first, reader) => Math.min(first, reader.first(strip)), least);
    }, done[tensor]!);

  const produce = (tensor: number): void => {
    const strip = next[tensor]!;
    for (const reader of readers[tensor - 1] ?? []) ensure(reader.tensor, reader.end(strip));
    const layer = layers[tensor - 1];
    for (const gate of [layer?.gate ?? null, layer?.add?.gate ?? null]) {
      if (gate !== null) ensure(gates[gate]!.of, heights[gates[gate]!.of]!);
    }
    steps.push([tensor, strip]);
    if (tensor <= last) {
      const before = oldest(tensor);
      done[tensor] = Math.min(heights[tensor]!, done[tensor]! + produced(tensor));
      held[tensor] = Math.max(held[tensor]!, done[tensor] - before);
    }
    next[tensor]!++;
  };
  const ensure = (tensor: number, rows: number): void => {
    while (done[tensor]! < rows) produce(tensor);
  };
  while (next[last + 1]! < heights[last]!) produce(last + 1);
  return { steps, rows: held };
}

/** Numbers of a pixel of each tensor: channels in fours. */
export const paddedChannels = (network: GraphNetwork): number[] =>
  graphChannels(network).map((channels) => 4 * Math.ceil(channels / 4));
