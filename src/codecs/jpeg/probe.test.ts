import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withSegment } from '../../../test/support/exiftool.ts';
import { probeJpeg } from './probe.ts';
import { inEnglish } from '../../core/text.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const plain = Uint8Array.from(readFileSync(join(FIXTURES, 'jpeg/420.jpg')));

const bytes = (text: string): Uint8Array => Uint8Array.from([...text], (character) => character.charCodeAt(0));
const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const probe = (file: Uint8Array<ArrayBuffer>) => probeJpeg(new Blob([file]), 'made.jpg');

const ICC = 'ICC_PROFILE\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const EXTENDED = 'http://ns.adobe.com/xmp/extension/\0';
const rdf = (content: string): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${content}</rdf:RDF></x:xmpmeta>`;

describe('probeJpeg', () => {
  it('joins a profile of several segments in the order of their numbers', async () => {
    const profile = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    const parts = [0, 1, 2].map((i) => profile.subarray(i * 30_000, (i + 1) * 30_000));
    let file = plain;
    for (const i of [1, 0, 2]) file = withSegment(file, 0xe2, bytes(ICC), Uint8Array.of(i + 1, 3), parts[i]!);
    const info = await probe(file);
    expect(Buffer.compare(info.metadata.icc!, profile)).toBe(0);
    expect(info.warnings).toEqual([]);
  });

  it('leaves out a profile of which a part is missing', async () => {
    const file = withSegment(plain, 0xe2, bytes(ICC), Uint8Array.of(1, 2), new Uint8Array(100));
    const info = await probe(file);
    expect(info.metadata.icc).toBeNull();
    expect(info.warnings.map(inEnglish).join()).toContain('colour profile');
  });

  it('joins an extended XMP packet, whatever order its parts are in', async () => {
    const extended = bytes(
      rdf(`<rdf:Description xmlns:dc="d"><dc:long>${'x'.repeat(50_000)}</dc:long></rdf:Description>`),
    );
    const guid = bytes('0123456789ABCDEF0123456789ABCDEF');
    const half = 30_000;
    const part = (file: Uint8Array, at: number, content: Uint8Array): Uint8Array<ArrayBuffer> =>
      withSegment(file, 0xe1, bytes(EXTENDED), guid, u32(extended.length), u32(at), content);
    let file = part(plain, 0, extended.subarray(0, half));
    file = part(file, half, extended.subarray(half));
    file = withSegment(file, 0xe1, bytes(XMP), bytes(rdf('<rdf:Description/>')));
    const info = await probe(file);
    expect(new TextDecoder().decode(info.metadata.xmp!)).toContain('x'.repeat(50_000));
    expect(info.warnings).toEqual([]);
    const halved = withSegment(part(plain, half, extended.subarray(half)), 0xe1, bytes(XMP), bytes(rdf('')));
    expect((await probe(halved)).warnings.map(inEnglish).join()).toContain('second part of the XMP');
  });

  it('names what no output is given: IPTC records and comments', async () => {
    const iptc = (length: number): Uint8Array<ArrayBuffer> =>
      withSegment(
        plain,
        0xed,
        bytes('Photoshop 3.0\0' + '8BIM\x04\x25\0\0'),
        u32(0),
        bytes('8BIM\x04\x04\0\0'),
        u32(length),
        new Uint8Array(length),
      );
    const othersOf = async (file: Uint8Array<ArrayBuffer>): Promise<string> =>
      ((await probe(file)).metadata.others ?? []).map(inEnglish).join(' ');
    expect(await othersOf(iptc(20))).toBe('IPTC captions and keywords.');
    expect(await othersOf(iptc(0))).toBe('');
    expect(await othersOf(withSegment(iptc(20), 0xfe, bytes('by hand')))).toBe(
      'IPTC captions and keywords. The comment in the file.',
    );
  });

  it('warns of gain maps and further pictures', async () => {
    const further = withSegment(plain, 0xe2, bytes('MPF\0'), new Uint8Array(20));
    expect((await probe(further)).warnings.map(inEnglish).join()).toContain('further picture');
    const packet = rdf('<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>');
    const gainMap = withSegment(further, 0xe1, bytes(XMP), bytes(packet));
    expect((await probe(gainMap)).warnings.map(inEnglish).join()).toContain('gain map');
  });

  it('reads densities of JFIF that mean something', async () => {
    const jfif = (unit: number, x: number, y: number): Uint8Array =>
      Uint8Array.of(...bytes('JFIF\0'), 1, 1, unit, x >> 8, x & 255, y >> 8, y & 255, 0, 0);
    const densityOf = async (unit: number, x: number, y: number) =>
      (await probe(withSegment(plain, 0xe0, jfif(unit, x, y)))).metadata.density;
    expect(await densityOf(1, 300, 240)).toEqual({ x: 300, y: 240 });
    expect((await densityOf(2, 100, 100))!.x).toBeCloseTo(254, 9);
    expect(await densityOf(0, 1, 1)).toBeNull();
    expect(await densityOf(1, 0, 300)).toBeNull();
  });

  it('goes on after damaged EXIF', async () => {
    const info = await probe(withSegment(plain, 0xe1, bytes('Exif\0\0'), bytes('MM not a TIFF structure')));
    expect(info.metadata.exif).toBeNull();
    expect(info.warnings.map(inEnglish)).toEqual(['The EXIF block is damaged and will be left out.']);
  });

  it('steps over fill bytes between segments', async () => {
    const filled = Uint8Array.from([...plain.subarray(0, 2), 0xff, 0xff, 0xff, ...plain.subarray(2)]);
    expect(await probe(filled)).toMatchObject({ width: 61, height: 43 });
  });
});
