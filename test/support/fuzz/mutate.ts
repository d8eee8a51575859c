import type { Random } from './random.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers at which readers go wrong: nothing, everything, signs, one beside a power of two. */
const ODD_NUMBERS = [
  0,
  1,
  2,
  7,
  8,
  16,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** Most damage belongs where the structure is: at the beginning. */
const placeIn = (bytes: Bytes, random: Random): number => {
  const reach = random.next() < 0.6 ? Math.min(bytes.length, 512) : bytes.length;
  return random.below(Math.max(1, reach));
};

const joined = (...parts: readonly Uint8Array[]): Bytes => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

type Mutation = (bytes: Bytes, random: Random, others: readonly Bytes[]) => Bytes;

const MUTATIONS: readonly Mutation[] = [
  // A bit.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
    return bytes;
  },
  // A byte.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length)
      bytes[at] = random.next() < 0.5 ? random.pick([0, 1, 127, 128, 254, 255]) : random.below(256);
    return bytes;
  },
  // A number of two, four or eight bytes, either way round.
  (bytes, random) => {
    const width = random.pick([2, 4, 4, 8]);
    const at = placeIn(bytes, random);
    if (at + width > bytes.length) return bytes;
    const view = new DataView(bytes.buffer);
    const value = random.pick(ODD_NUMBERS);
    const little = random.next() < 0.5;
    if (width === 2) view.setUint16(at, value, little);
    else if (width === 4) view.setUint32(at, value, little);
    else view.setBigUint64(at, BigInt(value) * (random.next() < 0.3 ? 2n ** 31n : 1n), little);
    return bytes;
  },
  // The end is missing.
  (bytes, random) => bytes.slice(0, random.next() < 0.5 ? placeIn(bytes, random) : random.below(bytes.length + 1)),
  // A piece is missing.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(64))));
  },
  // A piece is there twice.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    const end = Math.min(bytes.length, at + 1 + random.below(128));
    return joined(bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end));
  },
  // A piece of noise.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    const noise = Uint8Array.from({ length: 1 + random.below(32) }, () => random.below(256));
    bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
    return bytes;
  },
  // Zeros, as a disk leaves them.
  (bytes, random) => bytes.fill(0, placeIn(bytes, random), random.below(bytes.length + 1)),
  // Two files in one.
  (bytes, random, others) => {
    const other = random.pick(others);
    return joined(bytes.subarray(0, placeIn(bytes, random)), other.subarray(placeIn(other, random)));
  },
];

/** A damaged copy of one of the files: one to four things are wrong with it. */
export function mutated(corpus: readonly Bytes[], random: Random): Bytes {
  let bytes = random.pick(corpus).slice();
  for (let left = 1 + random.below(4); left > 0; left--) bytes = random.pick(MUTATIONS)(bytes, random, corpus);
  return bytes;
}
