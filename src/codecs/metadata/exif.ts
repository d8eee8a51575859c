import type { Size } from '../../core/geometry.ts';
import type { Density, Orientation } from '../../core/metadata.ts';
import { Bytes } from '../bytes.ts';
import { densityOf, densityRational } from './density.ts';
import { directoryBytes, integerOf, rationalOf, readDirectory, type Directory, type Field } from './ifd.ts';

/**
 * Reading and editing EXIF blocks (CIPA DC-008, which builds on TIFF 6.0) of either byte order.
 *
 * Blocks are edited in place instead of being written anew, because maker notes hold addresses that count from the start of
 * the block: whatever is kept stays at its address, byte for byte. This is also why no library does it here: exifr and
 * ExifReader only read, piexifjs and exif-library write every directory anew from the tags they know, and ExifTool
 * compiled to WebAssembly is 20 MB of Perl.
 */

/** Tags that are read or changed. */
export const EXIF_TAG = {
  imageWidth: 0x0100,
  imageHeight: 0x0101,
  make: 0x010f,
  stripOffsets: 0x0111,
  orientation: 0x0112,
  stripByteCounts: 0x0117,
  xResolution: 0x011a,
  yResolution: 0x011b,
  resolutionUnit: 0x0128,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
  iptc: 0x83bb,
  photoshop: 0x8649,
  exifIfd: 0x8769,
  gpsIfd: 0x8825,
  makerNote: 0x927c,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
  interopIfd: 0xa005,
  relatedWidth: 0x1001,
  relatedHeight: 0x1002,
} as const;

/** The directories of an EXIF block; null where there is none, or none that can be read. */
interface Structure {
  readonly block: Bytes;
  readonly main: Directory;
  readonly exif: Directory | null;
  readonly interop: Directory | null;
  readonly gps: Directory | null;
  readonly thumbnail: Directory | null;
}

const find = (directory: Directory | null, tag: number): Field | undefined =>
  directory?.fields.find((field) => field.tag === tag);

function readStructure(data: Uint8Array): Structure | null {
  if (data.length < 14) return null;
  const order = String.fromCharCode(data[0]!, data[1]!);
  if (order !== 'II' && order !== 'MM') return null;
  const block = new Bytes(data, order === 'II');
  if (block.u16(2) !== 42) return null;
  const main = readDirectory(block, block.u32(4));
  if (main === null) return null;
  const seen = new Set([main.at]);
  const open = (at: number | null): Directory | null => {
    if (at === null || at === 0 || seen.has(at)) return null;
    seen.add(at);
    return readDirectory(block, at);
  };
  const exif = open(integerOf(block, find(main, EXIF_TAG.exifIfd)));
  const interop = open(integerOf(block, find(exif, EXIF_TAG.interopIfd)));
  const gps = open(integerOf(block, find(main, EXIF_TAG.gpsIfd)));
  const thumbnail = open(main.next);
  return { block, main, exif, interop, gps, thumbnail };
}

/** What an EXIF block says that matters for reading the picture. */
export interface ExifSummary {
  readonly orientation: Orientation;
  readonly density: Density | null;
  readonly location: boolean;
  readonly thumbnail: boolean;
}

/** Null when the block is no TIFF structure with at least one directory. */
export function readExif(data: Uint8Array): ExifSummary | null {
  const structure = readStructure(data);
  if (structure === null) return null;
  const { block, main, gps, thumbnail } = structure;
  const orientation = integerOf(block, find(main, EXIF_TAG.orientation)) ?? 1;
  const x = rationalOf(block, find(main, EXIF_TAG.xResolution));
  const y = rationalOf(block, find(main, EXIF_TAG.yResolution));
  const unit = integerOf(block, find(main, EXIF_TAG.resolutionUnit)) ?? 2;
  const known = x !== null && y !== null && (unit === 2 || unit === 3);
  return {
    orientation: orientation >= 1 && orientation <= 8 ? (orientation as Orientation) : 1,
    density: known ? densityOf(x, y, unit === 2 ? 'inch' : 'centimetre') : null,
    location: gps !== null && gps.fields.some((field) => field.tag !== 0),
    thumbnail: thumbnail !== null,
  };
}

/** What is changed in an EXIF block. */
export interface ExifEdits {
  /** The picture is upright when the block is written. */
  readonly orientation: 1;
  /** Removes the directory of the embedded thumbnail and its pixels. */
  readonly dropThumbnail: boolean;
  /** Removes GPS, IPTC and Photoshop blocks, and the maker notes of makers who write places into them. */
  readonly dropLocation: boolean;
  /** Pixels per inch; added where the block has none. */
  readonly density?: Density | null;
  /** Of the finished picture, in pixels; changes the fields that are there. */
  readonly size?: Size;
}

/** A directory's fields as they will be written: 12 bytes each, in the order of their tags. */
type Slots = Map<number, Uint8Array>;

/**
 * An edited copy of an EXIF block; null when the block cannot be read, and so must be dropped. Fields whose values lie
 * outside the block are removed. Removed values are overwritten with zeros, and cut off at the end of the block.
 */
