import { boxesIn, type Box } from '../boxes.ts';
import { Bytes } from '../bytes.ts';

/** An item property (ISO/IEC 23008-12, 6.5) with its content. */
export interface Property {
  readonly type: string;
  readonly bytes: Bytes;
}

export interface Item {
  readonly id: number;
  /** `av01`, `grid`, `Exif`, `mime`, ... */
  readonly type: string;
  /** Of `mime` items. */
  readonly contentType: string;
}

/** A run of an item's bytes: in the file, or in the `idat` box of the meta box. */
export interface Extent {
  readonly inMeta: boolean;
  readonly at: number;
  readonly length: number;
}

/** The parts of a `meta` box (ISO/IEC 14496-12, 8.11) that describe a picture. */
export interface Meta {
  readonly primary: number;
  readonly items: readonly Item[];
  readonly properties: readonly Property[];
  /** Content of `idat`. */
  readonly data: Uint8Array;
  /** The item that holds the primary item's alpha. */
  readonly alphaItem: number | null;
  propertiesOf(item: number): readonly Property[];
  extentsOf(item: number): readonly Extent[];
}

/** Bounds on what damaged or hostile tables may claim. */
const MOST_ITEMS = 100_000;

const ALPHA_URNS = ['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1'];

/** Reads the content of a `meta` box. Throws a RangeError when it is damaged. */
export function readMeta(bytes: Bytes): Meta {
  const boxes = new Map<string, Box>();
  for (const box of boxesIn(bytes, 4, bytes.length)) if (!boxes.has(box.type)) boxes.set(box.type, box);
  const read = <T>(type: string, empty: T, parse: (box: Reader) => T): T => {
    const box = boxes.get(type);
    return box ? parse(new Reader(bytes, box)) : empty;
  };
  const primary = read('pitm', 0, (box) => (box.version === 0 ? box.u16() : box.u32()));
  const items = read<Item[]>('iinf', [], readItems);
  const { properties, associations } = readProperties(bytes, boxes.get('iprp'));
  const locations = read('iloc', new Map<number, Extent[]>(), readLocations);
  const references = read<Reference[]>('iref', [], readReferences);
  const idat = boxes.get('idat');
  const propertiesOf = (item: number): Property[] =>
    (associations.get(item) ?? []).flatMap((index) => properties[index - 1] ?? []);
  const isAlpha = ({ type, from, to }: Reference): boolean =>
    type === 'auxl' && to.includes(primary) && propertiesOf(from).some(isAlphaProperty);
  return {
    ...{ primary, items, properties, propertiesOf },
    data: idat ? bytes.data.subarray(idat.start, idat.start + idat.length) : new Uint8Array(0),
    alphaItem: references.find(isAlpha)?.from ?? null,
    extentsOf: (item) => locations.get(item) ?? [],
  };
}

const isAlphaProperty = ({ type, bytes }: Property): boolean =>
  type === 'auxC' && ALPHA_URNS.some((urn) => bytes.length >= 4 + urn.length && bytes.ascii(4, urn.length) === urn);

/** Reads a full box from front to back. */
class Reader {
  readonly bytes: Bytes;
  readonly version: number;
  readonly flags: number;
  at: number;
  readonly end: number;

  constructor(bytes: Bytes, box: Box) {
    this.bytes = bytes;
    this.version = bytes.u8(box.start);
    this.flags = bytes.u24(box.start + 1);
    this.at = box.start + 4;
    this.end = box.start + box.length;
  }

