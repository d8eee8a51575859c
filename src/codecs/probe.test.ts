import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import { readProfile } from './metadata/icc.ts';
import { probeSource } from './probe.ts';
import { plain } from '../core/text.ts';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures');
const FORMATS = ['avif', 'bmp', 'gif', 'jpeg', 'jxl', 'png', 'tiff', 'webp'];
const ALL = FORMATS.flatMap((folder) => readdirSync(join(FIXTURES, folder)).map((name) => `${folder}/${name}`));

const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(FIXTURES, name)));
const probe = (name: string): Promise<SourceInfo> =>
  probeSource(new Blob([bytesOf(name)]), name.slice(name.indexOf('/') + 1));

/** What a file says, in one line: size, model, alpha, bits, channels x depth, and what else is not usual. */
function summary(info: SourceInfo): string {
  const { width, height, model, alpha, bits, channels, depth, progressive, frames, metadata } = info;
  const { orientation, icc, exif, xmp } = metadata;
  return [
    `${width}x${height} ${model}${alpha ? '+alpha' : ''} ${bits} bits as ${channels}x${depth}`,
    ...(progressive ? ['progressive'] : []),
    ...(frames > 1 ? [`${frames} frames`] : []),
    ...(orientation > 1 ? [`orientation ${orientation}`] : []),
    ...(icc ? [`icc ${icc.length}`] : []),
    ...(exif ? ['exif'] : []),
    ...(xmp ? ['xmp'] : []),
  ].join(', ');
}

const RGB = '61x43 rgb 8 bits as 3x8';

