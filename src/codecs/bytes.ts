import { AppError } from '../core/errors.ts';
import { say, str, type Text } from '../core/text.ts';

/** Bytes fetched at a time: most headers lie within the first such piece. */
const PIECE = 64 << 10;

/** A damaged or truncated file, named, with the reason in a few words; those of a string are for experts, and stay English. */
export const badInput = (name: string, reason: Text | string, values: Record<string, string | number> = {}): AppError =>
  new AppError('bad-input', say(str`${name} cannot be read: ${reasonOf(reason)}.`), {
    remedy: say('Check that the file was copied or downloaded completely, or open another one.'),
    values: { name, ...values },
  });

const reasonOf = (reason: Text | string): Text =>
  typeof reason === 'string' ? say(str`it is damaged (${reason})`) : reason;

export const CUT_OFF = say('it is cut off');
export const NO_PICTURE = say('there is no picture in it');
export const headerDamaged = (format: string): Text => say(str`its ${format} header is damaged`);
export const noSize = (format: string): Text => say(str`its ${format} header says no size`);

/** A file of a known kind that no decoder here reads. */
export const unsupportedInput = (name: string, what: Text | string, remedy: Text | ''): AppError =>
  new AppError('unsupported-input', say(str`${name} is ${what}, which is not read here.`), {
    remedy,
    values: { name },
  });

/** Big-endian or little-endian numbers of a run of bytes. Reading past the end throws a RangeError. */
export class Bytes {
  readonly data: Uint8Array;
  readonly littleEndian: boolean;
  readonly #view: DataView;

  constructor(data: Uint8Array, littleEndian = false) {
    this.data = data;
    this.littleEndian = littleEndian;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get length(): number {
    return this.data.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.littleEndian);
  }

  i16(at: number): number {
    return this.#view.getInt16(at, this.littleEndian);
  }

  u24(at: number): number {
    return this.littleEndian ? this.u16(at) | (this.u8(at + 2) << 16) : (this.u8(at) << 16) | this.u16(at + 1);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.littleEndian);
  }

  i32(at: number): number {
    return this.#view.getInt32(at, this.littleEndian);
  }

  f32(at: number): number {
    return this.#view.getFloat32(at, this.littleEndian);
  }

  f64(at: number): number {
    return this.#view.getFloat64(at, this.littleEndian);
  }

  /** A 64-bit count or offset; beyond 2^53 it is not exact, but beyond every file too. */
  u64(at: number): number {
    return Number(this.#view.getBigUint64(at, this.littleEndian));
  }

  /** Bytes as Latin-1 characters. */
  ascii(at: number, length: number): string {
    if (at < 0 || at + length > this.length) throw new RangeError('past the end');
    return String.fromCharCode(...this.data.subarray(at, at + length));
  }
}

/** The beginnings of files, as long as these are used: the kind, the header and hints for the decoder are looked for one after another. */
const beginnings = new WeakMap<Blob, Uint8Array<ArrayBuffer>>();

/** Reads small pieces of a file in any order. What lies past the end of the file is `bad-input`. */
export class FileBytes {
  readonly name: string;
  readonly size: number;
  readonly #file: Blob;
  #pieceStart = 0;
  #piece = new Uint8Array(0);

  constructor(file: Blob, name: string) {
    this.#file = file;
    this.name = name;
    this.size = file.size;
    this.#piece = beginnings.get(file) ?? this.#piece;
  }

  /** Exactly `length` bytes; a view that must not be changed, or kept beyond the next call without `copy`. */
  async read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (at < 0 || length < 0 || at + length > this.size) {
      throw badInput(this.name, say('it ends in the middle of its header'), { size: this.size });
    }
    const inside = at >= this.#pieceStart && at + length <= this.#pieceStart + this.#piece.length;
    if (!inside) await this.#fetch(at, Math.max(length, PIECE));
    return this.#piece.subarray(at - this.#pieceStart, at - this.#pieceStart + length);
  }

  /** As `read`, but ends where the file ends. */
  async upTo(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(at, Math.max(0, Math.min(length, this.size - at)));
  }

  /** Bytes of their own memory, for what is kept; null when more than `most` are asked for or the file ends before. */
  async copy(at: number, length: number, most: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (length > most || at < 0 || length < 0 || at + length > this.size) return null;
    return (await this.read(at, length)).slice();
  }

  async #fetch(at: number, length: number): Promise<void> {
    try {
      this.#piece = new Uint8Array(await this.#file.slice(at, at + length).arrayBuffer());
      this.#pieceStart = at;
      if (at === 0 && length === PIECE) beginnings.set(this.#file, this.#piece);
    } catch (cause) {
      throw new AppError('read-failed', say(str`${this.name} could not be read from disk.`), {
        remedy: say('Check that the file still exists and may be read, then open it again.'),
        values: { name: this.name },
        cause,
      });
    }
  }
}

/**
 * Runs a parser of untrusted bytes: whatever it trips over beside an AppError is a damaged file, not a fault of the
 * program.
 */
export async function parsing<T>(name: string, format: string, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (error instanceof RangeError) throw badInput(name, headerDamaged(format));
    throw error;
  }
}

/** The most bytes of one metadata block that are kept. */
export const MOST_METADATA = 16 << 20;
