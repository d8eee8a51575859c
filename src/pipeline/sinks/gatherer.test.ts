import { expect, it } from 'vitest';
import { Gatherer } from './gatherer.ts';

it('hands on every byte once and in order, in pieces of its size', async () => {
  const pieces: number[][] = [];
  const gatherer = new Gatherer(5, (piece) => {
    pieces.push([...piece]);
    return Promise.resolve();
  });
  const sizes = [0, 3, 4, 11, 1, 5];
  let next = 0;
  for (const size of sizes) await gatherer.add([Uint8Array.from({ length: size }, () => next++)]);
  await gatherer.flush();
  await gatherer.flush();
  expect(pieces.flat()).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(pieces.map((piece) => piece.length)).toEqual([5, 5, 5, 5, 4]);
});
