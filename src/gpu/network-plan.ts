import type { Network } from '../core/network.ts';

/** Where the tensors of a network lie in one buffer, of vectors of four floats. */
export interface TensorPlan {
  /** Vectors of a pixel of each tensor. Both parts of a crelu are made of the same numbers, which are kept once. */
  readonly vectors: readonly number[];
  /** The first vector of each tensor of a tile. */
  offsets(width: number, height: number): number[];
  /** Bytes of the buffer. */
  tensorBytes(width: number, height: number): number;
}

/** Pixels behind the last one that may be read, with what is then thrown away. */
const SLACK_PIXELS = 8;

/** Lays tensors out so that one takes the place of those that nothing reads any more. Pure. */
export function planTensors({ layers }: Network): TensorPlan {
  const vectors = [1, ...layers.map(({ outChannels }) => Math.ceil(outChannels / 4))];
  const lastReader = vectors.map((_, tensor) => {
    const reader = layers.findLastIndex(({ from }) => from.includes(tensor));
    return reader < 0 ? layers.length : reader;
  });
  // In vectors per pixel.
  const places: number[] = [];
  let most = 0;
  vectors.forEach((size, tensor) => {
    const alive = places
      .map((start, other) => ({ start, end: start + vectors[other]!, until: lastReader[other]! }))
      .filter(({ until }) => until >= tensor - 1)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const taken of alive) {
      if (taken.start - start >= size) break;
      start = Math.max(start, taken.end);
    }
    places.push(start);
    most = Math.max(most, start + size);
  });
  const pixels = (width: number, height: number): number => width * height + SLACK_PIXELS;
  return {
    vectors,
    offsets: (width, height) => places.map((place) => place * pixels(width, height)),
    tensorBytes: (width, height) => 16 * most * pixels(width, height),
  };
}
