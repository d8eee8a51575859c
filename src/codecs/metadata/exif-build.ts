/** A field to be written: the value's bytes are in the byte order of the block. */
export interface NewField {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Uint8Array;
}

/** Tags that point to the other two directories. */
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;

/**
 * A new EXIF block (TIFF 6.0 structure, CIPA DC-008) from fields that were taken out of another file, such as a TIFF, whose own
 * addresses mean nothing in a block of its own. Null when there is nothing to write.
 */
export function buildExif(
  fields: { readonly main: readonly NewField[]; readonly exif: readonly NewField[]; readonly gps: readonly NewField[] },
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> | null {
  if (fields.main.length + fields.exif.length + fields.gps.length === 0) return null;
  const pointer = (tag: number): NewField => ({ tag, type: 4, count: 1, value: new Uint8Array(4) });
  const main = [
    ...fields.main,
    ...(fields.exif.length > 0 ? [pointer(EXIF_IFD)] : []),
    ...(fields.gps.length > 0 ? [pointer(GPS_IFD)] : []),
  ];
  const directories = [main, fields.exif, fields.gps].filter((list) => list.length > 0);
  const starts: number[] = [];
  let total = 8;
  for (const list of directories) {
    starts.push(total);
    total += 6 + list.reduce((sum, { value }) => sum + 12 + (value.length > 4 ? (value.length + 1) & ~1 : 0), 0);
  }
  const block = new Uint8Array(total);
  const view = new DataView(block.buffer);
  block.set(littleEndian ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  directories.forEach((list, i) => {
    writeDirectory(block, list, starts[i]!, littleEndian, (tag) => {
      if (list !== main) return null;
      if (tag === EXIF_IFD) return starts[1]!;
      return tag === GPS_IFD ? starts.at(-1)! : null;
    });
  });
  return block;
}

function writeDirectory(
  block: Uint8Array<ArrayBuffer>,
  fields: readonly NewField[],
  start: number,
  littleEndian: boolean,
  pointerOf: (tag: number) => number | null,
): void {
  const view = new DataView(block.buffer);
  view.setUint16(start, fields.length, littleEndian);
  let at = start + 2;
  let valueAt = start + 6 + fields.length * 12;
  for (const { tag, type, count, value } of [...fields].sort((a, b) => a.tag - b.tag)) {
    view.setUint16(at, tag, littleEndian);
    view.setUint16(at + 2, type, littleEndian);
    view.setUint32(at + 4, count, littleEndian);
    const pointer = pointerOf(tag);
    if (pointer !== null) {
      view.setUint32(at + 8, pointer, littleEndian);
    } else if (value.length <= 4) {
      block.set(value, at + 8);
    } else {
      view.setUint32(at + 8, valueAt, littleEndian);
      block.set(value, valueAt);
      valueAt += (value.length + 1) & ~1;
    }
    at += 12;
  }
}
