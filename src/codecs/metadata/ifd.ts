import type { Bytes } from '../bytes.ts';

/** Bytes of a value of each TIFF field type (TIFF 6.0, section 2; 13: Adobe's IFD; 16 to 18: BigTIFF). 0: no such type. */
export const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8] as const;

/** One field of a TIFF directory, with the place of its value. */
export interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Address of the field's own 12 bytes. */
  readonly at: number;
  /** Address of the first byte of the value: within the field when it has up to 4 bytes. */
  readonly valueAt: number;
  readonly bytes: number;
}

/** A TIFF directory. Fields whose value lies outside the block, or of an unknown type, are left out. */
export interface Directory {
  readonly at: number;
  /** Fields that the directory says it has, damaged ones included. */
  readonly slots: number;
  readonly fields: readonly Field[];
  /** Address of the next directory, 0 for none. */
  readonly next: number;
}

/** Bytes of a directory of so many fields. */
export const directoryBytes = (slots: number): number => 2 + slots * 12 + 4;

/** The directory at an address, or null when it does not lie within the block. */
export function readDirectory(block: Bytes, at: number): Directory | null {
  if (at < 8 || at + 2 > block.length) return null;
  const slots = block.u16(at);
  const end = at + 2 + slots * 12;
  if (end > block.length) return null;
  const fields: Field[] = [];
  for (let i = 0; i < slots; i++) {
    const field = readField(block, at + 2 + i * 12);
    if (field) fields.push(field);
  }
  // Some writers leave the address of the next directory out at the end of the block.
  const next = end + 4 <= block.length ? block.u32(end) : 0;
  return { at, slots, fields, next };
}

function readField(block: Bytes, at: number): Field | null {
  const tag = block.u16(at);
  const type = block.u16(at + 2);
  const count = block.u32(at + 4);
  const bytes = (TYPE_BYTES[type] ?? 0) * count;
  if (bytes === 0) return null;
  const valueAt = bytes <= 4 ? at + 8 : block.u32(at + 8);
  if (valueAt < 8 || valueAt + bytes > block.length) return null;
  return { tag, type, count, at, valueAt, bytes };
}

/** The first number of a field of an integer type, else null. */
export function integerOf(block: Bytes, field: Field | undefined): number | null {
  switch (field?.type) {
    case 1:
      return block.u8(field.valueAt);
    case 3:
      return block.u16(field.valueAt);
    case 4:
    case 13:
      return block.u32(field.valueAt);
    default:
      return null;
  }
}

/** The first number of a field as a fraction or an integer, else null. */
export function rationalOf(block: Bytes, field: Field | undefined): number | null {
  if (field?.type !== 5) return integerOf(block, field);
  const denominator = block.u32(field.valueAt + 4);
  return denominator === 0 ? null : block.u32(field.valueAt) / denominator;
}
