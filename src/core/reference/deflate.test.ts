import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_RUN, deflateBlock, deflateBound, nextMatch, scanBlock, syncFlush } from './deflate.ts';
import {
  BitWriter,
  LENGTH_EXTRA,
  LENGTH_EXTRA_BITS,
  LENGTH_SYMBOL,
  MAX_CODE_BITS,
  blockCode,
  canonicalCodes,
  codeLengths,
} from './deflate-huffman.ts';

/** Bytes with runs, slopes and noise, as filtered rows have them. */
const structured = fc
  .array(
    fc.oneof(
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 700 })).map(([byte, n]) => new Array<number>(n).fill(byte)),
      fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 200 }).map((a) => a.map((v) => v & 255)),
      fc.array(fc.nat(255), { maxLength: 60 }),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => Uint8Array.from([0, ...parts.flat()]));

function compress(blocks: Uint8Array[]): Uint8Array {
  const bytes = blocks.reduce((sum, block) => sum + block.length, 0);
  const out = new BitWriter(new Uint8Array(deflateBound(bytes, blocks.length)));
  blocks.forEach((block, i) => deflateBlock(block, out, i === blocks.length - 1));
  out.align();
  return out.bytes.subarray(0, out.position / 8);
}

const kraft = (lengths: Uint8Array): number =>
  lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);

describe('Huffman codes', () => {
  it('are complete and no longer than the limit, for any frequencies', () => {
    const frequencies = fc.array(fc.oneof(fc.nat(3), fc.nat(1000), fc.nat(4_000_000_000)), {
      minLength: 2,
      maxLength: 286,
    });
    fc.assert(
      fc.property(frequencies, fc.constantFrom(9, 13), (list, limit) => {
        const used = list.filter((f) => f > 0).length;
        const lengths = codeLengths(Uint32Array.from(list), limit);
        expect(lengths.every((length, i) => length > 0 === list[i] > 0)).toBe(true);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
        if (used > 1) expect(kraft(lengths)).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it('stay complete where the limit cuts deep trees', () => {
    const fibonacci = Uint32Array.from({ length: 40 }, () => 1);
    for (let i = 2; i < 40; i++) fibonacci[i] = fibonacci[i - 1] + fibonacci[i - 2];
    for (const limit of [6, 7, 13, 15]) expect(kraft(codeLengths(fibonacci, limit))).toBe(1);
  });

  it('have the least size without a limit', () => {
    // Textbook: 45 13 12 16 9 5 takes 224 bits (Cormen et al., Introduction to Algorithms, section 16.3).
    const frequencies = Uint32Array.of(45, 13, 12, 16, 9, 5);
    const lengths = codeLengths(frequencies, 15);
    expect(lengths.reduce((sum, length, i) => sum + length * frequencies[i], 0)).toBe(224);
  });

  it('are numbered as RFC 1951 section 3.2.2 does it, bits reversed', () => {
    const codes = canonicalCodes(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4));
    const straight = ['010', '011', '100', '101', '110', '00', '1110', '1111'];
    expect([...codes]).toEqual(straight.map((code) => parseInt([...code].reverse().join(''), 2)));
  });

  it('name lengths as the table of RFC 1951 section 3.2.5 does', () => {
    const row = (length: number) => [LENGTH_SYMBOL[length], LENGTH_EXTRA_BITS[length], LENGTH_EXTRA[length]];
    expect([3, 10, 11, 12, 18, 19, 66, 67, 227, 257, 258].map(row)).toEqual([
      [257, 0, 0],
      [264, 0, 0],
      [265, 1, 0],
      [265, 1, 1],
      [268, 1, 1],
      [269, 2, 0],
      [276, 3, 7],
      [277, 4, 0],
      [284, 5, 0],
      [284, 5, 30],
      [285, 0, 0],
    ]);
  });

  it('say their size exactly', () => {
    const block = Uint8Array.from({ length: 9000 }, (_, i) => ((i * i) >> 4) & (i % 700 < 300 ? 0 : 15));
    const code = blockCode(scanBlock(block).histogram);
    const out = new BitWriter(new Uint8Array(9000));
    deflateBlock(block, out, true);
    expect(out.position).toBe(code.bits);
    expect(Math.max(...code.lengths)).toBeLessThanOrEqual(MAX_CODE_BITS);
  });
});

describe('deflate blocks', () => {
  it('give back structured and random bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(structured, fc.uint8Array({ minLength: 1, maxLength: 300 })), { minLength: 1, maxLength: 4 }),
        (blocks) => {
          expect(Buffer.compare(inflateRawSync(compress(blocks)), Buffer.concat(blocks))).toBe(0);
        },
      ),
      { numRuns: 250 },
    );
  });

  it.each([
    ['one byte', Uint8Array.of(7)],
    ['two equal bytes', Uint8Array.of(7, 7)],
    ['a very long run', new Uint8Array(200_000)],
    ['every byte value', Uint8Array.from({ length: 256 }, (_, i) => i)],
    ['incompressible bytes', crypto.getRandomValues(new Uint8Array(60_000))],
    ['more than one stored block', Buffer.concat([0, 1, 2].map(() => crypto.getRandomValues(new Uint8Array(50_000))))],
  ])('give back %s within the bound', (_, bytes) => {
    const stream = compress([bytes]);
    expect(stream.length).toBeLessThanOrEqual(deflateBound(bytes.length, 1));
    expect(Buffer.compare(inflateRawSync(stream), bytes)).toBe(0);
  });

  it('give back runs of every length, at the start, within and at the end', () => {
    for (const length of [1, 2, 7, 8, 9, 257, 258, 259, 260, 261, 262, 515, 516, 517, 519, 1000]) {
      const run = new Uint8Array(length).fill(3);
      for (const bytes of [
        run,
        Buffer.concat([Uint8Array.of(1), run]),
        Buffer.concat([run, Uint8Array.of(9, 9), run, Uint8Array.of(4)]),
      ]) {
        expect(Buffer.compare(inflateRawSync(compress([bytes])), bytes)).toBe(0);
      }
    }
  });

  it('cut runs into matches of 3 to 258', () => {
    for (let run = MIN_RUN; run < 1200; run++) {
      for (let left = run; left > 0; left -= nextMatch(left)) {
        expect(nextMatch(left)).toBeGreaterThanOrEqual(3);
        expect(nextMatch(left)).toBeLessThanOrEqual(258);
      }
    }
  });

  it('compress long runs nearly as far as deflate can', () => {
    expect(compress([new Uint8Array(1 << 20)]).length).toBeLessThan(1100);
  });

  it('end on a byte after a flush, so that streams join', () => {
    const parts = [
      Uint8Array.of(1, 2, 3, 3, 3),
      new Uint8Array(500).fill(9),
      Uint8Array.from({ length: 999 }, (_, i) => i % 7),
    ];
    const streams = parts.map((part) => {
      const out = new BitWriter(new Uint8Array(deflateBound(part.length, 1)));
      deflateBlock(part, out, false);
      syncFlush(out);
      expect(out.position % 8).toBe(0);
      return out.bytes.subarray(0, out.position / 8);
    });
    const whole = Buffer.concat([...streams, Uint8Array.of(3, 0)]);
    expect(Buffer.compare(inflateRawSync(whole), Buffer.concat(parts))).toBe(0);
  });
});
