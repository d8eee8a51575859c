import type { InputFormat } from '../core/formats.ts';
import { Bytes } from './bytes.ts';

/** What a file is, by its first bytes. */
export interface Sniffed {
  /** Null for a kind that is recognised in order to be refused by name. */
  readonly format: InputFormat | null;
  readonly mime: string;
  /** As it stands in a sentence: "a HEIC picture". */
  readonly label: string;
  readonly supported: boolean;
  /** What to do with a file that is not supported. */
  readonly remedy: string;
}

const picture = (format: InputFormat, label: string): Sniffed => ({
  ...{ format, label, mime: `image/${format}`, supported: true, remedy: '' },
});

const refused = (mime: string, label: string, remedy: string): Sniffed => ({
  ...{ format: null, mime, label, supported: false, remedy },
});

const CONVERT = 'Convert it to PNG or TIFF with the program it comes from, and open that.';
const DEVELOP = 'Develop it in a RAW converter, save a 16-bit TIFF, and open that.';
const STILL = 'Save a still of it as PNG, and open that.';
const raw = (label: string): Sniffed => refused('image/x-raw', label, DEVELOP);
const video = (mime: string, label: string): Sniffed => refused(mime, label, STILL);

/** Signatures at the start of a file: characters as they are, other bytes as \x escapes. */
const SIGNATURES: readonly (readonly [signature: string, is: Sniffed])[] = [
  ['\x89PNG\r\n\x1a\n', picture('png', 'a PNG picture')],
  ['\xff\xd8\xff', picture('jpeg', 'a JPEG picture')],
  ['GIF87a', picture('gif', 'a GIF picture')],
  ['GIF89a', picture('gif', 'a GIF picture')],
  ['\xff\x0a', picture('jxl', 'a JPEG XL picture')],
  ['\0\0\0\x0cJXL \r\n\x87\n', picture('jxl', 'a JPEG XL picture')],
  ['IIU\0', raw('a Panasonic RAW photo (RW2)')],
  ['IIRO', raw('an Olympus RAW photo (ORF)')],
  ['IIRS', raw('an Olympus RAW photo (ORF)')],
  ['MMOR', raw('an Olympus RAW photo (ORF)')],
  ['FUJIFILMCCD-RAW', raw('a Fujifilm RAW photo (RAF)')],
  ['FOVb', raw('a Sigma RAW photo (X3F)')],
  ['\0MRM', raw('a Minolta RAW photo (MRW)')],
  ['II\x1a\0\0\0HEAPCCDR', raw('a Canon RAW photo (CRW)')],
  ['8BPS', refused('image/vnd.adobe.photoshop', 'a Photoshop document (PSD)', CONVERT)],
  ['%PDF', refused('application/pdf', 'a PDF document', 'Export its page or picture as PNG or TIFF, and open that.')],
  ['\0\0\0\x0cjP  ', refused('image/jp2', 'a JPEG 2000 picture', CONVERT)],
  ['\xff\x4f\xff\x51', refused('image/j2c', 'a JPEG 2000 codestream', CONVERT)],
  ['II\xbc\x01', refused('image/jxr', 'a JPEG XR picture', CONVERT)],
  ['v/1\x01', refused('image/x-exr', 'an OpenEXR picture', 'Tone-map it to a 16-bit TIFF or PNG, and open that.')],
  [
    '#?RADIANCE',
    refused('image/vnd.radiance', 'a Radiance HDR picture', 'Tone-map it to a 16-bit TIFF, and open that.'),
  ],
  ['#?RGBE', refused('image/vnd.radiance', 'a Radiance HDR picture', 'Tone-map it to a 16-bit TIFF, and open that.')],
  ['\0\0\x01\0', refused('image/x-icon', 'an icon (ICO)', CONVERT)],
  ['\0\0\x02\0', refused('image/x-icon', 'a cursor (CUR)', CONVERT)],
  ['icns', refused('image/icns', 'an icon (ICNS)', CONVERT)],
  ['gimp xcf', refused('image/x-xcf', 'a GIMP document (XCF)', CONVERT)],
  ['DDS ', refused('image/vnd-ms.dds', 'a DDS texture', CONVERT)],
  ['\xabKTX ', refused('image/ktx2', 'a KTX texture', CONVERT)],
  ['qoif', refused('image/qoi', 'a QOI picture', CONVERT)],
  ['BPG\xfb', refused('image/bpg', 'a BPG picture', CONVERT)],
  ['FLIF', refused('image/flif', 'a FLIF picture', CONVERT)],
  ['\x8aMNG', video('video/x-mng', 'an MNG animation')],
  ['\x1a\x45\xdf\xa3', video('video/webm', 'a WebM or Matroska video')],
  ['OggS', video('video/ogg', 'an Ogg video or sound')],
  ['FLV\x01', video('video/x-flv', 'a Flash video')],
  ['PK\x03\x04', refused('application/zip', 'a ZIP archive', 'Unpack it, and open the pictures in it.')],
  ['PK\x05\x06', refused('application/zip', 'an empty ZIP archive', 'Open a picture.')],
  ['\x1f\x8b', refused('application/gzip', 'a gzip archive', 'Unpack it, and open the pictures in it.')],
  ['Rar!', refused('application/vnd.rar', 'a RAR archive', 'Unpack it, and open the pictures in it.')],
  ['7z\xbc\xaf', refused('application/x-7z-compressed', 'a 7z archive', 'Unpack it, and open the pictures in it.')],
];

/**
 * Says what a file is from its first bytes (4 KiB are plenty), never from its name. Null when nothing is recognised.
 */