  u8(): number {
    return this.bytes.u8(this.#advance(1));
  }

  u16(): number {
    return this.bytes.u16(this.#advance(2));
  }

  u32(): number {
    return this.bytes.u32(this.#advance(4));
  }

  /** A number of 0, 4 or 8 bytes. */
  sized(size: number): number {
    if (size === 0) return 0;
    return size === 8 ? this.bytes.u64(this.#advance(8)) : this.u32();
  }

  /** A count of entries. */
  count(size: 2 | 4): number {
    const count = size === 2 ? this.u16() : this.u32();
    if (count > MOST_ITEMS) throw new RangeError('too many entries');
    return count;
  }

  #advance(bytes: number): number {
    const at = this.at;
    this.at += bytes;
    if (this.at > this.end) throw new RangeError('past the end of the box');
    return at;
  }
}

function readItems(box: Reader): Item[] {
  box.count(box.version === 0 ? 2 : 4);
  const items: Item[] = [];
  for (const entry of boxesIn(box.bytes, box.at, box.end)) {
    if (entry.type !== 'infe') continue;
    const info = new Reader(box.bytes, entry);
    if (info.version < 2) continue;
    const id = info.version === 2 ? info.u16() : info.u32();
    info.u16();
    const type = box.bytes.ascii(info.at, 4);
    const rest = box.bytes.ascii(info.at + 4, info.end - info.at - 4);
    // After the type: the item's name and, for `mime`, its content type, both ended by a zero.
    items.push({ id, type, contentType: rest.split('\0')[1] ?? '' });
  }
  return items;
}

function readProperties(
  bytes: Bytes,
  iprp: Box | undefined,
): { properties: Property[]; associations: Map<number, number[]> } {
  const properties: Property[] = [];
  const associations = new Map<number, number[]>();
  if (!iprp) return { properties, associations };
  for (const box of boxesIn(bytes, iprp.start, iprp.start + iprp.length)) {
    if (box.type === 'ipco') {
      for (const { type, start, length } of boxesIn(bytes, box.start, box.start + box.length)) {
        properties.push({ type, bytes: new Bytes(bytes.data.subarray(start, start + length)) });
      }
    } else if (box.type === 'ipma') readAssociations(new Reader(bytes, box), associations);
  }
  return { properties, associations };
}

function readAssociations(box: Reader, associations: Map<number, number[]>): void {
  const wide = (box.flags & 1) === 1;
  const entries = box.count(4);
  for (let i = 0; i < entries; i++) {
    const item = box.version === 0 ? box.u16() : box.u32();
    const count = box.u8();
    // The highest bit says that the property is essential; index 0 means none.
    const indices = Array.from({ length: count }, () => (wide ? box.u16() & 0x7fff : box.u8() & 0x7f));
    associations.set(item, indices);
  }
}

function readLocations(box: Reader): Map<number, Extent[]> {
  const sizes = box.u16();
  const [offsetSize, lengthSize, baseSize, indexSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15, sizes & 15];
  const locations = new Map<number, Extent[]>();
  const items = box.count(box.version < 2 ? 2 : 4);
  for (let i = 0; i < items; i++) {
    const id = box.version < 2 ? box.u16() : box.u32();
    const method = box.version === 0 ? 0 : box.u16() & 15;
    box.u16();
    const base = box.sized(baseSize);
    const extents: Extent[] = [];
    for (let rest = box.count(2); rest > 0; rest--) {
      if (box.version > 0) box.sized(indexSize);
      const at = base + box.sized(offsetSize);
      extents.push({ inMeta: method === 1, at, length: box.sized(lengthSize) });
    }
    // Method 2 builds an item from other items; no metadata is stored so.
    if (method < 2) locations.set(id, extents);
  }
  return locations;
}

interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

function readReferences(box: Reader): Reference[] {
  const references: Reference[] = [];
  for (const entry of boxesIn(box.bytes, box.at, box.end)) {
    const wide = box.version > 0;
    const id = (at: number): number => (wide ? box.bytes.u32(at) : box.bytes.u16(at));
    const step = wide ? 4 : 2;
    const count = box.bytes.u16(entry.start + step);
    const first = entry.start + step + 2;
    const to = Array.from({ length: count }, (_, i) => id(first + i * step));
    references.push({ type: entry.type, from: id(entry.start), to });
  }
  return references;
}
