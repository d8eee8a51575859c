/** One field of a directory, undecoded. */
export interface IfdEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where the value lies, from the start of the file. */
  readonly position: number;
  readonly bytes: number;
}

/** A directory: its fields, and where the next one is (0: none). */
export interface Ifd {
  readonly entries: ReadonlyMap<number, IfdEntry>;
  readonly next: number;
}

/** Bytes of one value by field type (TIFF 6.0 section 2, and BigTIFF's 13 and 16 to 18). */
const TYPE_BYTES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};

/** Bytes of one value of a field type, 0 for an unknown type. */
export const typeBytes = (type: number): number => TYPE_BYTES[type] ?? 0;

/** How numbers are stored, and where the first directory is. */
export interface TiffHeader {
  readonly little: boolean;
  readonly big: boolean;
  readonly first: number;
}

/** Reads the header of a TIFF or BigTIFF from its first 16 bytes (a TIFF's 8 will do); null when it is neither. */
export function readTiffHeader(bytes: Uint8Array): TiffHeader | null {
  if (bytes.length < 8) return null;
  const view = viewOf(bytes);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  const magic = view.getUint16(2, little);
  if (magic === 42) return { little, big: false, first: view.getUint32(4, little) };
  if (magic !== 43 || bytes.length < 16) return null;
  return { little, big: true, first: Number(view.getBigUint64(8, little)) };
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Directories are small; one that claims more fields than this is not one. */
const MAX_ENTRIES = 4096;

/** Bytes to read for a directory whose number of fields is not known yet. */
export const IFD_READ_BYTES = 8 + MAX_ENTRIES * 20 + 8;

/** Reads the directory at the start of `bytes`, which lies at `base` in its file; null when it is cut or absurd. */
export function parseIfd(bytes: Uint8Array, base: number, header: TiffHeader): Ifd | null {
  const { little, big } = header;
  const view = viewOf(bytes);
  const head = big ? 8 : 2;
  const size = big ? 20 : 12;
  if (bytes.length < head) return null;
  const count = big ? Number(view.getBigUint64(0, little)) : view.getUint16(0, little);
  if (count > MAX_ENTRIES || head + count * size > bytes.length) return null;
  const word = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const entries = new Map<number, IfdEntry>();
  for (let i = 0; i < count; i++) {
    const at = head + i * size;
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const values = word(at + 4);
    const length = values * typeBytes(type);
    const valueAt = at + (big ? 12 : 8);
    const position = length <= (big ? 8 : 4) ? base + valueAt : word(valueAt);
    if (length > 0 && !entries.has(tag)) entries.set(tag, { tag, type, count: values, position, bytes: length });
  }
  const end = head + count * size;
  return { entries, next: end + (big ? 8 : 4) <= bytes.length ? word(end) : 0 };
}
