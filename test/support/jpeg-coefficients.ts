import { parseJpeg } from './jpeg.ts';

/** Prefix codes of a DHT segment: symbols by length and code (ITU T.81, C.2). */
type Codes = ReadonlyMap<string, number>;

function codesOfSegment(payload: Buffer): Map<number, Codes> {
  const tables = new Map<number, Codes>();
  for (let at = 0; at < payload.length;) {
    const id = payload[at];
    const counts = payload.subarray(at + 1, at + 17);
    at += 17;
    const codes = new Map<string, number>();
    let code = 0;
    counts.forEach((count, i) => {
      for (let n = 0; n < count; n++) codes.set(code++ + ':' + (i + 1), payload[at++]);
      code *= 2;
    });
    tables.set(id, codes);
  }
  return tables;
}

class BitReader {
  readonly #bytes: Buffer;
  #at = 0;
  #bit = 0;

  constructor(scan: Buffer) {
    this.#bytes = scan;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (this.#at >= this.#bytes.length) throw new Error('The scan ends too early.');
      value = value * 2 + ((this.#bytes[this.#at] >> (7 - this.#bit)) & 1);
      if (++this.#bit === 8) {
        this.#bit = 0;
        // A zero is stuffed after 0xFF.
        this.#at += this.#bytes[this.#at] === 255 ? 2 : 1;
      }
    }
    return value;
  }

  symbol(codes: Codes): number {
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = code * 2 + this.bits(1);
      const symbol = codes.get(code + ':' + length);
      if (symbol !== undefined) return symbol;
    }
    throw new Error('No such code.');
  }

  /** A value of `size` bits (T.81, F.2.2.1). */
  value(size: number): number {
    const bits = this.bits(size);
    return size === 0 || bits >= 2 ** (size - 1) ? bits : bits - 2 ** size + 1;
  }

  /** Whether nothing but the padding of the last byte is left. */
  isAtEnd(): boolean {
    return this.#bytes.length - this.#at <= (this.#bytes[this.#at] === 255 ? 2 : 1);
  }
}

/** The quantised coefficients of a baseline file of one interval: 64 a block in zigzag order, blocks as they are coded. */
export function coefficientsOf(file: Buffer): Int16Array {
  const { segments, scan } = parseJpeg(file);
  const payload = (marker: number): Buffer => segments.find((segment) => segment.marker === marker)!.payload;
  const codes = new Map<number, Codes>();
  for (const segment of segments) {
    if (segment.marker === 0xc4) codesOfSegment(segment.payload).forEach((table, id) => codes.set(id, table));
  }
  const frame = payload(0xc0);
  const header = payload(0xda);
  const [height, width, count] = [frame.readUInt16BE(1), frame.readUInt16BE(3), frame[5]];
  const components = Array.from({ length: count }, (_, i) => {
    const [sampling, tables] = [frame[7 + 3 * i], header[2 + 2 * i]];
    // A scan of one component goes block by block, whatever its sampling is.
    const side = count === 1 ? 1 : sampling & 15;
    return { side, dc: codes.get(tables >> 4)!, ac: codes.get(16 | (tables & 15))!, prediction: 0 };
  });
  const unit = 8 * components[0].side;
  const units = Math.ceil(width / unit) * Math.ceil(height / unit);
  const perUnit = components.reduce((sum, { side }) => sum + side * side, 0);
  const out = new Int16Array(units * perUnit * 64);
  const reader = new BitReader(scan);
  let block = 0;
  for (let n = 0; n < units; n++) {
    for (const component of components) {
      for (let i = 0; i < component.side ** 2; i++, block += 64) {
        component.prediction += reader.value(reader.symbol(component.dc));
        out[block] = component.prediction;
        for (let k = 1; k < 64; k++) {
          const symbol = reader.symbol(component.ac);
          if (symbol === 0) break;
          k += symbol >> 4;
          out[block + k] = reader.value(symbol & 15);
        }
      }
    }
  }
  if (!reader.isAtEnd()) throw new Error('The scan goes on after the last block.');
  return out;
}
