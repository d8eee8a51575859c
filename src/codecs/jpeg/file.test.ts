import { spawnSync } from 'node:child_process';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { codeBands, decoded, jpegEncoding, jpegFile, parseJpeg, picture } from '../../../test/support/jpeg.ts';
import { NO_METADATA, type Metadata } from '../../core/metadata.ts';
import { createReferenceJpegCoder } from '../../core/reference/jpeg.ts';
import { createJpegFile, jpegMetadataLosses } from './file.ts';
import { jpegMeta } from './meta.ts';
import { plain } from '../../core/text.ts';

const source = picture(40, 30, 3, 'photo');
const encoding = jpegEncoding(90, '420', { restartRows: 1 });
const scan = codeBands(createReferenceJpegCoder, source, encoding);
const file = (metadata: Partial<Metadata>): Buffer =>
  jpegFile(source.shape, encoding, scan, { ...NO_METADATA, ...metadata });

/** A TIFF structure with one directory and one entry: Software, an ASCII string. */
function exifWith(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(26 + text.length + 1);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0]);
  view.setUint16(10, 0x0131, true);
  view.setUint16(12, 2, true);
  view.setUint32(14, text.length + 1, true);
  view.setUint32(18, 26, true);
  bytes.set(new TextEncoder().encode(text), 26);
  return bytes;
}

const xmpWith = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      `<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="${text}"/></rdf:RDF></x:xmpmeta>`,
  );

/** A real profile, padded with bytes that no reader looks at to need several segments. */
async function largeProfile(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tagged = await sharp(source.pixels, { raw: { width: 40, height: 30, channels: 3 } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await sharp(tagged).metadata();
  const profile = new Uint8Array(bytes);
  profile.set(icc!);
  new DataView(profile.buffer).setUint32(0, bytes);
  return profile;
}

describe('JPEG file', () => {
  it('holds the picture', async () => {
    const info = await sharp(file({})).metadata();
    expect(info).toMatchObject({ format: 'jpeg', width: 40, height: 30, channels: 3, chromaSubsampling: '4:2:0' });
    const pixels = await decoded(file({}), 3);
    const error = pixels.reduce((sum, value, i) => sum + (value - source.pixels[i]) ** 2, 0) / pixels.length;
    expect(error).toBeLessThan(60);
  });

  it('carries density, profile, EXIF and XMP, which libvips reads back', async () => {
    const icc = await largeProfile(150_000);
    const exif = exifWith('Pro Upscaler');
    const xmp = xmpWith('Pro Upscaler');
    const bytes = file({ icc, exif, xmp, density: { x: 299.6, y: 300.2 } });
    const info = await sharp(bytes).metadata();
    expect(info.density).toBe(300);
    expect(info.icc!.equals(icc)).toBe(true);
    expect(info.exif!.subarray(6).equals(exif)).toBe(true);
    expect(info.xmp!.equals(xmp)).toBe(true);
    expect(parseJpeg(bytes).segments.map(({ marker }) => marker)).toEqual([
      0xe0, 0xe1, 0xe1, 0xe2, 0xe2, 0xe2, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xc4, 0xc4, 0xdd, 0xda,
    ]);
  });

  it('carries them so that exiftool reads them, where it is installed', () => {
    const input = file({ exif: exifWith('in EXIF'), xmp: xmpWith('in XMP'), density: { x: 240, y: 120 } });
    const run = spawnSync('exiftool', ['-j', '-G1', '-warning', '-Software', '-CreatorTool', '-JFIF:all', '-'], {
      input,
    });
    if ((run.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
    const [tags] = JSON.parse(run.stdout.toString()) as Record<string, unknown>[];
    expect(tags).toMatchObject({
      'IFD0:Software': 'in EXIF',
      'XMP-xmp:CreatorTool': 'in XMP',
      'JFIF:XResolution': 240,
      'JFIF:YResolution': 120,
      'JFIF:ResolutionUnit': 'inches',
    });
    expect(tags).not.toHaveProperty('ExifTool:Warning');
  });

  it('leaves out blocks that do not fit and says so', async () => {
    const exif = new Uint8Array(65528);
    const xmp = new Uint8Array(65505);
    const icc = new Uint8Array(255 * 65519 + 1);
    const metadata = { ...NO_METADATA, exif, xmp, icc };
    expect(jpegMetadataLosses(metadata).map(({ block }) => block)).toEqual(['exif', 'xmp', 'icc']);
    expect(plain(jpegMetadataLosses(metadata)[0].reason)).toContain('65,528 bytes');
    const info = await sharp(file(metadata)).metadata();
    expect([info.exif, info.xmp, info.icc]).toEqual([undefined, undefined, undefined]);
    const fitting = { ...NO_METADATA, exif: exifWith('x'.repeat(65500)), xmp: new Uint8Array(65504) };
    expect(jpegMetadataLosses(fitting)).toEqual([]);
    expect((await sharp(file(fitting)).metadata()).exif).toHaveLength(65527 + 6);
  });

  it('writes no density as an aspect ratio, and restart intervals only where there are several', () => {
    const one = parseJpeg(file({}));
    expect([...one.segments[0].payload.subarray(0, 12)]).toEqual([0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1]);
    const whole = createJpegFile(source.shape, jpegEncoding(90, '420'), NO_METADATA);
    const header = Buffer.concat([...whole.begin(), Buffer.from([0xff, 0xd9])]);
    expect(parseJpeg(header).segments.map(({ marker }) => marker)).not.toContain(0xdd);
  });

  it('states the limits of decoders', () => {
    expect(jpegMeta).toMatchObject({ maxWidth: 65500, maxHeight: 65500, alpha: false, banded: true, depths: [8] });
  });
});
