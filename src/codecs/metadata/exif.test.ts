import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagsByExiftool, withSegment, writtenByExiftool } from '../../../test/support/exiftool.ts';
import { probeSource } from '../probe.ts';
import { editExif, readExif, type ExifEdits } from './exif.ts';
import { buildExif, type NewField } from './exif-build.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const bytesOf = (name: string): Uint8Array => Uint8Array.from(readFileSync(join(FIXTURES, name)));

async function exifOf(file: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { metadata } = await probeSource(new Blob([Uint8Array.from(file)]), name);
  if (metadata.exif === null) throw new Error(`${name} has no EXIF`);
  return metadata.exif;
}

const PREFIX = new TextEncoder().encode('Exif\0\0');
const KEEP: ExifEdits = { orientation: 1, dropThumbnail: true, dropLocation: false };

/** What exiftool reads of a block put into a JPEG, without the file's own facts. */
function tagsOf(exif: Uint8Array): Record<string, unknown> {
  const tags = tagsByExiftool(withSegment(bytesOf('jpeg/420.jpg'), 0xe1, PREFIX, exif), 'with.jpg');
  const own = /^(SourceFile$|ExifTool|System|File|JFIF|Composite)/;
  const warning = Object.entries(tags).filter(([key]) => key.includes('Warning'));
  expect(warning).toEqual([]);
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !own.test(key)));
}

const without = (tags: Record<string, unknown>, pattern: RegExp): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !pattern.test(key)));

const indexOf = (block: Uint8Array, part: Uint8Array): number => Buffer.from(block).indexOf(part);

/** A camera's block in either byte order, made by exiftool. */
async function cameraBlock(order: 'II' | 'MM', ...tags: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const file = writtenByExiftool(
    bytesOf('jpeg/420.jpg'),
    'camera.jpg',
    `-ExifByteOrder=${order}`,
    ...['-Make=Example', '-Model=One', '-Orientation#=8', '-XResolution=72', '-YResolution=72', '-ISO=100'],
    ...['-ExifImageWidth=61', '-ExifImageHeight=43', '-InteropIndex=R98', '-UserComment=A comment'],
    ...['-GPSLatitude=48.2', '-GPSLatitudeRef=N', '-GPSLongitude=16.37', '-GPSLongitudeRef=E'],
    ...tags,
  );
  return exifOf(file, 'camera.jpg');
}

describe('readExif', () => {
  it('finds orientation, density, location and thumbnail', async () => {
    expect(readExif(await exifOf(bytesOf('jpeg/camera.jpg'), 'camera.jpg'))).toEqual({
      ...{ orientation: 6, density: { x: 300, y: 300 }, location: true, thumbnail: true },
    });
  });

  it('says nothing of what is no EXIF', () => {
    for (const bytes of [[], [0x49, 0x49, 42, 0], Array.from({ length: 100 }, (_, i) => i)]) {
      expect(readExif(Uint8Array.from(bytes))).toBeNull();
      expect(editExif(Uint8Array.from(bytes), KEEP)).toBeNull();
    }
  });
});