export function editExif(data: Uint8Array, edits: ExifEdits): Uint8Array<ArrayBuffer> | null {
  const structure = readStructure(data);
  if (structure === null) return null;
  const hidden = structure.gps === null && find(structure.main, EXIF_TAG.gpsIfd) !== undefined;
  // A location that cannot be found cannot be removed.
  if (hidden && edits.dropLocation) return null;
  return new ExifEditor(structure).apply(edits);
}

/** Makers known to write names of places or coordinates into their maker notes. */
const MAKERS_WITH_PLACES = ['panasonic', 'leica', 'nikon', 'samsung', 'pentax', 'ricoh'];

class ExifEditor {
  readonly #from: Structure;
  readonly #block: Bytes;
  #out: Uint8Array<ArrayBuffer>;
  #view: DataView;
  readonly #removed: [start: number, end: number][] = [];

  constructor(structure: Structure) {
    this.#from = structure;
    this.#block = structure.block;
    this.#out = structure.block.data.slice();
    this.#view = new DataView(this.#out.buffer);
    // Room for the address of the next directory, which some writers leave out at the end.
    const { main, exif, interop, gps, thumbnail } = structure;
    const ends = [main, exif, interop, gps, thumbnail].map((d) => (d ? d.at + directoryBytes(d.slots) : 0));
    this.#resize(Math.max(this.#out.length, ...ends));
  }

  apply(edits: ExifEdits): Uint8Array<ArrayBuffer> {
    const { main, exif, interop, gps, thumbnail } = this.#from;
    const mainSlots = this.#slotsOf(main);
    const exifSlots = exif && this.#slotsOf(exif);
    const interopSlots = interop && this.#slotsOf(interop);
    // A pointer to a directory that cannot be read is worth nothing.
    if (exif === null) mainSlots.delete(EXIF_TAG.exifIfd);
    if (interop === null) exifSlots?.delete(EXIF_TAG.interopIfd);
    if (gps === null) mainSlots.delete(EXIF_TAG.gpsIfd);
    this.#setShort(mainSlots, EXIF_TAG.orientation, edits.orientation);
    if (edits.size) this.#setSize(edits.size, mainSlots, exifSlots, interopSlots);
    if (edits.dropLocation) this.#dropLocation(mainSlots, exifSlots);
    const keepThumbnail = thumbnail !== null && !edits.dropThumbnail;
    if (thumbnail && !keepThumbnail) this.#dropThumbnail(thumbnail);
    const kept = [main, exif, interop, edits.dropLocation ? null : gps, keepThumbnail ? thumbnail : null];
    this.#clearRemoved(this.#keptRanges(kept, mainSlots, exifSlots));
    if (edits.density) this.#setDensity(mainSlots, edits.density);
    this.#write(main, mainSlots, keepThumbnail ? main.next : 0);
    if (exif && exifSlots) this.#write(exif, exifSlots, exif.next);
    if (interop && interopSlots) this.#write(interop, interopSlots, interop.next);
    return this.#out;
  }

  #slotsOf(directory: Directory): Slots {
    return new Map(directory.fields.map(({ tag, at }) => [tag, this.#block.data.slice(at, at + 12)]));
  }

  #setInline(slots: Slots, tag: number, type: 3 | 4, value: number): void {
    const slot = new DataView(new ArrayBuffer(12));
    const little = this.#block.littleEndian;
    slot.setUint16(0, tag, little);
    slot.setUint16(2, type, little);
    slot.setUint32(4, 1, little);
    if (type === 3) slot.setUint16(8, value, little);
    else slot.setUint32(8, value, little);
    slots.set(tag, new Uint8Array(slot.buffer));
  }

  /** Changes a SHORT that is there. */
  #setShort(slots: Slots, tag: number, value: number): void {
    if (slots.has(tag)) this.#setInline(slots, tag, 3, value);
  }

