import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BandPlace, DeflateLevel, PictureShape } from '../../core/encoding.ts';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import { bytesPerRow, samplesOf, type Channels, type Depth } from '../../core/pixels.ts';
import { createReferenceTiffCoder } from '../../core/reference/tiff.ts';
import { createTiffFile } from './file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiff-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Rows of a ramp with noise, different in each channel. */
function pixels(shape: PictureShape): Uint8Array {
  const data = new Uint8Array(bytesPerRow(shape.width, shape) * shape.height);
  const samples = samplesOf(data, shape.depth);
  let seed = 1;
  for (let i = 0; i < samples.length; i++) {
    seed = (seed * 1103515245 + 12345) >>> 0;
    samples[i] = (i * 7 + (i % shape.channels) * 90 + (seed >>> 28)) & (shape.depth === 8 ? 255 : 65535);
  }
  return data;
}

interface Choice {
  readonly bandRows: number;
  readonly level?: DeflateLevel;
  readonly metadata?: Metadata;
  readonly big?: boolean;
}

/** Writes a whole file as the pipeline does, patches last. */
function write(name: string, shape: PictureShape, data: Uint8Array, choice: Choice): string {
  const { bandRows, level = 'fast', metadata = NO_METADATA, big = false } = choice;
  const coder = createReferenceTiffCoder(shape, level);
  const file = createTiffFile(shape, bandRows, level, metadata, big ? 2 ** 33 : data.length);
  const chunks = [...file.begin()];
  const stride = bytesPerRow(shape.width, shape);
  for (let y = 0, index = 0; y < shape.height; y += bandRows, index++) {
    const rows = Math.min(bandRows, shape.height - y);
    const place: BandPlace = { index, y, rows, first: y === 0, last: y + rows === shape.height };
    chunks.push(...file.segment(coder.encode(data.slice(y * stride, (y + rows) * stride), place), place));
  }
  const { bytes, patches } = file.end();
  const whole = Buffer.concat([...chunks, ...bytes]);
  for (const patch of patches) whole.set(patch.bytes, patch.position);
  const path = join(folder, name);
  writeFileSync(path, whole);
  return path;
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** As libvips reads it back; sharp takes 16-bit grey for 8 bits unless told. */
async function readBack(path: string, shape: PictureShape): Promise<Uint8Array> {
  const space = shape.depth === 8 ? (shape.channels === 1 ? 'b-w' : 'srgb') : shape.channels === 1 ? 'grey16' : 'rgb16';
  const decoded = await sharp(path, { limitInputPixels: false })
    .toColourspace(space)
    .raw({ depth: shape.depth === 8 ? 'uchar' : 'ushort' })
    .toBuffer({ resolveWithObject: true });
  expect(decoded.info).toMatchObject({ width: shape.width, height: shape.height, channels: shape.channels });
  return new Uint8Array(decoded.data);
}

const tiffinfo = (path: string): string => run('tiffinfo', '-D', path);

const exiftool = (path: string, ...args: string[]): Record<string, unknown> =>
  (JSON.parse(run('exiftool', '-j', '-n', '-G1', ...args, path)) as Record<string, unknown>[])[0]!;

/** Remarks that are not about the writer: the name of a BigTIFF, Adobe's deflate being no part of TIFF 6.0, the fixture's own EXIF. */
const EXPECTED_REMARKS = /^File has wrong extension|0x0103 Compression|LensModel requires ExifVersion/;

/** What else exiftool's check finds. */
const complaints = (path: string): unknown[] =>
  Object.entries(exiftool(path, '-validate', '-warning', '-a'))
    .filter(([name, text]) => /Warning/.test(name) && !EXPECTED_REMARKS.test(String(text)))
    .map(([, text]) => text);

const shapes = ([1, 3, 4] as const).flatMap((channels) =>
  ([8, 16] as const).map((depth): [Channels, Depth] => [channels, depth]),
);

describe.each(shapes)('%i channels of %i bits', (channels, depth) => {
  const shape: PictureShape = { width: 37, height: 50, channels, depth };
  const data = pixels(shape);

  test.each([
    ['strips', { bandRows: 16 }],
    ['one strip', { bandRows: 64 }],
    ['rows', { bandRows: 1, level: 'store' }],
    ['BigTIFF', { bandRows: 16, big: true }],
    ['uncompressed', { bandRows: 16, level: 'store' }],
    ['uncompressed BigTIFF', { bandRows: 50, level: 'store', big: true }],
  ] satisfies [string, Choice][])('%s', async (name, choice) => {
    const path = write(`${name}-${channels}-${depth}.tif`, shape, data, choice);
    expect(Buffer.compare(await readBack(path, shape), data)).toBe(0);
    const info = tiffinfo(path);
    expect(info).toContain('Image Width: 37 Image Length: 50');
    expect(info).toContain(`Bits/Sample: ${depth}`);
    expect(info).toMatch(channels === 4 ? /Extra Samples: 1<unassoc-alpha>/ : /^(?!.*Extra Samples)/s);
    expect(complaints(path)).toEqual([]);
  });
});

test('offsets are even, and a picture of one pixel is a file', async () => {
  const shape: PictureShape = { width: 1, height: 1, channels: 1, depth: 8 };
  const path = write('pixel.tif', shape, Uint8Array.of(200), { bandRows: 16, level: 'store' });
  expect([...(await readBack(path, shape))]).toEqual([200]);
  const tags = exiftool(path, '-StripOffsets');
  expect(Number(tags['IFD0:StripOffsets']) % 2).toBe(0);
  expect(readFileSync(path).readUInt32LE(4) % 2).toBe(0);
});

test('BigTIFF begins near 4 GiB of pixels', () => {
  const shape: PictureShape = { width: 30000, height: 45000, channels: 3, depth: 8 };
  const magic = (bytes: number): number => createTiffFile(shape, 256, 'fast', NO_METADATA, bytes).begin()[0]![2]!;
  expect([magic(4.18e9), magic(4.2e9)]).toEqual([42, 43]);
});

test('a strip out of turn is refused', () => {
  const shape: PictureShape = { width: 4, height: 32, channels: 1, depth: 8 };
  const file = createTiffFile(shape, 16, 'fast', NO_METADATA, 128);
  file.begin();
  const place: BandPlace = { index: 1, y: 16, rows: 16, first: false, last: true };
  expect(() => file.segment({ bytes: new Uint8Array(4) }, place)).toThrow('Strip 1');
});

describe('metadata', () => {
  const shape: PictureShape = { width: 20, height: 9, channels: 3, depth: 8 };
  const data = pixels(shape);
  const fixtures = join(import.meta.dirname, '../../../test/fixtures');

  /** The EXIF block of a file, as exiftool copies it into either byte order. */
  function cameraExif(order: 'II' | 'MM'): Uint8Array<ArrayBuffer> {
    const path = join(folder, `camera-${order}.jpg`);
    writeFileSync(path, readFileSync(join(fixtures, 'jpeg/444.jpg')));
    const tags = [
      '-tagsFromFile',
      join(fixtures, 'jpeg/camera.jpg'),
      '-exif:all',
      '-gps:all',
      '-Orientation#=1',
      '-InteropIndex=R98',
    ];
    run('exiftool', '-q', '-overwrite_original', ...tags, `-ExifByteOrder=${order}`, '-ImageDescription=A scene', path);
    const block = execFileSync('exiftool', ['-b', '-exif', path]);
    const tiff = block.subarray(0, 4).toString('latin1') === 'Exif' ? block.subarray(6) : block;
    return new Uint8Array(tiff);
  }

  const icc = (): Uint8Array<ArrayBuffer> =>
    new Uint8Array(execFileSync('exiftool', ['-b', '-icc_profile', join(fixtures, 'jpeg/camera.jpg')]));

  const EXPECTED = {
    'IFD0:Make': 'Example',
    'IFD0:Model': 'Camera One',
    'IFD0:Artist': 'Nobody',
    'IFD0:Copyright': 'Public domain',
    'IFD0:ImageDescription': 'A scene',
    'IFD0:ModifyDate': '2020:01:02 03:04:05',
    'IFD0:Orientation': 1,
    'ExifIFD:ExposureTime': 0.008,
    'ExifIFD:FNumber': 5.6,
    'ExifIFD:ISO': 200,
    'ExifIFD:LensModel': 'A lens',
    'ExifIFD:UserComment': 'Hello',
    'ExifIFD:DateTimeOriginal': '2020:01:02 03:04:05',
    'InteropIFD:InteropIndex': 'R98',
    'GPS:GPSLatitude': 48.2,
    'GPS:GPSLongitude': 16.37,
    'GPS:GPSAltitude': 170,
  };

  test.each(['II', 'MM'] as const)('EXIF of the byte order %s', async (order) => {
    const metadata: Metadata = { ...NO_METADATA, exif: cameraExif(order) };
    const path = write(`exif-${order}.tif`, shape, data, { bandRows: 4, metadata });
    const tags = exiftool(path);
    expect(tags).toMatchObject(EXPECTED);
    expect(tags).not.toHaveProperty('IFD1:Compression');
    expect(Buffer.compare(await readBack(path, shape), data)).toBe(0);
    expect(complaints(path)).toEqual([]);
  });

  // Asked of libtiff, because exiftool 12 takes the GPS directory of a BigTIFF for an EXIF one.
  test.each(['II', 'MM'] as const)('EXIF of the byte order %s in a BigTIFF', async (order) => {
    const metadata: Metadata = { ...NO_METADATA, exif: cameraExif(order) };
    const path = write(`exif-${order}-big.tif`, shape, data, { bandRows: 4, metadata, big: true });
    const info = tiffinfo(path);
    for (const [name, value] of [
      ['Make', 'Example'],
      ['ImageDescription', 'A scene'],
      ['ExposureTime', '0.008000'],
      ['LensModel', 'A lens'],
      ['ISOSpeedRatings', '200'],
      ['LatitudeRef', 'N'],
      ['Latitude', '48.000000,12.000000,0.000000'],
      ['Altitude', '170.000000'],
    ]) {
      expect(info).toContain(`  ${name}: ${value}\n`);
    }
    expect(exiftool(path)).toMatchObject({ 'InteropOffset:InteropIndex': 'R98' });
    expect(Buffer.compare(await readBack(path, shape), data)).toBe(0);
  });

  test('maker notes keep the address that they count from', () => {
    const exif = cameraExif('II');
    const path = write('maker.tif', shape, data, { bandRows: 4, metadata: { ...NO_METADATA, exif } });
    expect(readFileSync(path).subarray(8, exif.length).equals(exif.subarray(8))).toBe(true);
  });

  test('profile, XMP and density', async () => {
    const xmp = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>');
    const metadata: Metadata = { ...NO_METADATA, icc: icc(), xmp, density: { x: 300, y: 299.5 } };
    const path = write('blocks.tif', shape, data, { bandRows: 4, metadata });
    const read = await sharp(path).metadata();
    expect(Buffer.compare(read.icc!, metadata.icc!)).toBe(0);
    expect(new TextDecoder().decode(read.xmp)).toBe(new TextDecoder().decode(xmp));
    expect(exiftool(path)).toMatchObject({
      'IFD0:XResolution': 300,
      'IFD0:YResolution': 299.5,
      'IFD0:ResolutionUnit': 2,
    });
  });

  test('no density is no unit', () => {
    const tags = exiftool(write('plain.tif', shape, data, { bandRows: 4 }));
    expect(tags).toMatchObject({ 'IFD0:XResolution': 1, 'IFD0:ResolutionUnit': 1 });
  });

  test('a block that is no EXIF is left out', async () => {
    const exif = new TextEncoder().encode('this is not what it should be');
    const path = write('broken.tif', shape, data, { bandRows: 4, metadata: { ...NO_METADATA, exif } });
    expect(Buffer.compare(await readBack(path, shape), data)).toBe(0);
  });
});
