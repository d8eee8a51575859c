import { MOST_METADATA } from '../bytes.ts';
import { XMP_KEYWORD } from './chunks.ts';
import type { AncillaryChunk } from './header.ts';

/**
 * Decompresses a zlib stream, at most MOST_METADATA bytes of it: null for more, and for a damaged one, so that a small chunk cannot
 * claim all memory.
 */
export async function inflateBounded(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      total += value.length;
      if (total > MOST_METADATA) {
        await reader.cancel();
        return null;
      }
      parts.push(value);
    }
  } catch {
    return null; // damaged: the caller says that the block was dropped
  }
  const whole = new Uint8Array(total);
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** The bytes before and after the first zero byte at or behind `from`; null where there is none. */
export function splitAtZero(data: Uint8Array, from = 0): [Uint8Array, Uint8Array] | null {
  const zero = data.indexOf(0, from);
  return zero < 0 ? null : [data.subarray(from, zero), data.subarray(zero + 1)];
}

const latin1Of = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/** Metadata found in a text chunk; `data` is null when it is damaged or too large. */
export interface TextBlock {
  readonly kind: 'xmp' | 'exif';
  readonly data: Uint8Array<ArrayBuffer> | null;
}

/** The body of a tEXt, zTXt or iTXt chunk behind its keyword (PNG section 11.3.3). */
async function textBody(type: string, rest: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  if (type === 'tEXt') return rest.slice();
  if (type === 'zTXt') return rest[0] === 0 ? inflateBounded(rest.subarray(1)) : null;
  const [compressed, method] = rest;
  const language = splitAtZero(rest, 2);
  const translated = language === null ? null : splitAtZero(language[1]);
  if (translated === null || (compressed === 1 && method !== 0)) return null;
  return compressed === 1 ? inflateBounded(translated[1]) : translated[1].slice();
}

/** What stands in front of EXIF and XMP in the APP1 segments that these blocks were copied from. */
const EXIF_PREFIX = 'Exif\0\0';
const XMP_PREFIX = 'http://ns.adobe.com/xap/1.0/\0';

const startsWith = (bytes: Uint8Array, prefix: string): boolean =>
  latin1Of(bytes.subarray(0, prefix.length)) === prefix;

/** EXIF without the prefix that some writers leave in front of it. */
export const bareExif = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.slice(startsWith(bytes, EXIF_PREFIX) ? EXIF_PREFIX.length : 0);

/** ImageMagick's profiles in text: a line with the name, one with the length in bytes, and hexadecimal digits. */
function rawProfile(body: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const match = /^\n(\S+)\n\s*(\d+)\n([0-9a-fA-F\n]*)$/.exec(latin1Of(body));
  if (match === null) return null;
  const digits = match[3].replaceAll('\n', '');
  const length = Number(match[2]);
  if (digits.length !== length * 2) return null;
  return Uint8Array.from({ length }, (_, i) => parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

/**
 * XMP or EXIF in a text chunk: XMP's own keyword, in iTXt as XMP part 3 (1.1.5) has it or in zTXt as libvips writes it, and
 * ImageMagick's "Raw profile type" for exif, xmp and APP1. Null for any other text.
 */
export async function textBlock({ type, data }: AncillaryChunk): Promise<TextBlock | null> {
  const parts = splitAtZero(data.subarray(0, 80)) === null ? null : splitAtZero(data);
  if (parts === null) return null;
  const keyword = latin1Of(parts[0]);
  if (keyword === XMP_KEYWORD) return { kind: 'xmp', data: await textBody(type, parts[1]) };
  const named = /^Raw profile type (exif|xmp|APP1)$/.exec(keyword)?.[1];
  if (named === undefined) return null;
  const body = await textBody(type, parts[1]);
  const profile = body === null ? null : rawProfile(body);
  if (named === 'xmp' || (profile !== null && startsWith(profile, XMP_PREFIX))) {
    const start = profile !== null && startsWith(profile, XMP_PREFIX) ? XMP_PREFIX.length : 0;
    return { kind: 'xmp', data: profile?.slice(start) ?? null };
  }
  return { kind: 'exif', data: profile === null ? null : bareExif(profile) };
}
