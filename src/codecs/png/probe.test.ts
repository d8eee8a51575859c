import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../core/checksum.ts';
import { cutBands } from '../../core/plan/bands.ts';
import type { Metadata } from '../../core/metadata.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import { createReferencePngCoder } from '../../core/reference/png.ts';
import { chunk, concat, latin1 } from './chunks.ts';
import { createPngFile } from './file.ts';
import { probePng } from './probe.ts';
import { joinChunks, sampleChunks } from './sample.testing.ts';
import { inflateBounded } from './text.ts';
import { plain } from '../../core/text.ts';

const probe = (bytes: Uint8Array) => probePng(new Blob([bytes.slice()]), 'photo.png');

const chunks = sampleChunks(
  { width: 2, height: 2, colourType: 2, bits: 8, interlaced: false, samples: new Uint16Array(12) },
  (bytes) => deflateSync(bytes),
);
const withChunks = (...extra: Uint8Array[]): Uint8Array => joinChunks([chunks[0], ...extra, ...chunks.slice(1)]);
const behind = (...extra: Uint8Array[]): Uint8Array => joinChunks([...chunks.slice(0, -1), ...extra, chunks.at(-1)!]);

const photo = (): Sharp => sharp({ create: { width: 6, height: 4, channels: 3, background: '#885533' } });

const XMP =
  '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>';

/** Orientation 6 in a big-endian block of one entry. */
const EXIF = Uint8Array.of(
  ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1],
  ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],
  ...[0, 0, 0, 0],
);

const itxt = (text: string, compressed: boolean): Uint8Array =>
  chunk(
    'iTXt',
    concat([
      latin1('XML:com.adobe.xmp'),
      Uint8Array.of(0, compressed ? 1 : 0, 0, 0, 0),
      compressed ? deflateSync(Buffer.from(text)) : Buffer.from(text),
    ]),
  );

describe('probePng', () => {
  it('names texts that no output is given, but for those that it reads', async () => {
    const text = (keyword: string): Uint8Array => chunk('tEXt', latin1(`${keyword}\0somebody`));
    const { metadata } = await probe(withChunks(text('Author'), itxt(XMP, false), text('Copyright'), text('Author')));
    expect(metadata.others?.map(plain)).toEqual(['Texts: Author, Copyright.']);
    expect((await probe(withChunks(itxt(XMP, true)))).metadata.others).toBeUndefined();
  });

  it('reads what libvips wrote', async () => {
    const bytes = await photo()
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'me' } })
      .withXmp(XMP)
      .withDensity(300)
      .png()
      .toBuffer();
    const info = await probe(bytes);
    const expected = await sharp(bytes).metadata();
    expect(info).toMatchObject({ format: 'png', width: 6, height: 4, model: 'rgb', alpha: false, bits: 8, frames: 1 });
    expect(Buffer.from(info.metadata.icc!)).toEqual(expected.icc);
    expect(Buffer.from(info.metadata.xmp!).toString()).toBe(XMP);
    expect(Buffer.from(info.metadata.exif!)).toEqual(expected.exif);
    expect(info.metadata.density!.x).toBeCloseTo(300, 1);
    expect(info.warnings).toEqual([]);
  });

  it('finds EXIF and XMP behind the pixels', async () => {
    const { metadata } = await probe(behind(chunk('eXIf', EXIF), itxt(XMP, false)));
    expect(metadata.exif).toEqual(EXIF);
    expect(metadata.orientation).toBe(6);
    expect(Buffer.from(metadata.xmp!).toString()).toBe(XMP);
  });

  it('reads compressed XMP, and EXIF with a prefix', async () => {
    const prefixed = concat([latin1('Exif\0\0'), EXIF]);
    const { metadata } = await probe(withChunks(chunk('eXIf', prefixed), itxt(XMP, true)));
    expect(metadata.exif).toEqual(EXIF);
    expect(Buffer.from(metadata.xmp!).toString()).toBe(XMP);
  });

  it('reads what ImageMagick puts into text', async () => {
    const raw = (name: string, block: Uint8Array): Uint8Array => {
      const hex = Buffer.from(block).toString('hex').replace(/.{72}/g, '$&\n');
      return Buffer.from(`\n${name}\n${block.length}\n${hex}\n`);
    };
    const named = (name: string): Uint8Array => latin1(`Raw profile type ${name}\0`);
    const exif = concat([latin1('Exif\0\0'), EXIF]);
    const xmp = latin1(`http://ns.adobe.com/xap/1.0/\0${XMP}`);
    const text = await probe(behind(chunk('tEXt', concat([named('exif'), raw('exif', exif)]))));
    expect(text.metadata.exif).toEqual(EXIF);
    const packed = concat([named('APP1'), Uint8Array.of(0), deflateSync(raw('generic', xmp))]);
    const { metadata } = await probe(withChunks(chunk('zTXt', packed)));
    expect(Buffer.from(metadata.xmp!).toString()).toBe(XMP);
    const cut = await probe(withChunks(chunk('tEXt', concat([named('exif'), latin1('\nexif\n 99\nabcd\n')]))));
    expect(cut.metadata.exif).toBeNull();
    expect(cut.warnings.map(plain).join()).toMatch(/EXIF text is damaged/);
  });

  it('passes over other text and keeps proportions out of the density', async () => {
    const other = chunk('iTXt', concat([latin1('Comment'), Uint8Array.of(0, 0, 0, 0, 0), latin1('hello')]));
    const aspect = chunk('pHYs', Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 1, 0));
    const { metadata } = await probe(withChunks(other, aspect));
    const { others, ...rest } = metadata;
    expect(rest).toEqual(NO_METADATA);
    expect(others?.map(plain)).toEqual(['Texts: Comment.']);
  });

  it('tells frames, and colour that is not carried over', async () => {
    const animated = await probe(withChunks(chunk('acTL', Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 0))));
    expect(animated.frames).toBe(5);
    expect(animated.warnings.map(plain).join()).toMatch(/animated \(5 frames\)/);
    const linear = chunk('gAMA', Uint8Array.of(0, 1, 0x86, 0xa0));
    const srgb = chunk('gAMA', Uint8Array.of(0, 0, 0xb1, 0x8f));
    expect((await probe(withChunks(linear))).warnings.map(plain).join()).toMatch(/gAMA/);
    expect((await probe(withChunks(srgb))).warnings).toEqual([]);
    expect((await probe(withChunks(linear, chunk('sRGB', Uint8Array.of(0))))).warnings).toEqual([]);
  });

  it('drops damaged metadata with a warning', async () => {
    const broken = chunk('pHYs', new Uint8Array(9));
    broken[10] ^= 1;
    const icc = chunk('iCCP', concat([latin1('x'), Uint8Array.of(0, 0), Uint8Array.of(1, 2, 3, 4)]));
    const info = await probe(withChunks(broken, icc, chunk('eXIf', Uint8Array.of(1, 2, 3))));
    expect(info.metadata).toEqual(NO_METADATA);
    expect(info.warnings.map(plain).join(' ')).toMatch(/colour profile.*EXIF.*pHYs/);
  });

  it('bounds what a small chunk may claim', async () => {
    const bomb = deflateSync(Buffer.alloc(64 << 20));
    expect(await inflateBounded(bomb)).toBeNull();
    const info = await probe(withChunks(chunk('iCCP', concat([latin1('x'), Uint8Array.of(0, 0), bomb]))));
    expect(info.metadata.icc).toBeNull();
    expect(info.warnings.map(plain).join()).toMatch(/profile/);
  });

  it('refuses rows that nothing here can hold', async () => {
    const header = new Uint8Array(13);
    new DataView(header.buffer).setUint32(0, 30_000_000);
    new DataView(header.buffer).setUint32(4, 1);
    header.set([8, 2], 8);
    const data = deflateSync(Buffer.alloc(90_000_001));
    const bytes = joinChunks([chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
    await expect(probe(bytes)).rejects.toMatchObject({ code: 'too-large-input' });
  });
});

