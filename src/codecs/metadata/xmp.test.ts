import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagsByExiftool } from '../../../test/support/exiftool.ts';
import { editXmp, mergeXmp } from './xmp.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (packet: Uint8Array | null): string => new TextDecoder().decode(packet!);

const NAMESPACES = [
  ['tiff', 'http://ns.adobe.com/tiff/1.0/'],
  ['exif', 'http://ns.adobe.com/exif/1.0/'],
  ['photoshop', 'http://ns.adobe.com/photoshop/1.0/'],
  ['dc', 'http://purl.org/dc/elements/1.1/'],
  ['xmp', 'http://ns.adobe.com/xap/1.0/'],
  ['xmpGImg', 'http://ns.adobe.com/xap/1.0/g/img/'],
  ['Iptc4xmpCore', 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'],
  ['Iptc4xmpExt', 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/'],
  ['hdrgm', 'http://ns.adobe.com/hdr-gain-map/1.0/'],
  ['drone', 'http://www.dji.com/drone-dji/1.0/'],
  ['xmpNote', 'http://ns.adobe.com/xmp/note/'],
]
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join('\n ');

const packet = (attributes: string, elements = ''): Uint8Array<ArrayBuffer> =>
  bytes(`<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" ${NAMESPACES} ${attributes}>${elements}</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`);

/** What exiftool reads of a packet, without the file's own facts. */
function tagsOf(edited: Uint8Array | null): Record<string, unknown> {
  const tags = tagsByExiftool(edited!, 'packet.xmp');
  return Object.fromEntries(Object.entries(tags).filter(([key]) => /^XMP-(?!x:)/.test(key) || key.includes('Warning')));
}

const KEEP = { dropLocation: false };
const DROP = { dropLocation: true };

const TITLE =
  '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &lt;title&gt; &amp; more</rdf:li></rdf:Alt></dc:title>';
const PLACES = `<photoshop:State>Vienna</photoshop:State><Iptc4xmpCore:Location>Cathedral</Iptc4xmpCore:Location>
<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Vienna</Iptc4xmpExt:City></rdf:li></rdf:Bag>
</Iptc4xmpExt:LocationCreated><exif:GPSLongitude>16,22.25E</exif:GPSLongitude>`;
const PLACE_ATTRIBUTES = `exif:GPSLatitude="48,12.5N" photoshop:City='Vienna' drone:GpsLatitude="48.2" drone:AbsoluteAltitude="+170"`;

describe('editXmp', () => {
  it('makes the picture upright, as an attribute and as an element', () => {
    expect(tagsOf(editXmp(packet('tiff:Orientation="6"', TITLE), KEEP))).toEqual({
      'XMP-tiff:Orientation': 1,
      'XMP-dc:Title': 'A <title> & more',
    });
    const element = packet('', '<tiff:Orientation>8</tiff:Orientation>');
    expect(tagsOf(editXmp(element, KEEP))).toEqual({ 'XMP-tiff:Orientation': 1 });
  });

  it('leaves a packet as it is when there is nothing to change', () => {
    const original = packet(
      'dc:format="image/jpeg" exif:GPSLatitude="48,12.5N"',
      `${TITLE}<!-- a > b --><![CDATA[<x>]]>`,
    );
    expect(text(editXmp(original, KEEP))).toBe(text(original));
  });

  it('removes places of every vocabulary and nothing else', () => {
    const edited = editXmp(packet(`${PLACE_ATTRIBUTES} dc:format="image/jpeg"`, PLACES + TITLE), DROP);
    expect(tagsOf(edited)).toEqual({ 'XMP-dc:Format': 'image/jpeg', 'XMP-dc:Title': 'A <title> & more' });
    expect(text(edited)).not.toMatch(/Vienna|Cathedral|48|16,22/);
  });

  it('goes by the namespace, not by the prefix', () => {
    const renamed = text(packet(PLACE_ATTRIBUTES, PLACES + TITLE))
      .replaceAll(/photoshop(?=[:=])/g, 'ps')
      .replaceAll(/exif(?=[:=])/g, 'e');
    expect(tagsOf(editXmp(bytes(renamed), DROP))).toEqual({ 'XMP-dc:Title': 'A <title> & more' });
  });

  it('writes the size and density of the output where they were', () => {
    const original = packet('tiff:ImageWidth="61" exif:PixelXDimension="61" tiff:XResolution="72/1"');
    const edits = { ...KEEP, size: { width: 9000, height: 6000 }, density: { x: 300, y: 300 } };
    expect(tagsOf(editXmp(original, edits))).toEqual({
      ...{ 'XMP-tiff:ImageWidth': 9000, 'XMP-exif:ExifImageWidth': 9000, 'XMP-tiff:XResolution': 300 },
    });
  });

  it('removes thumbnails and gain maps', () => {
    const thumbnails = `<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><xmpGImg:image>/9j/4AAQ</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>`;
    const edited = editXmp(packet('hdrgm:Version="1.0" hdrgm:GainMapMax="2"', thumbnails + TITLE), KEEP);
    expect(tagsOf(edited)).toEqual({ 'XMP-dc:Title': 'A <title> & more' });
  });

  it('drops what it cannot edit safely', () => {
    expect(editXmp(Uint8Array.of(0xff, 0xfe, 0x3c, 0), DROP)).toBeNull();
    expect(editXmp(bytes('no markup'), KEEP)).toBeNull();
    expect(editXmp(bytes('<a><b></a></b>'), KEEP)).toBeNull();
    expect(editXmp(bytes('<a>'), DROP)).toBeNull();
    expect(editXmp(bytes('<a b="<exif:GPSLatitude>"></a>'), DROP)).toBeNull();
  });

  it('never throws, and never keeps a coordinate', () => {
    const original = text(packet(PLACE_ATTRIBUTES, PLACES + TITLE));
    const cut = fc.tuple(fc.nat(original.length), fc.nat(40), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(cut, ([at, length, inserted]) => {
        const damaged = original.slice(0, at) + inserted + original.slice(at + length);
        const edited = editXmp(bytes(damaged), DROP);
        if (edited !== null) expect(text(edited)).not.toMatch(/<\w+:GPSL|\w+:GPSLatitude\s*=/);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('mergeXmp', () => {
  it('puts the properties of an extended packet into the main one', () => {
    const main = packet('xmpNote:HasExtendedXMP="0123"', TITLE);
    const extended = packet('dc:format="image/jpeg"', '<xmp:Label>Red</xmp:Label>');
    expect(tagsOf(editXmp(mergeXmp(main, extended)!, KEEP))).toEqual({
      ...{ 'XMP-dc:Title': 'A <title> & more', 'XMP-dc:Format': 'image/jpeg', 'XMP-xmp:Label': 'Red' },
    });
    expect(mergeXmp(main, bytes('nothing'))).toBeNull();
  });
});