export function sniff(head: Uint8Array): Sniffed | null {
  if (head.length === 0) return refused('application/x-empty', 'an empty file', 'Open a file that has content.');
  const bytes = new Bytes(head);
  const starts = (signature: string, at = 0): boolean =>
    head.length >= at + signature.length && bytes.ascii(at, signature.length) === signature;
  const known = SIGNATURES.find(([signature]) => starts(signature));
  if (known) return known[1];
  if (starts('RIFF')) return sniffRiff(starts);
  if (starts('ftyp', 4)) return sniffIsoMedia(bytes);
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((signature) => starts(signature))) return sniffTiff(bytes);
  if (isBmp(head)) return picture('bmp', 'a BMP picture');
  return sniffText(head);
}

function sniffRiff(starts: (signature: string, at: number) => boolean): Sniffed | null {
  if (starts('WEBP', 8)) return picture('webp', 'a WebP picture');
  if (starts('AVI ', 8)) return video('video/x-msvideo', 'an AVI video');
  if (starts('WAVE', 8)) return refused('audio/wav', 'a WAV sound', 'Open a picture.');
  return null;
}

const HEVC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/** ISO base media files name their kind by brands in `ftyp` (ISO/IEC 14496-12, 4.3). */
function sniffIsoMedia(bytes: Bytes): Sniffed {
  const end = Math.min(bytes.length, Math.max(16, bytes.u32(0)), 512);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) brands.push(bytes.ascii(at, 4));
  const has = (...names: string[]): boolean => names.some((name) => brands.includes(name));
  if (has('avif', 'avis', 'avio')) return picture('avif', 'an AVIF picture');
  if (has(...HEVC_BRANDS)) {
    const remedy = 'Save it as JPEG first: photo apps offer that on export, phones with "Most compatible".';
    return refused('image/heic', 'a HEIC picture', remedy);
  }
  if (has('crx ')) return raw('a Canon RAW photo (CR3)');
  if (has('mif1', 'msf1')) return refused('image/heif', 'a HEIF picture', CONVERT);
  return brands[0] === 'qt  ' ? video('video/quicktime', 'a QuickTime video') : video('video/mp4', 'an MP4 video');
}

/** Camera RAW files are TIFFs by their signature; their first directory gives them away. */
function sniffTiff(bytes: Bytes): Sniffed {
  const tiff = new Bytes(bytes.data, bytes.u8(0) === 0x49);
  if (tiff.length >= 10 && bytes.ascii(8, 2) === 'CR' && tiff.u16(2) === 42) return raw('a Canon RAW photo (CR2)');
  return rawInTiff(tiff) ?? picture('tiff', tiff.u16(2) === 43 ? 'a BigTIFF picture' : 'a TIFF picture');
}

const TAG = { subfileType: 254, make: 271, subIfds: 330, cfaPattern: 33422, dngVersion: 50706 } as const;

function rawInTiff(tiff: Bytes): Sniffed | null {
  if (tiff.length < 8 || tiff.u16(2) !== 42) return null;
  const ifd = tiff.u32(4);
  if (ifd + 2 > tiff.length) return null;
  const entries = new Map<number, number>();
  for (let i = 0; i < tiff.u16(ifd); i++) {
    const at = ifd + 2 + i * 12;
    if (at + 12 > tiff.length) break;
    entries.set(tiff.u16(at), at);
  }
  if (entries.has(TAG.dngVersion)) return raw('a DNG RAW photo');
  const subfile = entries.get(TAG.subfileType);
  // A thumbnail in the first directory with the real picture in a sub-directory: no TIFF for general use is built so.
  const thumbnailFirst = subfile !== undefined && tiff.u32(subfile + 8) === 1 && entries.has(TAG.subIfds);
  if (!thumbnailFirst && !entries.has(TAG.cfaPattern)) return null;
  const make = makerOf(tiff, entries.get(TAG.make));
  if (make.startsWith('nikon')) return raw('a Nikon RAW photo (NEF)');
  if (make.startsWith('sony')) return raw('a Sony RAW photo (ARW)');
  if (make.startsWith('pentax') || make.startsWith('ricoh')) return raw('a Pentax RAW photo (PEF)');
  return raw('a camera RAW photo');
}

function makerOf(tiff: Bytes, entry: number | undefined): string {
  if (entry === undefined) return '';
  const at = tiff.u32(entry + 4) > 4 ? tiff.u32(entry + 8) : entry + 8;
  return at + 8 <= tiff.length ? tiff.ascii(at, 8).toLowerCase() : '';
}

/** "BM" alone is a weak sign: the size of the header that follows must be one of those that exist. */
function isBmp(head: Uint8Array): boolean {
  if (head.length < 18 || head[0] !== 0x42 || head[1] !== 0x4d) return false;
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(new Bytes(head, true).u32(14));
}

function sniffText(head: Uint8Array): Sniffed | null {
  const sample = head.subarray(0, 1024);
  const printable = sample.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13);
  if (!printable) return null;
  const text = new TextDecoder().decode(sample);
  if (text.includes('\ufffd') && !text.endsWith('\ufffd')) return null;
  if (/^\s*(<\?xml|<!--|<!doctype svg|<svg)/i.test(text.replace('\ufeff', '')) && text.includes('<svg')) {
    const remedy = 'A vector drawing needs no upscaling: export it at the size you want.';
    return refused('image/svg+xml', 'an SVG drawing', remedy);
  }
  if (/^P[1-7]\s/.test(text)) return refused('image/x-portable-anymap', 'a Netpbm picture', CONVERT);
  if (/^\s*<!doctype html|^\s*<html/i.test(text)) return refused('text/html', 'a web page', 'Save the picture itself.');
  return refused('text/plain', 'a text file', 'Open a picture.');
}
