import type { SourceInfo } from '../../core/formats.ts';
import { IFD_READ_BYTES, parseIfd, readTiffHeader, viewOf, type Ifd, type TiffHeader } from '../tiff/ifd.ts';

/** A file as libvips shall see it, and what it cannot see any more. */
export interface Rewrapped {
  readonly blob: Blob;
  /** TIFF whose samples are CIELAB (8) or ICCLAB (9) though libvips is told that they are RGB. */
  readonly lab: 'cielab' | 'icclab' | null;
}

const asIs = (blob: Blob): Rewrapped => ({ blob, lab: null });

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

const PHOTOMETRIC = 262;

async function rewrapTiff(file: Blob): Promise<Rewrapped> {
  const header = readTiffHeader(await slice(file, 0, 16));
  if (header === null) return asIs(file);
  const ifd = parseIfd(await slice(file, header.first, IFD_READ_BYTES), header.first, header);
  if (ifd === null) return asIs(file);
  const photometric = await photometricOf(file, ifd, header);
  // libvips reads 8-bit Lab into its packed "labq", which it then refuses; as RGB the samples arrive untouched.
  const lab = photometric === 8 ? 'cielab' : photometric === 9 ? 'icclab' : null;
  const at = ifd.entries.get(PHOTOMETRIC)?.position;
  if (lab === null || at === undefined) return { blob: file, lab: null };
  const rgb = new Uint8Array(2);
  viewOf(rgb).setUint16(0, 2, header.little);
  return { blob: new Blob([file.slice(0, at), rgb, file.slice(at + 2)]), lab };
}

async function photometricOf(file: Blob, ifd: Ifd, header: TiffHeader): Promise<number | null> {
  const entry = ifd.entries.get(PHOTOMETRIC);
  if (entry?.type !== 3) return null;
  const bytes = await slice(file, entry.position, 2);
  return bytes.length === 2 ? viewOf(bytes).getUint16(0, header.little) : null;
}
