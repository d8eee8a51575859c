import type { Orientation } from '../../core/metadata.ts';

/** What the beginning of a JPEG XL codestream says (ISO/IEC 18181-1, Annex D). */
export interface CodestreamHeader {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Of colour samples; floating-point ones count as their whole width. */
  readonly bits: number;
  readonly grey: boolean;
  readonly alpha: boolean;
  readonly animated: boolean;
}

/** A field of the U32 kind: what is added, and the bits that are read, for each of the four selectors. */
type Distribution = readonly [number, number, number, number, number, number, number, number];

/** Bits from the lowest of each byte on (18181-1, B.2). */
class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError('past the end of the header');
      value += ((byte >> (this.#at & 7)) & 1) * 2 ** i;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** Pairs of an addend and a number of bits, chosen by two bits. */
  u32(distribution: Distribution): number {
    const selector = this.bits(2);
    return distribution[selector * 2]! + this.bits(distribution[selector * 2 + 1]!);
  }

  /** Enumerations are coded alike everywhere (B.2.6). */
  choice(): number {
    return this.u32([0, 0, 1, 0, 2, 4, 18, 6]);
  }
}

const EIGHTS: Distribution = [1, 9, 1, 13, 1, 18, 1, 30];

/** Width to height for the ratio codes 1 to 7. */
const RATIOS = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const;

function readSize(bits: BitReader): { width: number; height: number } {
  const small = bits.flag();
  const side = (): number => (small ? 8 * (1 + bits.bits(5)) : bits.u32(EIGHTS));
  const height = side();
  const ratio = bits.bits(3);
  if (ratio === 0) return { width: side(), height };
  const [across, down] = RATIOS[ratio - 1]!;
  return { width: Math.floor((height * across) / down), height };
}

function skipPreview(bits: BitReader): void {
  const eights = bits.flag();
  const side = (): number => bits.u32(eights ? [16, 0, 32, 0, 1, 5, 33, 9] : [1, 6, 65, 8, 321, 10, 1345, 12]);
  side();
  if (bits.bits(3) === 0) side();
}

function skipAnimation(bits: BitReader): void {
  bits.u32([100, 0, 1000, 0, 1, 10, 1, 30]);
  bits.u32([1, 0, 1001, 0, 1, 8, 1, 10]);
  bits.u32([0, 0, 0, 3, 0, 16, 0, 32]);
  bits.flag();
}

function readBitDepth(bits: BitReader): number {
  if (!bits.flag()) return bits.u32([8, 0, 10, 0, 12, 0, 1, 6]);
  const width = bits.u32([32, 0, 16, 0, 24, 0, 1, 6]);
  bits.bits(4);
  return width;
}

const ALPHA = 0;
const SPOT_COLOUR = 2;
const COLOUR_FILTER = 5;
/** Colour space of one channel. */
const GREY = 1;

/** Type of an extra channel; all its fields are passed over. */
function readExtraChannel(bits: BitReader): number {
  if (bits.flag()) return ALPHA;
  const type = bits.choice();
  readBitDepth(bits);
  bits.u32([0, 0, 3, 0, 4, 0, 1, 3]);
  const nameBytes = bits.u32([0, 0, 0, 4, 16, 5, 48, 10]);
  bits.bits(nameBytes * 8);
  if (type === ALPHA) bits.flag();
  if (type === SPOT_COLOUR) bits.bits(64);
  if (type === COLOUR_FILTER) bits.u32([1, 0, 0, 2, 3, 4, 19, 8]);
  return type;
}

/** The start of the colour encoding (18181-1, E.2), as far as it says whether there is only grey. */
function readGrey(bits: BitReader): boolean {
  if (bits.flag()) return false;
  // Whether a profile follows, then the colour space.
  bits.flag();
  return bits.choice() === GREY;
}

/**
 * Reads the size and image metadata bundles after the signature FF 0A. Throws a RangeError when `codestream` is too short or damaged; 4 KiB
 * are enough for all but absurdly long channel names.
 */
export function readCodestream(codestream: Uint8Array): CodestreamHeader {
  if (codestream[0] !== 0xff || codestream[1] !== 0x0a) throw new RangeError('not a codestream');
  const bits = new BitReader(codestream.subarray(2));
  const size = readSize(bits);
  const plain = { orientation: 1 as Orientation, bits: 8, grey: false, alpha: false, animated: false };
  if (bits.flag()) return { ...size, ...plain };
  let orientation = 1 as Orientation;
  let animated = false;
  if (bits.flag()) {
    orientation = (1 + bits.bits(3)) as Orientation;
    if (bits.flag()) readSize(bits);
    if (bits.flag()) skipPreview(bits);
    animated = bits.flag();
    if (animated) skipAnimation(bits);
  }
  const depth = readBitDepth(bits);
  bits.flag();
  const extraChannels = bits.u32([0, 0, 1, 0, 2, 4, 1, 12]);
  let alpha = false;
  for (let i = 0; i < extraChannels; i++) if (readExtraChannel(bits) === ALPHA) alpha = true;
  bits.flag();
  return { ...size, orientation, bits: depth, grey: readGrey(bits), alpha, animated };
}
