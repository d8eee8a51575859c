import type { SourceInfo } from '../../core/formats.ts';
import { IFD_READ_BYTES, parseIfd, readTiffHeader, viewOf, type Ifd, type TiffHeader } from '../tiff/ifd.ts';

/** A file as libvips shall see it, and what it cannot see any more. */
export interface Rewrapped {
  readonly blob: Blob;
  /** TIFF whose samples are CIELAB (8) or ICCLAB (9) though libvips is told that they are RGB. */
  readonly lab: 'cielab' | 'icclab' | null;
  /**
   * Runs of rows must be whole multiples of this many: loaders forget between two runs the rest of a strip that they have decoded,
   * and cannot go back ("out of order read").
   */
  readonly blockRows: number;
}

/** Divides what the other loaders decode at a time: 8 rows of JPEG, 16 of PNG. */
const BLOCK_ROWS = 16;

const asIs = (blob: Blob): Rewrapped => ({ blob, lab: null, blockRows: BLOCK_ROWS });

const slice = async (blob: Blob, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.slice(from, from + length).arrayBuffer());

/** Works round what libvips 8.18 as built for WebAssembly stumbles over. The pieces are views of the file: nothing is copied. */
export async function rewrap(file: Blob, info: SourceInfo): Promise<Rewrapped> {
  if (info.format === 'jxl') return asIs(await bareCodestream(file));
  if (info.format === 'tiff') return rewrapTiff(file);
  return asIs(file);
}

/**
 * JPEG XL without its container (ISO/IEC 18181-2): boxes compressed with Brotli (`brob`) are refused by this build,
 * and metadata comes from the probe anyhow. A damaged container is left to the decoder to complain about.
 */
async function bareCodestream(file: Blob): Promise<Blob> {
  const parts: Blob[] = [];
  for (let at = 0; at + 8 <= file.size;) {
    const head = await slice(file, at, 16);
    const view = viewOf(head);
    const type = String.fromCharCode(...head.subarray(4, 8));
    if (at === 0 && type !== 'JXL ') return file;
    let length = view.getUint32(0);
    let header = 8;
    if (length === 1 && head.length === 16) {
      length = Number(view.getBigUint64(8));
      header = 16;
    }
    if (length === 0) length = file.size - at;
    if (length < header) return file;
    // A partial codestream box begins with its number (18181-2, 9.9).
    if (type === 'jxlc') parts.push(file.slice(at + header, at + length));
    if (type === 'jxlp') parts.push(file.slice(at + header + 4, at + length));
    at += length;
  }
  return parts.length > 0 ? new Blob(parts) : file;
}

const TAG = { photometric: 262, rowsPerStrip: 278, planarConfiguration: 284, tileLength: 323 } as const;

/** Strips of more rows are read row by row, if they can be. */
const SCANLINE_ROWS = 128;

async function rewrapTiff(file: Blob): Promise<Rewrapped> {
  const header = readTiffHeader(await slice(file, 0, 16));
  if (header === null) return asIs(file);
  const ifd = parseIfd(await slice(file, header.first, IFD_READ_BYTES), header.first, header);
  if (ifd === null) return asIs(file);
  const number = (tag: number): Promise<number | null> => firstInteger(file, ifd, tag, header);
  const photometric = await number(TAG.photometric);
  const rows = (await number(TAG.tileLength)) ?? (await number(TAG.rowsPerStrip)) ?? Infinity;
  const byStrip = photometric === 6 || (await number(TAG.planarConfiguration)) === 2;
  const whole = rows <= SCANLINE_ROWS || ifd.entries.has(TAG.tileLength) || byStrip;
  // Low strips are taken several at a time, up to 16 rows.
  const blockRows = whole && rows > 0 ? rows * Math.max(1, Math.floor(BLOCK_ROWS / rows)) : BLOCK_ROWS;
  // libvips reads 8-bit Lab into its packed "labq", which it then refuses; as RGB the samples arrive untouched.
  const lab = photometric === 8 ? 'cielab' : photometric === 9 ? 'icclab' : null;
  const at = ifd.entries.get(TAG.photometric)?.position;
  if (lab === null || at === undefined) return { blob: file, lab: null, blockRows };
  const rgb = new Uint8Array(2);
  viewOf(rgb).setUint16(0, 2, header.little);
  return { blob: new Blob([file.slice(0, at), rgb, file.slice(at + 2)]), lab, blockRows };
}

/** The first value of a SHORT, LONG or LONG8 field. */
async function firstInteger(file: Blob, ifd: Ifd, tag: number, { little }: TiffHeader): Promise<number | null> {
  const entry = ifd.entries.get(tag);
  if (entry === undefined) return null;
  const bytes = await slice(file, entry.position, Math.min(entry.bytes, 8));
  const view = viewOf(bytes);
  if (entry.type === 3 && bytes.length >= 2) return view.getUint16(0, little);
  if (entry.type === 4 && bytes.length >= 4) return view.getUint32(0, little);
  return entry.type === 16 && bytes.length === 8 ? Number(view.getBigUint64(0, little)) : null;
}
