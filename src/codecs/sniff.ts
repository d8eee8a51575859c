import type { InputFormat } from '../core/formats.ts';
import { Bytes } from './bytes.ts';
import { say, str, type Text } from '../core/text.ts';

/** What a file is, by its first bytes. */
export interface Sniffed {
  /** Null for a kind that is recognised in order to be refused by name. */
  readonly format: InputFormat | null;
  readonly mime: string;
  /** As it stands in a sentence: "a HEIC picture". */
  readonly label: Text;
  readonly supported: boolean;
  /** What to do with a file that is not supported; empty for one that is. */
  readonly remedy: Text | '';
}

const picture = (format: InputFormat, label: Text): Sniffed => ({
  ...{ format, label, mime: `image/${format}`, supported: true, remedy: '' },
});

const refused = (mime: string, label: Text, remedy: Text): Sniffed => ({
  ...{ format: null, mime, label, supported: false, remedy },
});

export const CONVERT = say('Convert it to PNG or TIFF with the program it comes from, and open that.');
export const DEVELOP = say('Develop it in a RAW converter, save a 16-bit TIFF, and open that.');
const STILL = say('Save a still of it as PNG, and open that.');
const OPEN = say('Open a picture.');
const UNPACK = say('Unpack it, and open the pictures in it.');
const TONE_MAP = say('Tone-map it to a 16-bit TIFF, and open that.');
const raw = (label: string): Sniffed => refused('image/x-raw', say(str`a RAW photo (${label})`), DEVELOP);
const video = (mime: string, label: string): Sniffed => refused(mime, say(str`a video (${label})`), STILL);
const other = (mime: string, label: string, remedy = CONVERT): Sniffed =>
  refused(mime, say(str`a file of the kind ${label}`), remedy);
const archive = (mime: string, label: string): Sniffed => refused(mime, say(str`an archive (${label})`), UNPACK);

/** Signatures at the start of a file: characters as they are, other bytes as \x escapes. */
const SIGNATURES: readonly (readonly [signature: string, is: Sniffed])[] = [
  ['\x89PNG\r\n\x1a\n', picture('png', say(str`a ${'PNG'} picture`))],
  ['\xff\xd8\xff', picture('jpeg', say(str`a ${'JPEG'} picture`))],
  ['GIF87a', picture('gif', say(str`a ${'GIF'} picture`))],
  ['GIF89a', picture('gif', say(str`a ${'GIF'} picture`))],
  ['\xff\x0a', picture('jxl', say(str`a ${'JPEG XL'} picture`))],
  ['\0\0\0\x0cJXL \r\n\x87\n', picture('jxl', say(str`a ${'JPEG XL'} picture`))],
  ['IIU\0', raw('Panasonic RW2')],
  ['IIRO', raw('Olympus ORF')],
  ['IIRS', raw('Olympus ORF')],
  ['MMOR', raw('Olympus ORF')],
  ['FUJIFILMCCD-RAW', raw('Fujifilm RAF')],
  ['FOVb', raw('Sigma X3F')],
  ['\0MRM', raw('Minolta MRW')],
  ['II\x1a\0\0\0HEAPCCDR', raw('Canon CRW')],
  ['8BPS', other('image/vnd.adobe.photoshop', 'PSD')],
  ['%PDF', other('application/pdf', 'PDF', say('Export its page or picture as PNG or TIFF, and open that.'))],
  ['\0\0\0\x0cjP  ', other('image/jp2', 'JPEG 2000')],
  ['\xff\x4f\xff\x51', other('image/j2c', 'JPEG 2000')],
  ['II\xbc\x01', other('image/jxr', 'JPEG XR')],
  ['v/1\x01', other('image/x-exr', 'OpenEXR', TONE_MAP)],
  ['#?RADIANCE', other('image/vnd.radiance', 'Radiance HDR', TONE_MAP)],
  ['#?RGBE', other('image/vnd.radiance', 'Radiance HDR', TONE_MAP)],
  ['\0\0\x01\0', other('image/x-icon', 'ICO')],
  ['\0\0\x02\0', other('image/x-icon', 'CUR')],
  ['icns', other('image/icns', 'ICNS')],
  ['gimp xcf', other('image/x-xcf', 'XCF')],
  ['DDS ', other('image/vnd-ms.dds', 'DDS')],
  ['\xabKTX ', other('image/ktx2', 'KTX')],
  ['qoif', other('image/qoi', 'QOI')],
  ['BPG\xfb', other('image/bpg', 'BPG')],
  ['FLIF', other('image/flif', 'FLIF')],
  ['\x8aMNG', video('video/x-mng', 'MNG')],
  ['\x1a\x45\xdf\xa3', video('video/webm', 'WebM or Matroska')],
  ['OggS', video('video/ogg', 'Ogg')],
  ['FLV\x01', video('video/x-flv', 'Flash')],
  ['PK\x03\x04', archive('application/zip', 'ZIP')],
  ['PK\x05\x06', refused('application/zip', say(str`an archive (${'ZIP'})`), OPEN)],
  ['\x1f\x8b', archive('application/gzip', 'gzip')],
  ['Rar!', archive('application/vnd.rar', 'RAR')],
  ['7z\xbc\xaf', archive('application/x-7z-compressed', '7z')],
];

