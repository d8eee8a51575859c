import { crc32 } from '../../core/checksum.ts';

/** The first eight bytes of a PNG file (PNG section 5.2). */
export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Length and type in front of a chunk's data, and the CRC behind it. */
export const CHUNK_OVERHEAD = 12;

/** A chunk's data may not be longer (PNG section 5.3). */
export const MAX_CHUNK_BYTES = 0x7fffffff;

/** Text of one byte a character. */
export const latin1 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0) & 255);

/** The keyword of the iTXt chunk that holds XMP (XMP part 3, 1.1.5). */
export const XMP_KEYWORD = 'XML:com.adobe.xmp';

/** A whole chunk: length, type, data and CRC. `type` has four letters. */
export function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + CHUNK_OVERHEAD);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(latin1(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Joins runs of bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
