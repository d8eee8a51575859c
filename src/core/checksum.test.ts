import { crc32 as zlibCrc32 } from 'node:zlib';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adler32, combineAdler32, combineCrc32, crc32 } from './checksum.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The Adler-32 that Node's zlib puts at the end of a stream. */
const zlibAdler = (bytes: Uint8Array): number =>
  deflateSync(bytes, { level: 0 }).readUInt32BE(-4 + deflateSync(bytes, { level: 0 }).length);

describe('checksums', () => {
  it('give the published check values', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
    expect(adler32(ascii('Wikipedia'))).toBe(0x11e60398);
    expect(crc32(new Uint8Array())).toBe(0);
    expect(adler32(new Uint8Array())).toBe(1);
  });

  it('equal zlib', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9000 }), (bytes) => {
        expect(adler32(bytes)).toBe(zlibAdler(bytes));
        if (typeof zlibCrc32 === 'function') expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('stay right on long runs of 255', () => {
    const bytes = new Uint8Array(300_001).fill(255);
    expect(adler32(bytes)).toBe(zlibAdler(bytes));
  });

  it('continue and combine', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (a, b) => {
        const whole = new Uint8Array([...a, ...b]);
        expect(crc32(b, crc32(a))).toBe(crc32(whole));
        expect(adler32(b, adler32(a))).toBe(adler32(whole));
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(whole));
        expect(combineAdler32(adler32(a), adler32(b), b.length)).toBe(adler32(whole));
      }),
      { numRuns: 60 },
    );
  });

  it('combine over lengths beyond 32 bits', () => {
    const zero = combineAdler32(adler32(ascii('a')), 1, 0);
    expect(zero).toBe(adler32(ascii('a')));
    let sum = crc32(ascii('x'));
    for (let i = 0; i < 33; i++) sum = combineCrc32(sum, 0, 2 ** i);
    expect(combineCrc32(crc32(ascii('x')), 0, 2 ** 33 - 1)).toBe(sum);
  });
});
