import { describe, expect, it } from 'vitest';
import { plain } from '../core/text.ts';
import { sniff } from './sniff.ts';

/** Bytes from characters up to U+00FF, padded as a file goes on. */
const head = (text: string, padding = 64): Uint8Array =>
  Uint8Array.from([...text, ...'\0'.repeat(padding)], (character) => character.charCodeAt(0));

/** A little-endian TIFF whose first directory has the given fields of one LONG. */
function tiff(fields: readonly (readonly [tag: number, value: number])[], make = ''): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const all = make === '' ? fields : [...fields, [271, 300] as const];
  view.setUint16(8, all.length, true);
  all.forEach(([tag, value], i) => {
    const at = 10 + i * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, tag === 271 ? 2 : 4, true);
    view.setUint32(at + 4, tag === 271 ? make.length + 1 : 1, true);
    view.setUint32(at + 8, value, true);
  });
  bytes.set(new TextEncoder().encode(make), 300);
  return bytes;
}

describe('sniff', () => {
  it.each([
    ['png', head('\x89PNG\r\n\x1a\n')],
    ['jpeg', head('\xff\xd8\xff\xe0')],
    ['webp', head('RIFF\x24\0\0\0WEBPVP8 ')],
    ['avif', head('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf')],
    ['avif', head('\0\0\0\x18ftypmif1\0\0\0\0mif1avif')],
    ['gif', head('GIF87a')],
    ['gif', head('GIF89a')],
    ['bmp', head('BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0')],
    ['tiff', head('II*\0\x08\0\0\0')],
    ['tiff', head('MM\0*\0\0\0\x08')],
    ['tiff', head('II+\0\x08\0\0\0')],
    ['jxl', head('\xff\x0a')],
    ['jxl', head('\0\0\0\x0cJXL \r\n\x87\n')],
  ])('knows %s', (format, bytes) => {
    expect(sniff(bytes)).toMatchObject({ format, supported: true, mime: `image/${format}` });
  });

  it.each([
    ['HEIC', head('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['HEIC', head('\0\0\0\x18ftypmif1\0\0\0\0heicmif1')],
    ['HEIF', head('\0\0\0\x14ftypmif1\0\0\0\0mif1')],
    ['CR2', head('II*\0\x10\0\0\0CR\x02\0')],
    ['CR3', head('\0\0\0\x18ftypcrx \0\0\0\x01crx isom')],
    ['ORF', head('IIRO\x08\0\0\0')],
    ['RW2', head('IIU\0\x18\0\0\0')],
    ['RAF', head('FUJIFILMCCD-RAW 0201')],
    ['DNG', tiff([[50706, 0x0401]])],
    [
      'NEF',
      tiff(
        [
          [254, 1],
          [330, 0],
        ],
        'NIKON CORPORATION',
      ),
    ],
    [
      'ARW',
      tiff(
        [
          [254, 1],
          [330, 0],
        ],
        'SONY',
      ),
    ],
    ['PSD', head('8BPS\0\x01')],
    ['SVG', head('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 0)],
    ['SVG', head('<svg viewBox="0 0 1 1"></svg>', 0)],
    ['PDF', head('%PDF-1.7')],
    ['JPEG 2000', head('\0\0\0\x0cjP  \r\n\x87\n')],
    ['JPEG 2000', head('\xff\x4f\xff\x51')],
    ['JPEG XR', head('II\xbc\x01')],
    ['OpenEXR', head('v/1\x01')],
    ['HDR', head('#?RADIANCE\n')],
    ['ICO', head('\0\0\x01\0\x01\0')],
    ['MP4', head('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41')],
    ['QuickTime', head('\0\0\0\x14ftypqt  \0\0\0\0qt  ')],
    ['WebM', head('\x1a\x45\xdf\xa3')],
    ['ZIP', head('PK\x03\x04')],
    ['text', head('Just some words.\n', 0)],
    ['web page', head('<!DOCTYPE html><html></html>', 0)],
    ['empty', new Uint8Array(0)],
  ])('names %s in order to refuse it', (label, bytes) => {
    const sniffed = sniff(bytes);
    expect(sniffed).toMatchObject({ format: null, supported: false });
    expect(plain(sniffed!.label)).toContain(label);
    expect(sniffed!.remedy).not.toBe('');
  });

  it('does not take two letters for a BMP, a usual TIFF for RAW, or noise for anything', () => {
    expect(sniff(head('BMW is a maker of cars', 0))).toMatchObject({ mime: 'text/plain' });
    expect(
      sniff(
        tiff(
          [
            [254, 0],
            [256, 100],
          ],
          'NIKON CORPORATION',
        ),
      ),
    ).toMatchObject({ format: 'tiff' });
    expect(sniff(head('\x00\x9b\xf3\x01\xc7'))).toBeNull();
  });

  it('takes any short head', () => {
    for (const bytes of [
      head('\0\0\0\x18ftyp', 0),
      head('II*\0', 0),
      head('BM', 0),
      head('RIFF', 0),
      head('\xff', 0),
    ]) {
      expect(() => sniff(bytes)).not.toThrow();
    }
  });
});