describe('probeSource', () => {
  it.each([
    ['jpeg/420.jpg', RGB],
    ['jpeg/progressive.jpg', `${RGB}, progressive`],
    ['jpeg/arithmetic.jpg', RGB],
    ['jpeg/grey.jpg', '61x43 grey 8 bits as 1x8'],
    ['jpeg/cmyk.jpg', '61x43 cmyk 8 bits as 3x8'],
    ['jpeg/p3.jpg', `${RGB}, icc 480`],
    ['jpeg/orientation-7.jpg', `${RGB}, orientation 7, icc 480, exif`],
    ['jpeg/camera.jpg', `${RGB}, orientation 6, icc 480, exif, xmp`],
    ['webp/lossy.webp', RGB],
    ['webp/lossless.webp', RGB],
    ['webp/alpha-lossy.webp', '61x43 rgb+alpha 8 bits as 4x8'],
    ['webp/alpha-lossless.webp', '61x43 rgb+alpha 8 bits as 4x8'],
    ['webp/animated.webp', '61x43 rgb+alpha 8 bits as 4x8, 2 frames'],
    ['webp/metadata.webp', `${RGB}, orientation 6, icc 480, exif, xmp`],
    ['avif/420.avif', RGB],
    ['avif/10bit.avif', '61x43 rgb 10 bits as 3x16'],
    ['avif/12bit.avif', '61x43 rgb 12 bits as 3x16'],
    ['avif/grey.avif', '61x43 grey 8 bits as 1x8'],
    ['avif/alpha.avif', '61x43 rgb+alpha 8 bits as 4x8'],
    ['avif/rotated.avif', '43x61 rgb 8 bits as 3x8'],
    ['avif/mirrored.avif', '43x61 rgb 8 bits as 3x8'],
    ['avif/p3.avif', `${RGB}, icc 480, exif, xmp`],
    ['avif/animated.avif', '61x43 rgb+alpha 8 bits as 4x8, 2 frames'],
    ['gif/still.gif', '61x43 palette 8 bits as 3x8'],
    ['gif/interlaced.gif', '61x43 palette 8 bits as 3x8, progressive'],
    ['gif/transparent.gif', '61x43 palette+alpha 8 bits as 4x8'],
    ['gif/animated.gif', '61x43 palette 8 bits as 3x8, 2 frames'],
    ['bmp/24bit.bmp', RGB],
    ['bmp/top-down.bmp', RGB],
    ['bmp/565.bmp', RGB],
    ['bmp/1bit.bmp', '61x43 palette 8 bits as 3x8'],
    ['bmp/rle.bmp', '61x43 palette 8 bits as 3x8'],
    ['bmp/alpha.bmp', '61x43 rgb+alpha 8 bits as 4x8'],
    ['tiff/strips.tif', RGB],
    ['tiff/tiled.tif', RGB],
    ['tiff/jpeg.tif', RGB],
    ['tiff/bigtiff.tif', RGB],
    ['tiff/big-endian.tif', RGB],
    ['tiff/rgb16.tif', '61x43 rgb 16 bits as 3x16'],
    ['tiff/grey16.tif', '61x43 grey 16 bits as 1x16'],
    ['tiff/alpha.tif', '61x43 rgb+alpha 8 bits as 4x8'],
    ['tiff/cmyk.tif', '61x43 cmyk 8 bits as 3x8'],
    ['tiff/lab.tif', '61x43 lab 8 bits as 3x8'],
    ['tiff/fax.tif', '61x43 grey 1 bits as 1x8'],
    ['tiff/palette.tif', '61x43 palette 4 bits as 3x8'],
    ['tiff/float.tif', '61x43 rgb 32 bits as 3x16'],
    ['tiff/pages.tif', `${RGB}, 3 frames`],
    ['tiff/metadata.tif', `${RGB}, orientation 8, icc 480, exif, xmp`],
    ['jxl/lossy.jxl', RGB],
    ['jxl/lossless16.jxl', '61x43 rgb 16 bits as 3x16'],
    ['jxl/alpha.jxl', '61x43 rgb+alpha 8 bits as 4x8'],
    ['jxl/grey.jxl', '61x43 grey 8 bits as 1x8'],
    ['jxl/camera.jxl', '43x61 rgb 8 bits as 3x8'],
    ['png/rgba.png', '61x43 rgb+alpha 8 bits as 4x8'],
  ])('reads %s', async (name, expected) => {
    expect(summary(await probe(name))).toBe(expected);
  });

  it('agrees with libvips about every file that it reads too', async () => {
    for (const name of ALL) {
      const theirs = await sharp(join(FIXTURES, name))
        .metadata()
        .catch(() => null);
      if (theirs === null) continue;
      const ours = await probe(name);
      expect([name, ours.width, ours.height]).toEqual([name, theirs.width, theirs.height]);
      // Of an animation libvips opens frames that were made transparent only by the encoder's differences.
      if (!name.includes('animated')) expect([name, ours.alpha]).toEqual([name, theirs.hasAlpha]);
      if (name.includes('code-points')) continue;
      expect([name, ours.metadata.icc === null]).toEqual([name, theirs.icc === undefined]);
      if (theirs.icc) expect(Buffer.compare(ours.metadata.icc!, theirs.icc)).toBe(0);
      const upright = ours.format === 'avif';
      if (!upright) expect([name, ours.metadata.orientation]).toEqual([name, theirs.orientation ?? 1]);
    }
  });

  it('reads densities of every kind as pixels per inch', async () => {
    expect((await probe('jpeg/camera.jpg')).metadata.density).toEqual({ x: 300, y: 300 });
    const centimetres = (await probe('tiff/metadata.tif')).metadata.density!;
    expect(centimetres.x).toBeCloseTo(118.11 * 2.54, 3);
    expect((await probe('bmp/24bit.bmp')).metadata.density!.x).toBeCloseTo(25.4, 6);
    expect((await probe('gif/still.gif')).metadata.density).toBeNull();
  });

  it('makes a profile of the code points that AVIF has instead', async () => {
    const { metadata, warnings } = await probe('avif/code-points.avif');
    expect(readProfile(metadata.icc!)!.name).toBe('Display P3');
    expect(warnings).toEqual([]);
  });

  it('warns of what will not be carried over', async () => {
    expect((await probe('jpeg/cmyk.jpg')).warnings.map(plain).join()).toContain('CMYK colours without a profile');
    expect((await probe('jpeg/arithmetic.jpg')).warnings.map(plain).join()).toContain('Arithmetic');
    expect((await probe('jpeg/camera.jpg')).warnings.map(plain).join()).toContain('thumbnail');
    expect((await probe('gif/animated.gif')).warnings.map(plain).join()).toContain('first of 2 frames');
    expect((await probe('tiff/pages.tif')).warnings.map(plain).join()).toContain('first of 3 pages');
    expect((await probe('tiff/float.tif')).warnings.map(plain).join()).toContain('floating-point');
    expect((await probe('jpeg/420.jpg')).warnings).toEqual([]);
  });

  it('goes by the content and warns of a wrong extension', async () => {
    const info = await probeSource(new Blob([bytesOf('webp/lossy.webp')]), 'picture.jpg');
    expect(info.format).toBe('webp');
    expect(info.warnings.map(plain)[0]).toBe('The name ends in .jpg, but this is a WebP picture.');
    const unnamed = await probeSource(new Blob([bytesOf('webp/lossy.webp')]), 'v1.2-final');
    expect(unnamed.warnings).toEqual([]);
  });

  it('reads small pieces of a large file', async () => {
    let read = 0;
    const blob = new Blob([bytesOf('jpeg/camera.jpg'), new Uint8Array(50 << 20)]);
    const slice = blob.slice.bind(blob);
    blob.slice = (start, end, type) => {
      read += Math.min(end ?? blob.size, blob.size) - (start ?? 0);
      return slice(start, end, type);
    };
    await probeSource(blob, 'large.jpg');
    expect(read).toBeLessThan(1 << 20);
  });
});