/**
 * Says what a file is from its first bytes (4 KiB are plenty), never from its name. Null when nothing is recognised.
 */
export function sniff(head: Uint8Array): Sniffed | null {
  if (head.length === 0) return refused('application/x-empty', say('an empty file'), OPEN);
  const bytes = new Bytes(head);
  const starts = (signature: string, at = 0): boolean =>
    head.length >= at + signature.length && bytes.ascii(at, signature.length) === signature;
  const known = SIGNATURES.find(([signature]) => starts(signature));
  if (known) return known[1];
  if (starts('RIFF')) return sniffRiff(starts);
  if (starts('ftyp', 4)) return sniffIsoMedia(bytes);
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((signature) => starts(signature))) return sniffTiff(bytes);
  if (isBmp(head)) return picture('bmp', say(str`a ${'BMP'} picture`));
  return sniffText(head);
}

function sniffRiff(starts: (signature: string, at: number) => boolean): Sniffed | null {
  if (starts('WEBP', 8)) return picture('webp', say(str`a ${'WebP'} picture`));
  if (starts('AVI ', 8)) return video('video/x-msvideo', 'AVI');
  if (starts('WAVE', 8)) return other('audio/wav', 'WAV', OPEN);
  return null;
}

const HEVC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/** ISO base media files name their kind by brands in `ftyp` (ISO/IEC 14496-12, 4.3). */
function sniffIsoMedia(bytes: Bytes): Sniffed {
  const end = Math.min(bytes.length, Math.max(16, bytes.u32(0)), 512);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) brands.push(bytes.ascii(at, 4));
  const has = (...names: string[]): boolean => names.some((name) => brands.includes(name));
  if (has('avif', 'avis', 'avio')) return picture('avif', say(str`an ${'AVIF'} picture`));
  if (has(...HEVC_BRANDS)) {
    const remedy = say('Save it as JPEG first: photo apps offer that on export, phones with "Most compatible".');
    return refused('image/heic', say(str`a ${'HEIC'} picture`), remedy);
  }
  if (has('crx ')) return raw('Canon CR3');
  if (has('mif1', 'msf1')) return other('image/heif', 'HEIF');
  return brands[0] === 'qt  ' ? video('video/quicktime', 'QuickTime') : video('video/mp4', 'MP4');
}

/** Camera RAW files are TIFFs by their signature; their first directory gives them away. */
function sniffTiff(bytes: Bytes): Sniffed {
  const tiff = new Bytes(bytes.data, bytes.u8(0) === 0x49);
  if (tiff.length >= 10 && bytes.ascii(8, 2) === 'CR' && tiff.u16(2) === 42) return raw('Canon CR2');
  return rawInTiff(tiff) ?? picture('tiff', say(str`a ${tiff.u16(2) === 43 ? 'BigTIFF' : 'TIFF'} picture`));
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
  if (entries.has(TAG.dngVersion)) return raw('DNG');
  const subfile = entries.get(TAG.subfileType);
  // A thumbnail in the first directory with the real picture in a sub-directory: no TIFF for general use is built so.
  const thumbnailFirst = subfile !== undefined && tiff.u32(subfile + 8) === 1 && entries.has(TAG.subIfds);
  if (!thumbnailFirst && !entries.has(TAG.cfaPattern)) return null;
  const make = makerOf(tiff, entries.get(TAG.make));
  if (make.startsWith('nikon')) return raw('Nikon NEF');
  if (make.startsWith('sony')) return raw('Sony ARW');
  if (make.startsWith('pentax') || make.startsWith('ricoh')) return raw('Pentax PEF');
  return refused('image/x-raw', say('a camera RAW photo'), DEVELOP);
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
    const remedy = say('A vector drawing needs no upscaling: export it at the size you want.');
    return refused('image/svg+xml', say('an SVG drawing'), remedy);
  }
  if (/^P[1-7]\s/.test(text)) return other('image/x-portable-anymap', 'Netpbm');
  if (/^\s*<!doctype html|^\s*<html/i.test(text))
    return refused('text/html', say('a web page'), say('Save the picture itself.'));
  return refused('text/plain', say('a text file'), OPEN);
}