describe('editExif', () => {
  it.each(['II', 'MM'] as const)('changes only what it shall in a block of order %s', async (order) => {
    const block = await cameraBlock(order);
    const size = { width: 30_000, height: 70_000 };
    const edited = editExif(block, { ...KEEP, size, density: { x: 300, y: 150.5 } })!;
    const [before, after] = [tagsOf(block), tagsOf(edited)];
    const changed = /Orientation|Resolution|ExifImage|IFD1|Thumbnail/;
    expect(without(after, changed)).toEqual(without(before, changed));
    expect(after).toMatchObject({
      'IFD0:Orientation': 1,
      'IFD0:XResolution': 300,
      'IFD0:YResolution': 150.5,
      'IFD0:ResolutionUnit': 2,
      'ExifIFD:ExifImageWidth': 30_000,
      'ExifIFD:ExifImageHeight': 70_000,
    });
  });

  it('removes the thumbnail with its pixels, and nothing else', async () => {
    const block = await exifOf(bytesOf('jpeg/camera.jpg'), 'camera.jpg');
    const before = tagsOf(block);
    expect(before).toHaveProperty('IFD1:ThumbnailImage');
    const edited = editExif(block, KEEP)!;
    expect(Object.keys(tagsOf(edited)).filter((key) => key.startsWith('IFD1'))).toEqual([]);
    expect(indexOf(block, Uint8Array.of(0xff, 0xd8, 0xff))).toBeGreaterThan(0);
    expect(indexOf(edited, Uint8Array.of(0xff, 0xd8, 0xff))).toBe(-1);
    // It was the end of the block, which is shorter now.
    expect(edited.length).toBeLessThan(block.length - 300);
    expect(without(tagsOf(edited), /Orientation/)).toEqual(without(before, /Orientation|IFD1/));
  });

  it.each(['II', 'MM'] as const)('leaves no byte of the location in a block of order %s', async (order) => {
    const block = await cameraBlock(order);
    const edited = editExif(block, { ...KEEP, dropLocation: true })!;
    const tags = tagsOf(edited);
    expect(Object.keys(tags).filter((key) => key.includes('GPS'))).toEqual([]);
    expect(without(tags, /Orientation/)).toEqual(without(tagsOf(block), /Orientation|GPS/));
    // 48 degrees as a rational: 48/1.
    const latitude = order === 'II' ? [48, 0, 0, 0, 1, 0, 0, 0] : [0, 0, 0, 48, 0, 0, 0, 1];
    expect(indexOf(block, Uint8Array.from(latitude))).toBeGreaterThan(0);
    expect(indexOf(edited, Uint8Array.from(latitude))).toBe(-1);
  });

  it('adds a density where there was none', async () => {
    const bare = buildExif({ main: [text(0x010f, 'Example')], exif: [short(0x8827, 200)], gps: [] }, true)!;
    const tags = tagsOf(editExif(bare, { ...KEEP, density: { x: 300, y: 300 } })!);
    expect(tags).toMatchObject({ 'IFD0:XResolution': 300, 'IFD0:YResolution': 300, 'IFD0:ResolutionUnit': 2 });
    expect(tags).toMatchObject({ 'IFD0:Make': 'Example', 'ExifIFD:ISO': 200 });
  });

  it('keeps maker notes byte for byte, where they were', () => {
    const note = Uint8Array.from({ length: 300 }, (_, i) => (i * 37 + 11) & 255);
    const field: NewField = { tag: 0x927c, type: 7, count: note.length, value: note };
    const block = buildExif(
      { main: [text(0x010f, 'Canon'), short(0x0112, 6)], exif: [field], gps: [gpsNorth] },
      false,
    )!;
    const edits = { ...KEEP, dropLocation: true, density: { x: 200, y: 200 }, size: { width: 9, height: 9 } };
    expect(indexOf(editExif(block, edits)!, note)).toBe(indexOf(block, note));
  });

  it('removes maker notes that may tell the place, when the place is to be removed', () => {
    const note = Uint8Array.from(new TextEncoder().encode('Panasonic: Vienna, Stephansplatz'));
    const field: NewField = { tag: 0x927c, type: 7, count: note.length, value: note };
    const block = buildExif({ main: [text(0x010f, 'Panasonic')], exif: [field, short(0x8827, 200)], gps: [] }, true)!;
    expect(indexOf(editExif(block, KEEP)!, note)).toBeGreaterThan(0);
    const edited = editExif(block, { ...KEEP, dropLocation: true })!;
    expect(indexOf(edited, note.subarray(11, 17))).toBe(-1);
    expect(tagsOf(edited)).toMatchObject({ 'ExifIFD:ISO': 200 });
  });

  it('leaves out fields whose values lie outside the block', () => {
    const block = buildExif({ main: [text(0x010f, 'Example'), text(0x0131, 'Software')], exif: [], gps: [] }, true)!;
    // The second field's address.
    new DataView(block.buffer).setUint32(8 + 2 + 12 + 8, 5000, true);
    const tags = tagsOf(editExif(block, KEEP)!);
    expect(tags).toEqual({ 'IFD0:Make': 'Example' });
  });

  it('gives up a block whose location it cannot find', () => {
    const block = buildExif({ main: [text(0x010f, 'Example')], exif: [], gps: [gpsNorth] }, true)!;
    new DataView(block.buffer).setUint32(8 + 2 + 12 + 8, 5000, true);
    expect(editExif(block, { ...KEEP, dropLocation: true })).toBeNull();
    expect(tagsOf(editExif(block, KEEP)!)).toEqual({ 'IFD0:Make': 'Example' });
  });

  it('never throws, and what it returns can be read again', async () => {
    const block = await cameraBlock('II');
    const changes = fc.array(fc.tuple(fc.nat(block.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(changes, fc.nat(block.length), fc.boolean(), (list, length, dropLocation) => {
        const damaged = block.slice(0, Math.max(length, block.length >> 1));
        for (const [at, value] of list) damaged[at % damaged.length] = value;
        const edits: ExifEdits = { ...KEEP, dropLocation, density: { x: 300, y: 300 }, size: { width: 1, height: 2 } };
        const edited = editExif(damaged, edits);
        if (edited !== null) expect(readExif(edited)?.orientation).toBe(1);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

const short = (tag: number, value: number): NewField => ({
  ...{ tag, type: 3, count: 1 },
  value: Uint8Array.of(value, 0),
});

function text(tag: number, content: string): NewField {
  const value = new TextEncoder().encode(`${content}\0`);
  return { tag, type: 2, count: value.length, value };
}

const gpsNorth: NewField = { tag: 1, type: 2, count: 2, value: Uint8Array.of(0x4e, 0) };

describe('EXIF of a TIFF', () => {
  it('becomes a block of its own with the same tags', async () => {
    const file = bytesOf('tiff/metadata.tif');
    const inTiff = tagsByExiftool(file, 'file.tif');
    const inBlock = tagsOf(await exifOf(file, 'file.tif'));
    expect(inBlock).toMatchObject({ 'IFD0:Make': 'Example', 'IFD0:Model': 'Scanner', 'ExifIFD:ISO': 200 });
    for (const [key, value] of Object.entries(inBlock)) expect([key, inTiff[key]]).toEqual([key, value]);
    const described = Object.keys(inTiff).filter((key) => /^(ExifIFD|GPS):/.test(key));
    expect(Object.keys(inBlock)).toEqual(expect.arrayContaining(described));
  });
});