describe('createPngFile', () => {
  const shape = { width: 5, height: 4, channels: 3, depth: 8 } as const;
  const write = (metadata: Metadata, name?: string): Buffer => {
    const file = createPngFile(shape, metadata, name);
    const coder = createReferencePngCoder(shape, 'fast');
    const parts = [...file.begin()];
    for (const place of cutBands(4, 3))
      parts.push(...file.segment(coder.encode(new Uint8Array(place.rows * 15), place), place));
    return Buffer.concat([...parts, ...file.end().bytes]);
  };

  it('writes metadata that libvips and our own reader give back', async () => {
    const source = await photo().withIccProfile('p3').png().toBuffer();
    const icc = new Uint8Array((await sharp(source).metadata()).icc!);
    const metadata: Metadata = {
      icc,
      exif: EXIF,
      xmp: new TextEncoder().encode(XMP),
      density: { x: 300, y: 150 },
      orientation: 6,
    };
    const bytes = write(metadata, 'Display P3');
    const read = await sharp(bytes, { failOn: 'warning' }).metadata();
    expect(read).toMatchObject({ width: 5, height: 4, density: 300, orientation: 6 });
    expect(Buffer.compare(read.icc!, icc)).toBe(0);
    expect(read.xmp!.toString()).toBe(XMP);
    expect(new Uint8Array(read.exif!)).toEqual(EXIF);
    const again = (await probe(bytes)).metadata;
    expect(again).toEqual({ ...metadata, density: { x: expect.closeTo(300, 1), y: expect.closeTo(150, 1) } });
  });

  it('writes nothing beside the pixels when there is nothing', () => {
    const types = write(NO_METADATA)
      .toString('latin1')
      .match(/IHDR|iCCP|pHYs|eXIf|iTXt|IDAT|IEND/g);
    expect(types).toEqual(['IHDR', 'IDAT', 'IDAT', 'IDAT', 'IEND']);
  });

  it('writes chunks with right sums', () => {
    const bytes = write({ ...NO_METADATA, density: { x: 72, y: 72 } });
    let at = 8;
    while (at < bytes.length) {
      const length = bytes.readUInt32BE(at);
      expect(crc32(bytes.subarray(at + 4, at + 8 + length))).toBe(bytes.readUInt32BE(at + 8 + length));
      at += length + 12;
    }
    expect(at).toBe(bytes.length);
  });

  it('refuses bands out of order, and an end before the last', () => {
    const file = createPngFile(shape, NO_METADATA);
    const segment = { bytes: new Uint8Array(1), adler: 1, rawBytes: 0 };
    const place = { index: 1, y: 2, rows: 2, first: false, last: true };
    expect(() => file.segment(segment, place)).toThrow(/in order/);
    expect(() => file.end()).toThrow(/0 of 4 rows/);
  });
});
