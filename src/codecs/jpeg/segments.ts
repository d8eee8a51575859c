import { badInput, headerDamaged, type FileBytes } from '../bytes.ts';
import { say } from '../../core/text.ts';

/** A marker segment of a JPEG header (ITU-T T.81, B.1.1). */
export interface Segment {
  /** The marker's second byte: 0xE1 for APP1. */
  readonly marker: number;
  /** Address of the marker's 0xFF. */
  readonly at: number;
  /** Address and length of the content after the two bytes of length. */
  readonly start: number;
  readonly length: number;
}

export const START_OF_SCAN = 0xda;

/** A start of frame (T.81, table B.1): all of C0 to CF but for tables, extensions and conditioning. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** More segments than any header has. */
const MOST_SEGMENTS = 5000;

/** The segments from the start of the file to the first start of scan, which is the last one given. */
export async function* headerSegments(file: FileBytes): AsyncGenerator<Segment> {
  let at = 2;
  for (let count = 0; count < MOST_SEGMENTS; count++) {
    const [first, second] = await file.read(at, 2);
    if (first !== 0xff) throw badInput(file.name, headerDamaged('JPEG'), { at });
    if (second === 0xff) {
      // Markers may be preceded by fill bytes.
      at += 1;
      continue;
    }
    const marker = second!;
    if (marker === 0xd9) throw badInput(file.name, say('it ends before its picture begins'));
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (standalone) {
      at += 2;
      continue;
    }
    const [high, low] = await file.read(at + 2, 2);
    const length = high! * 256 + low! - 2;
    if (length < 0) throw badInput(file.name, headerDamaged('JPEG'), { at });
    yield { marker, at, start: at + 4, length };
    if (marker === START_OF_SCAN) return;
    at += 4 + length;
  }
  throw badInput(file.name, 'its JPEG header never ends');
}

/** Signatures at the start of application segments. */
export const APP_SIGNATURE = {
  jfif: 'JFIF\0',
  exif: 'Exif\0',
  xmp: 'http://ns.adobe.com/xap/1.0/\0',
  extendedXmp: 'http://ns.adobe.com/xmp/extension/\0',
  icc: 'ICC_PROFILE\0',
  multiPicture: 'MPF\0',
  photoshop: 'Photoshop 3.0\0',
  adobe: 'Adobe',
} as const;

/** Whether a segment's content begins with a signature. */
export async function hasSignature(file: FileBytes, segment: Segment, signature: string): Promise<boolean> {
  if (segment.length < signature.length) return false;
  const head = await file.upTo(segment.start, signature.length);
  return String.fromCharCode(...head) === signature;
}