async function failure(bytes: BlobPart, name: string): Promise<AppError> {
  const error: unknown = await probeSource(new Blob([bytes]), name).then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof AppError)) throw new Error(`${name}: ${String(error)}`);
  return error;
}

describe('probeSource on files that are none', () => {
  it.each<[string, BlobPart, string, RegExp]>([
    ['empty.jpg', '', 'bad-input', /empty/],
    ['notes.png', 'Not a picture at all.\n', 'bad-input', /text file/],
    ['noise.tif', Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + 7) & 255), 'bad-input', /not a picture/],
    ['photo.heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'unsupported-input', /HEIC/],
    ['photo.avif', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'unsupported-input', /HEIC/],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'unsupported-input', /SVG/],
    ['paper.pdf', '%PDF-1.4\n', 'unsupported-input', /PDF/],
  ])('%s', async (name, content, code, reason) => {
    const error = await failure(content, name);
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
    expect(error.message).toMatch(reason);
    expect(error.remedy).toMatch(/\.$/);
  });

  it.each([
    ['lossless', 0xc3, /lossless/],
    ['hierarchical', 0xc5, /hierarchical/],
    ['JPEG-LS', 0xf7, /JPEG-LS/],
  ])('refuses %s JPEG by name', async (_, marker, reason) => {
    const bytes = bytesOf('jpeg/420.jpg');
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    bytes[at + 1] = marker;
    const error = await failure(bytes, 'odd.jpg');
    expect(error.code).toBe('unsupported-input');
    expect(error.message).toMatch(reason);
  });

  it('refuses 12-bit JPEG and sizes of nothing', async () => {
    const bytes = bytesOf('jpeg/420.jpg');
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    expect((await failure(bytes.with(at + 4, 12) as Uint8Array<ArrayBuffer>, 'deep.jpg')).message).toContain('12-bit');
    const flat = bytes.slice();
    flat.fill(0, at + 7, at + 9);
    expect((await failure(flat, 'flat.jpg')).message).toContain('0 x 43');
  });

  it.each(ALL.filter((name) => !name.startsWith('png/')))(
    'gives an error of its own for %s cut anywhere',
    async (name) => {
      const bytes = bytesOf(name);
      const cuts = [...Array(64).keys()].map((i) => Math.floor((i / 64) * bytes.length));
      for (const cut of cuts) {
        await probeSource(new Blob([bytes.subarray(0, cut)]), name).catch((error: unknown) => {
          expect(error).toBeInstanceOf(AppError);
        });
      }
      // A bare JPEG XL says its size in its first few bytes.
      const head = await failure(bytes.subarray(0, name.startsWith('jxl/') ? 4 : 40), name);
      expect(head.code).toBe('bad-input');
    },
  );

  it.each(['webp/lossy.webp', 'avif/444.avif', 'gif/still.gif', 'bmp/24bit.bmp', 'jxl/camera.jxl'])(
    'sees from the header that %s is cut off',
    async (name) => {
      const bytes = bytesOf(name);
      const error = await failure(bytes.subarray(0, Math.floor(bytes.length * 0.9)), name);
      expect(error.code).toBe('bad-input');
    },
  );

  it('never throws anything else, whatever is changed in a file', async () => {
    const picked = ALL.filter((name) => !name.startsWith('png/'));
    const change = fc.record({
      name: fc.constantFrom(...picked),
      bytes: fc.array(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 12,
      }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ name, bytes }) => {
        const damaged = bytesOf(name);
        // Headers are at the start mostly: the square favours them.
        for (const [where, value] of bytes) damaged[Math.floor(where * where * damaged.length)] = value;
        try {
          const info = await probeSource(new Blob([damaged]), name);
          expect(info.width * info.height).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      }),
      { numRuns: 1500, seed: 20, endOnFailure: true },
    );
  });
});
