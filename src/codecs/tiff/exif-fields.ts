import { Bytes } from '../bytes.ts';
import { integerOf, readDirectory, type Directory, type Field } from '../metadata/ifd.ts';
import { bytesField, ifdField, TIFF_TYPE, type TiffField, type TiffPieces } from './write-ifd.ts';

const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const INTEROP_IFD = 0xa005;
const IPTC = 0x83bb;

/**
 * Fields of an EXIF block's first directory that describe the picture: names, dates and people, IPTC, rating, and the titles
 * that Windows writes. What describes the block's own pixels (sizes, strips, resolution) is the file writer's to say.
 */
const DESCRIPTIVE = new Set([
  ...[0x010d, 0x010e, 0x010f, 0x0110, 0x011d, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746, 0x4749, 0x8298, IPTC],
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f, 0xc4a5],
]);

/** Bytes of the unit whose order is turned, by field type; types not named are bytes. */
const UNIT: Readonly<Record<number, number>> = { 3: 2, 8: 2, 4: 4, 9: 4, 5: 4, 10: 4, 11: 4, 13: 4, 12: 8 };

/**
 * What an EXIF block (from its byte-order mark on) adds to a TIFF's directory: descriptive fields, and pointers to its EXIF
 * and GPS directories, which are added to the pieces. Nothing for a block that is no TIFF structure.
 */
export function addExif(pieces: TiffPieces, exif: Uint8Array<ArrayBuffer>, headerBytes: number): TiffField[] {
  if (exif.length < 14) return [];
  const little = exif[0] === 0x49 && exif[1] === 0x49;
  const block = new Bytes(exif, little);
  if ((!little && block.u16(0) !== 0x4d4d) || block.u16(2) !== 42) return [];
  const main = readDirectory(block, block.u32(4));
  if (main === null) return [];
  const described = main.fields.filter(({ tag }) => DESCRIPTIVE.has(tag)).map((field) => copyField(block, field));
  // Maker notes hold addresses that count from the start of the block. A file that begins with the block keeps them right.
  const inPlace = little && !pieces.big && pieces.position === headerBytes;
  if (inPlace) pieces.add(exif.slice(headerBytes));
  const pointers = [EXIF_IFD, GPS_IFD].flatMap((tag) => {
    const at = integerOf(block, find(main, tag));
    const directory = at === null ? null : readDirectory(block, at);
    if (at === null || directory === null) return [];
    return [ifdField(tag, inPlace ? at : addDirectory(pieces, block, directory), pieces.big)];
  });
  return [...described, ...pointers];
}

const find = (directory: Directory, tag: number): Field | undefined =>
  directory.fields.find((field) => field.tag === tag);

function addDirectory(pieces: TiffPieces, block: Bytes, directory: Directory): number {
  const fields = directory.fields.flatMap((field) => {
    if (field.tag !== INTEROP_IFD) return [copyField(block, field)];
    const at = integerOf(block, field);
    const interop = at === null ? null : readDirectory(block, at);
    if (interop === null || at === directory.at) return [];
    const copied = interop.fields.map((inner) => copyField(block, inner));
    return [ifdField(INTEROP_IFD, pieces.addIfd(copied), pieces.big)];
  });
  return pieces.addIfd(fields);
}

function copyField(block: Bytes, field: Field): TiffField {
  const { tag, type, count, valueAt, bytes } = field;
  const value = block.data.slice(valueAt, valueAt + bytes);
  // IPTC is bytes, though programs label it LONG.
  if (tag === IPTC) return bytesField(tag, TIFF_TYPE.undefined, value);
  const unit = UNIT[type] ?? 1;
  if (!block.littleEndian && unit > 1) {
    for (let at = 0; at + unit <= value.length; at += unit) value.subarray(at, at + unit).reverse();
  }
  return { tag, type, count, value };
}
