/** A field to write; its value in little-endian bytes. */
export interface TiffField {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Uint8Array;
}

/** Field types (TIFF 6.0 section 2, BigTIFF for the 64-bit ones). */
export const TIFF_TYPE = {
  byte: 1,
  ascii: 2,
  short: 3,
  long: 4,
  rational: 5,
  undefined: 7,
  long8: 16,
  ifd8: 18,
} as const;

function numbers(count: number, size: number, set: (view: DataView, i: number) => void): Uint8Array {
  const value = new Uint8Array(count * size);
  const view = new DataView(value.buffer);
  for (let i = 0; i < count; i++) set(view, i);
  return value;
}

export const shortField = (tag: number, ...values: number[]): TiffField => ({
  ...{ tag, type: TIFF_TYPE.short, count: values.length },
  value: numbers(values.length, 2, (view, i) => view.setUint16(i * 2, values[i]!, true)),
});

export const longField = (tag: number, values: readonly number[]): TiffField => ({
  ...{ tag, type: TIFF_TYPE.long, count: values.length },
  value: numbers(values.length, 4, (view, i) => view.setUint32(i * 4, values[i]!, true)),
});

export const long8Field = (tag: number, values: readonly number[]): TiffField => ({
  ...{ tag, type: TIFF_TYPE.long8, count: values.length },
  value: numbers(values.length, 8, (view, i) => view.setBigUint64(i * 8, BigInt(values[i]!), true)),
});

export const rationalField = (tag: number, [numerator, denominator]: readonly [number, number]): TiffField => ({
  ...longField(tag, [numerator, denominator]),
  ...{ type: TIFF_TYPE.rational, count: 1 },
});

export const bytesField = (tag: number, type: number, value: Uint8Array): TiffField => ({
  ...{ tag, type, count: value.length, value },
});

/** A pointer to another directory: classic LONG, BigTIFF's IFD8. */
export const ifdField = (tag: number, offset: number, big: boolean): TiffField =>
  big ? { ...long8Field(tag, [offset]), type: TIFF_TYPE.ifd8 } : longField(tag, [offset]);

/** Pieces of a file in order, each on a word boundary as TIFF asks (section 2), with their places in the file. */
export class TiffPieces {
  readonly big: boolean;
  #position: number;
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  /** `position` is where the first piece goes. */
  constructor(big: boolean, position = 0) {
    this.big = big;
    this.#position = position;
  }

  /** Where the next piece goes. */
  get position(): number {
    return this.#position;
  }

  /** Adds bytes, and one more when their number is odd. Returns their offset. */
  add(bytes: Uint8Array<ArrayBuffer>): number {
    const at = this.#position;
    this.#pieces.push(bytes);
    this.#position += bytes.length;
    if (bytes.length % 2 === 1) {
      this.#pieces.push(new Uint8Array(1));
      this.#position++;
    }
    return at;
  }

  /** Adds a directory, after the values that do not fit into its fields. `next` is the offset of its successor, 0 for none. Returns its offset. */
  addIfd(fields: readonly TiffField[], next = 0): number {
    const { big } = this;
    const sorted = [...fields].sort((a, b) => a.tag - b.tag);
    const [head, size, word] = big ? [8, 20, 8] : [2, 12, 4];
    const ifd = new Uint8Array(head + sorted.length * size + word);
    const view = new DataView(ifd.buffer);
    if (big) view.setBigUint64(0, BigInt(sorted.length), true);
    else view.setUint16(0, sorted.length, true);
    sorted.forEach(({ tag, type, count, value }, i) => {
      const at = head + i * size;
      view.setUint16(at, tag, true);
      view.setUint16(at + 2, type, true);
      this.#setWord(view, at + 4, count);
      if (value.length <= word) ifd.set(value, at + 4 + word);
      else this.#setWord(view, at + 4 + word, this.add(new Uint8Array(value)));
    });
    this.#setWord(view, ifd.length - word, next);
    return this.add(ifd);
  }

  /** The pieces added since the last call. */
  take(): Uint8Array<ArrayBuffer>[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #setWord(view: DataView, at: number, value: number): void {
    if (this.big) view.setBigUint64(at, BigInt(value), true);
    else view.setUint32(at, value, true);
  }
}