  #setSize(size: Size, main: Slots, exif: Slots | null, interop: Slots | null): void {
    const set = (slots: Slots | null, tag: number, value: number): void => {
      if (slots?.has(tag)) this.#setInline(slots, tag, 4, value);
    };
    set(main, EXIF_TAG.imageWidth, size.width);
    set(main, EXIF_TAG.imageHeight, size.height);
    set(exif, EXIF_TAG.pixelWidth, size.width);
    set(exif, EXIF_TAG.pixelHeight, size.height);
    set(interop, EXIF_TAG.relatedWidth, size.width);
    set(interop, EXIF_TAG.relatedHeight, size.height);
  }

  #dropLocation(main: Slots, exif: Slots | null): void {
    const { gps } = this.#from;
    if (gps) this.#removeDirectory(gps);
    main.delete(EXIF_TAG.gpsIfd);
    for (const tag of [EXIF_TAG.iptc, EXIF_TAG.photoshop]) this.#removeField(main, this.#from.main, tag);
    const make = find(this.#from.main, EXIF_TAG.make);
    const maker = make ? this.#block.ascii(make.valueAt, make.bytes).toLowerCase() : '';
    const writesPlaces = MAKERS_WITH_PLACES.some((name) => maker.includes(name));
    if (exif && writesPlaces) this.#removeField(exif, this.#from.exif, EXIF_TAG.makerNote);
  }

  #dropThumbnail(directory: Directory): void {
    this.#removeDirectory(directory);
    const pairs = [
      [EXIF_TAG.thumbnailOffset, EXIF_TAG.thumbnailLength],
      [EXIF_TAG.stripOffsets, EXIF_TAG.stripByteCounts],
    ] as const;
    for (const [offsetTag, lengthTag] of pairs) {
      const at = integerOf(this.#block, find(directory, offsetTag));
      const length = integerOf(this.#block, find(directory, lengthTag));
      if (at !== null && length !== null) this.#remove(at, length);
    }
  }

  #removeDirectory(directory: Directory): void {
    this.#remove(directory.at, directoryBytes(directory.slots));
    for (const field of directory.fields) this.#remove(field.valueAt, field.bytes);
  }

  #removeField(slots: Slots, directory: Directory | null, tag: number): void {
    const field = find(directory, tag);
    if (field) this.#remove(field.valueAt, field.bytes);
    slots.delete(tag);
  }

  #remove(at: number, length: number): void {
    const start = Math.min(Math.max(at, 8), this.#out.length);
    this.#removed.push([start, Math.min(start + length, this.#out.length)]);
  }

  #keptRanges(directories: readonly (Directory | null)[], main: Slots, exif: Slots | null): [number, number][] {
    const ranges: [number, number][] = [[0, 8]];
    for (const directory of directories) {
      if (directory === null) continue;
      ranges.push([directory.at, directory.at + directoryBytes(directory.slots)]);
      const slots = directory === this.#from.main ? main : directory === this.#from.exif ? exif : null;
      for (const field of directory.fields) {
        if (slots === null || slots.has(field.tag)) ranges.push([field.valueAt, field.valueAt + field.bytes]);
      }
    }
    return ranges;
  }

  /** Overwrites what was removed and nothing that is kept, then cuts off a tail of removed bytes. */
  #clearRemoved(kept: readonly (readonly [number, number])[]): void {
    const state = new Uint8Array(this.#out.length);
    for (const [start, end] of this.#removed) state.fill(1, start, end);
    for (const [start, end] of kept) state.fill(0, start, end);
    let end = state.length;
    // Zeros between removed runs are padding.
    while (end > 0 && (state[end - 1] === 1 || (this.#removed.length > 0 && this.#isPadding(kept, end - 1)))) end--;
    state.forEach((removed, i) => {
      if (removed === 1) this.#out[i] = 0;
    });
    this.#resize(end);
  }

  #isPadding(kept: readonly (readonly [number, number])[], at: number): boolean {
    return this.#block.data[at] === 0 && !kept.some(([start, end]) => at >= start && at < end);
  }

  #resize(length: number): void {
    const resized = new Uint8Array(length);
    resized.set(this.#out.subarray(0, length));
    this.#out = resized;
    this.#view = new DataView(resized.buffer);
  }

  /** Address of fresh bytes at the end, on a word boundary as TIFF asks. */
  #append(bytes: number): number {
    const at = (this.#out.length + 1) & ~1;
    this.#resize(at + bytes);
    return at;
  }

  #setDensity(main: Slots, density: Density): void {
    const little = this.#block.littleEndian;
    const place = (tag: number): number | null => {
      const field = find(this.#from.main, tag);
      return field?.type === 5 && field.count === 1 ? field.valueAt : null;
    };
    // Both fields may share one value.
    const [xAt, yAt] = [place(EXIF_TAG.xResolution), place(EXIF_TAG.yResolution)];
    const apart = xAt === null || yAt === null || Math.abs(xAt - yAt) >= 8;
    const write = (tag: number, value: number, old: number | null): void => {
      const at = old !== null && apart ? old : this.#append(8);
      const [numerator, denominator] = densityRational(value);
      this.#view.setUint32(at, numerator, little);
      this.#view.setUint32(at + 4, denominator, little);
      this.#setInline(main, tag, 4, at);
      new DataView(main.get(tag)!.buffer).setUint16(2, 5, little);
    };
    write(EXIF_TAG.xResolution, density.x, xAt);
    write(EXIF_TAG.yResolution, density.y, yAt);
    this.#setInline(main, EXIF_TAG.resolutionUnit, 3, 2);
  }

  /** Writes a directory back to its place, or, when it has grown, to the end of the block; only the first one grows. */
  #write(directory: Directory, slots: Slots, next: number): void {
    const little = this.#block.littleEndian;
    const grown = slots.size > directory.slots;
    this.#out.fill(0, directory.at, directory.at + directoryBytes(directory.slots));
    const at = grown ? this.#append(directoryBytes(slots.size)) : directory.at;
    if (grown) this.#view.setUint32(4, at, little);
    this.#view.setUint16(at, slots.size, little);
    const sorted = [...slots].sort(([a], [b]) => a - b);
    sorted.forEach(([, slot], i) => {
      this.#out.set(slot, at + 2 + i * 12);
    });
    this.#view.setUint32(at + 2 + slots.size * 12, next, little);
  }
}
