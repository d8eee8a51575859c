/** Tables for CRC-32 eight bytes at a time: `TABLES[k * 256 + b]` is the CRC of byte b followed by k zero bytes. */
const TABLES = buildTables();

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256];
    tables[i] = tables[before & 255] ^ (before >>> 8);
  }
  return tables;
}

/**
 * CRC-32 (ISO 3309, as in RFC 1952 section 8 and PNG annex D). `crc` is the sum of what came before, so that
 * `crc32(b, crc32(a))` is the sum of a followed by b; 0 for nothing.
 */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const t = TABLES;
  let c = ~crc;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c =
      t[1792 + (c & 255)] ^
      t[1536 + ((c >>> 8) & 255)] ^
      t[1280 + ((c >>> 16) & 255)] ^
      t[1024 + (c >>> 24)] ^
      t[768 + bytes[i + 4]] ^
      t[512 + bytes[i + 5]] ^
      t[256 + bytes[i + 6]] ^
      t[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) c = t[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

/** The product of two polynomials modulo the CRC's own, bit 31 being x^0. */
function multiplyModulo(a: number, b: number): number {
  let product = 0;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >>> 1) ^ 0xedb88320 : b >>> 1;
  }
  return product >>> 0;
}

/** CRC-32 of two runs of bytes, one after the other, from the sums of each and the length of the second. */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  let power = 0x00800000; // x^8: one byte
  let shift = 0x80000000; // 1
  for (let n = secondLength; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) shift = multiplyModulo(shift, power);
    power = multiplyModulo(power, power);
  }
  return (multiplyModulo(first, shift) ^ second) >>> 0;
}

const ADLER_BASE = 65521;
/** Bytes after which the sums must be reduced to stay within 31 bits. */
const ADLER_RUN = 3800;

/** Adler-32 (RFC 1950 section 8.2). `adler` is the sum of what came before; 1 for nothing. */
export function adler32(bytes: Uint8Array, adler = 1): number {
  let a = adler & 0xffff;
  let b = adler >>> 16;
  for (let i = 0; i < bytes.length;) {
    const end = Math.min(bytes.length, i + ADLER_RUN);
    for (; i < end; i++) {
      a += bytes[i];
      b += a;
    }
    a %= ADLER_BASE;
    b %= ADLER_BASE;
  }
  return ((b << 16) | a) >>> 0;
}

/** Adler-32 of two runs of bytes, one after the other, from the sums of each and the length of the second. */
export function combineAdler32(first: number, second: number, secondLength: number): number {
  const a1 = first & 0xffff;
  const a = (a1 + (second & 0xffff) + ADLER_BASE - 1) % ADLER_BASE;
  const carried = ((secondLength % ADLER_BASE) * (a1 + ADLER_BASE - 1)) % ADLER_BASE;
  const b = ((first >>> 16) + (second >>> 16) + carried) % ADLER_BASE;
  return ((b << 16) | a) >>> 0;
}
